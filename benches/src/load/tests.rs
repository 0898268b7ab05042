//! The load against a server that answers at once, late, or with failures.

use super::*;
use crate::http::{Answer, serve};

fn prepared(target: &str) -> Prepared {
    Prepared {
        method: Method::GET,
        target: target.parse().unwrap(),
        headers: Vec::new(),
        body: Bytes::new(),
        expected: 200,
    }
}

fn plan(address: String, targets: &[&str], pace: Pace) -> Plan {
    Plan {
        address,
        feed: Feed::Once(Arc::new(
            targets.iter().map(|target| prepared(target)).collect(),
        )),
        pace,
        connections: 4,
        length: Duration::from_secs(5),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_is_sent_once_and_failures_are_told() {
    let server = serve(|request| async move {
        let status = if request.path == "/wrong" { 500 } else { 200 };
        Answer::empty(status)
    });
    let server = server.await.unwrap();
    let targets: Vec<_> = std::iter::repeat_n("/", 500).chain(["/wrong"; 3]).collect();
    let load = send(plan(server.address().into(), &targets, Pace::Closed))
        .await
        .unwrap();
    assert_eq!(load.answered, 500);
    assert_eq!(load.failures["status 500"], 3);
}

/// A server that stands still is not asked less: those who could not be sent waited, too.
#[tokio::test(flavor = "multi_thread")]
async fn in_an_open_loop_latency_counts_from_when_a_request_was_due() {
    let server = serve(|_| async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        Answer::empty(200)
    });
    let server = server.await.unwrap();
    // Four connections manage 40 a second of the 100 that are due.
    let load = send(plan(server.address().into(), &["/"; 40], Pace::Open(100)))
        .await
        .unwrap();
    assert_eq!(load.answered, 40);
    assert!(load.latency.p50_ms > 200.0, "{load:?}");
    assert!(load.latency.max_ms > 500.0, "{load:?}");
}

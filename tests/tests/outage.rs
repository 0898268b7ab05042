//! The database goes away and comes back.

use std::time::{Duration, Instant};

use serde_json::json;
use test_db::{Backend, Scratch};
use url::Url;

use crate::harness::{Proxy, Setup, World, poll_until, runtime};

const CUSTOMER: &str = "+14155550199";
const SMS: &str = "/api/webhooks/twilio/sms";

#[test]
fn with_the_connections_cut_everything_says_so_in_time_and_goes_on_afterwards() {
    runtime().block_on(outage(Proxy::cut));
}

#[test]
fn with_a_silent_network_everything_says_so_in_time_and_goes_on_afterwards() {
    runtime().block_on(outage(Proxy::silence));
}

async fn outage(begin: impl Fn(&Proxy)) {
    let (world, proxy) = world().await;
    let tenant = world.register().await;
    let channel = world.add_channel(&tenant, "active").await;
    let form = |n: u32| channel.inbound(&format!("SM{n:032}"), CUSTOMER, &format!("text {n}"));
    let text = async |n: u32| {
        world
            .webhook(SMS, &form(n), Some(&channel.auth_token))
            .await
    };
    text(1).await.expect(200);

    begin(&proxy);
    for _ in 0..3 {
        let refused = timed(Duration::from_millis(2000), text(2)).await;
        assert_eq!(refused.status, 503, "{}", refused.raw);
        let list = timed(
            Duration::from_secs(5),
            tenant.api.get("/api/v1/conversations"),
        )
        .await;
        list.expect_problem(503, "unavailable");
        let send = json!({"to": CUSTOMER, "body": "Hi"});
        let sent = timed(
            Duration::from_secs(5),
            tenant.api.post("/api/v1/messages", send),
        )
        .await;
        sent.expect_problem(503, "unavailable");
        let login = json!({"email": tenant.email, "password": "whatever it is"});
        let login = timed(
            Duration::from_secs(5),
            world.anybody.post("/api/v1/auth/login", login),
        );
        login.await.expect_problem(503, "unavailable");
        world.anybody.get("/healthz").await.expect(200);
        let ready = timed(Duration::from_secs(5), world.anybody.get("/readyz")).await;
        assert_eq!(ready.expect(503).body["database"], false);
    }

    proxy.open();
    poll_until("readiness", async || {
        (world.anybody.get("/readyz").await.status == 200).then_some(())
    })
    .await;
    // As Twilio does, which was promised nothing.
    poll_until("a webhook", async || {
        (text(2).await.status == 200).then_some(())
    })
    .await;
    text(3).await.expect(200);
    let texts = tenant
        .api
        .get("/api/v1/messages?direction=inbound")
        .await
        .expect(200);
    assert_eq!(texts.rows().len(), 3, "nothing half-written, nothing twice");
    let send = json!({"to": CUSTOMER, "body": "We are back."});
    let sent = tenant
        .api
        .post("/api/v1/messages", send)
        .await
        .expect(202)
        .text("/id");
    poll_until("delivery", async || {
        let now = tenant
            .api
            .get(&format!("/api/v1/messages/{sent}"))
            .await
            .expect(200);
        matches!(now.text("/status").as_str(), "sent" | "delivered").then_some(())
    })
    .await;
    assert_eq!(world.twilio.sent(&channel.account_sid).await.len(), 1);
}

/// A world whose database is reached through a line that can be cut.
async fn world() -> (World, Proxy) {
    let scratch = Scratch::migrated(Backend::Postgres).await.unwrap();
    let mut url = Url::parse(scratch.url()).unwrap();
    let server = format!("{}:{}", url.host_str().unwrap(), url.port().unwrap_or(5432));
    let proxy = Proxy::to(server).await;
    url.set_ip_host(proxy.address().ip()).unwrap();
    url.set_port(Some(proxy.address().port())).unwrap();
    let setup = Setup::on(Backend::Postgres).with("DATABASE__URL", url.to_string());
    (setup.start_on(scratch).await, proxy)
}

async fn timed<T>(limit: Duration, work: impl Future<Output = T>) -> T {
    let start = Instant::now();
    let done = work.await;
    let taken = start.elapsed();
    assert!(
        taken <= limit,
        "answered after {taken:?}, promised within {limit:?}"
    );
    done
}

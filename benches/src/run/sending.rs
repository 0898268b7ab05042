//! The send loop: a queue that is full is emptied.
//!
//! The time runs from the first text that comes to Twilio until the last SID is in the database.

use std::time::{Duration, Instant};

use super::{Conditions, Measured, Meter, Progress};
use crate::outcome::Outcome;
use crate::path::Path;
use crate::server::Server;
use crate::subject::Subject;
use crate::twilio::Arrivals;

/// How long Twilio takes on the slow path.
const SLOW: Duration = Duration::from_millis(100);

/// Longer than any side may take for all of it.
const PATIENCE: Duration = Duration::from_secs(300);

pub(super) async fn measure<S: Subject>(
    subject: &S,
    path: Path,
    conditions: &Conditions,
    progress: &mut Progress,
    server: &Server,
) -> Outcome<Measured> {
    let is_slow = path == Path::SendSlow;
    let bound = subject.at_once() as f64 / SLOW.as_secs_f64();
    let texts = if is_slow {
        (bound * conditions.length.as_secs_f64()) as u64
    } else {
        conditions.texts
    };
    let run = progress.next_run();
    conditions
        .twilio
        .begin(if is_slow { SLOW } else { Duration::ZERO });
    subject.queue(run, texts).await?;
    let meter = Meter::start(subject, server, conditions);
    let arrivals = wait_for_all(conditions, texts).await?;
    wait_until_recorded(subject).await?;
    let elapsed = arrivals.first.elapsed();
    let cost = meter.each(texts);
    let mut measured = Measured {
        side: subject.side(),
        path,
        rate: texts as f64 / elapsed.as_secs_f64(),
        count: texts,
        latency: None,
        failures: Default::default(),
        rows: Some(subject.sent(run).await?),
        cost,
        of_bound: is_slow.then(|| steady_rate(arrivals, subject.at_once()) / bound),
        most_under_way: is_slow.then_some(arrivals.most_under_way),
    };
    let again = arrivals.posts - arrivals.different;
    if again > 0 {
        measured.failures.insert("texted twice".into(), again);
    }
    Ok(measured)
}

/// The first of them come at once, when nothing is under way yet: what is counted is what comes while
/// as many are under way as may be.
fn steady_rate(arrivals: Arrivals, at_once: u64) -> f64 {
    let length = arrivals.last.duration_since(arrivals.first);
    arrivals.posts.saturating_sub(at_once) as f64 / length.as_secs_f64().max(0.001)
}

async fn wait_for_all(conditions: &Conditions, texts: u64) -> Outcome<Arrivals> {
    let end = Instant::now() + PATIENCE;
    loop {
        let arrivals = conditions.twilio.arrivals();
        if let Some(arrivals) = arrivals.filter(|arrivals| arrivals.different >= texts) {
            return Ok(arrivals);
        }
        if Instant::now() > end {
            return Err(format!("not all of {texts} texts were sent: {arrivals:?}").into());
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

async fn wait_until_recorded<S: Subject>(subject: &S) -> Outcome {
    let end = Instant::now() + PATIENCE;
    loop {
        let waiting = subject.waiting().await?;
        if waiting == 0 {
            return Ok(());
        }
        if Instant::now() > end {
            return Err(format!("{waiting} texts stay in the queue").into());
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waves_of_all_that_may_be_under_way_reach_the_bound() {
        let first = Instant::now();
        // Ten waves of 256, a tenth of a second apart.
        let arrivals = Arrivals {
            posts: 2560,
            different: 2560,
            most_under_way: 256,
            first,
            last: first + Duration::from_millis(900),
        };
        assert!((steady_rate(arrivals, 256) - 2560.0).abs() < 1.0);
    }
}

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
        of_bound: is_slow
            .then(|| steady_rate(&conditions.twilio.times()))
            .flatten()
            .map(|rate| rate / bound),
        most_under_way: is_slow.then_some(arrivals.most_under_way),
    };
    let again = arrivals.posts - arrivals.different;
    if again > 0 {
        measured.failures.insert("texted twice".into(), again);
    }
    Ok(measured)
}

/// For how many of Twilio's times a side may warm up: nothing is under way at first.
const WARMING: u32 = 5;

/// How many come in a second while as many are under way as may be, counted over so many whole times of
/// Twilio's that it makes no difference whether they come one by one or in waves. Nothing of a queue that
/// was emptied sooner.
fn steady_rate(times: &[Instant]) -> Option<f64> {
    let (first, last) = (*times.first()?, *times.last()?);
    let from = first + SLOW * WARMING;
    // The last wave may be smaller.
    let whole = last.checked_duration_since(from)?.as_millis() / SLOW.as_millis();
    let length = SLOW * u32::try_from(whole).ok().filter(|whole| *whole > 0)?;
    let within = |at: &&Instant| **at >= from && **at < from + length;
    Some(times.iter().filter(within).count() as f64 / length.as_secs_f64())
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

    /// So many waves of 256, a tenth of a second apart, behind a slow beginning.
    fn waves(count: u32) -> Vec<Instant> {
        let began = Instant::now();
        let waves = (0..count).map(|wave| began + SLOW * wave + SLOW / 2);
        let each = waves.flat_map(|at| [at; 256]);
        std::iter::once(began).chain(each).collect()
    }

    #[test]
    fn waves_of_all_that_may_be_under_way_reach_the_bound() {
        for waves in [waves(10), waves(40)] {
            let rate = steady_rate(&waves).unwrap();
            assert!((rate - 2560.0).abs() < 1.0, "{rate}");
        }
    }

    #[test]
    fn texts_one_by_one_reach_it_as_well() {
        let began = Instant::now();
        let each = Duration::from_secs(1) / 2560;
        let times: Vec<_> = (0..5000).map(|n| began + each * n).collect();
        let rate = steady_rate(&times).unwrap();
        assert!((rate - 2560.0).abs() < 15.0, "{rate}");
    }

    #[test]
    fn a_standstill_counts() {
        let mut times = waves(20);
        for at in &mut times[2600..] {
            *at += Duration::from_secs(1);
        }
        assert!(steady_rate(&times).unwrap() < 1700.0);
    }

    #[test]
    fn too_short_a_time_says_nothing() {
        assert!(steady_rate(&waves(3)).is_none());
    }
}

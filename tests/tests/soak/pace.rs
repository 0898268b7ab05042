//! The pace of a number, as Twilio sees it: so many segments a second, and evenly.
//!
//! A measurement of the machine as much as of the service, so there is no short form: a busy
//! machine would fail it. The queue's own tests hold the pace by a clock of theirs. How evenly
//! anything can be sent here is told by a bare loop beside it: a timer, a request, nothing else.

use std::time::Duration;

use serde_json::Value;
use test_db::Backend;
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval};

use crate::harness::{Setup, World, runtime};

use super::arrivals::{self, Arrival, Spread, ms};
use super::backlog::{self, Words};
use super::{Rows, numbers, option};

/// The least distance asked for, as a share of what it should be.
const LEAST: f64 = 0.8;

/// What is left out at the beginning, in which the queue is filled.
const RUN_IN: Duration = Duration::from_secs(3);

#[test]
#[ignore = "takes minutes: `cargo xtask soak pace`"]
fn long_on_sqlite() {
    runtime().block_on(all(Backend::Sqlite, 1));
}

#[test]
#[ignore = "takes minutes: `cargo xtask soak pace`"]
fn long_on_postgres() {
    runtime().block_on(all(Backend::Postgres, 1));
}

#[test]
#[ignore = "takes minutes: `cargo xtask soak pace`"]
fn long_on_postgres_with_two_replicas() {
    runtime().block_on(all(Backend::Postgres, 2));
}

async fn all(backend: Backend, replicas: usize) {
    println!(
        "pace on {backend:?} with {replicas} replica(s): distances in ms between two texts, and \
         the least as a share of what it should be\n  \
         per second   measured      off     min      p1     p50    mean     max   share"
    );
    let mut wrong = Vec::new();
    for (pace, words) in [
        (1.0, Words::SHORT),
        (10.0, Words::SHORT),
        (100.0, Words::SHORT),
        (10.0, Words::MIXED),
    ] {
        wrong.extend(measure(backend, replicas, pace, words).await);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

async fn measure(backend: Backend, replicas: usize, pace: f64, words: Words) -> Option<String> {
    let length = Duration::from_secs(option("SOAK_SECONDS", 60));
    let world = Setup::on(backend).start().await;
    let _others: Vec<_> = (1..replicas).map(|_| world.replica("all")).collect();
    let tenant = numbers::business(&world).await;
    let sender = numbers::sender(&world, &tenant, pace).await;
    let rows = Rows::of(world.scratch.url()).await;
    let enough = (pace * (length + 3 * RUN_IN).as_secs_f64()) as usize + 10;
    backlog::fill(&rows, &sender, 0, enough, words).await;
    backlog::wake(&sender, enough + 1).await;
    tokio::time::sleep(RUN_IN).await;
    let bare = bare_loop(&world, pace, length).await;
    tokio::time::sleep(RUN_IN).await;
    let arrivals = arrivals::of(&world.twilio, &sender.channel.account_sid).await;
    drop(world);

    let start = arrivals[0].at_us + RUN_IN.as_micros() as i64;
    let end = start + length.as_micros() as i64;
    let in_time = |arrival: &&Arrival| (start..=end).contains(&arrival.at_us);
    let arrivals: Vec<_> = arrivals.iter().filter(in_time).collect();
    let bare: Vec<_> = bare.iter().collect();
    let possible = show(&bare, pace, "bare")?;
    judge(&arrivals, pace, possible.least)
}

/// Sends at a pace by nothing but a timer, from an account of its own.
async fn bare_loop(world: &World, pace: f64, length: Duration) -> Vec<Arrival> {
    let account = world.number().await;
    let text = |pointer: &str| account.pointer(pointer).and_then(Value::as_str).unwrap();
    let (sid, number) = (text("/sid"), text("/numbers/0/phone_number"));
    let url = format!(
        "{}/2010-04-01/Accounts/{sid}/Messages.json",
        world.twilio.url()
    );
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let mut ticks = interval(Duration::from_secs_f64(1.0 / pace));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut requests = JoinSet::new();
    for n in 0..(pace * length.as_secs_f64()) as usize {
        let form = [
            ("To", numbers::person(n)),
            ("From", number.to_owned()),
            ("Body", "Hello".to_owned()),
        ];
        let request = http
            .post(&url)
            .basic_auth(sid, Some(text("/auth_token")))
            .form(&form);
        ticks.tick().await;
        requests.spawn(request.send());
    }
    for answer in requests.join_all().await {
        assert_eq!(answer.unwrap().status(), 201);
    }
    arrivals::of(&world.twilio, sid).await
}

/// What was measured.
struct Measured {
    /// By what the rate is off, in percent.
    off: f64,
    /// The least distance, as a share of what it should be.
    least: f64,
}

/// What the service kept, beside what was possible.
fn judge(arrivals: &[&Arrival], pace: f64, possible: f64) -> Option<String> {
    let mixed = arrivals.iter().any(|arrival| arrival.segments > 1);
    let Measured { off, least } = show(arrivals, pace, if mixed { "mixed" } else { "" })?;
    (off.abs() > 3.0 || least < f64::min(LEAST, possible)).then(|| {
        format!(
            "at {pace} per second: off by {off:.1} % (3 allowed), two texts at {:.0} % of the \
             distance ({:.0} asked, {:.0} kept by a bare loop)",
            least * 100.0,
            LEAST * 100.0,
            possible * 100.0,
        )
    })
}

/// A text's distance to the next is given by its own segments.
fn show(arrivals: &[&Arrival], pace: f64, what: &str) -> Option<Measured> {
    let gap_ms = 1000.0 / pace;
    let pairs = || arrivals.windows(2).map(|pair| (pair[0], pair[1]));
    let distances = Spread::of(pairs().map(|(one, next)| ms(one.at_us, next.at_us)));
    let shares =
        pairs().map(|(one, next)| ms(one.at_us, next.at_us) / (gap_ms * one.segments as f64));
    let shares = Spread::of(shares);
    let segments: i64 = pairs().map(|(one, _)| one.segments).sum();
    let (first, last) = (arrivals.first()?, arrivals.last()?);
    let measured = segments as f64 * 1000.0 / ms(first.at_us, last.at_us);
    let off = (measured / pace - 1.0) * 100.0;
    println!(
        "  {pace:>5} {:<5}{measured:>9.3} {off:>+7.2}% {:>7.1} {:>7.1} {:>7.1} {:>7.1} {:>7.1} {:>6.0}%",
        what,
        distances.min(),
        distances.percentile(1.0),
        distances.percentile(50.0),
        distances.mean(),
        distances.max(),
        shares.min() * 100.0,
    );
    Some(Measured {
        off,
        least: shares.min(),
    })
}

//! Paths in which requests are answered: webhooks and reading.

use std::sync::Arc;
use std::time::Duration;

use super::{Conditions, Measured, Meter, Progress, load};
use crate::data::{customer, new_sid, old_sid};
use crate::load::{Feed, Pace, Prepared};
use crate::outcome::Outcome;
use crate::path::Path;
use crate::server::Server;
use crate::subject::{PUBLIC_URL, Subject};
use crate::webhook::{self, delivered, inbound};

/// No path is faster on any side; so many are made ready for each second.
const FASTEST: u64 = 25_000;

pub(super) async fn measure<S: Subject>(
    subject: &S,
    path: Path,
    conditions: &Conditions,
    progress: &mut Progress,
    server: &Server,
) -> Outcome<Measured> {
    let length = conditions.length;
    let warm = Ord::min(length / 5, Duration::from_secs(2));
    // Before and after: what the warming up has written is not counted.
    let (first, feed) = feed(subject, path, conditions, progress, server, warm).await?;
    load(server, path, first, Pace::Closed, warm).await?;
    let before = match path {
        Path::Status => subject.delivered().await?,
        _ => 0,
    };
    let pace = match path {
        Path::Steady => Pace::Open(conditions.rate),
        _ => Pace::Closed,
    };
    let meter = Meter::start(subject, server, conditions);
    let load = load(server, path, feed, pace, length).await?;
    let cost = meter.each(load.answered);
    let rows = match path {
        Path::Inbound | Path::Inbound128 | Path::Steady => {
            Some(subject.received(progress.runs).await?)
        }
        Path::Status => Some(subject.delivered().await? - before),
        _ => None,
    };
    Ok(Measured {
        side: subject.side(),
        path,
        rate: load.answered as f64 / load.elapsed.as_secs_f64(),
        count: load.answered,
        latency: Some(load.latency),
        failures: load.failures,
        rows,
        cost,
        of_bound: None,
        most_under_way: None,
    })
}

/// What warms up, and what is measured; for webhooks the latter is the run `progress.runs`.
async fn feed<S: Subject>(
    subject: &S,
    path: Path,
    conditions: &Conditions,
    progress: &mut Progress,
    server: &Server,
    warm: Duration,
) -> Outcome<(Feed, Feed)> {
    let reads = match path {
        Path::Conversations => subject.conversations(server).await?,
        Path::Messages => subject.messages(server).await?,
        Path::Poll => subject.polls(server).await?,
        Path::Status => {
            let all = subject.size().messages / (conditions.runs + 1);
            let first = statuses(subject, progress, all / 10)?;
            return Ok((first, statuses(subject, progress, all - all / 10)?));
        }
        _ => {
            let enough = |length: Duration| FASTEST * (length.as_secs() + 1);
            let first = texts(subject, progress, enough(warm))?;
            return Ok((first, texts(subject, progress, enough(conditions.length))?));
        }
    };
    let reads = Feed::Round(Arc::new(reads));
    Ok((reads.clone(), reads))
}

/// Texts that come in, to tenants and from people in no order.
fn texts<S: Subject>(subject: &S, progress: &mut Progress, count: u64) -> Outcome<Feed> {
    let (size, run) = (subject.size(), progress.next_run());
    let text = |n: u64| -> Outcome<Prepared> {
        let conversation = scatter(n + u64::from(run), size.conversations);
        let tenant = size.tenant_of(conversation);
        let sid = new_sid(run, n);
        let from = webhook::sender(n, conversation, progress.strangers);
        let body = format!("Is there a table for four tonight? No. {n}");
        let fields = inbound(&tenant, &sid, &from, &body);
        webhook::prepare(PUBLIC_URL, subject.sms_path(), &tenant, &fields)
    };
    let all = (0..count).map(text).collect::<Outcome<Vec<_>>>()?;
    progress.strangers += count / 10;
    Ok(Feed::Once(Arc::new(all)))
}

/// The latest messages that went out and whose delivery was not told yet; `messages` are looked at.
fn statuses<S: Subject>(subject: &S, progress: &mut Progress, messages: u64) -> Outcome<Feed> {
    let size = subject.size();
    let end = progress.statuses_left;
    let begin = end.saturating_sub(messages);
    progress.statuses_left = begin;
    let status = |n: u64| -> Outcome<Prepared> {
        let conversation = size.conversation_of(n);
        let tenant = size.tenant_of(conversation);
        let (sid, to) = (old_sid(n), customer(conversation));
        let fields = delivered(&tenant, &sid, &to);
        webhook::prepare(PUBLIC_URL, subject.status_path(), &tenant, &fields)
    };
    let out = (begin..end).rev().filter(|n| size.went_out(*n));
    Ok(Feed::Once(Arc::new(
        out.map(status).collect::<Outcome<_>>()?,
    )))
}

/// Numbers in no visible order, the same every time.
fn scatter(n: u64, below: u64) -> u64 {
    let mixed = n.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mixed = (mixed ^ (mixed >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    (mixed >> 11) % below
}

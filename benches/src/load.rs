//! The load: requests that were made ready before, over connections that stay open.
//!
//! *Closed*: every connection sends its next request when the last one was answered; what is told is
//! how much goes through. *Open*: each request has an instant at which it is due, whatever became of
//! those before it; its latency counts from there, so that a service that stands still for a second
//! does not hide the requests that nobody could send in it.

mod client;
mod summary;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use bytes::Bytes;
use hyper::header::{HeaderName, HeaderValue};
use hyper::{Method, Uri};

use crate::machine;
use crate::outcome::Outcome;
use client::Connection;
use summary::Tally;
pub(crate) use summary::{Latency, Load};

/// A request that waits to be sent.
#[derive(Clone, Debug)]
pub(crate) struct Prepared {
    pub(crate) method: Method,
    /// Path and query.
    pub(crate) target: Uri,
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
    pub(crate) body: Bytes,
    /// The status that it has to be answered with.
    pub(crate) expected: u16,
}

/// What is sent.
#[derive(Clone, Debug)]
pub(crate) enum Feed {
    /// Each once.
    Once(Arc<Vec<Prepared>>),
    /// Over and over.
    Round(Arc<Vec<Prepared>>),
}

impl Feed {
    fn get(&self, index: usize) -> Option<&Prepared> {
        match self {
            Self::Once(all) => all.get(index),
            Self::Round(all) => all.get(index % all.len().max(1)),
        }
    }
}

/// How it is sent.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Pace {
    Closed,
    /// So many a second.
    Open(u32),
}

/// All of it.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    /// `127.0.0.1:1234`.
    pub(crate) address: String,
    pub(crate) feed: Feed,
    pub(crate) pace: Pace,
    pub(crate) connections: usize,
    /// Nothing is sent after this; what is under way is waited for.
    pub(crate) length: Duration,
}

/// Sends, on threads of its own, and waits until all is answered.
pub(crate) async fn send(plan: Plan) -> Outcome<Load> {
    tokio::task::spawn_blocking(move || on_threads(plan)).await?
}

/// Few threads: the servers need the processors, and one drives more than they answer.
fn threads() -> usize {
    (machine::cores() / 4).clamp(1, 4)
}

fn on_threads(plan: Plan) -> Outcome<Load> {
    let plan = Arc::new(plan);
    let next = Arc::new(AtomicUsize::new(0));
    let threads = threads().min(plan.connections);
    let begun = Instant::now();
    let workers: Vec<_> = (0..threads)
        .map(|n| {
            let (plan, next) = (Arc::clone(&plan), Arc::clone(&next));
            let share = plan.connections / threads + usize::from(n < plan.connections % threads);
            thread::spawn(move || on_this_thread(&plan, &next, share, begun))
        })
        .collect();
    let mut tally = Tally::new()?;
    for worker in workers {
        tally.add(worker.join().map_err(|_| "a thread of the load died")??)?;
    }
    Ok(tally.over(begun.elapsed()))
}

fn on_this_thread(
    plan: &Arc<Plan>,
    next: &Arc<AtomicUsize>,
    connections: usize,
    begun: Instant,
) -> Outcome<Tally> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let tasks: Vec<_> = (0..connections)
            .map(|_| tokio::spawn(one(Arc::clone(plan), Arc::clone(next), begun)))
            .collect();
        let mut tally = Tally::new()?;
        for task in tasks {
            tally.add(task.await??)?;
        }
        Ok(tally)
    })
}

/// What one connection does.
async fn one(plan: Arc<Plan>, next: Arc<AtomicUsize>, begun: Instant) -> Outcome<Tally> {
    let mut tally = Tally::new()?;
    let mut connection = Connection::open(&plan.address).await?;
    let end = begun + plan.length;
    loop {
        let index = next.fetch_add(1, Ordering::Relaxed);
        let due = match plan.pace {
            Pace::Closed => Instant::now(),
            Pace::Open(rate) => begun + Duration::from_secs(1) / rate * u32::try_from(index)?,
        };
        let Some(request) = plan.feed.get(index).filter(|_| due < end) else {
            return Ok(tally);
        };
        if matches!(plan.pace, Pace::Open(_)) {
            tokio::time::sleep_until(due.into()).await;
        }
        match connection.send(request).await {
            Ok(status) if status == request.expected => tally.answered(due.elapsed()),
            Ok(status) => tally.failed(format!("status {status}")),
            Err(error) => {
                tally.failed(error.to_string());
                connection = Connection::open(&plan.address).await?;
            }
        }
    }
}

#[cfg(test)]
mod tests;

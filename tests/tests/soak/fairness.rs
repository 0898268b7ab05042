//! A reply does not wait for somebody's fifty thousand texts.

use std::time::Duration;

use serde_json::json;
use test_db::Backend;

use crate::harness::{Setup, Tenant, World, runtime};

use super::arrivals::{self, Spread, ms, now_us};
use super::backlog::{self, Words};
use super::numbers::{self, Sender, person};
use super::{Rows, option};

/// To whom replies go: people that no bulk text goes to.
const REPLIES_FROM: usize = 900_000;

struct Scale {
    /// Numbers with a backlog.
    numbers: usize,
    /// All texts in them.
    bulk: usize,
    /// Segments per second of each.
    pace: f64,
    /// How long Twilio takes for each request.
    latency_ms: u64,
    replies: usize,
}

impl Scale {
    /// More than a worker can send: Twilio is slow, and the numbers are fast.
    fn long() -> Self {
        Self {
            numbers: 10,
            bulk: option("SOAK_TEXTS", 50_000),
            pace: 100.0,
            latency_ms: 100,
            replies: 20,
        }
    }

    fn short() -> Self {
        Self {
            numbers: 2,
            bulk: 500,
            pace: 10.0,
            latency_ms: 0,
            replies: 3,
        }
    }
}

#[test]
fn a_reply_overtakes_a_backlog_on_sqlite() {
    runtime().block_on(order(Backend::Sqlite));
}

#[test]
fn a_reply_overtakes_a_backlog_on_postgres() {
    runtime().block_on(order(Backend::Postgres));
}

#[test]
#[ignore = "takes minutes: `cargo xtask soak fairness`"]
fn long_on_sqlite() {
    runtime().block_on(times(Backend::Sqlite));
}

#[test]
#[ignore = "takes minutes: `cargo xtask soak fairness`"]
fn long_on_postgres() {
    runtime().block_on(times(Backend::Postgres));
}

/// Who is overtaken, not how fast: that holds on a busy machine too.
async fn order(backend: Backend) {
    let scale = Scale::short();
    let queue = Queue::fill(backend, &scale).await;
    for n in 0..scale.replies {
        let same = queue.reply(&queue.bulk[0], REPLIES_FROM + n).await;
        assert!(same.overtaken_by <= 2, "on the same number: {same:?}");
        let other = queue.reply(&queue.other, REPLIES_FROM + 100 + n).await;
        assert!(other.overtaken_by <= 20, "on another's number: {other:?}");
    }
    queue.expect_a_long_queue().await;
}

async fn times(backend: Backend) {
    let scale = Scale::long();
    let queue = Queue::fill(backend, &scale).await;
    let mut wrong = Vec::new();
    let other = queue
        .replies(&queue.other, REPLIES_FROM, scale.replies)
        .await;
    println!(
        "fairness on {backend:?}: {} bulk texts on {} numbers at {} per second, Twilio answers \
         after {} ms\n  another's reply, POST to Twilio: {}",
        scale.bulk,
        scale.numbers,
        scale.pace,
        scale.latency_ms,
        shown(&other)
    );
    if other.max() >= 1000.0 {
        wrong.push(format!("another's reply took {:.0} ms", other.max()));
    }
    queue.expect_a_long_queue().await;
    drop(queue);
    for pace in [1.0, 10.0] {
        let scale = Scale {
            numbers: 1,
            bulk: 5000,
            pace,
            latency_ms: 0,
            replies: 10,
        };
        let queue = Queue::fill(backend, &scale).await;
        let same = queue
            .replies(&queue.bulk[0], REPLIES_FROM, scale.replies)
            .await;
        println!(
            "  a reply on the same number at {pace} per second: {}",
            shown(&same)
        );
        // The slot at hand is taken; the reply has the next. What is over is the way there.
        let allowed = 2.0 * 1000.0 / pace + 250.0;
        if same.max() > allowed {
            wrong.push(format!(
                "at {pace} per second a reply took {:.0} ms",
                same.max()
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn shown(times: &Spread) -> String {
    format!(
        "min {:.0} ms, p50 {:.0} ms, max {:.0} ms",
        times.min(),
        times.percentile(50.0),
        times.max()
    )
}

/// A business with a long queue, and another one.
struct Queue {
    world: World,
    bulk: Vec<Sender>,
    other: Sender,
    _tenants: [Tenant; 2],
}

/// How a reply fared.
#[derive(Debug)]
struct Fared {
    ms: f64,
    /// Bulk texts that came to Twilio after the reply was taken and before it came itself: of the
    /// same number, or of all if it is another's.
    overtaken_by: usize,
}

impl Queue {
    async fn fill(backend: Backend, scale: &Scale) -> Self {
        let world = Setup::on(backend).start().await;
        let tenants = [
            numbers::business(&world).await,
            numbers::business(&world).await,
        ];
        let rows = Rows::of(world.scratch.url()).await;
        let each = scale.bulk / scale.numbers;
        let mut bulk = Vec::new();
        for n in 0..scale.numbers {
            let sender = numbers::sender(&world, &tenants[0], scale.pace).await;
            backlog::fill(&rows, &sender, n * (each + 2), each, Words::SHORT).await;
            bulk.push(sender);
        }
        let other = numbers::sender(&world, &tenants[1], scale.pace).await;
        let latency = json!({"kind": "latency", "latency_ms": scale.latency_ms});
        world.twilio.control("faults", latency).await;
        for (n, sender) in bulk.iter().enumerate() {
            backlog::wake(sender, n * (each + 2) + each + 1).await;
        }
        tokio::time::sleep(Duration::from_secs(2)).await;
        Self {
            world,
            bulk,
            other,
            _tenants: tenants,
        }
    }

    async fn reply(&self, sender: &Sender, to: usize) -> Fared {
        let to = person(to);
        let body = json!({
            "to": to, "body": "Yes, at eight.", "channel_id": sender.channel.id,
            "priority": "reply",
        });
        let asked = now_us();
        sender.api.post("/api/v1/messages", body).await.expect(202);
        let taken = now_us();
        let came = arrivals::wait_for(&self.world.twilio, sender, &to).await;
        let mut overtaken_by = 0;
        let of_this = |bulk: &&Sender| bulk.channel.id == sender.channel.id;
        let any = !self.bulk.iter().any(|bulk| of_this(&bulk));
        for bulk in self.bulk.iter().filter(|bulk| any || of_this(bulk)) {
            let sent = arrivals::of(&self.world.twilio, &bulk.channel.account_sid).await;
            let before = sent
                .iter()
                .filter(|text| text.to != to && (taken..came).contains(&text.at_us));
            overtaken_by += before.count();
        }
        Fared {
            ms: ms(asked, came),
            overtaken_by,
        }
    }

    async fn replies(&self, sender: &Sender, first: usize, count: usize) -> Spread {
        let mut times = Vec::new();
        for n in 0..count {
            times.push(self.reply(sender, first + n).await.ms);
            tokio::time::sleep(Duration::from_millis(300 + 70 * n as u64)).await;
        }
        Spread::of(times)
    }

    /// A reply overtakes nobody where nobody waits.
    async fn expect_a_long_queue(&self) {
        let rows = Rows::of(self.world.scratch.url()).await;
        let left = rows.count("SELECT COUNT(*) FROM lane_entries").await;
        assert!(left > 100, "only {left} bulk texts were left");
    }
}

//! PostgreSQL itself is stopped under load and started again.
//!
//! What was promised is kept: a send that was answered 202 is at Twilio once, a webhook that was
//! answered 200 is written down, and the service goes on without a restart.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use test_db::{Backend, Scratch};
use test_postgres::Cluster;
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::harness::{Setup, World, poll_within, runtime};

use super::numbers::{self, Sender, person};
use super::{Rows, evidence, option};

/// How many there are of each kind in a second, for each number.
const PER_SECOND: u32 = 5;

struct Scale {
    before: Duration,
    away: Duration,
    after: Duration,
    request_timeout: u64,
    lease: u64,
    settle_after: u64,
    settle_again: u64,
    catch_up: u64,
}

impl Scale {
    /// With all times as they are in production.
    fn long() -> Self {
        Self {
            before: Duration::from_secs(10),
            away: Duration::from_secs(option("SOAK_SECONDS", 60)),
            after: Duration::from_secs(20),
            request_timeout: 15,
            lease: 60,
            settle_after: 60,
            settle_again: 20,
            catch_up: 30,
        }
    }

    fn short() -> Self {
        Self {
            before: Duration::from_secs(2),
            away: Duration::from_secs(5),
            after: Duration::from_secs(2),
            request_timeout: 1,
            lease: 3,
            settle_after: 5,
            settle_again: 2,
            catch_up: 2,
        }
    }

    fn setup(&self) -> Setup {
        Setup::on(Backend::Postgres)
            .with(
                "TWILIO__REQUEST_TIMEOUT_SECONDS",
                self.request_timeout.to_string(),
            )
            .with("QUEUE__LEASE_SECONDS", self.lease.to_string())
            .with("QUEUE__SETTLE_AFTER_SECONDS", self.settle_after.to_string())
            .with("QUEUE__SETTLE_AGAIN_SECONDS", self.settle_again.to_string())
            .with("LIMITS__REQUESTS_PER_MINUTE", "1000000")
            .with("TWILIO__CATCH_UP_SECONDS", self.catch_up.to_string())
    }

    fn patience(&self) -> Duration {
        Duration::from_secs(2 * (self.lease + self.settle_after + self.settle_again) + 30)
    }
}

#[test]
fn what_was_promised_outlives_a_stop_of_postgres() {
    runtime().block_on(prove(Scale::short()));
}

#[test]
#[ignore = "takes minutes: `cargo xtask soak outage`"]
fn long_stop_of_postgres() {
    runtime().block_on(prove(Scale::long()));
}

async fn prove(scale: Scale) {
    let mut cluster = Cluster::start().unwrap();
    let scratch = Scratch::elsewhere(Backend::Postgres, cluster.url());
    let world = Arc::new(scale.setup().start_on(scratch).await);
    let senders = senders(&world).await;

    let load = tokio::spawn(load(
        Arc::clone(&world),
        senders.clone(),
        scale.before + scale.away + scale.after,
    ));
    tokio::time::sleep(scale.before).await;
    let begun = Instant::now();
    cluster.stop().unwrap();
    tokio::time::sleep(scale.away).await;
    cluster.start_again().unwrap();
    let back = Instant::now();
    poll_within(Duration::from_secs(15), "readiness", async || {
        (world.anybody.get("/readyz").await.status == 200).then_some(())
    })
    .await;
    let ready = back.elapsed();
    let asked = load.await.unwrap();

    let rows = Rows::of(cluster.url()).await;
    let drained = settled(&rows, scale.patience()).await;
    println!(
        "outage: PostgreSQL was away for {:.1} s; ready {:.1} s after it was back, settled {:.0} s \
         after it was back (open: {drained})",
        (back - begun).as_secs_f64(),
        ready.as_secs_f64(),
        back.elapsed().as_secs_f64(),
    );
    sends(&world, &rows, &senders, &asked.sends).await;
    inbound(&rows, &asked.inbound, scale.patience()).await;
}

async fn senders(world: &World) -> Vec<Sender> {
    let mut senders = Vec::new();
    for _ in 0..2 {
        let tenant = numbers::business(world).await;
        for _ in 0..2 {
            senders.push(numbers::sender(world, &tenant, 20.0).await);
        }
    }
    senders
}

/// What was asked of the service, and whether it promised.
#[derive(Default)]
struct Asked {
    /// By its number.
    sends: Vec<(usize, u16)>,
    /// By Twilio's SID.
    inbound: Vec<(String, bool)>,
}

/// Asks at a steady rate whatever becomes of it, as the world does.
async fn load(world: Arc<World>, senders: Vec<Sender>, length: Duration) -> Asked {
    let end = Instant::now() + length;
    let mut tick = tokio::time::interval(Duration::from_secs(1) / PER_SECOND);
    let (mut sends, mut inbound) = (JoinSet::new(), JoinSet::new());
    let mut n = 0;
    while Instant::now() < end {
        tick.tick().await;
        for sender in &senders {
            n += 1;
            sends.spawn(send(sender.clone(), n));
            inbound.spawn(come_in(Arc::clone(&world), sender.clone(), n));
        }
    }
    Asked {
        sends: sends.join_all().await,
        inbound: inbound.join_all().await,
    }
}

fn words(n: usize) -> String {
    format!("Your table {n} is ready.")
}

async fn send(sender: Sender, n: usize) -> (usize, u16) {
    let body = json!({"to": person(n), "body": words(n), "channel_id": sender.channel.id});
    (n, sender.api.post("/api/v1/messages", body).await.status)
}

async fn come_in(world: Arc<World>, sender: Sender, n: usize) -> (String, bool) {
    let from = person(100_000 + n);
    let (account, number) = (&sender.channel.account_sid, &sender.channel.number);
    let told = world.twilio.text(account, &from, number, "Hello").await;
    let sid = told["message_sid"].as_str().unwrap().to_owned();
    (sid, told["webhook"]["status"] == 200)
}

/// Waits until nothing waits; gives what is left when patience ends.
async fn settled(rows: &Rows, patience: Duration) -> i64 {
    let open = "SELECT (SELECT COUNT(*) FROM messages WHERE status IN ('queued', 'sending')) \
         + (SELECT COUNT(*) FROM lane_entries)";
    let last = Instant::now() + patience;
    loop {
        let left = rows.count(open).await;
        if left == 0 || Instant::now() > last {
            // Receipts of the last ones.
            tokio::time::sleep(Duration::from_secs(3)).await;
            return left;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

async fn sends(world: &World, rows: &Rows, senders: &[Sender], asked: &[(usize, u16)]) {
    let at_twilio = evidence::at_twilio(&world.twilio, senders).await;
    let statuses = evidence::statuses(rows).await;
    let (mut lost, mut doubled, mut wrong) = (Vec::new(), Vec::new(), Vec::new());
    let mut answers: HashMap<u16, usize> = HashMap::new();
    for &(n, status) in asked {
        *answers.entry(status).or_default() += 1;
        let key = (person(n), words(n));
        match at_twilio.get(&key).map_or(&[][..], Vec::as_slice) {
            [] if status == 202 => lost.push(n),
            [] => {}
            [sent] => wrong.extend(evidence::compare(n, sent, statuses.get(&key))),
            _ => doubled.push(n),
        }
    }
    println!(
        "  sends: {} asked, answers {answers:?}; {} lost, {} doubled, {} wrong",
        asked.len(),
        lost.len(),
        doubled.len(),
        wrong.len()
    );
    assert!(lost.is_empty(), "never sent: {lost:?}");
    assert!(doubled.is_empty(), "sent twice: {doubled:?}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let open = answers.keys().all(|status| [202, 503].contains(status));
    assert!(open, "{answers:?}: either taken, or told to come again");
    let stuck = "SELECT COUNT(*) FROM messages WHERE status IN ('queued', 'sending')";
    assert_eq!(rows.count(stuck).await, 0, "stuck");
}

/// Waits until every text that came at Twilio is there, and then some.
async fn inbound(rows: &Rows, asked: &[(String, bool)], patience: Duration) {
    let ours = "SELECT external_id FROM messages WHERE direction = 'inbound'";
    let caught_up = "SELECT COUNT(*) FROM messages WHERE direction = 'inbound' AND caught_up";
    let last = Instant::now() + patience;
    let (copies, missing) = loop {
        let mut copies: HashMap<String, usize> = HashMap::new();
        for row in rows.all(ours).await {
            *copies.entry(row.try_get_by_index(0).unwrap()).or_default() += 1;
        }
        let missing: Vec<_> = asked
            .iter()
            .filter(|(sid, _)| !copies.contains_key(sid))
            .collect();
        if missing.is_empty() || Instant::now() > last {
            break (copies, missing.len());
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    };
    let promised = asked.iter().filter(|(_, promised)| *promised);
    let lost = promised
        .clone()
        .filter(|(sid, _)| !copies.contains_key(sid))
        .count();
    println!(
        "  texts that came in: {} at Twilio, {} webhooks answered 200, {} found at Twilio \
         afterwards; {missing} missing",
        asked.len(),
        promised.count(),
        rows.count(caught_up).await,
    );
    assert_eq!(lost, 0, "answered 200 and not there");
    assert_eq!(missing, 0, "not caught up with");
    assert!(copies.values().all(|&copies| copies == 1), "there twice");
}

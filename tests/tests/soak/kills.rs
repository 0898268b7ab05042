//! Workers are killed and held at random while texts go out through a Twilio that drops answers
//! before and after accepting, answers late or never, refuses, and shuffles, doubles and loses
//! receipts.
//!
//! Whatever happens, Twilio sees each text once, each ends in the right state, and none is stuck.

mod chaos;
mod verdict;
mod watch;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use test_db::Backend;
use tokio::time::Instant;

use crate::harness::{Balancer, Service, Setup, Twilio, World, poll_within, runtime};

use super::numbers::{self, Sender, person};
use super::{Dice, Rows, option};
use chaos::Chaos;
use watch::Watch;

/// How much of everything.
#[derive(Clone, Debug)]
struct Scale {
    texts: usize,
    kills: usize,
    /// How often a process is held for longer than its lease.
    pauses: usize,
    tenants: usize,
    /// Numbers of each tenant.
    numbers: usize,
    /// Segments per second of each number.
    pace: f64,
    request_timeout: u64,
    lease: u64,
    settle_after: u64,
    settle_again: u64,
    /// How many times as often as usual Twilio errs.
    trouble: f64,
}

impl Scale {
    /// With the times that the service settles a doubt by in production.
    fn long() -> Self {
        Self {
            texts: option("SOAK_TEXTS", 4000),
            kills: option("SOAK_KILLS", 50),
            pauses: option("SOAK_PAUSES", 4),
            tenants: 4,
            numbers: 2,
            pace: option("SOAK_PACE", 4.0),
            request_timeout: 2,
            lease: 6,
            settle_after: 60,
            settle_again: 20,
            trouble: 1.0,
        }
    }

    /// A doubt is settled in seconds, as the simulator's list never runs behind.
    fn short() -> Self {
        Self {
            texts: 60,
            kills: 3,
            pauses: 1,
            tenants: 2,
            numbers: 2,
            pace: 5.0,
            request_timeout: 1,
            lease: 3,
            settle_after: 6,
            settle_again: 2,
            trouble: 2.0,
        }
    }

    /// Long enough for a doubt that arises at the end, and for one more after it.
    fn patience(&self) -> Duration {
        Duration::from_secs(2 * (self.lease + self.settle_after + self.settle_again) + 60)
    }

    fn setup(&self, backend: Backend, public_url: String) -> Setup {
        Setup::on(backend)
            .with("SERVER__PUBLIC_URL", public_url)
            .with(
                "TWILIO__REQUEST_TIMEOUT_SECONDS",
                self.request_timeout.to_string(),
            )
            .with("QUEUE__LEASE_SECONDS", self.lease.to_string())
            .with("QUEUE__SETTLE_AFTER_SECONDS", self.settle_after.to_string())
            .with("QUEUE__SETTLE_AGAIN_SECONDS", self.settle_again.to_string())
            .with("LIMITS__REQUESTS_PER_MINUTE", "1000000")
    }
}

#[test]
fn killed_again_and_again_it_sends_each_text_once_on_sqlite() {
    runtime().block_on(prove(Backend::Sqlite, Scale::short()));
}

#[test]
fn killed_again_and_again_two_replicas_send_each_text_once_on_postgres() {
    runtime().block_on(prove(Backend::Postgres, Scale::short()));
}

#[test]
#[ignore = "takes minutes: `cargo xtask soak kills`"]
fn long_on_sqlite() {
    runtime().block_on(prove(Backend::Sqlite, Scale::long()));
}

#[test]
#[ignore = "takes minutes: `cargo xtask soak kills`"]
fn long_on_postgres_with_two_replicas() {
    runtime().block_on(prove(Backend::Postgres, Scale::long()));
}

async fn prove(backend: Backend, scale: Scale) {
    let mut dice = Dice::thrown(&format!("kills on {backend:?}"));
    let balancer = Balancer::start().await;
    let mut world = scale.setup(backend, balancer.url()).start().await;
    let mut second = (backend == Backend::Postgres).then(|| world.replica("all"));
    let urls = std::iter::once(world.service.url());
    balancer.send_to(urls.chain(second.iter().map(Service::url)));
    let senders = senders(&world, &scale).await;
    let rows = Rows::of(world.scratch.url()).await;
    trouble(&world.twilio, &scale).await;
    lose_most_receipts(&world.twilio, &senders[0]).await;

    let begun = Instant::now();
    let watch = Watch::start(rows.clone(), Duration::from_secs(scale.request_timeout + 1));
    let submitting = submit(&senders, scale.texts);
    let World {
        service, twilio, ..
    } = &mut world;
    let mut services: Vec<_> = std::iter::once(service).chain(second.as_mut()).collect();
    let chaos = Chaos::new(&scale)
        .run(&mut services, twilio, &mut dice)
        .await;
    let refused = submitting.await;
    twilio.no_more_faults().await;
    settled(&rows, scale.patience()).await;
    let taken = begun.elapsed();

    let verdict = verdict::of(&world.twilio, &rows, &senders, scale.texts).await;
    let settled = verdict::settled(&rows, &watch.stop().await, scale.settle_after).await;
    println!(
        "kills on {backend:?}: {} texts in {:.0} s; {} kills, {} pauses of {} s; submits \
         tried again: {refused:?}\n  {verdict}\n  {settled}",
        scale.texts,
        taken.as_secs_f64(),
        chaos.kills,
        chaos.pauses,
        scale.lease + 2,
    );
    verdict.expect_perfect();
}

async fn senders(world: &World, scale: &Scale) -> Vec<Sender> {
    let mut senders = Vec::new();
    for _ in 0..scale.tenants {
        let tenant = numbers::business(world).await;
        for _ in 0..scale.numbers {
            senders.push(numbers::sender(world, &tenant, scale.pace).await);
        }
    }
    senders
}

/// A Twilio on its worst day, which lasts.
async fn trouble(twilio: &Twilio, scale: &Scale) {
    let late = scale.request_timeout * 1000 + 700;
    for (kind, probability, more) in [
        ("drop_before_accept", 0.02, json!({})),
        ("drop_after_accept", 0.03, json!({})),
        ("hang_after_accept", 0.005, json!({})),
        ("rate_limited", 0.01, json!({"retry_after": 1})),
        ("server_error", 0.01, json!({})),
        ("html_error", 0.005, json!({})),
        ("unavailable", 0.005, json!({})),
        ("latency", 0.1, json!({"latency_ms": 300})),
        ("latency", 0.01, json!({"latency_ms": late})),
    ] {
        let mut fault = more;
        fault["kind"] = kind.into();
        fault["probability"] = (probability * scale.trouble).into();
        twilio.control("faults", fault).await;
    }
    twilio.control("receipts", receipts(0.05)).await;
}

fn receipts(lost: f64) -> Value {
    json!({
        "delay_ms": [20, 400], "shuffle": true, "duplicate": 0.3, "drop": lost, "sending": true,
    })
}

/// One number's doubts are left for Twilio's list to settle.
async fn lose_most_receipts(twilio: &Twilio, sender: &Sender) {
    let mut policy = receipts(0.7);
    policy["account_sid"] = sender.channel.account_sid.as_str().into();
    twilio.control("receipts", policy).await;
}

/// Why texts had to be handed in again, and how often.
type Refused = BTreeMap<String, usize>;

/// Hands all texts in, each until it is taken.
fn submit(senders: &[Sender], texts: usize) -> impl Future<Output = Refused> + use<> {
    const HANDS: usize = 4;
    let refused = Arc::new(Mutex::new(Refused::new()));
    let hands = (0..HANDS).map(|hand| {
        let (senders, refused) = (senders.to_vec(), Arc::clone(&refused));
        tokio::spawn(async move {
            for n in (hand..texts).step_by(HANDS) {
                submit_one(&senders[n % senders.len()], n, &refused).await;
            }
        })
    });
    let hands: Vec<_> = hands.collect();
    async move {
        for hand in hands {
            hand.await.unwrap();
        }
        refused.lock().unwrap().clone()
    }
}

pub(super) fn words(n: usize) -> String {
    format!("Your table {n} is ready.")
}

/// Tries as a client does that got no answer: with the same key.
async fn submit_one(sender: &Sender, n: usize, refused: &Mutex<Refused>) {
    const TRIES: usize = 400;
    let body = json!({"to": person(n), "body": words(n), "channel_id": sender.channel.id});
    for _ in 0..TRIES {
        let request = sender.api.request("POST", "/api/v1/messages");
        let request = request.timeout(Duration::from_secs(5)).json(&body);
        let request = request.header("idempotency-key", format!("text-{n}"));
        let why = match sender.api.try_send(request).await {
            Ok(reply) if reply.status == 202 => return,
            // The database is busy or away, or the first try is still at it.
            Ok(reply) => {
                assert!([409, 503].contains(&reply.status), "{reply:?}");
                format!("{} {}", reply.status, reply.text("/code"))
            }
            Err(error) if error.is_timeout() => "no answer in time".to_owned(),
            Err(_) => "nobody there".to_owned(),
        };
        *refused.lock().unwrap().entry(why).or_default() += 1;
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    panic!("text {n} was not taken in {TRIES} tries");
}

/// Waits until nothing waits.
async fn settled(rows: &Rows, patience: Duration) {
    let open = "SELECT COUNT(*) FROM messages WHERE status IN ('queued', 'sending', 'scheduled')";
    let last = Instant::now() + patience;
    poll_within(
        patience + Duration::from_secs(5),
        "every text settled",
        async || {
            let left =
                rows.count(open).await + rows.count("SELECT COUNT(*) FROM lane_entries").await;
            // What is left then is for the verdict to tell.
            (left == 0 || Instant::now() > last).then_some(())
        },
    )
    .await;
    // Receipts of the last ones.
    tokio::time::sleep(Duration::from_secs(3)).await;
}

//! Ten thousand pages that are open at once: what memory they take, and how soon they hear.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use test_db::Backend;

use crate::harness::{Channel, Follower, Setup, Tenant, World, runtime};

use super::arrivals::Spread;
use super::memory::resident;
use super::option;

/// As many as one login may have in one process.
const OF_ONE: usize = 100;

/// What ten thousand may take, in MB.
const ALLOWED: u64 = 400;

#[test]
#[ignore = "takes minutes: `cargo xtask soak streams`"]
fn long_on_sqlite() {
    runtime().block_on(measure(Backend::Sqlite));
}

#[test]
#[ignore = "takes minutes: `cargo xtask soak streams`"]
fn long_on_postgres() {
    runtime().block_on(measure(Backend::Postgres));
}

async fn measure(backend: Backend) {
    // Both ends of each connection are files, and this is one of them.
    rlimit::increase_nofile_limit(u64::MAX).unwrap();
    let tenants: usize = option("SOAK_TENANTS", 100);
    let setup = Setup::on(backend).with("LIMITS__REGISTRATIONS_PER_MINUTE", "100000");
    let world = setup.start().await;
    let mut businesses = Vec::new();
    for _ in 0..tenants {
        let tenant = world.register().await;
        let channel = world.connect_channel(&tenant).await;
        businesses.push((tenant, channel));
    }
    let rest = resident(&world);
    let mut streams = Vec::new();
    for (tenant, _) in &businesses {
        let open = (0..OF_ONE).map(|_| Follower::now(&tenant.api));
        streams.push(join_all(open).await);
    }
    let open = resident(&world);
    let (first, last) = tell_all(&world, &businesses, &mut streams).await;
    let told = resident(&world);
    println!(
        "streams on {backend:?}: {} open: {rest} MB before, {open} MB open and silent, {told} MB \
         after each was told 10 times; ms from the webhook's sending to the event at a tenant's \
         first stream: median {:.1}, at most {:.1}; at its last of {OF_ONE}: median {:.1}, at most {:.1}",
        tenants * OF_ONE,
        first.percentile(50.0),
        first.max(),
        last.percentile(50.0),
        last.max(),
    );
    assert!(told <= ALLOWED, "{told} MB");
}

/// Each tenant gets ten texts, one after the other.
async fn tell_all(
    world: &World,
    businesses: &[(Tenant, Channel)],
    streams: &mut [Vec<Follower>],
) -> (Spread, Spread) {
    let (mut first, mut last) = (Vec::new(), Vec::new());
    for round in 0..10 {
        for ((_, channel), streams) in businesses.iter().zip(streams.iter_mut()) {
            let begun = Instant::now();
            let texting = world.customer_texts(channel, "+14155550199", "Hello");
            let hearing = join_all(streams.iter_mut().map(async |events| {
                events.next_of("sms_received").await;
                begun.elapsed()
            }));
            let (_, heard) = tokio::join!(texting, hearing);
            if round > 0 {
                first.extend(heard.iter().min().copied().map(millis));
                last.extend(heard.iter().max().copied().map(millis));
            }
        }
    }
    (Spread::of(first), Spread::of(last))
}

fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}

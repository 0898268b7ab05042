//! The program ends in the middle of its work, cleanly or not, and starts again.

use std::time::Duration;

use serde_json::json;
use test_db::Backend;

use crate::harness::{Setup, Tenant, World, on_both, poll_until, poll_within, runtime};

const TEXTS: usize = 4;
/// A crash in the few milliseconds between writing down that a text is being sent and sending it
/// leaves a doubt that takes 80 s to settle.
const SETTLED: Duration = Duration::from_secs(120);

/// Puts a few texts into the queue of a number that sends one a second, and waits for the first.
async fn begin(world: &World) -> (Tenant, String) {
    let tenant = world.register().await;
    let channel = world.connect_channel(&tenant).await;
    for n in 0..TEXTS {
        let body = json!({"to": format!("+1415555030{n}"), "body": "Your table is ready."});
        tenant.api.post("/api/v1/messages", body).await.expect(202);
    }
    poll_until("the first delivery", async || {
        (delivered(&tenant).await >= 1).then_some(())
    })
    .await;
    (tenant, channel.account_sid)
}

async fn delivered(tenant: &Tenant) -> usize {
    tenant
        .api
        .get("/api/v1/messages?status=delivered")
        .await
        .expect(200)
        .rows()
        .len()
}

/// A receipt that came while nobody listened is lost, so delivery is not waited for.
async fn all_go_and_none_twice(world: &World, tenant: &Tenant, account: &str) {
    let gone = async || {
        let list = tenant
            .api
            .get("/api/v1/messages?direction=outbound")
            .await
            .expect(200);
        list.rows()
            .iter()
            .all(|row| row["external_id"].is_string())
            .then_some(())
    };
    poll_within(SETTLED, "every text at Twilio", gone).await;
    assert_eq!(world.twilio.sent(account).await.len(), TEXTS);
    let list = tenant
        .api
        .get("/api/v1/messages?status=queued")
        .await
        .expect(200);
    assert_eq!(list.rows().len(), 0);
}

on_both! {
    async fn after_a_clean_end_what_waited_goes_on_and_nothing_goes_twice(world: World) {
        let mut world = world;
        let (tenant, account) = begin(&world).await;
        world.end_and_restart();
        all_go_and_none_twice(&world, &tenant, &account).await;
        // Logins and credentials hold: the secrets are those of before.
        tenant.api.get("/api/v1/auth/me").await.expect(200);
    }
}

#[test]
fn after_a_crash_what_waited_goes_on_and_nothing_goes_twice_on_sqlite() {
    runtime().block_on(crash(Backend::Sqlite));
}

#[test]
fn after_a_crash_what_waited_goes_on_and_nothing_goes_twice_on_postgres() {
    runtime().block_on(crash(Backend::Postgres));
}

async fn crash(backend: Backend) {
    // What the dead one held comes free when its lease is over.
    let setup = Setup::on(backend)
        .with("TWILIO__REQUEST_TIMEOUT_SECONDS", "1")
        .with("QUEUE__LEASE_SECONDS", "3");
    let mut world = setup.start().await;
    let (tenant, account) = begin(&world).await;
    world.crash_and_restart();
    all_go_and_none_twice(&world, &tenant, &account).await;
}

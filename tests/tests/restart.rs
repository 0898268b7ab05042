//! The program ends in the middle of its work, cleanly or not, and starts again.

use serde_json::json;

use crate::harness::{Tenant, World, on_both, poll_until};

const TEXTS: usize = 4;

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

async fn all_go_and_none_twice(world: &World, tenant: &Tenant, account: &str) {
    poll_until("every delivery", async || {
        (delivered(tenant).await == TEXTS).then_some(())
    })
    .await;
    assert_eq!(world.twilio.sent(account).await.len(), TEXTS);
}

on_both! {
    async fn after_a_crash_what_waited_goes_on_and_nothing_goes_twice(world: World) {
        let mut world = world;
        let (tenant, account) = begin(&world).await;
        world.crash_and_restart();
        all_go_and_none_twice(&world, &tenant, &account).await;
    }

    async fn after_a_clean_end_what_waited_goes_on_and_nothing_goes_twice(world: World) {
        let mut world = world;
        let (tenant, account) = begin(&world).await;
        world.end_and_restart();
        all_go_and_none_twice(&world, &tenant, &account).await;
        // Logins and credentials hold: the secrets are those of before.
        tenant.api.get("/api/v1/auth/me").await.expect(200);
    }
}

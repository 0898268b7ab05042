//! Businesses with fast numbers, and people to text.

use serde_json::json;

use crate::harness::{Channel, Client, Tenant, Transcript, World};

/// A business's number, and who texts by it.
#[derive(Clone)]
pub(crate) struct Sender {
    pub(crate) api: Client,
    pub(crate) channel: Channel,
}

/// Somebody's number; each `n` is another person.
pub(crate) fn person(n: usize) -> String {
    format!("+1415{:07}", 2_000_000 + n)
}

/// A business that texts at any hour.
pub(crate) async fn business(world: &World) -> Tenant {
    let tenant = world.register().await;
    let quiet = json!({"quiet_hours": {"enabled": false, "start": "21:00", "end": "08:00"}});
    tenant.api.patch("/api/v1/tenant", quiet).await.expect(200);
    tenant
}

/// A number that sends so many segments a second.
pub(crate) async fn sender(world: &World, tenant: &Tenant, pace: f64) -> Sender {
    let channel = world.connect_channel(tenant).await;
    set_pace(tenant, &channel, pace).await;
    Sender {
        // What was answered a thousand times is not kept, and the address is the public one.
        api: Client::new(world.public_url(), Transcript::default()).with_token(tenant.api.token()),
        channel,
    }
}

pub(crate) async fn set_pace(tenant: &Tenant, channel: &Channel, pace: f64) {
    let settings = json!({"settings": {"messages_per_second": pace}});
    let path = format!("/api/v1/channels/{}", channel.id);
    tenant.api.patch(&path, settings).await.expect(200);
}

//! Several processes on one PostgreSQL database: equal, and none in another's way.

use std::thread;

use futures_util::future::join_all;
use serde_json::json;
use tempfile::TempDir;
use test_db::{Backend, Scratch};

use crate::harness::{
    Channel, Client, PASSWORD, Service, Setup, Tenant, Transcript, World, poll_until, runtime,
    signature,
};

const SMS: &str = "/api/webhooks/twilio/sms";

async fn fast_channels(world: &World, tenant: &Tenant) -> Vec<Channel> {
    let mut channels = Vec::new();
    for _ in 0..3 {
        let channel = world.connect_channel(tenant).await;
        let pace = json!({"settings": {"messages_per_second": 100}});
        tenant
            .api
            .patch(&format!("/api/v1/channels/{}", channel.id), pace)
            .await
            .expect(200);
        channels.push(channel);
    }
    channels
}

/// Sends by every channel and waits until all is delivered, each text once.
async fn send_and_count(world: &World, tenant: &Tenant, channels: &[Channel], each: usize) {
    for n in 0..each {
        for channel in channels {
            let to = format!("+141555503{n:02}");
            let body = json!({"to": to, "body": "Your table is ready.", "channel_id": channel.id});
            tenant.api.post("/api/v1/messages", body).await.expect(202);
        }
    }
    poll_until("every delivery", async || {
        let list = tenant
            .api
            .get("/api/v1/messages?status=delivered&limit=200")
            .await
            .expect(200);
        (list.rows().len() == each * channels.len()).then_some(())
    })
    .await;
    for channel in channels {
        assert_eq!(world.twilio.sent(&channel.account_sid).await.len(), each);
    }
}

#[test]
fn two_workers_send_every_text_once() {
    runtime().block_on(async {
        let world = Setup::on(Backend::Postgres).start().await;
        let _second = world.replica("all");
        let tenant = world.register().await;
        let channels = fast_channels(&world, &tenant).await;
        send_and_count(&world, &tenant, &channels, 12).await;
    });
}

#[test]
fn doors_and_workers_may_be_apart() {
    runtime().block_on(async {
        let world = Setup::on(Backend::Postgres).with_role("api").start().await;
        let _worker = world.replica("worker");
        let tenant = world.register().await;
        let channels = fast_channels(&world, &tenant).await;
        send_and_count(&world, &tenant, &channels, 4).await;
    });
}

#[test]
fn what_one_replica_is_told_the_others_know() {
    runtime().block_on(async {
        let world = Setup::on(Backend::Postgres).start().await;
        let second = world.replica("api");
        let tenant = world.register().await;
        let there = Client::new(second.url(), Transcript::default()).with_token(tenant.api.token());
        let channel = world.add_channel(&tenant, "active").await;
        let path = format!("/api/v1/channels/{}", channel.id);
        assert_eq!(there.get(&path).await.expect(200).text("/id"), channel.id);

        let by_second = async |sid: &str| {
            let form = channel.inbound(sid, "+14155550199", "Hello");
            let url = format!("{}{SMS}", world.public_url());
            let signed = signature(&channel.auth_token, &url, &form);
            let request = there.request("POST", SMS).form(&form);
            there
                .send(request.header("x-twilio-signature", signed))
                .await
        };
        let known = "SM00000000000000000000000000000001";
        by_second(known).await.expect(200);
        // What it has kept of the channel is out of date, and still it takes what is genuine.
        let name = json!({"name": "Back office"});
        tenant.api.patch(&path, name).await.expect(200);
        by_second(known).await.expect(200);
        let listed = tenant.api.get("/api/v1/messages").await.expect(200);
        there
            .get_if_changed("/api/v1/messages", &listed)
            .await
            .expect(304);
        // The same text by both doors at once, as when Twilio tries again.
        let sid = "SM00000000000000000000000000000002";
        let form = channel.inbound(sid, "+14155550199", "Hello");
        let here = join_all((0..4).map(|_| world.webhook(SMS, &form, Some(&channel.auth_token))));
        let (here, there_too) = tokio::join!(here, join_all((0..4).map(|_| by_second(sid))));
        for reply in here.into_iter().chain(there_too) {
            reply.expect(200);
        }
        assert_eq!(
            tenant
                .api
                .get("/api/v1/messages")
                .await
                .expect(200)
                .rows()
                .len(),
            2
        );
        tenant
            .api
            .patch(&path, json!({"status": "inactive"}))
            .await
            .expect(200);
        by_second("SM00000000000000000000000000000003")
            .await
            .expect(403);
    });
}

#[test]
fn replicas_that_start_at_once_on_an_empty_database_all_start() {
    runtime().block_on(async {
        let scratch = Scratch::blank(Backend::Postgres).await.unwrap();
        let folder = TempDir::with_prefix("outside-").unwrap();
        let settings = vec![
            ("SERVER__BIND", "127.0.0.1:0".to_owned()),
            ("DATABASE__URL", scratch.url().to_owned()),
        ];
        let start = || Service::start(folder.path(), &settings);
        let services = thread::scope(|scope| {
            let starting: Vec<_> = (0..3).map(|_| scope.spawn(start)).collect();
            starting
                .into_iter()
                .map(|one| one.join().unwrap())
                .collect::<Vec<_>>()
        });
        let first = Client::new(services[0].url(), Transcript::default());
        let body = json!({"tenant_name": "V", "email": "a@example.com", "password": PASSWORD});
        let token = first
            .post("/api/v1/auth/register", body)
            .await
            .expect(201)
            .text("/token");
        for service in &services {
            // In one folder they made one secret, so each knows the others' logins.
            let client = Client::new(service.url(), Transcript::default()).with_token(&token);
            client.get("/api/v1/auth/me").await.expect(200);
        }
    });
}

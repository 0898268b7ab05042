//! Fills our own database: businesses and channels by the API, which seals their tokens, then many
//! rows out of a few that the program has made.

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::rows::Filling;
use crate::data::{Size, Tenant};
use crate::http::Client;
use crate::load::{Feed, Pace, Plan, send};
use crate::outcome::Outcome;
use crate::subject::{Ours, PASSWORD, PUBLIC_URL, Subject};
use crate::twilio::Twilio;
use crate::webhook;

/// The patterns are texts between the first tenant and these people.
pub(super) const CAME_IN: (&str, &str) = ("SM2a000000000000000000000000000000", "+14155550101");
pub(super) const WENT_OUT: &str = "+14155550102";
pub(super) const WAITS: &str = "+14155550103";

/// How fast a number may send: the most that the API takes, so that no number's pace is what is
/// measured.
const PACE: f64 = 1000.0;

/// How long the pattern may take to be sent.
const SENT_WITHIN: Duration = Duration::from_secs(30);

/// More tenants than this are copied, see [`super::many`]: by the API it would take too long.
const BY_THE_API: u64 = 2_000;

pub(crate) async fn fill(ours: &Ours, twilio: &Twilio) -> Outcome {
    let server = ours.start(&twilio.url(), true).await?;
    let client = Client::new(server.address());
    let size = ours.size();
    if size.large == size.tenants && size.tenants <= BY_THE_API {
        server.explain(tenants(&client, size).await)?;
    } else {
        server.explain(tenant(&client, &Tenant::nth(0)).await)?;
        server.explain(super::many::tenants(ours.sql(), &server, size).await)?;
    }
    server.explain(patterns(ours, &client, server.address()).await)?;
    server.stop().await?;
    let sql = ours.sql();
    if !sql.is_postgres() {
        // Nobody needs a half-filled file after a power cut.
        sql.run("PRAGMA synchronous = OFF").await?;
        sql.run("PRAGMA cache_size = -500000").await?;
        sql.run("PRAGMA foreign_keys = OFF").await?;
    }
    let filling = Filling {
        sql,
        size: ours.size(),
    };
    filling.all().await?;
    sql.tidy().await
}

async fn tenants(client: &Client, size: Size) -> Outcome {
    // Each password takes memory and a processor.
    let turns = Arc::new(Semaphore::new(4));
    let mut tasks = JoinSet::new();
    for n in 0..size.tenants {
        let (client, turns) = (client.clone(), Arc::clone(&turns));
        tasks.spawn(async move {
            let _turn = turns.acquire().await?;
            tenant(&client, &Tenant::nth(n)).await
        });
    }
    while let Some(done) = tasks.join_next().await {
        done??;
    }
    Ok(())
}

async fn tenant(client: &Client, tenant: &Tenant) -> Outcome {
    let owner = json!({
        "tenant_name": format!("Business {}", tenant.n), "name": "Ann",
        "email": tenant.email(), "password": PASSWORD,
    });
    let login = client.post("/api/v1/auth/register", owner, 201).await?;
    let api = client.with_token(login["token"].as_str().unwrap_or_default());
    let channel = channel_body(tenant);
    api.post("/api/v1/channels", channel, 201).await.map(drop)
}

/// The request that makes a tenant's channel.
pub(super) fn channel_body(tenant: &Tenant) -> Value {
    json!({
        "type": "twilio_sms", "name": "Front desk", "status": "active",
        "settings": {"messages_per_second": PACE},
        "credentials": {
            "accountSid": tenant.account_sid, "authToken": tenant.auth_token,
            "phoneNumber": tenant.number,
        },
    })
}

/// One text that came in, one that went out, and one that waits.
async fn patterns(ours: &Ours, client: &Client, address: &str) -> Outcome {
    let first = Tenant::nth(0);
    let fields = webhook::inbound(&first, CAME_IN.0, CAME_IN.1, "Is there a table tonight?");
    let request = webhook::prepare(PUBLIC_URL, ours.sms_path(), &first, &fields)?;
    let load = send(Plan {
        address: address.to_owned(),
        feed: Feed::Once(Arc::new(vec![request])),
        pace: Pace::Closed,
        connections: 1,
        length: Duration::from_secs(5),
    });
    let load = load.await?;
    if load.answered != 1 {
        return Err(format!("the first webhook was not taken: {:?}", load.failures).into());
    }
    let owner = json!({"email": first.email(), "password": PASSWORD});
    let login = client.post("/api/v1/auth/login", owner, 200).await?;
    let api = client.with_token(login["token"].as_str().unwrap_or_default());
    let text = "Your table is booked.";
    let out = json!({"to": WENT_OUT, "body": text});
    api.post("/api/v1/messages", out, 202).await?;
    let tomorrow = if ours.sql().is_postgres() {
        r#"SELECT to_char((now() AT TIME ZONE 'utc') + interval '1 day', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')"#
    } else {
        "SELECT strftime('%Y-%m-%dT%H:%M:%SZ', 'now', '+1 day')"
    };
    let waits = json!({"to": WAITS, "body": text, "send_at": ours.sql().text(tomorrow).await?});
    api.post("/api/v1/messages", waits, 202).await?;
    let end = Instant::now() + SENT_WITHIN;
    let sent = format!(
        "SELECT COUNT(*) FROM messages WHERE to_number = '{WENT_OUT}' AND external_id IS NOT NULL"
    );
    while ours.sql().count(&sent).await? == 0 {
        if Instant::now() > end {
            return Err("the first text was not sent".into());
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Ok(())
}

//! Many tenants out of the first, which the API has made.
//!
//! A password takes a processor for a good while, as it should: a hundred thousand would take an hour.
//! So all tenants but the first are copied within the database, each with an owner, who has the
//! first's password, and an API key of its own. With that the API makes the tenant's channel, for
//! nobody but the program can seal a token for its place.

use std::sync::Arc;
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;
use sha2::{Digest, Sha256};

use super::copy::Copy;
use super::ours::channel_body;
use super::{KEYS, TENANTS, USERS};
use crate::data::{Size, Tenant};
use crate::http::Client;
use crate::load::{Feed, Pace, Plan, Prepared, send};
use crate::outcome::Outcome;
use crate::server::Server;
use crate::sql::Sql;
use crate::subject::{PASSWORD, post};

/// The name of the key that is the pattern of the others.
const KEY: &str = "Bench";

/// How many keys one statement makes, and how many channels are asked for between two words of how
/// far it is. The first parts are smaller.
const PART: u64 = 10_000;

/// Longer than a part takes.
const PATIENCE: Duration = Duration::from_secs(600);

/// Makes all tenants but the first, which is there.
pub(super) async fn tenants(sql: &Sql, server: &Server, size: Size) -> Outcome {
    let first = Tenant::nth(0);
    let anybody = Client::new(server.address());
    let owner = json!({"email": first.email(), "password": PASSWORD});
    let login = anybody.post("/api/v1/auth/login", owner, 200).await?;
    let api = anybody.with_token(login["token"].as_str().unwrap_or_default());
    api.post("/api/v1/api-keys", json!({"name": KEY}), 201)
        .await?;
    people(sql, size).await?;
    let (mut done, began) = (1, Instant::now());
    while done < size.tenants {
        // Plans are made for tables of the size they have, and kept.
        sql.run("ANALYZE").await?;
        let part = done..size.tenants.min(done + PART.min(done * 10));
        keys(sql, part.clone()).await?;
        channels(server, part.clone()).await?;
        done = part.end;
        let seconds = began.elapsed().as_secs_f64();
        println!(
            "        {done} of {} tenants after {seconds:.1} s",
            size.tenants
        );
    }
    Ok(())
}

/// Tenants and their owners.
async fn people(sql: &Sql, size: Size) -> Outcome {
    let n = "(s.n + 1)";
    let from = sql.series(size.tenants - 1);
    let owner = format!(
        "(SELECT id FROM users WHERE email = '{}')",
        Tenant::nth(0).email()
    );
    let of_tenant = format!("p.id = (SELECT tenant_id FROM memberships WHERE user_id = {owner})");
    let all = [
        (
            "tenants",
            of_tenant,
            vec![
                ("id", sql.id(TENANTS, n)),
                ("name", format!("'Business ' || {n}")),
            ],
        ),
        (
            "users",
            format!("p.id = {owner}"),
            vec![
                ("id", sql.id(USERS, n)),
                ("email", format!("'owner' || {n} || '@example.com'")),
            ],
        ),
        (
            "memberships",
            format!("p.user_id = {owner}"),
            vec![
                ("tenant_id", sql.id(TENANTS, n)),
                ("user_id", sql.id(USERS, n)),
            ],
        ),
    ];
    for (table, pattern, differing) in all {
        let from = from.clone();
        let copy = Copy {
            table,
            pattern,
            from,
            differing,
        };
        copy.run(sql).await?;
    }
    Ok(())
}

/// An API key of each, which is known here because it is made here.
async fn keys(sql: &Sql, part: std::ops::Range<u64>) -> Outcome {
    let rows: Vec<_> = part
        .map(|n| {
            let key = key(n);
            let digest = hex(&Sha256::digest(&key));
            format!("({n}, '{}', '{digest}')", &key[..12])
        })
        .collect();
    let n = "s.column1";
    Copy {
        table: "api_keys",
        pattern: format!("p.name = '{KEY}'"),
        from: format!("(VALUES {}) AS s", rows.join(", ")),
        differing: vec![
            ("id", sql.id(KEYS, n)),
            ("tenant_id", sql.id(TENANTS, n)),
            ("created_by", sql.id(USERS, n)),
            ("name", format!("'{KEY} ' || {n}")),
            ("prefix", "s.column2".into()),
            ("key_hash", "s.column3".into()),
        ],
    }
    .run(sql)
    .await
}

async fn channels(server: &Server, part: std::ops::Range<u64>) -> Outcome {
    let asked = part.end - part.start;
    let channel = |n| {
        post(
            "/api/v1/channels",
            &key(n),
            &channel_body(&Tenant::nth(n)),
            201,
        )
    };
    let all = part.map(channel).collect::<Outcome<Vec<Prepared>>>()?;
    let load = send(Plan {
        address: server.address().to_owned(),
        feed: Feed::Once(Arc::new(all)),
        pace: Pace::Closed,
        connections: 16,
        length: PATIENCE,
    })
    .await?;
    if load.answered == asked {
        return Ok(());
    }
    Err(format!(
        "{} of {asked} channels were made: {:?}",
        load.answered, load.failures
    )
    .into())
}

/// As the program makes them, but not by chance.
fn key(n: u64) -> String {
    let bytes = Sha256::digest(format!("the key of tenant {n}"));
    format!("tlk_{}", URL_SAFE_NO_PAD.encode(bytes))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

//! Every list of the API, and what PostgreSQL read for it: told by the server about the statements
//! that the program issues, see the crate `test-plans`.

use std::collections::{BTreeSet, HashMap};
use std::fs;
use std::time::Duration;

use serde_json::Value;
use test_plans::{Known, LISTS, LOG_FILTER, SETTINGS, Statement, more, statements};

use crate::data::{Tenant, customer, old_sid};
use crate::fill::{CONVERSATIONS, LEADS};
use crate::http::{Client, Reply};
use crate::outcome::Outcome;
use crate::sql::{Sql, id_text};
use crate::subject::{Ours, Subject};
use crate::twilio::Twilio;

/// A statement is planned anew five times; after that one plan may serve all values.
const ROUNDS: usize = 8;

/// A page has 50 rows, and each may take a look at some tables more. What a list reads at most.
pub(super) const MOST_ROWS: u64 = 1_000;

/// Tables with fewer rows may be read whole.
const BIG: u64 = 10_000;

/// One list.
#[derive(Debug)]
pub(super) struct Listed {
    /// As [`LISTS`] has it.
    pub(super) path: &'static str,
    /// Rows of its first page.
    pub(super) shown: usize,
    pub(super) statements: usize,
    /// `table: index`, for all that is big.
    pub(super) by: BTreeSet<String>,
    /// Of big tables, at most, by one request.
    pub(super) rows: u64,
    pub(super) blocks: u64,
    /// Big tables that were read whole.
    pub(super) whole: BTreeSet<String>,
}

impl Listed {
    pub(super) fn holds(&self) -> bool {
        self.whole.is_empty() && !self.reads_too_much()
    }

    pub(super) fn reads_too_much(&self) -> bool {
        self.rows > MOST_ROWS + more(self.path)
    }
}

/// The requests that were made for a list, and how many rows the first showed.
struct Asked {
    requests: Vec<String>,
    shown: usize,
}

pub(super) async fn explain(
    ours: &Ours,
    admin: &Sql,
    twilio: &Twilio,
    database: &str,
) -> Outcome<Vec<Listed>> {
    for (name, value) in SETTINGS {
        let set = format!("ALTER DATABASE {database} SET {name} = '{value}'");
        admin.run(&set).await?;
    }
    const LOG: &str = "plans.log";
    let more = [
        ("RUST_LOG", LOG_FILTER),
        ("TRUNKLINE__LOG__FORMAT", "json"),
        // So that each connection sees every statement often enough.
        ("TRUNKLINE__SERVER__WORKERS", "1"),
        ("TRUNKLINE__DATABASE__MAX_CONNECTIONS", "2"),
    ];
    let server = ours.start_with(&twilio.url(), &["serve", "--role", "api"], &more, LOG)?;
    let asked = server.explain(ask(ours, &Client::new(server.address())).await)?;
    server.stop().await?;
    for (name, _) in SETTINGS {
        let reset = format!("ALTER DATABASE {database} RESET {name}");
        admin.run(&reset).await?;
    }
    let big = big(ours.sql()).await?;
    let log = fs::read_to_string(ours.folder().join(LOG))?;
    let told = statements(&log);
    let all = LISTS.iter().zip(&asked);
    Ok(all
        .map(|(path, asked)| listed(path, asked, &told, &big))
        .collect())
}

async fn ask(ours: &Ours, anybody: &Client) -> Outcome<Vec<Asked>> {
    let owner = serde_json::json!({
        "email": Tenant::nth(0).email(), "password": crate::subject::PASSWORD,
    });
    let login = anybody.post("/api/v1/auth/login", owner, 200).await?;
    let api = anybody.with_token(login["token"].as_str().unwrap_or_default());
    let known = known(ours, &api).await?;
    let mut all = Vec::new();
    for path in LISTS {
        let path = format!("/api/v1/{}", known.filled(path));
        let mut asked = Asked {
            requests: Vec::new(),
            shown: 0,
        };
        for _ in 0..ROUNDS {
            let (reply, body) = get(&api, &path).await?;
            asked
                .requests
                .push(reply.header("x-request-id")?.to_owned());
            asked.shown = body["data"].as_array().map_or(0, Vec::len);
            if let Some(cursor) = body["next_cursor"].as_str() {
                let joined = if path.contains('?') { '&' } else { '?' };
                let (reply, _) = get(&api, &format!("{path}{joined}cursor={cursor}")).await?;
                asked
                    .requests
                    .push(reply.header("x-request-id")?.to_owned());
            }
        }
        all.push(asked);
    }
    // The last notices are still on their way.
    tokio::time::sleep(Duration::from_millis(500)).await;
    Ok(all)
}

async fn get(api: &Client, path: &str) -> Outcome<(Reply, Value)> {
    let reply = api.get(path).await?;
    let body = serde_json::from_slice(&reply.raw)?;
    Ok((reply, body))
}

/// A busy conversation of a large tenant.
async fn known(ours: &Ours, api: &Client) -> Outcome<Known> {
    let conversation = id_text(CONVERSATIONS, 0);
    let (_, channels) = get(api, "/api/v1/channels").await?;
    let (_, users) = get(api, "/api/v1/users").await?;
    let thread = format!("/api/v1/messages?conversation_id={conversation}&direction=outbound");
    let (_, messages) = get(api, &thread).await?;
    let id = |list: &Value| {
        list["data"][0]["id"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    };
    let sent = (0..ours.size().messages).find(|n| ours.size().went_out(*n));
    Ok(Known {
        conversation,
        lead: id_text(LEADS, 0),
        phone: customer(0),
        channel: id(&channels),
        user: id(&users),
        message: id(&messages),
        sid: old_sid(sent.unwrap_or_default()),
        since: "2020-01-01T00:00:00Z".to_owned(),
        word: "table".to_owned(),
    })
}

/// Tables with many rows, as the server has counted them.
async fn big(sql: &Sql) -> Outcome<BTreeSet<String>> {
    let list = format!(
        "SELECT relname::text FROM pg_class WHERE relkind = 'r' AND reltuples >= {BIG} \
         AND relnamespace = 'public'::regnamespace"
    );
    Ok(sql.texts(&list).await?.into_iter().collect())
}

fn listed(
    path: &'static str,
    asked: &Asked,
    told: &HashMap<String, Vec<Statement>>,
    big: &BTreeSet<String>,
) -> Listed {
    let mut listed = Listed {
        path,
        shown: asked.shown,
        statements: 0,
        by: BTreeSet::new(),
        rows: 0,
        blocks: 0,
        whole: BTreeSet::new(),
    };
    for statements in asked.requests.iter().filter_map(|id| told.get(id)) {
        listed.statements = listed.statements.max(statements.len());
        let scans = || statements.iter().flat_map(|statement| &statement.scans);
        let rows = scans().filter(|scan| big.contains(&scan.table));
        listed.rows = listed.rows.max(rows.map(|scan| scan.rows).sum());
        let blocks = statements.iter().map(|statement| statement.blocks).sum();
        listed.blocks = listed.blocks.max(blocks);
        for scan in scans() {
            match &scan.index {
                None if big.contains(&scan.table) => listed.whole.insert(scan.table.clone()),
                Some(index) if big.contains(&scan.table) => {
                    listed.by.insert(format!("{}: {index}", scan.table))
                }
                _ => false,
            };
        }
    }
    listed
}

//! The peer in Node: two processes behind one port.

use std::path::{Path, PathBuf};
use std::process::Command;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::json;
use sha2::Sha256;
use tempfile::TempDir;

use super::{PUBLIC_URL, Side, Subject, absolute, busy_of, expect_a_page, get, readers};
use crate::data::{Size, Tenant, sids_of};
use crate::fill;
use crate::http::Client;
use crate::load::Prepared;
use crate::outcome::Outcome;
use crate::server::Server;
use crate::sql::Sql;

const JWT_SECRET: &str = "a secret of the peer that nobody has to guess";

/// Requests to Twilio that each of its two processes has under way at most.
const AT_ONCE: u64 = 128;

/// The peer on its database.
pub(crate) struct Peer {
    folder: PathBuf,
    logs: TempDir,
    url: String,
    sql: Sql,
    size: Size,
}

impl Peer {
    /// On a database that is there and empty.
    pub(crate) async fn new(folder: &Path, url: &str, size: Size) -> Outcome<Self> {
        let folder = absolute(folder)?;
        let sql = Sql::connect(url).await?;
        sql.run(&std::fs::read_to_string(folder.join("schema.sql"))?)
            .await?;
        Ok(Self {
            sql,
            folder,
            logs: TempDir::with_prefix("trunkline-bench-peer-")?,
            url: url.to_owned(),
            size,
        })
    }

    async fn lists(
        &self,
        server: &Server,
        targets: impl Fn(&Tenant) -> Vec<String>,
    ) -> Outcome<Vec<Prepared>> {
        let anybody = Client::new(server.address());
        let mut all = Vec::new();
        for tenant in readers(self.size) {
            let token = token(&tenant)?;
            for target in targets(&tenant) {
                let reply = anybody.with_token(&token).get(&target).await?;
                expect_a_page(&reply.raw)?;
                all.push(get(&target, &token, None)?);
            }
        }
        Ok(all)
    }
}

impl Subject for Peer {
    fn side(&self) -> Side {
        Side::Peer
    }

    fn size(&self) -> Size {
        self.size
    }

    fn sql(&self) -> &Sql {
        &self.sql
    }

    async fn start(&self, twilio: &str, sends: bool) -> Outcome<Server> {
        let mut node = Command::new("node");
        node.arg("server.js")
            .current_dir(&self.folder)
            .env("NODE_ENV", "production")
            .env("PROCESSES", "2")
            .env("DATABASE_URL", &self.url)
            .env("PUBLIC_URL", PUBLIC_URL)
            .env("JWT_SECRET", JWT_SECRET)
            .env("TWILIO_URL", twilio)
            .env("AT_ONCE", AT_ONCE.to_string())
            .env("SEND", if sends { "1" } else { "0" });
        Server::start(node, &self.logs.path().join("peer.log"))
    }

    fn sms_path(&self) -> &'static str {
        "/webhooks/sms"
    }

    fn status_path(&self) -> &'static str {
        "/webhooks/status"
    }

    async fn received(&self, run: u32) -> Outcome<u64> {
        let sids = sids_of(run);
        let count = format!("SELECT COUNT(*) FROM messages WHERE sid LIKE '{sids}%'");
        self.sql.count(&count).await
    }

    async fn conversations(&self, server: &Server) -> Outcome<Vec<Prepared>> {
        self.lists(server, |_| vec!["/conversations".to_owned()])
            .await
    }

    async fn messages(&self, server: &Server) -> Outcome<Vec<Prepared>> {
        let threads = |tenant: &Tenant| {
            busy_of(self.size, tenant)
                .map(|n| format!("/conversations/{}/messages", n + 1))
                .collect()
        };
        self.lists(server, threads).await
    }

    async fn polls(&self, server: &Server) -> Outcome<Vec<Prepared>> {
        self.messages(server).await
    }

    async fn queue(&self, run: u32, texts: u64) -> Outcome {
        fill::peer::queue(&self.sql, self.size, run, texts).await
    }

    async fn sent(&self, run: u32) -> Outcome<u64> {
        let sent = format!(
            "SELECT COUNT(*) FROM messages WHERE body LIKE '{}%' AND sid IS NOT NULL",
            fill::text_of(run)
        );
        self.sql.count(&sent).await
    }

    async fn waiting(&self) -> Outcome<u64> {
        let count = "SELECT COUNT(*) FROM messages WHERE status IN ('queued', 'sending')";
        self.sql.count(count).await
    }

    fn at_once(&self) -> u64 {
        2 * AT_ONCE
    }

    async fn settle(&self) -> Outcome {
        Ok(())
    }
}

/// A login of the tenant's owner, as the peer would have signed it; good until 2100.
fn token(tenant: &Tenant) -> Outcome<String> {
    let id = tenant.n + 1;
    let header = json!({"alg": "HS256", "typ": "JWT"}).to_string();
    let claims = json!({"sub": id.to_string(), "sid": id, "exp": 4_102_444_800_u64}).to_string();
    let signed = format!(
        "{}.{}",
        URL_SAFE_NO_PAD.encode(header),
        URL_SAFE_NO_PAD.encode(claims)
    );
    let mut mac = Hmac::<Sha256>::new_from_slice(JWT_SECRET.as_bytes())?;
    mac.update(signed.as_bytes());
    let signature = URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes());
    Ok(format!("{signed}.{signature}"))
}

//! The program as users run it: all of it in one process, with its usual settings.

use std::path::PathBuf;
use std::process::Command;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use serde_json::json;
use tempfile::TempDir;

use super::{PUBLIC_URL, Side, Subject, absolute, busy_of, expect_a_page, get, readers};
use crate::data::{Size, Tenant, sids_of};
use crate::fill;
use crate::http::Client;
use crate::load::Prepared;
use crate::outcome::Outcome;
use crate::server::Server;
use crate::sql::{Sql, id_text};

/// Of everybody.
pub(crate) const PASSWORD: &str = "correct horse battery";

/// The program's own default of `queue.concurrency`, set so that the bound is known here.
const CONCURRENCY: u64 = 256;

/// A login lasts a quarter of an hour; it is not used for longer than this.
const TOKENS_KEPT: Duration = Duration::from_secs(5 * 60);

/// How long the background may take to be done.
const SETTLED_WITHIN: Duration = Duration::from_secs(120);

/// The program on one database.
pub(crate) struct Ours {
    program: PathBuf,
    folder: TempDir,
    url: String,
    sql: Sql,
    size: Size,
    always: &'static [(&'static str, &'static str)],
    tokens: Mutex<Option<(Instant, Vec<String>)>>,
}

impl Ours {
    /// On a database that is there and empty; SQLite's is a file of its own where no URL is given.
    pub(crate) async fn new(
        program: &std::path::Path,
        url: Option<&str>,
        size: Size,
    ) -> Outcome<Self> {
        let folder = TempDir::with_prefix("trunkline-bench-")?;
        let url = match url {
            Some(url) => url.to_owned(),
            None => format!("sqlite://{}", folder.path().join("trunkline.db").display()),
        };
        let program = absolute(program)?;
        let migrate = command(&program, folder.path(), &url)
            .arg("migrate")
            .output()?;
        if !migrate.status.success() {
            let said = String::from_utf8_lossy(&migrate.stderr).into_owned();
            return Err(format!("`trunkline migrate` failed: {said}").into());
        }
        Ok(Self {
            sql: Sql::connect(&url).await?,
            program,
            folder,
            url,
            size,
            always: &[],
            tokens: Mutex::default(),
        })
    }

    /// Starts it with some settings more, by their names in the environment; what it logs goes to a
    /// file in [`Ours::folder`].
    pub(crate) fn start_with(
        &self,
        twilio: &str,
        args: &[&str],
        more: &[(&str, &str)],
        log: &str,
    ) -> Outcome<Server> {
        let mut serve = command(&self.program, self.folder.path(), &self.url);
        serve
            .args(args)
            .env("TRUNKLINE__TWILIO__API_BASE_URL", twilio)
            .envs(more.iter().copied())
            .envs(self.always.iter().copied());
        Server::start(serve, &self.folder.path().join(log))
    }

    /// Where its files are.
    pub(crate) fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// Started with these settings from now on.
    pub(crate) fn always(self, always: &'static [(&'static str, &'static str)]) -> Self {
        Self { always, ..self }
    }

    /// A login of each who reads.
    pub(crate) async fn tokens(&self, server: &Server) -> Outcome<Vec<String>> {
        let kept = self.tokens.lock().map_err(|_| "a lock broke")?.clone();
        if let Some((_, tokens)) = kept.filter(|(at, _)| at.elapsed() < TOKENS_KEPT) {
            return Ok(tokens);
        }
        let anybody = Client::new(server.address());
        let mut tokens = Vec::new();
        for tenant in readers(self.size) {
            let body = json!({"email": tenant.email(), "password": PASSWORD});
            let login = anybody.post("/api/v1/auth/login", body, 200).await?;
            tokens.push(login["token"].as_str().unwrap_or_default().to_owned());
        }
        let kept = (Instant::now(), tokens.clone());
        *self.tokens.lock().map_err(|_| "a lock broke")? = Some(kept);
        Ok(tokens)
    }

    /// Requests for lists, each asked once before: the answers must be full pages.
    async fn lists(
        &self,
        server: &Server,
        targets: impl Fn(&Tenant) -> Vec<String>,
        unchanged: bool,
    ) -> Outcome<Vec<Prepared>> {
        let anybody = Client::new(server.address());
        let tokens = self.tokens(server).await?;
        let mut all = Vec::new();
        for (tenant, token) in readers(self.size).zip(&tokens) {
            for target in targets(&tenant) {
                let reply = anybody.with_token(token).get(&target).await?;
                expect_a_page(&reply.raw)?;
                let etag = unchanged.then(|| reply.header("etag")).transpose()?;
                all.push(get(&target, token, etag)?);
            }
        }
        Ok(all)
    }

    fn threads(&self, tenant: &Tenant) -> Vec<String> {
        busy_of(self.size, tenant)
            .map(|n| {
                let id = id_text(fill::CONVERSATIONS, n);
                format!("/api/v1/conversations/{id}/messages?limit=50")
            })
            .collect()
    }
}

impl Subject for Ours {
    fn side(&self) -> Side {
        if self.sql.is_postgres() {
            Side::Ours
        } else {
            Side::OursOnSqlite
        }
    }

    fn size(&self) -> Size {
        self.size
    }

    fn sql(&self) -> &Sql {
        &self.sql
    }

    async fn start(&self, twilio: &str, _sends: bool) -> Outcome<Server> {
        self.start_with(twilio, &["serve"], &[], "service.log")
    }

    fn sms_path(&self) -> &'static str {
        "/api/webhooks/twilio/sms"
    }

    fn status_path(&self) -> &'static str {
        "/api/webhooks/twilio/status"
    }

    async fn received(&self, run: u32) -> Outcome<u64> {
        let sids = sids_of(run);
        let count = format!("SELECT COUNT(*) FROM messages WHERE external_id LIKE '{sids}%'");
        self.sql.count(&count).await
    }

    async fn conversations(&self, server: &Server) -> Outcome<Vec<Prepared>> {
        let target = |_: &Tenant| vec!["/api/v1/conversations?limit=50".to_owned()];
        self.lists(server, target, false).await
    }

    async fn messages(&self, server: &Server) -> Outcome<Vec<Prepared>> {
        self.lists(server, |tenant| self.threads(tenant), false)
            .await
    }

    async fn polls(&self, server: &Server) -> Outcome<Vec<Prepared>> {
        self.lists(server, |tenant| self.threads(tenant), true)
            .await
    }

    async fn queue(&self, run: u32, texts: u64) -> Outcome {
        fill::queue::fill(&self.sql, self.size, run, texts).await
    }

    async fn sent(&self, run: u32) -> Outcome<u64> {
        let sent = format!(
            "SELECT COUNT(*) FROM messages WHERE body LIKE '{}%' AND external_id IS NOT NULL",
            fill::text_of(run)
        );
        self.sql.count(&sent).await
    }

    async fn waiting(&self) -> Outcome<u64> {
        let now = self.sql.now_ms();
        let count = format!("SELECT COUNT(*) FROM lane_entries WHERE due_at_ms <= {now}");
        self.sql.count(&count).await
    }

    fn at_once(&self) -> u64 {
        CONCURRENCY
    }

    /// What came in is put into the index of the search afterwards.
    async fn settle(&self) -> Outcome {
        let behind = "SELECT COUNT(*) FROM tenant_seq JOIN search_progress \
             ON search_progress.tenant_id = tenant_seq.tenant_id \
             WHERE search_progress.seq < tenant_seq.content_seq";
        let end = Instant::now() + SETTLED_WITHIN;
        while self.sql.count(behind).await? > 0 && Instant::now() < end {
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        Ok(())
    }
}

/// The program with the usual settings, but for the limits on one caller's requests.
fn command(program: &std::path::Path, folder: &std::path::Path, url: &str) -> Command {
    let mut command = Command::new(program);
    command.current_dir(folder);
    // What the program would read of our own surroundings.
    let foreign = [
        "TRUNKLINE",
        "TWILIO_",
        "RUST_LOG",
        "PORT",
        "WEBHOOK_URL",
        "API_URL",
    ];
    let foreign = [&foreign[..], &["BACKEND_URL", "BASE_URL"]].concat();
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if foreign.iter().any(|start| text.starts_with(start)) {
            command.env_remove(&name);
        }
    }
    let concurrency = CONCURRENCY.to_string();
    let settings = [
        ("SERVER__BIND", "127.0.0.1:0"),
        ("SERVER__PUBLIC_URL", PUBLIC_URL),
        ("DATABASE__URL", url),
        ("QUEUE__CONCURRENCY", &concurrency),
        ("LIMITS__REQUESTS_PER_MINUTE", "10000000"),
        ("LIMITS__REGISTRATIONS_PER_MINUTE", "1000000"),
    ];
    for (name, value) in settings {
        command.env(format!("TRUNKLINE__{name}"), value);
    }
    command
}

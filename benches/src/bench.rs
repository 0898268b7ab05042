//! All of it: databases, data, measurements in turn, the report.

use std::fs;
use std::time::{Duration, Instant};

use crate::args::{Common, Options};
use crate::fill;
use crate::http::{Answer, serve};
use crate::load::{Feed, Pace, Plan, send};
use crate::machine;
use crate::outcome::Outcome;
use crate::path::Path;
use crate::report::{Circumstances, Report};
use crate::run::{Conditions, Measured, Progress, measure};
use crate::sql::{self, Sql};
use crate::subject::{Ours, PUBLIC_URL, Peer};
use crate::twilio::Twilio;
use crate::usage;
use crate::{data, webhook};

/// Says whether every answer had its row.
pub(crate) async fn run(options: Options) -> Outcome<bool> {
    let admin = Sql::connect(&options.common.postgres).await?;
    let conditions = Conditions {
        length: Duration::from_secs(options.seconds()),
        rate: options.rate(),
        texts: options.texts(),
        runs: options.runs() as u64,
        twilio: Twilio::start().await?,
        postmaster: postmaster(&admin).await?,
    };
    let circumstances = circumstances(&options, &admin).await?;
    println!("{}\n", circumstances.shown());
    let mut report = Report::new(circumstances);
    let sides = Sides::make(&options, &admin, &conditions.twilio).await?;
    sides.measure(&options, &conditions, &mut report).await?;
    println!("\n{}", report.table());
    fs::write(&options.common.results, report.markdown())
        .map_err(|error| format!("{}: {error}", options.common.results.display()))?;
    println!("written to {}", options.common.results.display());
    Ok(report.is_whole())
}

/// What is measured, filled.
struct Sides {
    ours: Ours,
    peer: Option<Peer>,
    sqlite: Option<Ours>,
}

impl Sides {
    async fn make(options: &Options, admin: &Sql, twilio: &Twilio) -> Outcome<Self> {
        let size = options.size();
        let url = database(&options.common, admin, "bench_trunkline").await?;
        let ours = Ours::new(&options.common.trunkline, Some(&url), size).await?;
        step("fill our PostgreSQL", fill::ours::fill(&ours, twilio)).await?;
        let peer = if options.no_peer {
            None
        } else {
            let url = database(&options.common, admin, "bench_peer").await?;
            let peer = Peer::new(&options.peer, &url, size).await?;
            step("fill the peer's", fill::peer::fill(&peer)).await?;
            Some(peer)
        };
        let sqlite = if options.no_sqlite {
            None
        } else {
            let sqlite = Ours::new(&options.common.trunkline, None, size).await?;
            step("fill our SQLite", fill::ours::fill(&sqlite, twilio)).await?;
            Some(sqlite)
        };
        Ok(Self { ours, peer, sqlite })
    }

    /// In turn: us, the peer, us again; what the machine does meanwhile falls upon both.
    async fn measure(
        &self,
        options: &Options,
        conditions: &Conditions,
        report: &mut Report,
    ) -> Outcome {
        let mut of_ours = Progress::new(&self.ours);
        let mut of_peer = self.peer.as_ref().map(|peer| (peer, Progress::new(peer)));
        let mut of_sqlite = self.sqlite.as_ref().map(|ours| (ours, Progress::new(ours)));
        for &path in options.paths() {
            println!("\n==> {}", path.title());
            for _ in 0..options.runs() {
                tell(
                    report,
                    measure(&self.ours, path, conditions, &mut of_ours).await?,
                );
                if let Some((peer, progress)) = &mut of_peer {
                    tell(report, measure(*peer, path, conditions, progress).await?);
                }
            }
            if let Some((sqlite, progress)) = &mut of_sqlite {
                for _ in 0..options.runs() {
                    tell(report, measure(*sqlite, path, conditions, progress).await?);
                }
            }
            // What is known so far outlives an interruption.
            fs::write(&options.common.results, report.markdown())?;
        }
        Ok(())
    }
}

fn tell(report: &mut Report, measured: Measured) {
    println!("    {}", crate::report::line(&measured));
    report.add(measured);
}

pub(crate) async fn step(title: &str, work: impl Future<Output = Outcome>) -> Outcome {
    let began = Instant::now();
    work.await.map_err(|error| format!("{title}: {error}"))?;
    println!("    {title}: {:.1} s", began.elapsed().as_secs_f64());
    Ok(())
}

/// Makes an empty database and gives its URL.
pub(crate) async fn database(common: &Common, admin: &Sql, name: &str) -> Outcome<String> {
    admin
        .run(&format!("DROP DATABASE IF EXISTS {name}"))
        .await?;
    admin.run(&format!("CREATE DATABASE {name}")).await?;
    let (server, _) = common
        .postgres
        .rsplit_once('/')
        .ok_or("the URL names no database")?;
    Ok(format!("{server}/{name}"))
}

/// The process above the one that answers us, if the server runs here.
pub(crate) async fn postmaster(admin: &Sql) -> Outcome<Option<u32>> {
    let backend = admin.count("SELECT pg_backend_pid()::bigint").await?;
    let backend = u32::try_from(backend)?;
    let name = fs::read_to_string(format!("/proc/{backend}/comm")).unwrap_or_default();
    Ok(usage::parent(backend).filter(|_| name.starts_with("postgres")))
}

async fn circumstances(options: &Options, admin: &Sql) -> Outcome<Circumstances> {
    Ok(Circumstances {
        date: today(admin).await?,
        command: options.common.called.clone(),
        version: options.common.version_measured.clone(),
        machine: machine::describe(),
        postgres: described(admin).await?,
        node: machine::node(),
        size: options.size(),
        runs: options.runs(),
        seconds: options.seconds(),
        rate: options.rate(),
        client: client_alone().await?,
    })
}

pub(crate) async fn today(admin: &Sql) -> Outcome<String> {
    let now = "SELECT to_char(now() AT TIME ZONE 'utc', 'YYYY-MM-DD HH24:MI')";
    Ok(format!("{} UTC", admin.text(now).await?))
}

/// The server and its settings.
pub(crate) async fn described(admin: &Sql) -> Outcome<String> {
    let version = admin.text("SHOW server_version").await?;
    Ok(format!(
        "PostgreSQL {version}: {}",
        sql::settings(admin).await?
    ))
}

/// What the load program manages where nothing has to be done: far more than any side, or it would be
/// what is measured.
async fn client_alone() -> Outcome<f64> {
    let server = serve(|_| async { Answer::empty(200) }).await?;
    let tenant = data::Tenant::nth(0);
    let fields = webhook::inbound(&tenant, "SM1", "+14155550100", "Hello");
    let request = webhook::prepare(PUBLIC_URL, "/", &tenant, &fields)?;
    let load = send(Plan {
        address: server.address().to_owned(),
        feed: Feed::Round(std::sync::Arc::new(vec![request])),
        pace: Pace::Closed,
        connections: Path::Inbound.connections(),
        length: Duration::from_secs(2),
    });
    let load = load.await?;
    Ok(load.answered as f64 / load.elapsed.as_secs_f64())
}

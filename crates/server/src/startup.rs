//! Putting the parts together and running them.
//!
//! The order is: what may not be (see [`crate::production`]), the address, the database, the keys,
//! and only then the first request. So a start that fails has changed nothing but the schema.

mod http;
mod relay;
mod worker;

use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use conversations::outbound::{Terms, Validity};
use conversations::sending::RetryPolicy;
use db::Db;
use entity::clock::Clock;
use events::Bell;
use media::picture::Studio;
use secrecy::ExposeSecret;
use tokio::net::TcpSocket;
use tokio::sync::Notify;
use tokio::time::{Instant, timeout_at};
use tokio_util::sync::CancellationToken;
use twilio::client::Timeouts;

use crate::error::Error;
use crate::secrets::Secrets;
use crate::settings::Settings;
use crate::{foreign_channel, production, sqlite_file, telemetry};

/// Connections that may wait to be accepted, as many as the operating system usually allows.
const BACKLOG: u32 = 1024;

/// Which front doors a process has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Role {
    /// Both of the others.
    All,
    /// Answers requests and takes webhooks.
    Api,
    /// Sends, and does what else may wait. It listens on nothing.
    Worker,
}

/// What all parts share.
pub(crate) struct Parts {
    pub(crate) settings: Settings,
    pub(crate) secrets: Secrets,
    pub(crate) clock: Clock,
    pub(crate) db: Db,
    /// How Twilio reaches us.
    pub(crate) public_url: String,
    pub(crate) twilio: twilio::Client,
    /// Where files are kept.
    pub(crate) store: media::Store,
    /// Looks at pictures.
    pub(crate) studio: Studio,
    /// Rung for who follows what happens.
    pub(crate) bell: Bell,
    /// Rung when the API has queued something for the worker of the same process.
    pub(crate) wake: Arc<Notify>,
    /// Whether the worker of this process is at work; true where there is to be none.
    pub(crate) worker_alive: Arc<AtomicBool>,
}

/// A running service.
pub(crate) struct Service {
    http: Option<http::Running>,
    worker: Option<worker::Running>,
    relay: relay::Running,
    db: Db,
    patience: Duration,
}

/// Takes the address, so that it is known before anything else begins; port 0 takes a free one.
pub(crate) fn listen(address: SocketAddr) -> Result<TcpListener, Error> {
    let failed = |source| Error::Listen { address, source };
    let socket = if address.is_ipv4() {
        TcpSocket::new_v4()
    } else {
        TcpSocket::new_v6()
    };
    let socket = socket.map_err(failed)?;
    // A restart must not wait until the kernel has forgotten the connections of the run before.
    socket.set_reuseaddr(true).map_err(failed)?;
    socket.bind(address).map_err(failed)?;
    socket
        .listen(BACKLOG)
        .and_then(tokio::net::TcpListener::into_std)
        .map_err(failed)
}

/// The URL of a listener, as this machine reaches it.
pub(crate) fn url_of(listener: &TcpListener) -> Result<String, Error> {
    let address = listener.local_addr().map_err(Error::Runtime)?;
    Ok(format!("http://{address}"))
}

/// Starts what the role asks for. `listener` is `None` for [`Role::Worker`].
pub(crate) async fn start(
    settings: Settings,
    role: Role,
    listener: Option<TcpListener>,
) -> Result<Service, Error> {
    raise_open_files();
    let secrets = Secrets::load(&settings)?;
    // Before any part begins: what is counted earlier is lost.
    let metrics = telemetry::metrics()?;
    tokio::spawn(telemetry::upkeep(metrics.clone()));
    let public_url = public_url(&settings, listener.as_ref())?;
    let threads = listener.as_ref().map_or(0, |_| http::threads(&settings));
    let db = open_for(&settings, threads).await?;
    production::check_keys(&db, &secrets.key_ring, &settings.environment).await?;
    if let Some(channel) = &settings.foreign.channel {
        foreign_channel::ensure(&db, &secrets.key_ring, &Clock::System, channel).await?;
    }
    tracing::info!(
        version = env!("CARGO_PKG_VERSION"),
        environment = %settings.environment,
        role = ?role,
        database = ?settings.database.url,
        public_url = %public_url,
        "starting"
    );
    let patience = Duration::from_secs(settings.server.shutdown_seconds.get().into());
    let parts = Parts {
        twilio: twilio_client(&settings)?,
        store: media::Store::open(settings.media.url.as_str())?,
        studio: Studio::open().map_err(Error::Runtime)?,
        bell: relay::bell(&settings),
        wake: Arc::default(),
        // Where there is no worker none is missing; where there is one, it says so itself.
        worker_alive: Arc::new(AtomicBool::new(role == Role::Api)),
        clock: Clock::System,
        db: db.clone(),
        public_url,
        secrets,
        settings,
    };
    let relay = relay::start(&parts);
    let worker = match role {
        Role::All | Role::Worker => Some(worker::start(&parts).await?),
        Role::Api => None,
    };
    let http = match listener {
        Some(listener) => Some(http::start(&parts, metrics, listener, patience)?),
        None => None,
    };
    Ok(Service {
        http,
        worker,
        relay,
        db,
        patience,
    })
}

/// Every connection is an open file, and shells usually allow 1,024 of those: fewer than pages that
/// may follow events. What the operating system allows at most is the operator's to set.
fn raise_open_files() {
    match rlimit::increase_nofile_limit(u64::MAX) {
        Ok(limit) => tracing::debug!(limit, "open files"),
        Err(error) => tracing::warn!(%error, "the limit of open files could not be raised"),
    }
}

impl Service {
    /// Serves until asked to end, then finishes what is under way, within the time configured.
    ///
    /// Both parts stop at once: the port closes, the worker takes nothing more.
    ///
    /// # Errors
    /// When a part ended although nobody asked for it.
    pub(crate) async fn run_until(mut self, asked: &CancellationToken) -> Result<(), Error> {
        let died = tokio::select! {
            () = asked.cancelled() => None,
            error = http::died(&mut self.http) => Some(error),
            error = worker::died(&mut self.worker) => Some(error),
        };
        let until = Instant::now() + self.patience;
        let http = async {
            if let Some(http) = self.http {
                http.stop(until).await;
            }
        };
        let worker = async {
            if let Some(worker) = self.worker {
                worker.stop(until).await;
            }
        };
        tokio::join!(http, worker);
        self.relay.stop().await;
        // Closing writes SQLite's log back into the file; it must not keep us from ending.
        timeout_at(Instant::now() + Duration::from_secs(2), self.db.close())
            .await
            .ok();
        tracing::info!("ended");
        died.map_or(Ok(()), Err)
    }
}

/// Connects and brings the schema up.
///
/// On SQLite one process at a time does so, since two that create the file and its tables at once
/// get in each other's way; on PostgreSQL the migrations see to that themselves.
pub(crate) async fn open(settings: &Settings) -> Result<Db, Error> {
    open_for(settings, 0).await
}

/// The same, where so many threads are to have connections of their own.
async fn open_for(settings: &Settings, threads: usize) -> Result<Db, Error> {
    let _alone = match settings.database.url.sqlite_file() {
        Some(file) => Some(wait_for_migrations(file).await?),
        None => None,
    };
    let options = db::Options {
        at_home: u32::try_from(threads).unwrap_or(u32::MAX),
        ..options(settings)
    };
    let db = connect_with(settings, &options).await?;
    if settings.database.url.sqlite_file().is_some() {
        migrations::up(db.writer())
            .await
            .map_err(Error::Migration)?;
    } else {
        migrate(settings).await?;
    }
    Ok(db)
}

/// Migrates on connections of its own: an index on a large table takes longer than a request may,
/// and one connection more is needed than the fewest that may be configured.
async fn migrate(settings: &Settings) -> Result<(), Error> {
    let mut options = options(settings);
    options.max_connections = 2;
    options.statement_timeout = None;
    let db = connect_with(settings, &options).await?;
    let migrated = migrations::up(db.writer()).await;
    db.close().await?;
    migrated.map_err(Error::Migration)
}

/// One more pool.
pub(crate) async fn connect(settings: &Settings) -> Result<Db, Error> {
    connect_with(settings, &options(settings)).await
}

fn options(settings: &Settings) -> db::Options {
    let mut options = db::Options::new(settings.database.url.expose());
    options.max_connections = settings.database.max_connections.get();
    options
}

async fn connect_with(settings: &Settings, options: &db::Options) -> Result<Db, Error> {
    let failed = |source| Error::Connect {
        url: format!("{:?}", settings.database.url),
        source,
    };
    Db::connect(options).await.map_err(failed)
}

async fn wait_for_migrations(file: PathBuf) -> Result<sqlite_file::Held, Error> {
    let waiting = tokio::task::spawn_blocking(move || sqlite_file::wait_for_migrations(&file));
    waiting.await.map_err(|_| Error::Thread)?
}

/// What is configured, else the address that is really listened on.
fn public_url(settings: &Settings, listener: Option<&TcpListener>) -> Result<String, Error> {
    if let Some(url) = &settings.server.public_url {
        return Ok(url.as_str().to_owned());
    }
    match listener {
        Some(listener) => url_of(listener),
        None if settings.server.bind.port() == 0 => Err(Error::NoPublicUrl),
        None => Ok(format!("http://{}", settings.server.bind)),
    }
}

fn twilio_client(settings: &Settings) -> Result<twilio::Client, Error> {
    let request = Duration::from_secs(settings.twilio.request_timeout_seconds.get().into());
    let timeouts = Timeouts {
        request,
        ..Timeouts::default()
    };
    Ok(twilio::Client::new(
        settings.twilio.api_base_url.url().clone(),
        timeouts,
    )?)
}

impl Parts {
    /// How often a text is tried again.
    pub(crate) fn retry_policy(&self) -> RetryPolicy {
        let queue = &self.settings.queue;
        let delays = queue.retry_delays_seconds.0.iter().copied();
        RetryPolicy {
            delays: delays.map(Duration::from_secs).collect(),
            settle_after: Duration::from_secs(queue.settle_after_seconds.get().into()),
            settle_again: Duration::from_secs(queue.settle_again_seconds.get().into()),
        }
    }

    /// What holds for all texts.
    pub(crate) fn terms(&self) -> Terms {
        Terms {
            validity: self.validity(),
            links: self.links(),
        }
    }

    /// Links to files. Their keys are derived from the master keys, so that they are replaced with
    /// those.
    pub(crate) fn links(&self) -> media::Links {
        let keys = self.secrets.key_ring.derived("links to files");
        media::Links::new(&self.public_url, keys)
    }

    /// How long a text makes sense where nobody says.
    fn validity(&self) -> Validity {
        let queue = &self.settings.queue;
        Validity::hours(
            queue.valid_for_hours.get(),
            queue.bulk_valid_for_hours.get(),
        )
    }

    /// The bytes from which everything is derived that all replicas must agree on.
    pub(crate) fn shared_secret(&self) -> &[u8] {
        self.secrets.jwt_secret.expose_secret().as_bytes()
    }
}

#[cfg(test)]
mod tests;

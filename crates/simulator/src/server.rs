//! Starting and stopping: two listeners, one for the API and one for media.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener},
    path::PathBuf,
};

use actix_web::{App as Server, HttpServer, dev::ServerHandle, web::Data};

use crate::{
    account::AccountSeed,
    app::{self, App},
    cdn, control,
    error::Error,
    handset, outbound,
    rest::{self, Connection},
};

/// How a simulator is started.
#[derive(Debug)]
pub struct Options {
    /// Where to listen; port 0 takes a free one.
    pub bind: SocketAddr,
    /// A file (JSON) that keeps accounts, messages and opt-outs between runs. `None`: memory only.
    pub state_file: Option<PathBuf>,
    /// Accounts that exist from the start. They replace those of the same SID in the file.
    pub accounts: Vec<AccountSeed>,
}

impl Default for Options {
    /// A free port on this machine, nothing kept, no accounts.
    fn default() -> Self {
        Self {
            bind: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            state_file: None,
            accounts: Vec::new(),
        }
    }
}

/// A running simulator. It stops with the runtime it was started on, or by [`Simulator::shutdown`].
#[derive(Debug)]
pub struct Simulator {
    app: App,
    servers: [ServerHandle; 2],
}

/// Starts a simulator on the current tokio (or actix) runtime.
///
/// # Errors
/// When the address can't be listened on, or the state file can't be read.
pub async fn start(options: Options) -> Result<Simulator, Error> {
    let mut state = app::load(options.state_file.as_deref()).await?;
    for seed in options.accounts {
        state.put_account(seed);
    }
    let (api, url) = listen(options.bind)?;
    let (cdn, cdn_url) = listen(SocketAddr::new(options.bind.ip(), 0))?;
    let app = App::new(state, options.state_file, url, cdn_url)?;
    app.spawn(app.clone().keep_saved());
    outbound::resume(&app);
    let failed = |source| Error::Listen {
        address: options.bind,
        source,
    };
    let servers = [
        serve_api(&app, api).map_err(failed)?,
        serve_cdn(&app, cdn).map_err(failed)?,
    ];
    tracing::info!(url = app.url(), "the simulated Twilio is up");
    Ok(Simulator { app, servers })
}

impl Simulator {
    /// Where it is reached, without a slash at the end: the base URL for a Twilio client, the
    /// control API (`/_simulator`) and the handset page (`/`).
    #[must_use]
    pub fn url(&self) -> String {
        self.app.url().to_owned()
    }

    /// Stops listening, drops what is under way, and writes the state file a last time.
    ///
    /// # Errors
    /// When the state file can't be written.
    pub async fn shutdown(self) -> Result<(), Error> {
        self.app.stop().cancel();
        for server in &self.servers {
            server.stop(false).await;
        }
        self.app.finish().await
    }
}

/// A listener and the URL by which this machine reaches it.
fn listen(address: SocketAddr) -> Result<(TcpListener, String), Error> {
    let failed = |source| Error::Listen { address, source };
    let listener = TcpListener::bind(address).map_err(failed)?;
    let mut local = listener.local_addr().map_err(failed)?;
    match local.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => local.set_ip(Ipv4Addr::LOCALHOST.into()),
        IpAddr::V6(ip) if ip.is_unspecified() => local.set_ip(Ipv6Addr::LOCALHOST.into()),
        _ => {}
    }
    Ok((listener, format!("http://{local}")))
}

fn serve_api(app: &App, listener: TcpListener) -> std::io::Result<ServerHandle> {
    let shared = Data::new(app.clone());
    let server = HttpServer::new(move || {
        Server::new()
            .app_data(shared.clone())
            .configure(rest::routes)
            .configure(control::routes)
            .configure(handset::routes)
    })
    .on_connect(|stream, data| {
        data.insert(Connection::of(stream));
    })
    .workers(2)
    .disable_signals()
    .listen(listener)?
    .run();
    let handle = server.handle();
    tokio::spawn(server);
    Ok(handle)
}

fn serve_cdn(app: &App, listener: TcpListener) -> std::io::Result<ServerHandle> {
    let shared = Data::new(app.clone());
    let server = HttpServer::new(move || {
        Server::new()
            .app_data(shared.clone())
            .configure(cdn::routes)
    })
    .workers(1)
    .disable_signals()
    .listen(listener)?
    .run();
    let handle = server.handle();
    tokio::spawn(server);
    Ok(handle)
}

//! `trunkline demo`.

use std::collections::BTreeMap;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener};
use std::path::PathBuf;

use clap::Args as ClapArgs;
use simulator::Simulator;
use tokio_util::sync::CancellationToken;

use crate::demo::{self, Client, Folder, Logins};
use crate::error::Error;
use crate::settings::{Settings, Sources};
use crate::startup::{self, Role, Service};
use crate::{output, shutdown, telemetry};

/// Where the service listens unless told otherwise or the port is taken.
const SERVICE: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8080);
/// Where the simulator listens, if that port is free.
const SIMULATOR_PORT: u16 = 8081;

#[derive(Debug, ClapArgs)]
pub(super) struct Args {
    /// Where everything is kept between runs.
    #[arg(long, value_name = "DIR", default_value = "data/demo")]
    data: PathBuf,
    /// Forget everything and begin anew.
    #[arg(long)]
    reset: bool,
    /// Where the service listens; port 0 takes any free one. Without it, 127.0.0.1:8080, or a
    /// free port if that one is taken.
    #[arg(long, value_name = "ADDR")]
    bind: Option<SocketAddr>,
}

/// What the demo logs: nothing that isn't wrong, and no wrong password either.
const LOG_FILTER: &str = "warn,tracing_actix_web=error";

/// Runs service and simulator until told to end. No configuration counts but `RUST_LOG`.
pub(super) fn run(args: &Args, variables: &BTreeMap<String, String>) -> Result<(), Error> {
    let quiet = settings(&[("LOG__FILTER", LOG_FILTER.to_owned())])?;
    telemetry::init_logs(&quiet.log, variables.get("RUST_LOG").map(String::as_str))?;
    let folder = Folder::open(&args.data, args.reset)?;
    super::block_on(async {
        let asked = shutdown::on_signal().map_err(Error::Runtime)?;
        let demo = Demo::start(&folder, listen(args.bind)?).await?;
        // Asked to end while the story is being told: the next run goes on from there.
        let seeded = tokio::select! {
            seeded = demo.seed(&folder.logins) => seeded,
            () = asked.cancelled() => Ok(()),
        };
        match seeded {
            Ok(()) if asked.is_cancelled() => {}
            Ok(()) => {
                let text = demo::welcome(&demo.url, &demo.simulator.url(), &folder.logins);
                output::line(&text);
            }
            Err(_) => asked.cancel(),
        }
        demo.run_until(&asked).await?;
        seeded
    })
}

/// A service and the Twilio that it believes in.
struct Demo {
    url: String,
    service: Service,
    simulator: Simulator,
}

impl Demo {
    async fn start(folder: &Folder, listener: TcpListener) -> Result<Self, Error> {
        let url = reachable(&listener)?;
        let simulator = simulator(folder, &listener).await?;
        let settings = settings(&[
            ("SERVER__PUBLIC_URL", url.clone()),
            ("DATABASE__URL", folder.database_url()),
            ("MEDIA__URL", folder.media_url()),
            ("TWILIO__API_BASE_URL", simulator.url()),
        ])?;
        let service = startup::start(settings, Role::All, Some(listener)).await?;
        Ok(Self {
            url,
            service,
            simulator,
        })
    }

    async fn seed(&self, logins: &Logins) -> Result<(), Error> {
        let (service, twilio) = (Client::new(&self.url)?, Client::new(&self.simulator.url())?);
        Ok(demo::seed(&service, &twilio, logins).await?)
    }

    async fn run_until(self, asked: &CancellationToken) -> Result<(), Error> {
        self.service.run_until(asked).await?;
        Ok(self.simulator.shutdown().await?)
    }
}

/// The defaults, changed as the demo needs them.
fn settings(changes: &[(&str, String)]) -> Result<Settings, Error> {
    let name = |key: &str| format!("TRUNKLINE__{key}");
    let variables = changes
        .iter()
        .map(|(key, value)| (name(key), value.clone()))
        .collect();
    Ok(Settings::load(&Sources {
        variables,
        ..Sources::default()
    })?)
}

fn listen(bind: Option<SocketAddr>) -> Result<TcpListener, Error> {
    let address = bind.unwrap_or(SERVICE);
    match startup::listen(address) {
        Err(Error::Listen { source, .. })
            if bind.is_none() && source.kind() == io::ErrorKind::AddrInUse =>
        {
            startup::listen(SocketAddr::new(address.ip(), 0))
        }
        taken => taken,
    }
}

/// Who listens on all addresses is reached from this machine by the loopback one.
fn reachable(listener: &TcpListener) -> Result<String, Error> {
    let mut address = listener.local_addr().map_err(Error::Runtime)?;
    match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => address.set_ip(Ipv4Addr::LOCALHOST.into()),
        IpAddr::V6(ip) if ip.is_unspecified() => address.set_ip(Ipv6Addr::LOCALHOST.into()),
        _ => {}
    }
    Ok(format!("http://{address}"))
}

/// Starts the simulated Twilio on the service's address, with the demo's account on the first run.
async fn simulator(folder: &Folder, service: &TcpListener) -> Result<Simulator, Error> {
    let ip = service.local_addr().map_err(Error::Runtime)?.ip();
    let file = folder.simulator_file();
    // What the file holds knows more: where the webhooks go.
    let accounts = if file.exists() {
        Vec::new()
    } else {
        vec![demo::account(&folder.logins)]
    };
    let options = |port| simulator::Options {
        bind: SocketAddr::new(ip, port),
        state_file: Some(file.clone()),
        accounts: accounts.clone(),
    };
    match simulator::start(options(SIMULATOR_PORT)).await {
        Err(simulator::Error::Listen { .. }) => Ok(simulator::start(options(0)).await?),
        started => Ok(started?),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    /// Starts the demo in the folder, fills it, and gives all conversations.
    async fn conversations(folder: &Folder) -> Vec<Value> {
        let listener = listen(Some("127.0.0.1:0".parse().unwrap())).unwrap();
        let demo = Demo::start(folder, listener).await.unwrap();
        demo.seed(&folder.logins).await.unwrap();
        let client = Client::new(&demo.url).unwrap();
        let email = "amir@acme-plumbing.example";
        let agent = client
            .log_in(email, &folder.logins.agent_password)
            .await
            .unwrap()
            .unwrap();
        let page = agent.get("/api/v1/conversations").await.unwrap();
        let asked = CancellationToken::new();
        asked.cancel();
        demo.run_until(&asked).await.unwrap();
        page["data"].as_array().unwrap().clone()
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn the_story_is_told_once_however_often_the_demo_runs() {
        let data = tempfile::tempdir().unwrap();
        let folder = Folder::open(data.path(), false).unwrap();
        let first = conversations(&folder).await;
        assert_eq!(first.len(), 5);
        assert!(
            first
                .iter()
                .any(|conversation| conversation["unread_count"] == 2)
        );
        let ids = |all: &[Value]| all.iter().map(|one| one["id"].clone()).collect::<Vec<_>>();
        // Another port this time: what comes in must find its way all the same.
        let second = conversations(&folder).await;
        assert_eq!(ids(&second), ids(&first));
    }
}

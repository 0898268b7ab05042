//! What the tests stand on: a world with the service, its database and a Twilio in it.

mod balancer;
mod binary;
mod client;
mod follower;
mod proxy;
mod service;
mod signing;
mod twilio;
mod world;

pub(crate) use balancer::Balancer;
pub(crate) use client::{Client, Reply, Transcript};
pub(crate) use follower::Follower;
pub(crate) use proxy::Proxy;
pub(crate) use service::{Service, Settings, command};
pub(crate) use signing::signature;
pub(crate) use twilio::Twilio;
pub(crate) use world::{Channel, PASSWORD, Setup, Tenant, World, channel_body, fields};

use std::panic::Location;
use std::time::Duration;

use test_db::Backend;
use tokio::time::Instant;

/// How long something may take that happens by itself: far longer than it does.
const PATIENCE: Duration = Duration::from_secs(30);
const INTERVAL: Duration = Duration::from_millis(50);

/// Asks again and again until there is an answer.
#[track_caller]
pub(crate) fn poll_until<T>(
    what: &str,
    ask: impl AsyncFnMut() -> Option<T>,
) -> impl Future<Output = T> {
    poll(PATIENCE, what, Location::caller(), ask)
}

/// As [`poll_until`], for what may take longer than usual.
#[track_caller]
pub(crate) fn poll_within<T>(
    patience: Duration,
    what: &str,
    ask: impl AsyncFnMut() -> Option<T>,
) -> impl Future<Output = T> {
    poll(patience, what, Location::caller(), ask)
}

async fn poll<T>(
    patience: Duration,
    what: &str,
    place: &Location<'_>,
    mut ask: impl AsyncFnMut() -> Option<T>,
) -> T {
    let end = Instant::now() + patience;
    loop {
        if let Some(found) = ask().await {
            return found;
        }
        assert!(
            Instant::now() < end,
            "{place}: {what} did not happen within {patience:?}"
        );
        tokio::time::sleep(INTERVAL).await;
    }
}

/// Runs a test's body in a world on a database.
pub(crate) fn run<F: Future<Output = ()>>(backend: Backend, body: impl FnOnce(World) -> F) {
    runtime().block_on(async { body(Setup::on(backend).start().await).await });
}

/// What a test without [`on_both`] runs on.
pub(crate) fn runtime() -> tokio::runtime::Runtime {
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    runtime.worker_threads(2).enable_all().build().unwrap()
}

/// Makes two tests of each function, `name::sqlite` and `name::postgres`, each with a [`World`].
macro_rules! on_both {
    ($(async fn $name:ident($world:ident: $type:ty) $body:block)+) => {$(
        async fn $name($world: $type) $body

        mod $name {
            #[test]
            fn sqlite() {
                $crate::harness::run(test_db::Backend::Sqlite, super::$name);
            }

            #[test]
            fn postgres() {
                $crate::harness::run(test_db::Backend::Postgres, super::$name);
            }
        }
    )+};
}
pub(crate) use on_both;

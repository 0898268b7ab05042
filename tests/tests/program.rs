//! The program itself: how it starts, what it says when it can't, how it ends.

use std::process::Output;

use tempfile::TempDir;
use test_db::{Backend, Scratch};

use crate::harness::{Settings, Setup, command, poll_until, runtime};

fn run(args: &[&str], settings: &Settings) -> Output {
    let folder = TempDir::with_prefix("outside-").unwrap();
    command(folder.path(), settings)
        .args(args)
        .output()
        .unwrap()
}

/// What it said on stderr, having failed.
fn refusal(args: &[&str], settings: &Settings) -> String {
    let output = run(args, settings);
    assert!(!output.status.success(), "{output:?}");
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn it_ends_cleanly_when_told_to() {
    runtime().block_on(async {
        let mut world = Setup::on(Backend::Sqlite).start().await;
        world.register().await;
        assert!(world.service.terminate().success());
    });
}

#[test]
fn it_starts_on_an_empty_database_and_brings_the_schema_up() {
    runtime().block_on(async {
        for backend in [Backend::Sqlite, Backend::Postgres] {
            let scratch = Scratch::blank(backend).await.unwrap();
            let world = Setup::on(backend).start_on(scratch).await;
            world.register().await;
            let ready = async || world.anybody.get("/readyz").await.status == 200;
            poll_until("readiness", async || ready().await.then_some(())).await;
        }
    });
}

#[test]
fn a_setting_that_is_none_is_named() {
    let settings = vec![("SERVER__BNID", "127.0.0.1:0".to_owned())];
    assert!(
        refusal(&["serve"], &settings)
            .to_lowercase()
            .contains("bnid")
    );
    let settings = vec![("SERVER__BIND", "everywhere".to_owned())];
    assert!(refusal(&["serve"], &settings).contains("server.bind"));
    let settings = vec![("DATABASE__URL", "mysql://localhost/x".to_owned())];
    assert!(refusal(&["serve"], &settings).contains("database.url"));
}

#[test]
fn the_document_it_prints_is_the_one_it_serves() {
    let printed = run(&["openapi"], &Settings::new());
    assert!(printed.status.success(), "{printed:?}");
    let printed: serde_json::Value = serde_json::from_slice(&printed.stdout).unwrap();
    crate::harness::run(Backend::Sqlite, async |world| {
        let served = world.anybody.get("/api/v1/openapi.json").await.expect(200);
        assert_eq!(printed, served.body);
        let docs = world.anybody.get("/docs/").await.expect(200);
        assert!(
            !docs.raw.contains("//cdn") && !docs.raw.contains("https://"),
            "{}",
            docs.raw
        );
        let metrics = world.anybody.get("/metrics").await.expect(200);
        assert!(
            metrics.raw.contains("# TYPE") && !metrics.raw.contains("tenant"),
            "{}",
            metrics.raw
        );
    });
}

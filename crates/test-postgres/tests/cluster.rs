//! The promises of this crate, kept with real servers.

use std::{
    env,
    io::{BufRead, BufReader},
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use test_postgres::Cluster;

/// Set in the process that a test starts from its own program and then kills.
const VICTIM: &str = "TEST_POSTGRES_VICTIM";

fn address(url: &str) -> &str {
    url.rsplit_once('@')
        .and_then(|(_, rest)| rest.split_once('/'))
        .map_or("", |(address, _)| address)
}

fn answers(url: &str) -> bool {
    TcpStream::connect(address(url)).is_ok()
}

/// The folders of clusters whose server uses that port.
fn folders(url: &str) -> Vec<PathBuf> {
    let port = format!(
        "port = {}\n",
        address(url).rsplit(':').next().unwrap_or_default()
    );
    let temp_dirs = [env::temp_dir(), PathBuf::from("/tmp")];
    let entries = temp_dirs
        .iter()
        .flat_map(|dir| dir.read_dir().into_iter().flatten().flatten());
    entries
        .map(|entry| entry.path())
        .filter(|dir| uses(dir, &port))
        .collect()
}

fn uses(dir: &Path, port: &str) -> bool {
    std::fs::read_to_string(dir.join("data/postgresql.conf"))
        .is_ok_and(|settings| settings.contains(port))
}

#[test]
fn a_dropped_cluster_is_gone_with_its_files() {
    let cluster = Cluster::start().unwrap();
    let url = cluster.url().to_owned();
    assert!(answers(&url));
    assert!(!folders(&url).is_empty());

    drop(cluster);

    assert!(!answers(&url));
    assert!(folders(&url).is_empty());
}

#[test]
fn a_stopped_cluster_starts_again_at_its_address() {
    let mut cluster = Cluster::start().unwrap();
    let url = cluster.url().to_owned();
    for _ in 0..2 {
        cluster.stop().unwrap();
        assert!(!answers(&url));
        cluster.start_again().unwrap();
        assert!(answers(&url));
        assert_eq!(cluster.url(), url);
    }
    cluster.stop().unwrap();

    drop(cluster);

    assert!(folders(&url).is_empty());
}

#[test]
fn the_cluster_of_a_killed_process_is_gone_with_its_files() {
    if env::var_os(VICTIM).is_some() {
        let cluster = Cluster::start().unwrap();
        println!("\nURL {}", cluster.url());
        cluster.wait().unwrap();
        return;
    }
    let mut victim = Command::new(env::current_exe().unwrap())
        .args([
            "--exact",
            "the_cluster_of_a_killed_process_is_gone_with_its_files",
            "--nocapture",
        ])
        .env(VICTIM, "1")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(victim.stdout.take().unwrap()).lines();
    let url = lines
        .map_while(Result::ok)
        .find_map(|line| Some(line.strip_prefix("URL ")?.to_owned()));
    let url = url.unwrap();
    assert!(answers(&url));

    victim.kill().unwrap();
    victim.wait().unwrap();

    let deadline = Instant::now() + Duration::from_secs(20);
    while answers(&url) || !folders(&url).is_empty() {
        assert!(
            Instant::now() < deadline,
            "the cluster has outlived its owner"
        );
        thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn a_url_is_the_same_at_every_call() {
    assert_eq!(
        test_postgres::url_of_this_run().unwrap(),
        test_postgres::url_of_this_run().unwrap()
    );
}

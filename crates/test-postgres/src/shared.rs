use std::{
    env,
    fs::{self, DirBuilder, File},
    io,
    net::{SocketAddr, TcpStream},
    os::unix::{fs::DirBuilderExt, process::parent_id},
    path::Path,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use crate::{
    Cluster, Error,
    account::Account,
    cluster::{Owner, launch},
};

/// The environment variable that names a server to use instead of starting one: a URL of a role that
/// may create databases. `cargo xtask test` sets it.
pub const DATABASE_URL_VARIABLE: &str = "TEST_DATABASE_URL";

/// Set by cargo-nextest for every test of one run, the same for all of them.
const RUN_ID_VARIABLE: &str = "NEXTEST_RUN_ID";

/// Never dropped: the end of the process is what ends it.
static OF_THIS_PROCESS: Mutex<Option<Cluster>> = Mutex::new(None);

/// The URL of a server for the tests of this run, which is started at the first call.
///
/// That is, in this order: the server named by [`DATABASE_URL_VARIABLE`]; under cargo-nextest, which
/// runs a process per test, one that all of them share and that ends with the runner; else one that
/// ends with this process.
///
/// # Errors
/// As [`Cluster::start`].
pub fn url_of_this_run() -> Result<String, Error> {
    if let Some(url) = env::var(DATABASE_URL_VARIABLE)
        .ok()
        .filter(|url| !url.is_empty())
    {
        return Ok(url);
    }
    let mut cluster = OF_THIS_PROCESS
        .lock()
        .unwrap_or_else(PoisonError::into_inner);
    if let Some(cluster) = cluster.as_ref() {
        return Ok(cluster.url().to_owned());
    }
    if let Ok(run_id) = env::var(RUN_ID_VARIABLE) {
        return url_shared_by(&run_id);
    }
    Ok(cluster.insert(Cluster::start()?).url().to_owned())
}

/// The first to get the lock starts the server; it notes the URL for the others.
fn url_shared_by(run_id: &str) -> Result<String, Error> {
    let account = Account::choose()?;
    let run_dir = account
        .temp_dir()
        .join(format!("test-postgres-run-{run_id}"));
    let lock = lock(account, &run_dir).map_err(Error::io("lock the folder of this test run"))?;
    let note = run_dir.join("url");
    if let Some(url) = fs::read_to_string(&note).ok().filter(|url| answers(url)) {
        return Ok(url);
    }
    let owner = Owner::Process {
        id: parent_id(),
        run_dir: &run_dir,
    };
    let (url, _runs_on) = launch(account, owner)?;
    fs::write(&note, &url).map_err(Error::io("note the URL of PostgreSQL"))?;
    drop(lock);
    Ok(url)
}

fn lock(account: Account, run_dir: &Path) -> io::Result<File> {
    match DirBuilder::new().mode(0o700).create(run_dir) {
        // The supervisor removes the folder, as that account.
        Ok(()) => account.own(run_dir)?,
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        Err(error) => return Err(error),
    }
    let file = File::options()
        .create(true)
        .append(true)
        .open(run_dir.join("lock"))?;
    file.lock()?;
    Ok(file)
}

/// Whether a server listens there: the one of a note may have ended early.
fn answers(url: &str) -> bool {
    let address = url
        .rsplit_once('@')
        .and_then(|(_, rest)| rest.split_once('/'));
    let Some((address, _)) = address else {
        return false;
    };
    let Ok(address) = address.parse::<SocketAddr>() else {
        return false;
    };
    TcpStream::connect_timeout(&address, Duration::from_secs(2)).is_ok()
}

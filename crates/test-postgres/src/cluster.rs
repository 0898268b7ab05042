use std::{
    fs::{self, DirBuilder, File},
    io::{self, BufRead, BufReader, Read, Write},
    net::TcpListener,
    os::unix::{fs::DirBuilderExt, process::CommandExt},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, Command, Stdio},
};

use crate::{Binaries, Error, account::Account};

/// Another process may take the port between our look and the server's.
const ATTEMPTS: u32 = 3;

/// The supervisor's name in the folder of its cluster.
const SCRIPT: &str = "supervisor.sh";

/// The script's exit code for a server that did not start.
const NOT_STARTED: i32 = 3;

/// A running server that is stopped and removed when this is dropped or the process ends.
#[derive(Debug)]
pub struct Cluster {
    url: String,
    supervisor: Child,
    /// The supervisor reads the other end, and takes the end of file for the end of its owner.
    lifeline: Option<ChildStdin>,
}

impl Cluster {
    /// Makes and starts one; takes about a second.
    ///
    /// # Errors
    /// When PostgreSQL is missing or doesn't start; the error says what to do about it.
    pub fn start() -> Result<Self, Error> {
        let account = Account::choose()?;
        let (url, mut supervisor) = launch(account, Owner::Pipe)?;
        let lifeline = supervisor.stdin.take();
        Ok(Self {
            url,
            supervisor,
            lifeline,
        })
    }

    /// `postgres://…/postgres`, of a superuser.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Stops the server at once, as a crash would: connections break off, and what was committed
    /// is there when it starts again.
    ///
    /// # Errors
    /// When it does not stop; then this cluster is of no more use.
    pub fn stop(&mut self) -> Result<(), Error> {
        self.order("stop", "stopped")
    }

    /// Starts the server again after a stop, at the same URL and with what it held.
    ///
    /// # Errors
    /// When it does not start, perhaps because somebody has taken its port meanwhile; then this
    /// cluster is of no more use.
    pub fn start_again(&mut self) -> Result<(), Error> {
        self.order("start", "ready")
    }

    fn order(&mut self, word: &str, answer: &str) -> Result<(), Error> {
        let failed = || Error::io("hear from PostgreSQL's supervisor");
        if let Some(lifeline) = &mut self.lifeline {
            writeln!(lifeline, "{word}").map_err(failed())?;
        }
        if says(&mut self.supervisor, answer).map_err(failed())? {
            return Ok(());
        }
        let log = told(&mut self.supervisor).map_err(failed())?;
        Err(Error::Failed {
            program: "pg_ctl",
            log,
        })
    }

    /// Returns when the server's supervisor has ended; interrupting us is the usual way.
    ///
    /// # Errors
    /// When the operating system won't say.
    pub fn wait(mut self) -> io::Result<()> {
        // `Child::wait` would close standard input, so that was taken out of it before.
        self.supervisor.wait().map(drop)
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        drop(self.lifeline.take());
        // Not waiting would leave the folder in place for some moments after we are gone. Nothing
        // can be done here about a failure.
        let _ = self.supervisor.wait();
    }
}

/// Whose end ends the cluster.
pub(crate) enum Owner<'a> {
    /// Whoever holds the supervisor's standard input.
    Pipe,
    /// A process, and the folder to remove when it has gone.
    Process { id: u32, run_dir: &'a Path },
}

/// Starts a supervisor and waits for its server; returns the URL too.
pub(crate) fn launch(account: Account, owner: Owner<'_>) -> Result<(String, Child), Error> {
    let binaries = Binaries::find()?;
    let mut attempt = 1;
    loop {
        let (dir, password) = make_dir(account)?;
        let port = free_port().map_err(Error::io("find a free port"))?;
        let mut supervisor = spawn(account, &binaries, &dir, port, &owner)
            .map_err(Error::io("start a shell to supervise PostgreSQL"))?;
        if says(&mut supervisor, "ready").map_err(Error::io("hear from PostgreSQL's supervisor"))? {
            return Ok((
                format!("postgres://postgres:{password}@127.0.0.1:{port}/postgres"),
                supervisor,
            ));
        }
        let (code, log) =
            why_not(supervisor).map_err(Error::io("hear from PostgreSQL's supervisor"))?;
        if code != Some(NOT_STARTED) || attempt == ATTEMPTS {
            let program = if code == Some(NOT_STARTED) {
                "postgres"
            } else {
                "initdb"
            };
            return Err(Error::Failed { program, log });
        }
        attempt += 1;
    }
}

fn spawn(
    account: Account,
    binaries: &Binaries,
    dir: &Path,
    port: u16,
    owner: &Owner<'_>,
) -> io::Result<Child> {
    let mut command = Command::new("sh");
    command
        .arg(dir.join(SCRIPT))
        .arg(binaries.folder())
        .arg(dir)
        .arg(port.to_string());
    match owner {
        Owner::Pipe => command.arg("stdin").stdin(Stdio::piped()),
        Owner::Process { id, run_dir } => command
            .arg(id.to_string())
            .arg(run_dir)
            .stdin(Stdio::null()),
    };
    // An interrupt from the terminal goes to a whole process group; the supervisor has to survive it.
    command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .current_dir("/");
    account.step_down(&mut command);
    command.spawn()
}

/// Waits for a line and says whether it is this one. It says nothing unasked, so that reading
/// ahead loses nothing.
fn says(supervisor: &mut Child, word: &str) -> io::Result<bool> {
    let mut line = String::new();
    if let Some(stdout) = supervisor.stdout.as_mut() {
        BufReader::new(stdout).read_line(&mut line)?;
    }
    Ok(line.trim_end() == word)
}

fn why_not(mut supervisor: Child) -> io::Result<(Option<i32>, String)> {
    let log = told(&mut supervisor)?;
    Ok((supervisor.wait()?.code(), log))
}

/// What it had to say before it ended.
fn told(supervisor: &mut Child) -> io::Result<String> {
    let mut log = String::new();
    if let Some(stderr) = supervisor.stderr.as_mut() {
        stderr.read_to_string(&mut log)?;
    }
    Ok(log)
}

/// The cluster's folder, with the supervisor's script in it and a password that initdb reads.
fn make_dir(account: Account) -> Result<(PathBuf, String), Error> {
    let password = random_hex().map_err(Error::io("read random bytes"))?;
    let name = random_hex().map_err(Error::io("read random bytes"))?;
    let dir = account.temp_dir().join(format!("test-postgres-{name}"));
    fill_dir(account, &dir, &password).map_err(|error| {
        let _ = fs::remove_dir_all(&dir);
        Error::io("make a folder for PostgreSQL")(error)
    })?;
    Ok((dir, password))
}

fn fill_dir(account: Account, dir: &Path, password: &str) -> io::Result<()> {
    DirBuilder::new().mode(0o700).create(dir)?;
    for (name, content) in [
        (SCRIPT, include_str!("supervisor.sh")),
        ("password", password),
    ] {
        let file = dir.join(name);
        fs::write(&file, content)?;
        account.own(&file)?;
    }
    account.own(dir)
}

fn free_port() -> io::Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}

fn random_hex() -> io::Result<String> {
    let mut bytes = [0; 16];
    File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

//! The program as a process of its own.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use super::binary;

/// A debug build on a busy machine takes its time.
const START: Duration = Duration::from_secs(60);
const END: Duration = Duration::from_secs(40);

/// Settings by the names they have in the environment: `SERVER__BIND`.
pub(crate) type Settings = Vec<(&'static str, String)>;

/// The program, at work; killed when dropped.
pub(crate) struct Service {
    process: Child,
    url: String,
    /// Locked so that a world can be shared by tasks.
    said: Mutex<Receiver<String>>,
    log: PathBuf,
    started: Started,
}

/// How it was started, so that it can be started again.
#[derive(Clone)]
struct Started {
    folder: PathBuf,
    settings: Settings,
    args: Vec<String>,
}

impl Service {
    /// `trunkline serve` in a folder, when it listens.
    ///
    /// Panics with its log if it does not.
    pub(crate) fn start(folder: &Path, settings: &Settings) -> Self {
        Self::run(folder, settings, &["serve"])
    }

    /// Any command that listens.
    pub(crate) fn run(folder: &Path, settings: &Settings, args: &[&str]) -> Self {
        let mut service = Self::spawn(folder, settings, args);
        service.wait_for_url();
        service
    }

    /// Starts it again after its end, at the same address.
    pub(crate) fn start_again(&mut self) {
        let mut started = self.started.clone();
        let address = self.url.trim_start_matches("http://");
        started.settings.retain(|(name, _)| *name != "SERVER__BIND");
        started.settings.push(("SERVER__BIND", address.to_owned()));
        let args: Vec<_> = started.args.iter().map(String::as_str).collect();
        *self = match address {
            "" => Self::spawn(&started.folder, &started.settings, &args),
            _ => Self::run(&started.folder, &started.settings, &args),
        };
    }

    fn wait_for_url(&mut self) {
        while self.url.is_empty() {
            let line = self.next_line();
            if let Some((_, url)) = line.split_once("listening on ") {
                self.url = url.trim().trim_end_matches('/').to_owned();
            }
        }
    }

    /// Any command that stays, listening or not.
    pub(crate) fn spawn(folder: &Path, settings: &Settings, args: &[&str]) -> Self {
        let log = folder.join("service.log");
        let mut process = command(folder, settings)
            .args(args)
            .stdout(Stdio::piped())
            .stderr(
                File::options()
                    .create(true)
                    .append(true)
                    .open(&log)
                    .unwrap(),
            )
            .spawn()
            .unwrap();
        let said = read_lines(process.stdout.take().unwrap());
        Self {
            process,
            url: String::new(),
            said: Mutex::new(said),
            log,
            started: Started {
                folder: folder.to_owned(),
                settings: settings.clone(),
                args: args.iter().map(|&arg| arg.to_owned()).collect(),
            },
        }
    }

    /// The next line that it prints.
    pub(crate) fn next_line(&self) -> String {
        let line = self.said.lock().unwrap().recv_timeout(START);
        line.unwrap_or_else(|_| panic!("it prints nothing more; its log:\n{}", self.log()))
    }

    /// Where it listens, without a slash at the end.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// All that it has logged so far.
    pub(crate) fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap()
    }

    fn show_log(&self) {
        let log = self.log();
        let skipped = log.lines().count().saturating_sub(100);
        let tail: Vec<_> = log.lines().skip(skipped).collect();
        eprintln!("--- the end of the service's log\n{}\n---", tail.join("\n"));
    }

    /// Ends it as a power cut would.
    pub(crate) fn kill(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }

    /// The process.
    pub(crate) fn id(&self) -> u32 {
        self.process.id()
    }

    /// Holds it, as a machine does that is out of breath, until [`Service::go_on`].
    pub(crate) fn pause(&self) {
        self.signal("-STOP");
    }

    /// The process.
    pub(crate) fn pid(&self) -> u32 {
        self.process.id()
    }

    /// Lets it go on after a pause: it has noticed nothing but the time.
    pub(crate) fn go_on(&self) {
        self.signal("-CONT");
    }

    fn signal(&self, signal: &str) {
        let pid = self.process.id().to_string();
        let sent = Command::new("kill").args([signal, &pid]).status().unwrap();
        assert!(sent.success(), "kill {signal} {pid}");
    }

    /// Asks it to end, as an operator does, and waits until it has.
    pub(crate) fn terminate(&mut self) -> ExitStatus {
        self.signal("-TERM");
        let end = Instant::now() + END;
        loop {
            if let Some(status) = self.process.try_wait().unwrap() {
                return status;
            }
            assert!(
                Instant::now() < end,
                "the service did not end:\n{}",
                self.log()
            );
            thread::sleep(Duration::from_millis(50));
        }
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        self.kill();
        if thread::panicking() {
            self.show_log();
        }
    }
}

/// The program in a folder, with these settings and no others.
pub(crate) fn command(folder: &Path, settings: &Settings) -> Command {
    let mut command = Command::new(binary::path());
    command.current_dir(folder).stdin(Stdio::null());
    for (name, _) in std::env::vars_os() {
        let foreign = [
            "TRUNKLINE",
            "TWILIO_",
            "RUST_LOG",
            "PORT",
            "WEBHOOK_URL",
            "API_URL",
        ];
        let foreign = foreign.iter().chain(&["BACKEND_URL", "BASE_URL"]);
        if foreign
            .into_iter()
            .any(|start| name.to_string_lossy().starts_with(start))
        {
            command.env_remove(name);
        }
    }
    for (name, value) in settings {
        match *name {
            // Not ours: the libraries that are meant read them themselves.
            name if name == "RUST_LOG" || name.starts_with("AWS_") => command.env(name, value),
            _ => command.env(format!("TRUNKLINE__{name}"), value),
        };
    }
    command
}

/// Reads on a thread of its own, to the end: a full pipe would stop the program.
fn read_lines(output: impl Read + Send + 'static) -> Receiver<String> {
    let (sender, receiver) = channel();
    thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            let _ = sender.send(line);
        }
    });
    receiver
}

//! What is measured, as a process of its own.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use crate::outcome::Outcome;

const START: Duration = Duration::from_secs(60);
const END: Duration = Duration::from_secs(40);

/// So many lines of its log are told when something fails.
const TOLD: usize = 40;
const WIDE: usize = 300;

/// A server at work; killed when dropped.
#[derive(Debug)]
pub(crate) struct Server {
    process: Child,
    address: String,
    log: PathBuf,
}

impl Server {
    /// Starts it and waits until it says where it listens. What else it has to say goes to a file.
    pub(crate) fn start(mut command: Command, log: &Path) -> Outcome<Self> {
        let errors = File::options().create(true).append(true).open(log)?;
        let mut process = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(errors)
            .spawn()
            .map_err(|error| format!("{:?} does not start: {error}", command.get_program()))?;
        let lines = read_lines(process.stdout.take(), log.with_extension("out"))?;
        let mut server = Self {
            process,
            address: String::new(),
            log: log.to_owned(),
        };
        server.address = server.wait_for_address(&lines).map_err(|error| {
            let said = fs::read_to_string(log).unwrap_or_default();
            format!("{:?}: {error}\n{said}", command.get_program())
        })?;
        Ok(server)
    }

    fn wait_for_address(&mut self, lines: &Receiver<String>) -> Outcome<String> {
        let end = Instant::now() + START;
        loop {
            let left = end.saturating_duration_since(Instant::now());
            let line = lines
                .recv_timeout(left)
                .map_err(|_| "it does not say where it listens")?;
            if let Some((_, address)) = line.split_once("listening on http://") {
                return Ok(address.trim().trim_end_matches('/').to_owned());
            }
        }
    }

    /// `127.0.0.1:1234`.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    pub(crate) fn pid(&self) -> u32 {
        self.process.id()
    }

    /// Adds to an error what the server has said last.
    pub(crate) fn explain<T>(&self, outcome: Outcome<T>) -> Outcome<T> {
        outcome.map_err(|error| {
            let files = [self.log.with_extension("out"), self.log.clone()];
            let said = files
                .map(|file| fs::read_to_string(file).unwrap_or_default())
                .concat();
            let skipped = said.lines().count().saturating_sub(TOLD);
            let cut = |line: &str| line.chars().take(WIDE).collect::<String>();
            let last: Vec<_> = said.lines().skip(skipped).map(cut).collect();
            format!(
                "{error}\n--- the end of the server's log\n{}",
                last.join("\n")
            )
            .into()
        })
    }

    /// Asks it to end, as an operator does, and waits until it has.
    pub(crate) async fn stop(mut self) -> Outcome {
        let pid = self.process.id().to_string();
        Command::new("kill").args(["-TERM", &pid]).status()?;
        let end = Instant::now() + END;
        while self.process.try_wait()?.is_none() {
            if Instant::now() > end {
                return Err(format!("the process {pid} does not end").into());
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Reads on a thread of its own, to the end: a full pipe would stop the program.
fn read_lines(
    output: Option<impl Read + Send + 'static>,
    file: PathBuf,
) -> Outcome<Receiver<String>> {
    let output = output.ok_or("no standard output")?;
    let mut log = File::options().create(true).append(true).open(file)?;
    let (sender, receiver) = channel();
    thread::spawn(move || {
        let mut reader = BufReader::new(output);
        let mut line = String::new();
        while reader.read_line(&mut line).is_ok_and(|read| read > 0) {
            if sender.send(std::mem::take(&mut line)).is_err() {
                break;
            }
        }
        let _ = std::io::copy(&mut reader, &mut log);
    });
    Ok(receiver)
}

//! How a chore talks and how it fails.

use std::{
    env,
    error::Error,
    ffi::OsStr,
    fmt,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Instant,
};

/// Beginnings of the names by which `cargo run` describes the package it runs.
const OF_THIS_PACKAGE: [&str; 2] = ["CARGO_PKG_", "CARGO_MANIFEST_"];

/// One sentence for people: what went wrong and, where it is known, what to do.
#[derive(Debug)]
pub(crate) struct Failure(String);

pub(crate) type Outcome<T = ()> = Result<T, Failure>;

impl Failure {
    pub(crate) fn new(sentence: impl Into<String>) -> Self {
        Self(sentence.into())
    }

    /// `doing` as in "cannot …".
    pub(crate) fn because<E: Error>(doing: impl fmt::Display) -> impl FnOnce(E) -> Self {
        move |error| {
            let mut sentence = format!("cannot {doing}: {error}");
            let mut source = error.source();
            while let Some(cause) = source {
                sentence.push_str(&format!(": {cause}"));
                source = cause.source();
            }
            Self(sentence)
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Announces a step, does it, and says how long it took.
pub(crate) fn step<T>(title: &str, work: impl FnOnce() -> Outcome<T>) -> Outcome<T> {
    println!("\n==> {title}");
    let start = Instant::now();
    let done = work().map_err(|failure| Failure(format!("{title}: {failure}")))?;
    println!("    done in {:.1} s", start.elapsed().as_secs_f64());
    Ok(done)
}

/// Tells a detail of the step at hand.
pub(crate) fn say(detail: impl fmt::Display) {
    println!("    {detail}");
}

/// The folder of the workspace.
pub(crate) fn root() -> &'static Path {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    own.ancestors().nth(2).unwrap_or(own)
}

/// A program to run in the workspace. It gets no standard input, so that nothing waits for an answer.
pub(crate) fn program(name: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(name);
    command.current_dir(root()).stdin(Stdio::null());
    command
}

/// The cargo that runs us, or the one on the PATH.
pub(crate) fn cargo(args: &[&str]) -> Command {
    let mut command = program(env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned()));
    // What cargo says of this package would reach the build scripts of others. That of `ring` asks
    // for it, and so everything above it would be built anew whenever cargo runs with us or without.
    for (name, _) in env::vars_os() {
        if OF_THIS_PACKAGE
            .iter()
            .any(|prefix| name.to_string_lossy().starts_with(prefix))
        {
            command.env_remove(name);
        }
    }
    command.args(args);
    command
}

/// Builds the program: with the whole workspace in view, so that what it shares with the tests is
/// built once.
pub(crate) fn build_program() -> Outcome {
    let build = cargo(&["build", "--workspace", "--bin", "trunkline"]);
    run(build, "The compiler's errors stand above.")
}

/// Where [`build_program`] leaves it: beside us.
pub(crate) fn our_program() -> Outcome<PathBuf> {
    let ours = env::current_exe().map_err(Failure::because("find the program"))?;
    Ok(ours.with_file_name(format!("trunkline{}", env::consts::EXE_SUFFIX)))
}

/// Whether cargo has the subcommand.
pub(crate) fn has_cargo(subcommand: &str) -> bool {
    let mut command = cargo(&[subcommand, "--version"]);
    command.stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

/// Shows the command, runs it with our output as its own, and fails when it does, with `advice`.
pub(crate) fn run(mut command: Command, advice: &str) -> Outcome {
    let shown = shown(&command);
    say(format_args!("$ {shown}"));
    let status = command
        .status()
        .map_err(Failure::because(format_args!("run `{shown}`")))?;
    if status.success() {
        return Ok(());
    }
    Err(Failure(format!("`{shown}` failed ({status}). {advice}")))
}

/// Runs it silently and returns what it wrote to standard output.
pub(crate) fn output(mut command: Command) -> Outcome<String> {
    let shown = shown(&command);
    command.stderr(Stdio::inherit());
    let output = command
        .output()
        .map_err(Failure::because(format_args!("run `{shown}`")))?;
    if !output.status.success() {
        return Err(Failure(format!("`{shown}` failed ({})", output.status)));
    }
    String::from_utf8(output.stdout).map_err(Failure::because(format_args!("read `{shown}`")))
}

fn shown(command: &Command) -> String {
    let name = Path::new(command.get_program())
        .file_name()
        .unwrap_or(command.get_program());
    let words = std::iter::once(name).chain(command.get_args());
    words
        .map(|word| word.to_string_lossy())
        .collect::<Vec<_>>()
        .join(" ")
}

//! The page: its types, its lints, its own tests, and the whole of it in a browser.

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::apt;
use crate::steps::{Failure, Outcome, our_program, program, root, run, say, step};

/// The variable that names a Chromium to use.
const CHROMIUM: &str = "CHROMIUM";

/// Where Debian puts it.
const DEBIAN_CHROMIUM: &str = "/usr/bin/chromium";

/// Where what the browser showed is left.
const PICTURES: &str = "target/browser";

/// Makes sure that there is Node.js, and a browser to look at the page with; as root on Debian the
/// browser is installed.
pub(crate) fn find_or_install() -> Outcome<PathBuf> {
    need_node()?;
    let chromium = match find_chromium() {
        None if apt::may_install() => {
            say("Chromium: not found, so it is being installed");
            let advice = "Install Chromium by hand, then try again.";
            apt::update(advice)?;
            apt::install(&["chromium", "fonts-liberation"], advice)?;
            find_chromium()
        }
        found => found,
    };
    let chromium = chromium.ok_or_else(|| {
        Failure::new(format!(
            "Chromium was not found: install it (Debian: `apt-get install chromium`), or name one \
             in {CHROMIUM}"
        ))
    })?;
    say(format_args!("Chromium: {}", chromium.display()));
    Ok(chromium)
}

/// Makes sure that there is Node.js.
pub(crate) fn need_node() -> Outcome {
    for name in ["node", "npm"] {
        let there = output_of(program(name).arg("--version"));
        let version = there.ok_or_else(|| {
            Failure::new(format!(
                "`{name}` is not on the PATH: this is done by Node.js 20.19 or later with npm"
            ))
        })?;
        say(format_args!("{name}: {version}"));
    }
    Ok(())
}

fn find_chromium() -> Option<PathBuf> {
    let named = env::var_os(CHROMIUM).map(PathBuf::from);
    let usual = || Some(PathBuf::from(DEBIAN_CHROMIUM));
    named.or_else(usual).filter(|path| path.is_file())
}

fn output_of(command: &mut Command) -> Option<String> {
    let output = command.stderr(Stdio::null()).output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    output.status.success().then_some(text)
}

/// What needs no program to run: types, lints and unit tests.
pub(crate) fn check() -> Outcome {
    step(
        "page: what it is made with is what its lock file says",
        || {
            let installed = modified("crates/web/ui/node_modules/.package-lock.json");
            if installed.is_some() && installed >= modified("crates/web/ui/package-lock.json") {
                say("installed already");
                return Ok(());
            }
            let npm = npm(&["ci", "--no-audit", "--no-fund", "--loglevel=error"]);
            run(npm, "npm's words stand above.")
        },
    )?;
    step("page: its types hold, those of the API too", || {
        run(
            npm(&["run", "--silent", "types"]),
            "The compiler's errors stand above.",
        )
    })?;
    step("page: eslint has nothing to say", || {
        run(npm(&["run", "--silent", "lint"]), "Its words stand above.")
    })?;
    step("page: its own tests", || {
        run(
            npm(&["run", "--silent", "test"]),
            "The runner's summary stands above.",
        )
    })
}

fn modified(path: &str) -> Option<std::time::SystemTime> {
    let file = std::fs::metadata(root().join(path));
    file.and_then(|file| file.modified()).ok()
}

/// People's ways through the page, in a browser, against the program with its simulator.
pub(crate) fn browse(chromium: &Path) -> Outcome {
    step("browser: people's ways through the page", || {
        let mut playwright = npm(&["run", "--silent", "browse"]);
        playwright.env(CHROMIUM, chromium);
        playwright.env("TRUNKLINE_BINARY", our_program()?);
        playwright.env("PICTURES", root().join(PICTURES));
        let advice = format!("What the browser showed is in {PICTURES}.");
        run(playwright, &advice)
    })
}

fn npm(args: &[&str]) -> Command {
    let mut command = program("npm");
    command.args(args).current_dir(root().join("crates/web/ui"));
    command
}

//! Builds the page under `ui/`, which the crate embeds.
//!
//! A program without its page must never be built by accident: whatever fails here fails the build
//! and says what to do. Only `SKIP_UI_BUILD=1` goes on without, for tools that need no page.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

/// What the page is made of: cargo looks at folders with all that is in them. Not `ui` itself, where
/// npm writes.
const SOURCES: [&str; 8] = [
    "ui/index.html",
    "ui/package-lock.json",
    "ui/package.json",
    "ui/public",
    "ui/src",
    "ui/tsconfig.json",
    "ui/vite",
    "ui/vite.config.ts",
];

/// Older ones don't know what Vite 8 needs.
const OLDEST_NODE: u32 = 20;

/// Shown where the page would be.
const NO_PAGE: &str = "<!doctype html><html lang=\"en\"><head><title>Trunkline</title></head><body>\
    <h1>This Trunkline was built without its page</h1><p>Everything else works: see <a href=\"/docs/\">\
    its API</a>. To have the page, install Node.js and build without SKIP_UI_BUILD.</p></body></html>";

#[expect(clippy::print_stderr, reason = "cargo shows it where a build fails")]
fn main() -> ExitCode {
    println!("cargo:rerun-if-env-changed=SKIP_UI_BUILD");
    for source in SOURCES.iter().filter(|source| Path::new(source).exists()) {
        println!("cargo:rerun-if-changed={source}");
    }
    match build() {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!(
                "\nThe page can't be built: {problem}\nTo go on without the page, set SKIP_UI_BUILD=1.\n"
            );
            ExitCode::FAILURE
        }
    }
}

fn build() -> Result<(), String> {
    let out = PathBuf::from(std::env::var("OUT_DIR").map_err(|error| error.to_string())?);
    let target = out.join("ui");
    embed(&target, &out.join("files.rs"))?;
    // What an earlier build left would be embedded, too.
    if target.exists() {
        fs::remove_dir_all(&target).map_err(because("empty", &target))?;
    }
    if std::env::var_os("SKIP_UI_BUILD").is_some_and(|skip| skip != "0" && !skip.is_empty()) {
        fs::create_dir_all(&target).map_err(because("make", &target))?;
        let page = target.join("index.html");
        return fs::write(&page, NO_PAGE).map_err(because("write", &page));
    }
    check_node()?;
    install()?;
    let mut vite = Command::new("node");
    vite.args([
        "node_modules/vite/bin/vite.js",
        "build",
        "--emptyOutDir",
        "--outDir",
    ])
    .arg(&target);
    run(
        vite,
        "building it (`npm run build` in crates/web/ui shows more)",
    )
}

/// Writes the type that embeds the folder. Each profile has a folder of its own, which an attribute
/// in `src` could only name with a package that reads the environment.
fn embed(folder: &Path, source: &Path) -> Result<(), String> {
    let folder = folder.to_str();
    let folder = folder.ok_or("the target folder's path has to be UTF-8.")?;
    let text = format!("#[derive(RustEmbed)]\n#[folder = {folder:?}]\nstruct Files;\n");
    fs::write(source, text).map_err(because("write", source))
}

fn check_node() -> Result<(), String> {
    let missing = format!(
        "it needs Node.js {OLDEST_NODE} or later with npm (Debian: `apt-get install nodejs npm`)"
    );
    let output = Command::new("node").arg("--version").output();
    let output = output.map_err(|_| format!("{missing}, and there is no `node` on the PATH."))?;
    let version = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    let major = version.trim_start_matches('v').split('.').next();
    match major.and_then(|major| major.parse::<u32>().ok()) {
        Some(major) if major >= OLDEST_NODE => Ok(()),
        _ => Err(format!("{missing}, and this is {version}.")),
    }
}

/// Installs what the lock file says, where that has not been done.
fn install() -> Result<(), String> {
    // Builds of two profiles at once must not install into the same folder at once. The lock is let
    // go with the file.
    let manifest = Path::new("ui/package.json");
    let file = File::open(manifest).map_err(because("open", manifest))?;
    file.lock().map_err(because("lock", manifest))?;
    let changed = |path: &str| fs::metadata(path).and_then(|file| file.modified()).ok();
    let installed = changed("ui/node_modules/.package-lock.json");
    if installed.is_some() && installed >= changed("ui/package-lock.json") {
        return Ok(());
    }
    let mut npm = Command::new("npm");
    npm.args(["ci", "--no-audit", "--no-fund", "--loglevel=error"]);
    run(
        npm,
        "installing what it is made with (`npm ci` in crates/web/ui)",
    )
}

/// Runs it in `ui`; what it says is shown only if it fails.
fn run(mut command: Command, doing: &str) -> Result<(), String> {
    let output = command.current_dir("ui").stdin(Stdio::null()).output();
    let output = output.map_err(|error| format!("{doing} failed: {error}."))?;
    if output.status.success() {
        return Ok(());
    }
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    Err(format!("{doing} failed.\n{}", said.trim()))
}

fn because<'a>(doing: &'a str, path: &'a Path) -> impl Fn(std::io::Error) -> String + 'a {
    move |error| format!("can't {doing} {}: {error}.", path.display())
}

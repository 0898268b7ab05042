//! Where the program is, and whether it is the one of today's sources.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

const BUILD: &str =
    "build it with `cargo build --workspace --bin trunkline` (`cargo xtask test` does)";

/// The program to test.
///
/// Panics when it is missing or older than its sources: tests of yesterday's program prove nothing.
pub(super) fn path() -> PathBuf {
    if let Some(given) = env::var_os("TRUNKLINE_BINARY") {
        return given.into();
    }
    // Tests lie in target/debug/deps, programs in target/debug.
    let own = env::current_exe().unwrap();
    let folder = own.ancestors().nth(2).unwrap();
    let program = folder.join(format!("trunkline{}", env::consts::EXE_SUFFIX));
    let Some(built) = modified(&program) else {
        panic!("there is no {}: {BUILD}", program.display());
    };
    if let Some(newer) =
        sources(&folder.join("trunkline.d")).find(|file| modified(file) > Some(built))
    {
        panic!(
            "{} is older than {}: {BUILD}",
            program.display(),
            newer.display()
        );
    }
    program
}

fn modified(file: &Path) -> Option<SystemTime> {
    fs::metadata(file).and_then(|data| data.modified()).ok()
}

/// The files that cargo noted that the program is made of.
fn sources(note: &Path) -> impl Iterator<Item = PathBuf> {
    let note = fs::read_to_string(note).unwrap_or_default();
    let files = note
        .split_once(": ")
        .map_or(String::new(), |(_, files)| files.trim().to_owned());
    // A blank within a name is written `\ `.
    let files = files.replace("\\ ", "\0");
    let files: Vec<_> = files
        .split(' ')
        .map(|file| PathBuf::from(file.replace('\0', " ")))
        .collect();
    files.into_iter()
}

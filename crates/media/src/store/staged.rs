//! What a folder has of files that were never whole.
//!
//! A file is written beside its place first, as `key#1`, and then moved there. Listing a store passes
//! over such names, so what a killed program leaves is found here and nowhere else.

use std::io;
use std::path::Path;
use std::time::SystemTime;

/// Removes them below `folder`, of those that were last written before `before`.
pub(super) fn remove(folder: &Path, before: SystemTime) -> io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let path = entry.path();
        if entry.file_type()?.is_dir() {
            remove(&path, before)?;
        } else if is_staged(&path) && entry.metadata()?.modified()? < before {
            std::fs::remove_file(&path)?;
        }
    }
    Ok(())
}

fn is_staged(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str());
    let number = name.and_then(|name| name.rsplit_once('#'));
    number.is_some_and(|(_, number)| {
        !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
    })
}

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use crate::Error;

/// Where Debian and Red Hat keep one folder per major version, out of `PATH`.
const VERSIONED: [(&str, &str); 2] = [("/usr/lib/postgresql", ""), ("/usr", "pgsql-")];

/// A folder that holds a whole PostgreSQL server: `initdb`, `pg_ctl` and `postgres` of one version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binaries(PathBuf);

impl Binaries {
    /// Looks in `PATH`, then in the folders of Linux distributions, newest version first.
    ///
    /// A `postgres` alone on the `PATH`, without the `initdb` beside it, doesn't count.
    ///
    /// # Errors
    /// [`Error::NotInstalled`] when there is none.
    pub fn find() -> Result<Self, Error> {
        let path = env::var_os("PATH").unwrap_or_default();
        Self::find_in(env::split_paths(&path).chain(versioned())).ok_or(Error::NotInstalled)
    }

    /// The folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.0
    }

    fn find_in(mut folders: impl Iterator<Item = PathBuf>) -> Option<Self> {
        folders.find_map(|folder| {
            // A link on the PATH leads to the folder where the rest is, and where initdb looks.
            let initdb = fs::canonicalize(folder.join("initdb")).ok()?;
            let folder = initdb.parent()?.to_path_buf();
            is_complete(&folder).then_some(Self(folder))
        })
    }
}

fn is_complete(folder: &Path) -> bool {
    ["initdb", "pg_ctl", "postgres"]
        .iter()
        .all(|program| folder.join(program).is_file())
}

fn versioned() -> impl Iterator<Item = PathBuf> {
    let mut found: Vec<(u32, PathBuf)> = VERSIONED
        .iter()
        .flat_map(|(parent, prefix)| {
            let entries = fs::read_dir(parent).into_iter().flatten().flatten();
            entries.filter_map(move |entry| {
                let version = entry
                    .file_name()
                    .to_str()?
                    .strip_prefix(prefix)?
                    .parse()
                    .ok()?;
                Some((version, entry.path().join("bin")))
            })
        })
        .collect();
    found.sort_by(|a, b| b.cmp(a));
    found.into_iter().map(|(_, folder)| folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder_with(name: &str, programs: &[&str]) -> PathBuf {
        let folder = env::temp_dir().join(format!("binaries-{}-{name}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        for program in programs {
            fs::write(folder.join(program), "").unwrap();
        }
        fs::canonicalize(folder).unwrap()
    }

    #[test]
    fn a_folder_with_a_program_missing_is_passed_over() {
        let lone = folder_with("lone", &["postgres"]);
        let half = folder_with("half", &["initdb", "pg_ctl"]);
        let whole = folder_with("whole", &["initdb", "pg_ctl", "postgres"]);
        let folders = [lone.clone(), half.clone(), whole.clone()];

        let found = Binaries::find_in(folders.clone().into_iter());

        assert_eq!(found, Some(Binaries(whole)));
        for folder in folders {
            fs::remove_dir_all(folder).unwrap();
        }
    }

    #[test]
    fn nothing_found_is_none() {
        assert_eq!(
            Binaries::find_in([PathBuf::from("/nonexistent")].into_iter()),
            None
        );
    }
}

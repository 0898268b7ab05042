use std::{
    io,
    os::unix::{fs::chown, process::CommandExt},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use crate::Error;

/// Whether we are root, who may install a PostgreSQL but not run it.
#[must_use]
pub fn is_root() -> bool {
    id("-u", None) == Some(0)
}

/// Who runs the server.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Account {
    /// Whoever we are.
    Ourselves,
    /// We are root, which PostgreSQL refuses, and step down to this user.
    Other { uid: u32, gid: u32 },
}

impl Account {
    /// Root steps down to `postgres`, which its packages make, or else to `nobody`.
    pub(crate) fn choose() -> Result<Self, Error> {
        if !is_root() {
            return Ok(Self::Ourselves);
        }
        ["postgres", "nobody"]
            .into_iter()
            .find_map(|name| {
                let (uid, gid) = (id("-u", Some(name))?, id("-g", Some(name))?);
                Some(Self::Other { uid, gid })
            })
            .ok_or(Error::NoAccount)
    }

    /// A folder for files of this account. Root's own `TMPDIR` may be closed to others.
    pub(crate) fn temp_dir(self) -> PathBuf {
        match self {
            Self::Ourselves => std::env::temp_dir(),
            Self::Other { .. } => PathBuf::from("/tmp"),
        }
    }

    pub(crate) fn own(self, path: &Path) -> io::Result<()> {
        match self {
            Self::Ourselves => Ok(()),
            Self::Other { uid, gid } => chown(path, Some(uid), Some(gid)),
        }
    }

    pub(crate) fn step_down(self, command: &mut Command) {
        if let Self::Other { uid, gid } = self {
            command.uid(uid).gid(gid);
        }
    }
}

/// The standard library can't ask for user ids; `id` is wherever a shell is.
fn id(what: &str, user: Option<&str>) -> Option<u32> {
    let output = Command::new("id")
        .arg(what)
        .args(user)
        .stderr(Stdio::null())
        .output()
        .ok()?;
    String::from_utf8(output.stdout).ok()?.trim().parse().ok()
}

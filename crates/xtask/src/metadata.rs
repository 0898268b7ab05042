//! The parts of `cargo metadata` that are looked at here.

use serde_json::Value;

use crate::steps::{Failure, Outcome, cargo, output, program};

/// What cargo answered.
pub(crate) struct Metadata(Value);

/// A package of the workspace or from outside.
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) version: String,
    /// As it stands in its manifest.
    pub(crate) licence: Option<String>,
}

/// A member of the workspace.
pub(crate) struct Crate {
    pub(crate) name: String,
    pub(crate) dependencies: Vec<Dependency>,
}

pub(crate) struct Dependency {
    pub(crate) name: String,
    pub(crate) is_dev: bool,
}

impl Metadata {
    pub(crate) fn of_workspace() -> Outcome<Self> {
        Self::ask(&["--no-deps"])
    }

    /// Of this platform only: asking for all would download what nobody builds here.
    pub(crate) fn with_dependencies() -> Outcome<Self> {
        let mut rustc = program("rustc");
        rustc.arg("-vV");
        let version = output(rustc)?;
        let host = version.lines().find_map(|line| line.strip_prefix("host: "));
        let host = host.ok_or_else(|| Failure::new("rustc -vV names no host"))?;
        Self::ask(&["--filter-platform", host])
    }

    fn ask(args: &[&str]) -> Outcome<Self> {
        let mut command = cargo(&["metadata", "--format-version", "1"]);
        command.args(args);
        let json = output(command)?;
        serde_json::from_str(&json)
            .map(Self)
            .map_err(Failure::because("read cargo metadata"))
    }

    pub(crate) fn packages(&self) -> Outcome<Vec<Package>> {
        let package = |value: &Value| {
            Some(Package {
                name: string(value, "name")?,
                version: string(value, "version")?,
                licence: string(value, "license"),
            })
        };
        self.map_packages(package)
    }

    /// The packages as members of the workspace; meant for [`Self::of_workspace`].
    pub(crate) fn crates(&self) -> Outcome<Vec<Crate>> {
        let dependency = |value: &Value| {
            Some(Dependency {
                name: string(value, "name")?,
                is_dev: value["kind"] == "dev",
            })
        };
        self.map_packages(|value| {
            let dependencies = value["dependencies"].as_array()?.iter().map(dependency);
            Some(Crate {
                name: string(value, "name")?,
                dependencies: dependencies.collect::<Option<_>>()?,
            })
        })
    }

    fn map_packages<T>(&self, read: impl Fn(&Value) -> Option<T>) -> Outcome<Vec<T>> {
        let packages = self.0["packages"].as_array();
        let packages = packages.and_then(|list| list.iter().map(read).collect());
        packages.ok_or_else(|| Failure::new("cargo metadata has a form that is not known here"))
    }
}

fn string(value: &Value, key: &str) -> Option<String> {
    value[key].as_str().map(str::to_owned)
}

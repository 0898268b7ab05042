//! What the operator decides: read in layers, checked at start, printable without secrets.
//!
//! A mistake is found at start and not at night: a key that nothing reads, a value that can't be
//! used or two that don't go together end the program with a sentence that names the key, the
//! file or variable it comes from, and what is allowed.

mod environment;
mod error;
mod foreign;
mod layer;
mod list;
mod sections;
mod value;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::path::Path;

use config::{Config, ConfigError, ValueKind};
use serde::{Deserialize, Serialize};

pub(crate) use environment::Environment;
pub(crate) use error::SettingsError;
pub(crate) use foreign::{Foreign, ForeignChannel, own_variable};
use layer::Layer;
pub(crate) use sections::{
    Assistant, Auth, Database, Limits, Log, Media, Queue, Security, Server, Twilio,
};
pub(crate) use value::{BaseUrl, JwtSecret, LogFormat, MasterKeyError, MasterKeys};

/// The defaults, and by that the list of all keys.
const DEFAULT: &str = include_str!("../../../config/default.toml");
const DEVELOPMENT: &str = include_str!("../../../config/development.toml");
const PRODUCTION: &str = include_str!("../../../config/production.toml");

/// A year, as for a text whose sender says how long it makes sense.
const LONGEST_VALIDITY_HOURS: u16 = 365 * 24;

/// All settings, checked.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Settings {
    /// What `TRUNKLINE_ENV` says.
    #[serde(skip, default = "development")]
    pub(crate) environment: Environment,
    /// What names from elsewhere say.
    #[serde(skip)]
    pub(crate) foreign: Foreign,
    pub(crate) server: Server,
    pub(crate) database: Database,
    pub(crate) security: Security,
    pub(crate) auth: Auth,
    pub(crate) twilio: Twilio,
    pub(crate) queue: Queue,
    pub(crate) media: Media,
    pub(crate) assistant: Assistant,
    pub(crate) limits: Limits,
    pub(crate) log: Log,
}

fn development() -> Environment {
    Environment::Development
}

/// Where settings are looked for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sources<'a> {
    /// The folder that holds `default.toml` and the environments' files, if it is there.
    pub(crate) folder: Option<&'a Path>,
    /// The file named by `--config`.
    pub(crate) file: Option<&'a Path>,
    /// The process's environment variables.
    pub(crate) variables: BTreeMap<String, String>,
}

impl Settings {
    /// Reads all layers and checks what they say together.
    ///
    /// # Errors
    /// The first mistake found, in the order of the layers.
    pub(crate) fn load(sources: &Sources<'_>) -> Result<Self, SettingsError> {
        let name = sources.variables.get("TRUNKLINE_ENV").map(String::as_str);
        let environment = Environment::parse(name)?;
        let known = Layer::built_in("config/default.toml", DEFAULT)?.keys();
        let defaults = defaults(sources, &environment)?;
        let aliases = match environment {
            Environment::Development => {
                let bind = place_and_value(&merge(&defaults, &known)?, "server.bind").1;
                foreign::aliases(&sources.variables, &bind)
            }
            _ => Vec::new(),
        };
        let mut layers = defaults;
        layers.push(foreign::layer(&aliases));
        layers.extend(decisions(sources, &environment)?);
        let merged = merge(&layers, &known)?;
        let read: Self = merged
            .clone()
            .try_deserialize()
            .map_err(|e| explain(e, &merged))?;
        let used: Vec<_> = aliases
            .into_iter()
            .filter(|alias| place_and_value(&merged, alias.key).0 == alias.variable)
            .collect();
        let foreign = foreign::read(&sources.variables, &environment, &used);
        let settings = Self {
            environment,
            foreign,
            ..read
        };
        settings.check(&merged)?;
        Ok(settings)
    }

    /// The defaults alone, whatever files and variables say.
    #[cfg(test)]
    pub(crate) fn built_in() -> Result<Self, SettingsError> {
        Self::load(&Sources::default())
    }

    /// What no single value can say.
    fn check(&self, merged: &Config) -> Result<(), SettingsError> {
        let wrong = |key: &str, problem: String| {
            Err(SettingsError::Value {
                key: key.to_owned(),
                place: place(merged, key),
                problem,
            })
        };
        let timeout = self.twilio.request_timeout_seconds.get();
        if self.queue.lease_seconds.get() < timeout.saturating_mul(3) {
            let problem = format!(
                "{} is too short: three times twilio.request_timeout_seconds ({timeout}) or more, \
                 or a slow request might be sent twice",
                self.queue.lease_seconds
            );
            return wrong("queue.lease_seconds", problem);
        }
        let validities = [
            ("queue.valid_for_hours", self.queue.valid_for_hours),
            (
                "queue.bulk_valid_for_hours",
                self.queue.bulk_valid_for_hours,
            ),
        ];
        for (key, hours) in validities {
            if hours.get() > LONGEST_VALIDITY_HOURS {
                let problem = format!("{hours} is too long: at most {LONGEST_VALIDITY_HOURS}");
                return wrong(key, problem);
            }
        }
        if self.database.url.sqlite_file().is_none() && self.database.max_connections.get() < 2 {
            let problem = "PostgreSQL needs at least 2: a migration holds its lock on one of them";
            return wrong("database.max_connections", problem.to_owned());
        }
        if self.assistant.base_url.is_some() && self.assistant.model.is_none() {
            let problem = "it must name a model where assistant.base_url is set";
            return wrong("assistant.model", problem.to_owned());
        }
        if let Err(error) = crate::telemetry::parse_filter(&self.log.filter) {
            let problem = format!("{error}; write directives as in RUST_LOG, such as info");
            return wrong("log.filter", problem);
        }
        Ok(())
    }
}

/// What counts when nobody decides anything, the weakest first.
fn defaults(sources: &Sources<'_>, environment: &Environment) -> Result<Vec<Layer>, SettingsError> {
    let mut layers = vec![Layer::built_in(
        "the built-in config/default.toml",
        DEFAULT,
    )?];
    layers.extend(on_disk(sources, "default")?);
    match environment {
        Environment::Development => {
            layers.push(Layer::built_in(
                "the built-in config/development.toml",
                DEVELOPMENT,
            )?);
        }
        Environment::Production => {
            layers.push(Layer::built_in(
                "the built-in config/production.toml",
                PRODUCTION,
            )?);
        }
        Environment::Other(_) => {}
    }
    Ok(layers)
}

/// What the operator decides, the weakest first.
fn decisions(
    sources: &Sources<'_>,
    environment: &Environment,
) -> Result<Vec<Layer>, SettingsError> {
    let own = on_disk(sources, environment.name())?;
    if let (Environment::Other(name), None) = (environment, &own) {
        return Err(SettingsError::UnknownEnvironment(name.clone()));
    }
    let file = sources.file.map(Layer::file).transpose()?;
    let variables = Layer::variables(&sources.variables);
    Ok(own.into_iter().chain(file).chain([variables]).collect())
}

fn on_disk(sources: &Sources<'_>, name: &str) -> Result<Option<Layer>, SettingsError> {
    match sources.folder {
        Some(folder) => Layer::optional_file(&folder.join(format!("{name}.toml"))),
        None => Ok(None),
    }
}

/// Lays the layers over each other, after refusing keys that nothing reads.
fn merge(layers: &[Layer], known: &BTreeMap<String, String>) -> Result<Config, SettingsError> {
    let mut builder = Config::builder();
    for layer in layers {
        layer.check_keys(known)?;
        builder = builder.add_source(layer.clone());
    }
    builder
        .build()
        .map_err(|error| SettingsError::Other(Box::new(error)))
}

/// The file or variable that a key's value comes from, and the value as text.
fn place_and_value(merged: &Config, key: &str) -> (String, String) {
    // Asking the library for the value would lose where it comes from.
    match find(&merged.cache, key) {
        Some(value) => (layer::place_of(value), value.to_string()),
        None => ("the configuration".to_owned(), String::new()),
    }
}

fn find<'a>(value: &'a config::Value, key: &str) -> Option<&'a config::Value> {
    let ValueKind::Table(table) = &value.kind else {
        return None;
    };
    match key.split_once('.') {
        Some((section, key)) => find(table.get(section)?, key),
        None => table.get(key),
    }
}

fn place(merged: &Config, key: &str) -> String {
    place_and_value(merged, key).0
}

/// Turns the library's error into one that names key and place, and never quotes a value: it may
/// be a secret.
fn explain(error: ConfigError, merged: &Config) -> SettingsError {
    let (key, problem) = match error {
        ConfigError::Type {
            key: Some(key),
            expected,
            ..
        } => (key, format!("it must be {expected}")),
        ConfigError::At {
            key: Some(key),
            error,
            ..
        } => (key, error.to_string()),
        error => return SettingsError::Other(Box::new(error)),
    };
    let place = place(merged, &key);
    SettingsError::Value {
        key,
        place,
        problem,
    }
}

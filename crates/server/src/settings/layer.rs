//! One source of settings, checked on its own, so that a wrong key is blamed on its file or variable.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use config::{ConfigError, File, FileFormat, Map, Source, Value, ValueKind};

use super::SettingsError;

/// What every variable of ours begins with.
const PREFIX: &str = "TRUNKLINE__";

/// The settings of one file, or all those of the environment.
#[derive(Clone, Debug)]
pub(crate) struct Layer {
    values: Map<String, Value>,
}

impl Source for Layer {
    fn clone_into_box(&self) -> Box<dyn Source + Send + Sync> {
        Box::new(self.clone())
    }

    fn collect(&self) -> Result<Map<String, Value>, ConfigError> {
        Ok(self.values.clone())
    }
}

impl Layer {
    /// A file that is built into the program.
    pub(crate) fn built_in(place: &str, text: &str) -> Result<Self, SettingsError> {
        check_syntax(place, text)?;
        let file = File::from_str(text, FileFormat::Toml);
        Ok(Self {
            values: with_place(read(&file)?, place),
        })
    }

    /// A file on disk.
    pub(crate) fn file(path: &Path) -> Result<Self, SettingsError> {
        let text = fs::read_to_string(path).map_err(|source| SettingsError::Unreadable {
            path: path.to_owned(),
            source,
        })?;
        Self::built_in(&path.display().to_string(), &text)
    }

    /// A file on disk that needn't be there.
    pub(crate) fn optional_file(path: &Path) -> Result<Option<Self>, SettingsError> {
        match Self::file(path) {
            Err(SettingsError::Unreadable { source, .. })
                if source.kind() == std::io::ErrorKind::NotFound =>
            {
                Ok(None)
            }
            layer => layer.map(Some),
        }
    }

    /// The variables that begin with `TRUNKLINE__`.
    ///
    /// Values stay text: what a setting's type is decides how it is read, so that a password
    /// of digits keeps its zeros.
    pub(crate) fn variables(all: &BTreeMap<String, String>) -> Self {
        let mut sections: BTreeMap<String, Map<String, Value>> = BTreeMap::new();
        let mut values = Map::new();
        for (name, value) in all {
            let Some(path) = name.strip_prefix(PREFIX) else {
                continue;
            };
            let value = Value::new(Some(name), value.trim());
            match path.to_lowercase().split_once("__") {
                Some((section, key)) => {
                    let section = sections.entry(section.to_owned()).or_default();
                    section.insert(key.replace("__", "."), value);
                }
                None => {
                    values.insert(path.to_lowercase(), value);
                }
            }
        }
        values.extend(
            sections
                .into_iter()
                .map(|(name, keys)| (name, Value::new(None, keys))),
        );
        Self { values }
    }

    /// Single values: dotted key, where it comes from, and the value.
    pub(crate) fn of<'a>(items: impl Iterator<Item = (&'a str, &'a str, &'a str)>) -> Self {
        let mut sections: BTreeMap<&str, Map<String, Value>> = BTreeMap::new();
        for (key, place, value) in items {
            if let Some((section, key)) = key.split_once('.') {
                let value = Value::new(Some(&place.to_owned()), value);
                sections
                    .entry(section)
                    .or_default()
                    .insert(key.to_owned(), value);
            }
        }
        let sections = sections.into_iter();
        Self {
            values: sections
                .map(|(name, keys)| (name.to_owned(), Value::new(None, keys)))
                .collect(),
        }
    }

    /// Every key with where it stands, dotted, in order.
    pub(crate) fn keys(&self) -> BTreeMap<String, String> {
        let mut keys = BTreeMap::new();
        for (name, value) in &self.values {
            match &value.kind {
                ValueKind::Table(section) => keys.extend(
                    section
                        .iter()
                        .map(|(key, value)| (format!("{name}.{key}"), place_of(value))),
                ),
                _ => {
                    keys.insert(name.clone(), place_of(value));
                }
            }
        }
        keys
    }

    /// Refuses keys that aren't among the known ones.
    pub(crate) fn check_keys(&self, known: &BTreeMap<String, String>) -> Result<(), SettingsError> {
        for (key, place) in self.keys() {
            if !known.contains_key(&key) {
                let hint = hint(&key, known);
                return Err(SettingsError::UnknownKey { place, key, hint });
            }
        }
        Ok(())
    }
}

/// Where a value comes from.
pub(crate) fn place_of(value: &Value) -> String {
    value.origin().unwrap_or("the configuration").to_owned()
}

fn read(source: &impl Source) -> Result<Map<String, Value>, SettingsError> {
    source
        .collect()
        .map_err(|error| SettingsError::Other(Box::new(error)))
}

/// Says what is wrong and on which line, but never quotes the line.
fn check_syntax(place: &str, text: &str) -> Result<(), SettingsError> {
    let Err(error) = toml::from_str::<toml::Table>(text) else {
        return Ok(());
    };
    let before = error
        .span()
        .and_then(|span| text.get(..span.start))
        .unwrap_or_default();
    Err(SettingsError::Syntax {
        place: place.to_owned(),
        line: before.matches('\n').count() + 1,
        problem: error.message().to_owned(),
    })
}

fn with_place(values: Map<String, Value>, place: &str) -> Map<String, Value> {
    let place = place.to_owned();
    values
        .into_iter()
        .map(|(key, value)| {
            let kind = match value.kind {
                ValueKind::Table(section) => ValueKind::Table(with_place(section, &place)),
                kind => kind,
            };
            (key, Value::new(Some(&place), kind))
        })
        .collect()
}

/// The keys of the same section, or the sections.
fn hint(key: &str, known: &BTreeMap<String, String>) -> String {
    let section = key.split('.').next().unwrap_or_default();
    let prefix = format!("{section}.");
    let siblings: Vec<&str> = known
        .keys()
        .filter_map(|key| key.strip_prefix(&prefix))
        .collect();
    if siblings.is_empty() {
        let mut sections: Vec<&str> = known
            .keys()
            .filter_map(|key| key.split('.').next())
            .collect();
        sections.dedup();
        format!("the sections are {}", sections.join(", "))
    } else {
        format!("`{section}` has {}", siblings.join(", "))
    }
}

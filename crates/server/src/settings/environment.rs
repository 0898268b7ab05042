//! Which environment the program runs in.

use std::fmt;

use super::SettingsError;

/// What `TRUNKLINE_ENV` says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Environment {
    /// A developer's machine: everything is made up that isn't configured.
    Development,
    /// In front of customers: whatever would be unsafe stops the start.
    Production,
    /// One that has a file of its own, such as `staging`.
    Other(String),
}

impl Environment {
    /// Reads the variable's value; none or an empty one is `development`.
    pub(crate) fn parse(name: Option<&str>) -> Result<Self, SettingsError> {
        match name.unwrap_or_default().trim() {
            "" | "development" => Ok(Self::Development),
            "production" => Ok(Self::Production),
            name if name.bytes().all(is_plain) => Ok(Self::Other(name.to_owned())),
            _ => Err(SettingsError::MisnamedEnvironment),
        }
    }

    /// The name, as in `config/{name}.toml`.
    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Development => "development",
            Self::Production => "production",
            Self::Other(name) => name,
        }
    }

    pub(crate) fn is_production(&self) -> bool {
        *self == Self::Production
    }

    pub(crate) fn is_development(&self) -> bool {
        *self == Self::Development
    }
}

impl fmt::Display for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What may be part of a file name without leading anywhere else.
fn is_plain(byte: u8) -> bool {
    byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'_')
}

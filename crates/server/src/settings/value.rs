//! The types of settings that are more than a number: each is checked by its one constructor.

use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use channels::{KeyError, KeyRing, KeyRingError, MasterKey};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize, Serializer};
use url::Url;

use super::list::List;

/// What stands where a secret would.
const MASK: &str = "********";
/// Fewer different bytes than this in a secret were typed, not drawn.
const LEAST_VARIETY: usize = 8;

/// An `http://` or `https://` URL to which paths are appended: no slash at its end.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct BaseUrl {
    text: String,
    url: Url,
}

impl BaseUrl {
    /// The URL as it was written, without a slash at its end.
    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// The URL, parsed.
    pub(crate) fn url(&self) -> &Url {
        &self.url
    }

    /// Whether what travels is encrypted.
    pub(crate) fn is_https(&self) -> bool {
        self.url.scheme() == "https"
    }
}

impl TryFrom<String> for BaseUrl {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let url = Url::parse(&text)
            .map_err(|_| "this is no URL; write one such as https://sms.example.com")?;
        if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
            return Err("the URL must begin with http:// or https:// and name a host");
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err("the URL must not hold a user name or password");
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err("the URL must end with its path: no `?` and no `#`");
        }
        Ok(Self {
            text: text.trim().trim_end_matches('/').to_owned(),
            url,
        })
    }
}

impl Serialize for BaseUrl {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

/// Where the database is. The URL may hold a password, so it shows itself masked.
#[derive(Clone, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct DatabaseUrl(SecretString);

impl DatabaseUrl {
    /// The URL as written, password included.
    pub(crate) fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// The file, if this is SQLite.
    pub(crate) fn sqlite_file(&self) -> Option<PathBuf> {
        db::sqlite_path(self.expose())
    }

    fn masked(&self) -> String {
        match Url::parse(self.expose()) {
            Ok(mut url) if url.password().is_some() => match url.set_password(Some(MASK)) {
                Ok(()) => url.into(),
                Err(()) => MASK.to_owned(),
            },
            _ => self.expose().to_owned(),
        }
    }
}

impl TryFrom<String> for DatabaseUrl {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        if let Some(file) = db::sqlite_path(&text) {
            return match file.to_str() {
                Some(":memory:") => Err("a database in memory is lost between two connections; \
                    name a file, such as sqlite://data/trunkline.db"),
                _ => Ok(Self(text.into())),
            };
        }
        let known = Url::parse(&text)
            .is_ok_and(|url| matches!(url.scheme(), "postgres" | "postgresql") && url.has_host());
        if known {
            Ok(Self(text.into()))
        } else {
            Err(
                "write sqlite://path/to/file.db or postgres://user:password@host/name (special \
                 characters of the password as %40 and so on)",
            )
        }
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.masked())
    }
}

impl Serialize for DatabaseUrl {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.masked())
    }
}

/// Master keys as configured: `id:base64`, the first one seals.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(try_from = "List")]
pub(crate) struct MasterKeys(Vec<SecretString>);

/// Why master keys can't be used. None of them repeats a key.
#[derive(Debug, thiserror::Error)]
pub(crate) enum MasterKeyError {
    #[error("{0}; `trunkline keys generate` prints one")]
    Key(#[from] KeyError),
    #[error(transparent)]
    Ring(#[from] KeyRingError),
    #[error("{0}; `trunkline keys generate` prints a good one")]
    Guessable(&'static str),
}

impl MasterKeys {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What opens and seals credentials.
    ///
    /// # Errors
    /// When there is no key at all.
    pub(crate) fn ring(&self) -> Result<KeyRing, MasterKeyError> {
        let keys = self
            .0
            .iter()
            .map(|key| MasterKey::parse(key.expose_secret()));
        Ok(KeyRing::new(keys.collect::<Result<_, _>>()?)?)
    }
}

impl TryFrom<List> for MasterKeys {
    type Error = MasterKeyError;

    fn try_from(List(keys): List) -> Result<Self, Self::Error> {
        for key in &keys {
            MasterKey::parse(key)?;
            let bytes = key
                .split_once(':')
                .and_then(|(_, key)| STANDARD.decode(key.trim()).ok());
            check_variety(&bytes.unwrap_or_default()).map_err(MasterKeyError::Guessable)?;
        }
        let keys = Self(keys.into_iter().map(SecretString::from).collect());
        if !keys.is_empty() {
            keys.ring()?;
        }
        Ok(keys)
    }
}

impl Serialize for MasterKeys {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let masked = self.0.iter().map(|key| {
            let id = key.expose_secret().split(':').next().unwrap_or_default();
            format!("{id}:{MASK}")
        });
        serializer.collect_seq(masked)
    }
}

/// What signs login tokens.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct JwtSecret(SecretString);

impl JwtSecret {
    pub(crate) fn secret(&self) -> &SecretString {
        &self.0
    }
}

impl TryFrom<String> for JwtSecret {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        if text.len() < 32 {
            return Err("it needs at least 32 characters; `openssl rand -base64 48` makes some");
        }
        check_variety(text.as_bytes())?;
        Ok(Self(text.into()))
    }
}

impl Serialize for JwtSecret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(MASK)
    }
}

fn check_variety(bytes: &[u8]) -> Result<(), &'static str> {
    let mut seen: Vec<u8> = bytes.to_vec();
    seen.sort_unstable();
    seen.dedup();
    if seen.len() < LEAST_VARIETY {
        return Err("it isn't random enough to keep a secret");
    }
    Ok(())
}

/// Any other secret: shown as a mask.
#[derive(Clone, Debug, Deserialize)]
#[serde(from = "String")]
pub(crate) struct ApiKey(
    #[expect(dead_code, reason = "the assistant, which reads it, is still to come")] SecretString,
);

impl From<String> for ApiKey {
    fn from(text: String) -> Self {
        Self(text.into())
    }
}

impl Serialize for ApiKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(MASK)
    }
}

/// One address, or a network in CIDR notation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Network {
    pub(crate) address: IpAddr,
    /// Leading bits that count: 32 or 128 for one address.
    pub(crate) prefix: u8,
}

impl TryFrom<&str> for Network {
    type Error = &'static str;

    fn try_from(text: &str) -> Result<Self, Self::Error> {
        const WRONG: &str = "write addresses or networks, such as 10.0.0.5, 10.0.0.0/8 or fd00::/8";
        let (address, prefix) = text
            .split_once('/')
            .map_or((text, None), |(a, p)| (a, Some(p)));
        let address: IpAddr = address.parse().map_err(|_| WRONG)?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let prefix = prefix.map_or(Ok(most), |prefix| prefix.parse().map_err(|_| WRONG))?;
        if prefix > most {
            return Err(WRONG);
        }
        Ok(Self { address, prefix })
    }
}

/// Whose forwarded client address is believed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "List")]
pub(crate) struct Networks(pub(crate) Vec<Network>);

impl Networks {
    /// Each in CIDR notation.
    pub(crate) fn iter(&self) -> impl Iterator<Item = String> + '_ {
        self.0
            .iter()
            .map(|net| format!("{}/{}", net.address, net.prefix))
    }
}

impl TryFrom<List> for Networks {
    type Error = &'static str;

    fn try_from(List(items): List) -> Result<Self, Self::Error> {
        items
            .iter()
            .map(|item| Network::try_from(item.as_str()))
            .collect::<Result<_, _>>()
            .map(Self)
    }
}

impl Serialize for Networks {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

/// Pauses in seconds, one per further try.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(try_from = "List")]
pub(crate) struct Delays(pub(crate) Vec<u64>);

impl TryFrom<List> for Delays {
    type Error = &'static str;

    fn try_from(List(items): List) -> Result<Self, Self::Error> {
        const WRONG: &str = "write up to 10 pauses of 1 to 86400 seconds, such as 60,120,240";
        let delays: Vec<u64> = items
            .iter()
            .map(|item| item.parse().map_err(|_| WRONG))
            .collect::<Result<_, _>>()?;
        if delays.len() > 10 || delays.iter().any(|delay| !(1..=86_400).contains(delay)) {
            return Err(WRONG);
        }
        Ok(Self(delays))
    }
}

/// Where pictures are kept.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(try_from = "String")]
pub(crate) struct MediaUrl(String);

impl MediaUrl {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for MediaUrl {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let rest = text
            .strip_prefix("file://")
            .or_else(|| text.strip_prefix("s3://"));
        match rest {
            Some(rest) if !rest.is_empty() => Ok(Self(text)),
            _ => Err("write file://folder or s3://bucket/prefix"),
        }
    }
}

/// How log lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum LogFormat {
    /// For people.
    Text,
    /// One object per line.
    Json,
}

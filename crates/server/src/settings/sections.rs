//! What can be set, section by section. `config/default.toml` holds the defaults and says in full
//! what each key does; a test holds the two together.
//!
//! All of it can be printed: secrets show themselves masked.

use std::net::SocketAddr;
use std::num::{NonZeroU16, NonZeroU32};

use serde::de::{Deserializer, Error};
use serde::{Deserialize, Serialize, Serializer};

use super::value::{
    ApiKey, BaseUrl, DatabaseUrl, Delays, JwtSecret, LogFormat, MasterKeys, MediaUrl, Networks,
};

/// `[server]`: listening, and how others reach us.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Server {
    /// Where to listen; port 0 takes a free one.
    #[serde(deserialize_with = "address")]
    pub(crate) bind: SocketAddr,
    /// How Twilio reaches us; `None` is `http://{bind}`.
    #[serde(deserialize_with = "unless_blank", serialize_with = "or_blank")]
    pub(crate) public_url: Option<BaseUrl>,
    /// Whose forwarded client address is believed.
    pub(crate) trusted_proxies: Networks,
    /// Threads that answer requests; 0 is one per core.
    pub(crate) workers: u16,
    /// Seconds that what is under way may take to finish.
    pub(crate) shutdown_seconds: NonZeroU16,
}

/// `[database]`.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Database {
    /// Where it is.
    pub(crate) url: DatabaseUrl,
    /// Connections of this process.
    pub(crate) max_connections: NonZeroU32,
}

/// `[security]`: `None` and an empty list are made up on first start.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Security {
    /// What seals credentials; the first one seals, all open.
    pub(crate) master_keys: MasterKeys,
    /// What signs login tokens.
    #[serde(deserialize_with = "unless_blank", serialize_with = "or_blank")]
    pub(crate) jwt_secret: Option<JwtSecret>,
}

/// `[auth]`.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Auth {
    /// Whether anybody may register a tenant.
    pub(crate) allow_signup: bool,
}

/// `[twilio]`.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Twilio {
    /// The REST API.
    pub(crate) api_base_url: BaseUrl,
    /// Seconds after which a request counts as lost.
    pub(crate) request_timeout_seconds: NonZeroU16,
    /// Seconds between two looks for what Twilio's webhooks could not tell.
    pub(crate) catch_up_seconds: NonZeroU16,
}

/// `[queue]`.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Queue {
    /// Seconds that a worker may hold a lane.
    pub(crate) lease_seconds: NonZeroU16,
    /// Requests that one worker has under way at once.
    pub(crate) concurrency: NonZeroU16,
    /// Texts of one Twilio account in hand at once, over all workers.
    pub(crate) account_concurrency: NonZeroU16,
    /// Pauses before further tries.
    pub(crate) retry_delays_seconds: Delays,
    /// Seconds until Twilio's list is asked for a text whose request got no answer.
    pub(crate) settle_after_seconds: NonZeroU16,
    /// Seconds until it is asked again.
    pub(crate) settle_again_seconds: NonZeroU16,
    /// Hours that a text makes sense.
    pub(crate) valid_for_hours: NonZeroU16,
    /// The same for bulk.
    pub(crate) bulk_valid_for_hours: NonZeroU16,
}

/// `[media]`.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Media {
    /// Where pictures are kept.
    pub(crate) url: MediaUrl,
    /// For how many days; 0: for ever.
    pub(crate) keep_days: u16,
}

/// `[assistant]`.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Assistant {
    /// An OpenAI-compatible endpoint; `None`: no assistant.
    #[serde(deserialize_with = "unless_blank", serialize_with = "or_blank")]
    pub(crate) base_url: Option<BaseUrl>,
    /// Its key, where it wants one.
    #[serde(deserialize_with = "unless_blank", serialize_with = "or_blank")]
    pub(crate) api_key: Option<ApiKey>,
    /// Which of its models.
    #[serde(deserialize_with = "unless_blank", serialize_with = "or_blank")]
    pub(crate) model: Option<String>,
}

/// `[limits]`, per minute.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Limits {
    /// Of one login or API key.
    pub(crate) requests_per_minute: NonZeroU32,
    /// Failed ones for one e-mail address.
    pub(crate) logins_per_minute: NonZeroU32,
    /// From one client address.
    pub(crate) registrations_per_minute: NonZeroU32,
}

/// `[log]`.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Log {
    /// How lines look.
    pub(crate) format: LogFormat,
    /// Directives as in `RUST_LOG`.
    pub(crate) filter: String,
}

/// TOML has no null, and a container's environment often holds empty variables: both mean "not set".
fn unless_blank<'de, T, D>(deserializer: D) -> Result<Option<T>, D::Error>
where
    T: TryFrom<String, Error: std::fmt::Display>,
    D: Deserializer<'de>,
{
    let text = String::deserialize(deserializer)?;
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    T::try_from(text.to_owned())
        .map(Some)
        .map_err(D::Error::custom)
}

fn address<'de, D: Deserializer<'de>>(deserializer: D) -> Result<SocketAddr, D::Error> {
    let text = String::deserialize(deserializer)?;
    let wrong = "write an address and a port, such as 127.0.0.1:8080, 0.0.0.0:8080 or [::]:8080";
    text.trim().parse().map_err(|_| D::Error::custom(wrong))
}

fn or_blank<T: Serialize, S: Serializer>(value: &Option<T>, to: S) -> Result<S::Ok, S::Error> {
    match value {
        Some(value) => value.serialize(to),
        None => to.serialize_str(""),
    }
}

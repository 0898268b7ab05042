//! Webhooks: signed forms to the URLs that accounts configured.
//!
//! Every try is recorded, with the answer it got: what a service did with a webhook is half of
//! what a test wants to know. There are no redeliveries after 15 seconds, as at Twilio.

mod deliver;
mod fields;
mod overrides;
mod twiml;

pub(crate) use deliver::{Clients, Delivery, deliver};
pub(crate) use fields::{inbound_fields, status_fields};
pub(crate) use twiml::{Reply, replies};

use serde::{Deserialize, Serialize};

/// What a webhook is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    Inbound,
    Fallback,
    Status,
}

/// One try of a webhook, as it went over the wire.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Attempt {
    pub(crate) account_sid: String,
    pub(crate) message_sid: String,
    pub(crate) kind: Kind,
    /// As requested: without fragment and user information.
    pub(crate) url: String,
    pub(crate) params: Vec<(String, String)>,
    /// The message's status that a callback told.
    pub(crate) message_status: Option<String>,
    /// Which try it was, from 1.
    pub(crate) attempt: u32,
    pub(crate) idempotency_token: String,
    pub(crate) started_ms: i64,
    pub(crate) duration_ms: i64,
    /// `None`: no answer.
    pub(crate) status: Option<u16>,
    pub(crate) error: Option<String>,
}

/// A webhook to send.
#[derive(Debug, Clone)]
pub(crate) struct Webhook {
    pub(crate) account_sid: String,
    pub(crate) message_sid: String,
    pub(crate) kind: Kind,
    /// As configured, overrides and all.
    pub(crate) url: String,
    pub(crate) method: String,
    pub(crate) params: Vec<(String, String)>,
}

//! Which tenant a webhook is for, and whether Twilio sent it.
//!
//! The promise: whoever holds a [`Routed`] holds a request that was signed with a token of the
//! channels in it; there is no other way to get one. Where a channel was [kept](Routed::kept) since an
//! earlier request, it may have been changed or removed meanwhile: whoever writes what the request tells
//! asks [`unchanged`] first, in the same transaction. Nothing in a request is believed before its
//! signature: account and number only find the candidates, and the token of a candidate decides.
//! So a tenant that claims another's number gets nothing and blocks nobody, and one whose own
//! valid signature is on a request to another's URL gets nothing either.
//!
//! This is the only crate that looks rows up without a tenant. It does so by two indexes, on
//! `channels (account_sid, phone_number)` and on the id, so that a lookup costs the same with any
//! number of tenants.
//!
//! Whatever the reason for a refusal, the caller is told [`Error::Forbidden`] and nothing else:
//! an answer must not tell which numbers are served here. The reason is logged for the operator;
//! signature, tokens and the body never are.

mod candidates;
mod directory;
mod route;
mod signed;

use std::sync::Arc;

use channels::KeyRing;
use chrono::{DateTime, Utc};
use entity::channel;
use entity::id::ChannelId;
use sea_orm::DbErr;
use twilio::Form;

pub use directory::{Directory, Unchanged, unchanged};
pub use signed::is_form;

#[cfg(test)]
mod tests;

/// What a webhook reports, by the URL that it came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A text from a customer.
    Inbound,
    /// What became of a text that was sent.
    Status,
}

/// A request that claims to be Twilio's.
#[derive(Clone, Copy)]
pub struct Webhook<'a> {
    /// What it reports.
    pub kind: Kind,
    /// The channel that its URL names; `None` on the URLs that all channels share.
    pub channel: Option<ChannelId>,
    /// The public URL of the service followed by the raw target of the request, undecoded.
    pub url: &'a str,
    /// The raw body.
    pub body: &'a [u8],
    /// `Content-Type`; without one the body is taken for a form.
    pub content_type: Option<&'a str>,
    /// `X-Twilio-Signature` as received.
    pub signature: Option<&'a str>,
    /// `X-Twilio-Webhooks-Signature-Settings` as received.
    pub signature_settings: Option<&'a str>,
}

/// A genuine webhook and whom it is for. Only [`route`] makes one.
#[derive(Clone)]
pub struct Routed {
    kind: Kind,
    form: Form,
    // Never empty; for an inbound text exactly one.
    channels: Vec<Arc<channel::Model>>,
    /// Whether the database was not asked for the channel, of which there is one then.
    is_kept: bool,
}

impl Routed {
    /// What it reports.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// The fields that Twilio signed.
    #[must_use]
    pub const fn form(&self) -> &Form {
        &self.form
    }

    /// The channel that a text came in by. For a status callback the first of [`Self::channels`].
    #[must_use]
    pub fn channel(&self) -> &Arc<channel::Model> {
        &self.channels[0]
    }

    /// The channel, if it is what an earlier request has found: to be asked [`unchanged`] before anything
    /// of the request is written.
    #[must_use]
    pub fn kept(&self) -> Option<&Arc<channel::Model>> {
        self.channels.first().filter(|_| self.is_kept)
    }

    /// The channels that it may concern, oldest first: one for an inbound text, one or more for a
    /// status callback, which may leave open who sent the message. They can be of several tenants,
    /// if these share a Twilio account.
    #[must_use]
    pub fn channels(&self) -> &[Arc<channel::Model>] {
        &self.channels
    }
}

impl std::fmt::Debug for Routed {
    /// Without the form, which holds what a customer wrote.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let channels: Vec<_> = self.channels.iter().map(|channel| channel.id).collect();
        f.debug_struct("Routed")
            .field("kind", &self.kind)
            .field("channels", &channels)
            .finish_non_exhaustive()
    }
}

/// Why a webhook goes nowhere, by what the caller answers.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Not signed, not by a token that counts, or for nobody here: 403, the same for all.
    #[error("the webhook is not one of Twilio's for a channel of this service")]
    Forbidden,
    /// Genuine, but no form, so neither a text nor a status: 400.
    #[error("the webhook is genuine, but its body is not a form")]
    Malformed,
    /// More fields than any webhook has: 413.
    #[error("the webhook has too many fields")]
    TooManyFields,
    /// The database is away, or refused: 503, so that Twilio tries again.
    #[error("the database failed")]
    Database(#[from] DbErr),
    /// The database is away, refused, or has too much to look up: 503.
    #[error("the channel could not be looked up")]
    NotLookedUp(#[from] together::NotDone),
}

/// Finds out whom a webhook is for, and proves that Twilio sent it.
///
/// Replays are proven just as well (a signature carries no time): callers must be idempotent.
///
/// # Errors
/// [`Error`]; it says no more than the answer may tell.
pub async fn route(
    directory: &Directory,
    ring: &KeyRing,
    now: DateTime<Utc>,
    webhook: &Webhook<'_>,
) -> Result<Routed, Error> {
    route::Router {
        directory,
        ring,
        now,
        webhook,
    }
    .route()
    .await
}

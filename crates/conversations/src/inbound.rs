//! A text comes in.
//!
//! [`receive`] writes a batch in the caller's transaction: commits are shared, since the commit
//! is what costs, and so are statements, for texts that say nothing but what they say. Nothing about a
//! text's content can make it fail: a genuine text is the customer's word and is kept as it came. The
//! same MessageSid again, one after the other or at the same time, is stored once.

mod alone;
mod newcomers;
mod rows;
mod together;

use std::borrow::Borrow;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use entity::channel;
use entity::clock::Clock;
use entity::id::{MessageId, TenantId};
use entity::phone::Sender;
use events::Outbox;
use routing::Routed;
use sea_orm::{ConnectionTrait, DbErr};
use twilio::client::MessageResource;
use twilio::webhook::{InboundMedia, InboundMessage, WebhookError};

use together::Known;

/// A text whose sender Twilio vouches for: it can only be read from a [`Routed`] webhook, or from
/// what Twilio itself has listed.
#[derive(Clone, Debug)]
pub struct Inbound {
    channel: Arc<channel::Model>,
    text: InboundMessage,
    /// When Twilio got it, if we have only found it in the list.
    listed_at: Option<DateTime<Utc>>,
    /// Whether the channel may have changed since it was read.
    is_kept: bool,
}

impl Inbound {
    /// Reads the text out of a webhook.
    ///
    /// # Errors
    /// When `MessageSid` or `From` is missing: without them it can't be told from another text.
    pub fn read(routed: &Routed) -> Result<Self, WebhookError> {
        Ok(Self {
            channel: Arc::clone(routed.channel()),
            text: InboundMessage::from_form(routed.form())?,
            listed_at: None,
            is_kept: routed.kept().is_some(),
        })
    }

    /// Whom it is from, as Twilio writes it.
    #[must_use]
    pub fn from(&self) -> &str {
        &self.text.from
    }

    /// Reads a text out of Twilio's list, which was asked for with the channel's own credentials:
    /// as good a proof as the signature of a webhook. `media` is what came with it.
    ///
    /// Nothing when it has no sender or no time: such a text can't be told from another.
    #[must_use]
    pub fn listed(
        channel: channel::Model,
        listed: MessageResource,
        media: Vec<InboundMedia>,
    ) -> Option<Self> {
        let listed_at = listed.date_sent.or(listed.date_created)?;
        let text = InboundMessage {
            message_sid: listed.sid,
            account_sid: listed.account_sid,
            messaging_service_sid: listed.messaging_service_sid,
            from: listed.from?,
            to: listed.to,
            // PostgreSQL takes no NUL.
            body: listed.body.unwrap_or_default().replace('\0', ""),
            num_segments: listed.num_segments,
            media,
            from_city: None,
            from_state: None,
            from_zip: None,
            from_country: None,
            to_country: None,
            opt_out_type: None,
            profile_name: None,
        };
        Some(Self {
            channel: Arc::new(channel),
            text,
            listed_at: Some(listed_at),
            is_kept: false,
        })
    }

    /// The channel whose secret is its proof, if that may have changed since it was read: see
    /// [`Routed::kept`].
    #[must_use]
    pub fn kept_channel(&self) -> Option<&channel::Model> {
        self.is_kept.then_some(&*self.channel)
    }

    /// Whose it is.
    #[must_use]
    pub fn tenant_id(&self) -> TenantId {
        self.channel.tenant_id
    }

    /// The sender as leads and conversations are found by it. Any sender is taken, but an index
    /// holds only so much of one; the message keeps all of it.
    pub(crate) fn sender(&self) -> Sender {
        let text = &self.text.from;
        let end = text
            .char_indices()
            .nth(LONGEST_KEY)
            .map_or(text.len(), |(end, _)| end);
        Sender::parse(&text[..end])
    }
}

/// How many characters of a sender are told apart.
const LONGEST_KEY: usize = 200;

/// What became of one text of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Received {
    /// It is new and now stored.
    Stored(MessageId),
    /// It had been stored before.
    Duplicate,
}

/// Stores a batch of texts, those of a person in order of arrival.
///
/// # Errors
/// When the database is away; then none of the batch is stored.
pub async fn receive(
    tx: &impl ConnectionTrait,
    clock: &Clock,
    outbox: &mut Outbox,
    batch: &[impl Borrow<Inbound>],
) -> Result<Vec<Received>, DbErr> {
    let batch = batch.iter().map(Borrow::borrow);
    let senders: Vec<_> = batch.clone().map(Inbound::sender).collect();
    let texts: Vec<_> = batch.zip(&senders).collect();
    let known = Known::lock(tx, clock, outbox, &texts).await?;
    let mut received = known.store(tx, clock, outbox, &texts).await?;
    for (n, (inbound, sender)) in texts.into_iter().enumerate() {
        if received[n].is_none() {
            received[n] = Some(alone::receive(tx, clock, outbox, inbound, sender).await?);
        }
    }
    Ok(received.into_iter().flatten().collect())
}

//! `Messages.json`: sending texts and asking what became of them.

use chrono::{DateTime, SecondsFormat, Utc};
use reqwest::Method;
use serde::Deserialize;

use super::page::{MAX_PAGE_SIZE, NextPage, Page};
use super::{CallError, Client, Credentials, account_path, lenient};
use crate::webhook::MessageStatus;

/// A message to create. Twilio wants a sender or a service, and a text or media.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewMessage {
    /// The recipient: E.164 or a channel's address.
    pub to: String,
    /// The sender; with a service, one of its pool.
    pub from: Option<String>,
    /// The Messaging Service, `MG…`.
    pub messaging_service_sid: Option<String>,
    /// At most 1,600 characters.
    pub body: Option<String>,
    /// Up to ten URLs that Twilio can fetch.
    pub media_urls: Vec<String>,
    /// Where to report the message's statuses.
    pub status_callback: Option<String>,
    /// Seconds (1–36,000) after which Twilio gives up sending it.
    pub validity_period: Option<u32>,
}

impl NewMessage {
    fn fields(&self) -> Vec<(&'static str, String)> {
        let mut fields = vec![("To", self.to.clone())];
        let mut add = |name, value: Option<String>| fields.extend(value.map(|value| (name, value)));
        add("From", self.from.clone());
        add("MessagingServiceSid", self.messaging_service_sid.clone());
        add("Body", self.body.clone());
        for url in &self.media_urls {
            add("MediaUrl", Some(url.clone()));
        }
        add("StatusCallback", self.status_callback.clone());
        let period = self.validity_period.map(|seconds| seconds.to_string());
        add("ValidityPeriod", period);
        fields
    }
}

/// A message as Twilio has it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct MessageResource {
    /// `SM…` or `MM…`.
    pub sid: String,
    /// `AC…`.
    #[serde(default, deserialize_with = "lenient::text")]
    pub account_sid: Option<String>,
    /// `MG…`, if it goes through a service.
    #[serde(default, deserialize_with = "lenient::text")]
    pub messaging_service_sid: Option<String>,
    /// The sender; null until a service has chosen one.
    #[serde(default, deserialize_with = "lenient::text")]
    pub from: Option<String>,
    /// The recipient.
    #[serde(default, deserialize_with = "lenient::text")]
    pub to: Option<String>,
    /// The text.
    #[serde(default, deserialize_with = "lenient::text")]
    pub body: Option<String>,
    /// How far it is.
    #[serde(default, deserialize_with = "status")]
    pub status: Option<MessageStatus>,
    /// `inbound`, `outbound-api`, `outbound-call` or `outbound-reply`.
    #[serde(default, deserialize_with = "lenient::text")]
    pub direction: Option<String>,
    /// Segments billed; 0 until a service has chosen a sender.
    #[serde(default, deserialize_with = "lenient::number")]
    pub num_segments: Option<u32>,
    /// Attachments.
    #[serde(default, deserialize_with = "lenient::number")]
    pub num_media: Option<u32>,
    /// What it cost, negative, as a decimal.
    #[serde(default, deserialize_with = "lenient::text")]
    pub price: Option<String>,
    /// ISO 4217, of `price`.
    #[serde(default, deserialize_with = "lenient::text")]
    pub price_unit: Option<String>,
    /// Why it failed.
    #[serde(default, deserialize_with = "lenient::number")]
    pub error_code: Option<i32>,
    /// The same in words; not to branch on.
    #[serde(default, deserialize_with = "lenient::text")]
    pub error_message: Option<String>,
    /// When Twilio took it.
    #[serde(default, deserialize_with = "lenient::date")]
    pub date_created: Option<DateTime<Utc>>,
    /// When it last changed.
    #[serde(default, deserialize_with = "lenient::date")]
    pub date_updated: Option<DateTime<Utc>>,
    /// When it was sent; null while queued.
    #[serde(default, deserialize_with = "lenient::date")]
    pub date_sent: Option<DateTime<Utc>>,
}

fn status<'de, D: serde::Deserializer<'de>>(input: D) -> Result<Option<MessageStatus>, D::Error> {
    Ok(lenient::text(input)?.map(MessageStatus::from))
}

/// Which messages to list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MessageFilter {
    /// Only to this recipient.
    pub to: Option<String>,
    /// Only from this sender.
    pub from: Option<String>,
    /// Only sent at or after this; leaves out those still queued, which have no such date.
    pub date_sent_after: Option<DateTime<Utc>>,
    /// Only sent at or before this, to the second; leaves out the same.
    pub date_sent_before: Option<DateTime<Utc>>,
    /// Items on a page, at most 1,000; Twilio's default is 50.
    pub page_size: Option<u16>,
}

impl MessageFilter {
    fn query(&self) -> Vec<(&'static str, String)> {
        let date = |date: DateTime<Utc>| date.to_rfc3339_opts(SecondsFormat::Secs, true);
        let size = |size: u16| size.clamp(1, MAX_PAGE_SIZE).to_string();
        [
            ("To", self.to.clone()),
            ("From", self.from.clone()),
            // The operator is part of the name.
            ("DateSent>", self.date_sent_after.map(date)),
            ("DateSent<", self.date_sent_before.map(date)),
            ("PageSize", self.page_size.map(size)),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)))
        .collect()
    }
}

/// An attachment of a message as Twilio has it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct MediaResource {
    /// `ME…`.
    pub sid: String,
    /// What the sender's network called it; not to be trusted.
    #[serde(default, deserialize_with = "lenient::text")]
    pub content_type: Option<String>,
}

const LIST_KEY: &str = "messages";
const MEDIA_KEY: &str = "media_list";

impl Client {
    /// Hands a message to Twilio.
    ///
    /// # Errors
    /// [`CallError`]; if its outcome is unknown, the message may be on its way.
    pub async fn create_message(
        &self,
        credentials: &Credentials,
        message: &NewMessage,
    ) -> Result<MessageResource, CallError> {
        let request = self
            .request(Method::POST, credentials, &["Messages"])?
            .form(&message.fields());
        self.json(request, credentials).await
    }

    /// A message by its SID.
    ///
    /// # Errors
    /// [`CallError`]; an unknown SID is a refusal with status 404.
    pub async fn fetch_message(
        &self,
        credentials: &Credentials,
        sid: &str,
    ) -> Result<MessageResource, CallError> {
        let request = self.request(Method::GET, credentials, &["Messages", sid])?;
        self.json(request, credentials).await
    }

    /// The first page of the account's messages, newest first.
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn list_messages(
        &self,
        credentials: &Credentials,
        filter: &MessageFilter,
    ) -> Result<Page<MessageResource>, CallError> {
        let request = self
            .request(Method::GET, credentials, &["Messages"])?
            .query(&filter.query());
        self.page(request, credentials, LIST_KEY).await
    }

    /// The next page of [`Client::list_messages`].
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn next_messages(
        &self,
        credentials: &Credentials,
        page: &NextPage,
    ) -> Result<Page<MessageResource>, CallError> {
        let request = self.next_request(credentials, page)?;
        self.page(request, credentials, LIST_KEY).await
    }

    /// The attachments of a message with where to fetch each; there are ten at most.
    ///
    /// # Errors
    /// [`CallError`]; an unknown SID is a refusal with status 404.
    pub async fn list_media(
        &self,
        credentials: &Credentials,
        message_sid: &str,
    ) -> Result<Vec<(MediaResource, String)>, CallError> {
        let path = ["Messages", message_sid, "Media"];
        let request = self.request(Method::GET, credentials, &path)?;
        let page = self.page(request, credentials, MEDIA_KEY).await?;
        let account = account_path(credentials);
        let located = |media: MediaResource| {
            let sid = &media.sid;
            let base = &self.base_url;
            let url = format!("{base}{account}/Messages/{message_sid}/Media/{sid}");
            (media, url)
        };
        Ok(page.items.into_iter().map(located).collect())
    }

    /// Deletes an attachment (`ME…`) of a message at Twilio.
    ///
    /// # Errors
    /// [`CallError`]; one that is gone already is a refusal with status 404.
    pub async fn delete_media(
        &self,
        credentials: &Credentials,
        message_sid: &str,
        media_sid: &str,
    ) -> Result<(), CallError> {
        let path = ["Messages", message_sid, "Media", media_sid];
        let request = self.request(Method::DELETE, credentials, &path)?;
        self.answer(request, credentials).await.map(drop)
    }
}

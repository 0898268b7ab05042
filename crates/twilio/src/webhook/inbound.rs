//! A text or media message that arrived at one of our numbers.

use std::collections::BTreeMap;

use super::{WebhookError, message_sid, required};
use crate::form::Form;

/// A message that somebody sent us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InboundMessage {
    /// `SM…` or `MM…`; names the message for good.
    pub message_sid: String,
    /// The account that owns the number.
    pub account_sid: Option<String>,
    /// The Messaging Service it came through, if any.
    pub messaging_service_sid: Option<String>,
    /// The sender as Twilio wrote it: E.164, a short code, a name, `whatsapp:+…`.
    pub from: String,
    /// Our number or address, in the same forms.
    pub to: Option<String>,
    /// The text; empty for media alone.
    pub body: String,
    /// How many segments the text came in.
    pub num_segments: Option<u32>,
    /// The attachments by index.
    pub media: Vec<InboundMedia>,
    /// The city that Twilio guesses from the sender's number; so the next three.
    pub from_city: Option<String>,
    /// State or province.
    pub from_state: Option<String>,
    /// Postal code.
    pub from_zip: Option<String>,
    /// ISO 3166 two-letter country.
    pub from_country: Option<String>,
    /// ISO 3166 two-letter country of our number.
    pub to_country: Option<String>,
    /// What Twilio's Advanced Opt-Out recognised; decides over the text when present.
    pub opt_out_type: Option<OptOutType>,
    /// The sender's name on channels that have one.
    pub profile_name: Option<String>,
}

/// An attachment that Twilio keeps for us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InboundMedia {
    /// The N of `MediaUrl{N}`, from 0.
    pub index: u32,
    /// Where to fetch it, with the account's credentials.
    pub url: String,
    /// What the sender's network called it; not to be trusted.
    pub content_type: Option<String>,
}

/// The keyword class that Advanced Opt-Out recognised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OptOutType {
    /// Wants no more texts.
    Stop,
    /// Wants texts again.
    Start,
    /// Asks for help.
    Help,
    /// A class that Twilio added later.
    Other(String),
}

impl OptOutType {
    fn parse(text: String) -> Self {
        match text.trim().to_ascii_uppercase().as_str() {
            "STOP" => Self::Stop,
            "START" => Self::Start,
            "HELP" => Self::Help,
            _ => Self::Other(text),
        }
    }
}

impl InboundMessage {
    /// Reads the fields of a verified webhook.
    ///
    /// # Errors
    /// [`WebhookError::MissingField`] without `MessageSid` (or its older names) or `From`.
    pub fn from_form(form: &Form) -> Result<Self, WebhookError> {
        Ok(Self {
            message_sid: message_sid(form)?,
            account_sid: form.filled("AccountSid"),
            messaging_service_sid: form.filled("MessagingServiceSid"),
            from: required(form, "From")?,
            to: form.filled("To"),
            body: form.text("Body").unwrap_or_default(),
            num_segments: form.get("NumSegments").and_then(|n| n.parse().ok()),
            media: media(form),
            from_city: form.filled("FromCity"),
            from_state: form.filled("FromState"),
            from_zip: form.filled("FromZip"),
            from_country: form.filled("FromCountry"),
            to_country: form.filled("ToCountry"),
            opt_out_type: form.filled("OptOutType").map(OptOutType::parse),
            profile_name: form.filled("ProfileName"),
        })
    }
}

/// Every `MediaUrl{N}` there is. `NumMedia` is not consulted: it can only be wrong.
fn media(form: &Form) -> Vec<InboundMedia> {
    let mut found = BTreeMap::new();
    for (name, _) in form.iter() {
        let Some(index) = name.strip_prefix("MediaUrl").and_then(plain_index) else {
            continue;
        };
        let Some(url) = form.filled(name) else {
            continue;
        };
        found.entry(index).or_insert_with(|| InboundMedia {
            index,
            url,
            content_type: form.filled(&format!("MediaContentType{index}")),
        });
    }
    found.into_values().collect()
}

/// A number as Twilio writes it: no sign, no leading zeros.
fn plain_index(text: &str) -> Option<u32> {
    let index = text.parse::<u32>().ok()?;
    (index.to_string() == text).then_some(index)
}

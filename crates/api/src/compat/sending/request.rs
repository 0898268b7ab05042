//! What these clients send.

use chrono::{DateTime, SecondsFormat, Utc};
use entity::id::LeadId;
use entity::value::SendPriority;
use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::super::text::Text;
use super::super::typed;
use crate::error::{ApiError, FieldError};
use crate::extract::Checks;

const MISSING: &str = "is missing";
const NO_TEMPLATES: &str =
    "there is no such template: templates are not there yet, so send the text as `message`";

/// An answer to a lead.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OutboundSms {
    /// The lead.
    #[serde(default, deserialize_with = "typed::text", alias = "lead_id")]
    #[schema(value_type = LeadId, required = true)]
    pub lead_id: Option<String>,
    /// The lead's number, in any usual form; it may be left out, and has to be the lead's.
    #[serde(default, deserialize_with = "typed::text", alias = "phone_number")]
    #[schema(value_type = Option<String>, example = "+15551234567")]
    pub phone_number: Option<String>,
    /// The text, at most 1600 characters.
    #[schema(value_type = String, required = true)]
    pub message: Option<String>,
}

impl OutboundSms {
    pub(super) fn text(self) -> Result<Text, ApiError> {
        let lead = given(self.lead_id);
        let message = given(self.message);
        let missing = [("/leadId", lead.is_none()), ("/message", message.is_none())];
        let missing: Vec<_> = missing
            .iter()
            .filter(|(_, is_missing)| *is_missing)
            .map(|(pointer, _)| FieldError::new(*pointer, MISSING))
            .collect();
        match message {
            Some(message) if missing.is_empty() => Ok(Text {
                lead,
                number: given(self.phone_number),
                message,
                priority: SendPriority::Reply,
                send_at: None,
                number_pointer: "/phoneNumber",
            }),
            _ => Err(ApiError::Incomplete(missing)),
        }
    }
}

/// A text to a number.
#[derive(Debug, Deserialize, ToSchema)]
pub struct SmsTo {
    /// The recipient's number, in any usual form.
    #[serde(
        default,
        deserialize_with = "typed::text",
        alias = "phoneNumber",
        alias = "phone_number"
    )]
    #[schema(value_type = String, required = true, example = "+15551234567")]
    pub to: Option<String>,
    /// The text, at most 1600 characters.
    #[serde(alias = "body")]
    #[schema(value_type = String, required = true)]
    pub message: Option<String>,
}

impl SmsTo {
    pub(super) fn text(self) -> Result<Text, ApiError> {
        let mut checks = Checks::new();
        checks.require(self.to.is_some(), "/to", MISSING);
        checks.require(self.message.is_some(), "/message", MISSING);
        checks.done()?;
        Ok(Text {
            lead: None,
            number: self.to,
            message: self.message.unwrap_or_default(),
            priority: SendPriority::Normal,
            send_at: None,
            number_pointer: "/to",
        })
    }
}

/// How urgent a text is.
#[derive(Clone, Copy, Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SmsUrgency {
    /// An answer somebody waits for; also `high` and `urgent`.
    #[serde(alias = "high", alias = "urgent")]
    Reply,
    /// As most are.
    #[default]
    Normal,
    /// One of many; also `low`.
    #[serde(alias = "low")]
    Bulk,
}

impl From<SmsUrgency> for SendPriority {
    fn from(urgency: SmsUrgency) -> Self {
        match urgency {
            SmsUrgency::Reply => Self::Reply,
            SmsUrgency::Normal => Self::Normal,
            SmsUrgency::Bulk => Self::Bulk,
        }
    }
}

/// A text to a number or a lead.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SmsSend {
    /// The recipient's number, in any usual form; with `leadId` it may be left out.
    #[serde(default, deserialize_with = "typed::text", alias = "phone_number")]
    #[schema(value_type = Option<String>, example = "+15551234567")]
    pub phone_number: Option<String>,
    /// The text, at most 1600 characters.
    pub message: Option<String>,
    /// The template to write it from, instead of `message`.
    #[serde(default, deserialize_with = "typed::text", alias = "template_id")]
    #[schema(value_type = Option<String>)]
    pub template_id: Option<String>,
    /// What to put into the template.
    #[schema(value_type = Option<Object>)]
    pub variables: Option<Map<String, Value>>,
    /// The lead, whose number it then has to be.
    #[serde(default, deserialize_with = "typed::text", alias = "lead_id")]
    #[schema(value_type = Option<LeadId>)]
    pub lead_id: Option<String>,
    /// How urgent it is; `normal` unless something else is said.
    #[serde(default)]
    pub priority: SmsUrgency,
}

impl SmsSend {
    pub(super) fn text(self) -> Result<Text, ApiError> {
        let (lead, number) = (given(self.lead_id), given(self.phone_number));
        let mut checks = Checks::new();
        checks.require(lead.is_some() || number.is_some(), "/phoneNumber", MISSING);
        match (&self.template_id, &self.message) {
            (Some(_), _) => checks.require(false, "/templateId", NO_TEMPLATES),
            (None, None) => checks.require(false, "/message", MISSING),
            (None, Some(_)) => {}
        }
        checks.done()?;
        Ok(Text {
            lead,
            number,
            message: self.message.unwrap_or_default(),
            priority: self.priority.into(),
            send_at: None,
            number_pointer: "/phoneNumber",
        })
    }
}

/// A text to send later.
///
/// It repeats the fields of [`SmsSend`]: were they flattened into it, an error could not point at
/// the one that is wrong.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SmsSchedule {
    /// The recipient's number, in any usual form; with `leadId` it may be left out.
    #[serde(default, deserialize_with = "typed::text", alias = "phone_number")]
    #[schema(value_type = Option<String>, example = "+15551234567")]
    pub phone_number: Option<String>,
    /// The text, at most 1600 characters.
    pub message: Option<String>,
    /// When to send it, with its time zone: `2027-01-31T09:00:00Z` or `2027-01-31T09:00:00-05:00`.
    #[serde(deserialize_with = "typed::time", alias = "scheduled_time")]
    pub scheduled_time: DateTime<Utc>,
    /// The template to write it from, instead of `message`.
    #[serde(default, deserialize_with = "typed::text", alias = "template_id")]
    #[schema(value_type = Option<String>)]
    pub template_id: Option<String>,
    /// What to put into the template.
    #[schema(value_type = Option<Object>)]
    pub variables: Option<Map<String, Value>>,
    /// The lead, whose number it then has to be.
    #[serde(default, deserialize_with = "typed::text", alias = "lead_id")]
    #[schema(value_type = Option<LeadId>)]
    pub lead_id: Option<String>,
    /// How urgent it is when its time has come; `normal` unless something else is said.
    #[serde(default)]
    pub priority: SmsUrgency,
}

impl SmsSchedule {
    pub(super) fn text(self, now: DateTime<Utc>) -> Result<Text, ApiError> {
        if self.scheduled_time <= now {
            let detail = format!("must be in the future: it is {} now", rfc3339(now));
            return Err(ApiError::field("/scheduledTime", detail));
        }
        let send = SmsSend {
            phone_number: self.phone_number,
            message: self.message,
            template_id: self.template_id,
            variables: self.variables,
            lead_id: self.lead_id,
            priority: self.priority,
        };
        Ok(Text {
            send_at: Some(self.scheduled_time),
            ..send.text()?
        })
    }
}

fn rfc3339(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// What is there; blanks alone are nothing.
fn given(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.trim().is_empty())
}

//! `IncomingPhoneNumbers.json`: the numbers that an account owns.

use reqwest::Method;
use serde::{Deserialize, Serialize};

use super::page::{MAX_PAGE_SIZE, NextPage, Page};
use super::{CallError, Client, Credentials, lenient};

/// A number of an account.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct IncomingNumber {
    /// `PN…`.
    pub sid: String,
    /// E.164.
    #[serde(default, deserialize_with = "lenient::text")]
    pub phone_number: Option<String>,
    /// The name that its owner gave it.
    #[serde(default, deserialize_with = "lenient::text")]
    pub friendly_name: Option<String>,
    /// What it can do.
    #[serde(default)]
    pub capabilities: Option<Capabilities>,
    /// Where inbound messages are reported.
    #[serde(default, deserialize_with = "lenient::text")]
    pub sms_url: Option<String>,
    /// `GET` or `POST`.
    #[serde(default, deserialize_with = "lenient::text")]
    pub sms_method: Option<String>,
    /// An application that, when set, makes Twilio ignore `sms_url`.
    #[serde(default, deserialize_with = "lenient::text")]
    pub sms_application_sid: Option<String>,
    /// Where inbound calls ask what to do.
    #[serde(default, deserialize_with = "lenient::text")]
    pub voice_url: Option<String>,
    /// Where the progress of calls is reported.
    #[serde(default, deserialize_with = "lenient::text")]
    pub status_callback: Option<String>,
}

/// What a number can do; absent means it can't.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
pub struct Capabilities {
    /// Texts.
    #[serde(default, alias = "SMS", deserialize_with = "lenient::flag")]
    pub sms: bool,
    /// Media messages.
    #[serde(default, alias = "MMS", deserialize_with = "lenient::flag")]
    pub mms: bool,
    /// Calls.
    #[serde(default, deserialize_with = "lenient::flag")]
    pub voice: bool,
}

/// What to change at a number; absent fields stay as they are, empty ones are cleared.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct NumberUpdate {
    /// Where to report inbound messages.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sms_url: Option<String>,
    /// `GET` or `POST`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sms_method: Option<String>,
    /// Where to report them if that fails.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sms_fallback_url: Option<String>,
    /// Where to report the progress of calls.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status_callback: Option<String>,
    /// `GET` or `POST`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status_callback_method: Option<String>,
    /// Where inbound calls ask what to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub voice_url: Option<String>,
    /// `GET` or `POST`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub voice_method: Option<String>,
}

const LIST_KEY: &str = "incoming_phone_numbers";

impl Client {
    /// The account's numbers, or only the given one (E.164).
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn list_incoming_numbers(
        &self,
        credentials: &Credentials,
        phone_number: Option<&str>,
    ) -> Result<Page<IncomingNumber>, CallError> {
        let mut query = vec![("PageSize", MAX_PAGE_SIZE.to_string())];
        query.extend(phone_number.map(|number| ("PhoneNumber", number.to_owned())));
        let request = self
            .request(Method::GET, credentials, &["IncomingPhoneNumbers"])?
            .query(&query);
        self.page(request, credentials, LIST_KEY).await
    }

    /// The next page of [`Client::list_incoming_numbers`].
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn next_incoming_numbers(
        &self,
        credentials: &Credentials,
        page: &NextPage,
    ) -> Result<Page<IncomingNumber>, CallError> {
        let request = self.next_request(credentials, page)?;
        self.page(request, credentials, LIST_KEY).await
    }

    /// Changes where a number (by its SID, `PN…`) reports to.
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn update_incoming_number(
        &self,
        credentials: &Credentials,
        sid: &str,
        update: &NumberUpdate,
    ) -> Result<IncomingNumber, CallError> {
        let request = self
            .request(Method::POST, credentials, &["IncomingPhoneNumbers", sid])?
            .form(update);
        self.json(request, credentials).await
    }
}

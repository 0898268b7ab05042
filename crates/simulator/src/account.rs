//! What a simulated Twilio account owns. These types are both the seeds that a caller gives and
//! what the control API answers, so a copied answer is a valid seed.

use serde::{Deserialize, Serialize};

use crate::token::Token;

/// An account (or a subaccount) with everything that belongs to it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AccountSeed {
    /// `AC` and 32 hex digits. Empty: one is made up.
    pub sid: String,
    /// Signs the webhooks and opens the API. Empty: one is made up.
    pub auth_token: Token,
    /// The name in the console.
    pub friendly_name: String,
    /// A suspended or closed account may not send.
    pub status: AccountStatus,
    /// A trial account may only text `verified` numbers.
    #[serde(rename = "type")]
    pub kind: AccountKind,
    /// The account that owns this subaccount; its credentials open this account too.
    pub parent: Option<String>,
    /// Numbers a trial account may text, in E.164.
    pub verified: Vec<String>,
    /// Test credentials: magic numbers, no messages kept, no webhooks.
    pub test: bool,
    /// Puts `OptOutType` into inbound webhooks.
    pub advanced_opt_out: bool,
    /// Whether names of up to 11 letters are accepted as `From`.
    pub alphanumeric_senders: bool,
    /// The phone numbers.
    pub numbers: Vec<Number>,
    /// Messaging Services.
    pub messaging_services: Vec<MessagingService>,
    /// API keys, which open the API as the auth token does.
    pub api_keys: Vec<ApiKey>,
}

impl Default for AccountSeed {
    fn default() -> Self {
        Self {
            sid: String::new(),
            auth_token: Token::default(),
            friendly_name: "Simulated account".to_owned(),
            status: AccountStatus::Active,
            kind: AccountKind::Full,
            parent: None,
            verified: Vec::new(),
            test: false,
            advanced_opt_out: false,
            alphanumeric_senders: false,
            numbers: Vec::new(),
            messaging_services: Vec::new(),
            api_keys: Vec::new(),
        }
    }
}

impl AccountSeed {
    pub(crate) fn number(&self, phone_number: &str) -> Option<&Number> {
        self.numbers
            .iter()
            .find(|number| number.phone_number == phone_number)
    }

    pub(crate) fn number_by_sid(&self, sid: &str) -> Option<&Number> {
        self.numbers.iter().find(|number| number.sid == sid)
    }

    pub(crate) fn service(&self, sid: &str) -> Option<&MessagingService> {
        self.messaging_services
            .iter()
            .find(|service| service.sid == sid)
    }

    /// The Messaging Service that a number sends for, if any.
    pub(crate) fn service_of(&self, phone_number: &str) -> Option<&MessagingService> {
        self.messaging_services
            .iter()
            .find(|service| service.numbers.iter().any(|own| own == phone_number))
    }
}

/// Whether an account may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AccountStatus {
    /// In use.
    Active,
    /// Stopped by Twilio, perhaps for an unpaid bill.
    Suspended,
    /// Gone for good.
    Closed,
}

/// Whether an account is paid for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum AccountKind {
    /// Free, and limited to verified recipients.
    Trial,
    /// Paid.
    Full,
}

/// A phone number of an account and what happens when somebody texts it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Number {
    /// E.164.
    pub phone_number: String,
    /// `PN` and 32 hex digits. Empty: one is made up.
    pub sid: String,
    /// The name in the console; the number itself if empty.
    pub friendly_name: String,
    /// What the number can do.
    pub capabilities: Capabilities,
    /// Where inbound texts are posted. Empty: nowhere.
    pub sms_url: String,
    /// `POST` or `GET`.
    pub sms_method: String,
    /// Asked when `sms_url` fails.
    pub sms_fallback_url: String,
    /// `POST` or `GET`.
    pub sms_fallback_method: String,
    /// Status callback of the number (kept and answered; messages name their own).
    pub status_callback: String,
    /// `POST` or `GET`.
    pub status_callback_method: String,
    /// Kept and answered; the simulator places no calls.
    pub voice_url: String,
    /// `POST` or `GET`.
    pub voice_method: String,
    /// Kept and answered.
    pub voice_fallback_url: String,
}

impl Default for Number {
    fn default() -> Self {
        Self {
            phone_number: String::new(),
            sid: String::new(),
            friendly_name: String::new(),
            capabilities: Capabilities::default(),
            sms_url: String::new(),
            sms_method: "POST".to_owned(),
            sms_fallback_url: String::new(),
            sms_fallback_method: "POST".to_owned(),
            status_callback: String::new(),
            status_callback_method: "POST".to_owned(),
            voice_url: String::new(),
            voice_method: "POST".to_owned(),
            voice_fallback_url: String::new(),
        }
    }
}

/// What a number can do.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Capabilities {
    /// Texts.
    pub sms: bool,
    /// Pictures.
    pub mms: bool,
    /// Calls.
    pub voice: bool,
}

impl Default for Capabilities {
    fn default() -> Self {
        Self {
            sms: true,
            mms: true,
            voice: true,
        }
    }
}

/// A pool of numbers that sends as one.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MessagingService {
    /// `MG` and 32 hex digits. Empty: one is made up.
    pub sid: String,
    /// The name in the console.
    pub friendly_name: String,
    /// The pool, in E.164; each is a number of the account.
    pub numbers: Vec<String>,
    /// Where inbound texts to the pool are posted instead of the number's own URL, if not empty.
    pub inbound_request_url: String,
    /// For messages that name no callback of their own.
    pub status_callback: String,
}

/// A pair that opens the API without the auth token. Its secret never signs a webhook.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ApiKey {
    /// `SK` and 32 hex digits. Empty: one is made up.
    pub sid: String,
    /// The password to it. Empty: one is made up.
    pub secret: Token,
}

//! Whether Twilio agrees with what a channel says, and telling Twilio where we listen.
//!
//! [`check`] asks for the account and for the number, and puts a name and a remedy to everything
//! that stands in the way. It changes nothing.

use entity::value::ChannelMode;
use serde::Serialize;
use twilio::client::{Account, IncomingNumber, NumberUpdate};
use twilio::{CallError, Client};
use utoipa::ToSchema;

use crate::Opened;

mod reason;

pub use reason::Reason;

/// Code of a request that test credentials may not make.
const TEST_CREDENTIALS: i32 = 20008;
/// Code of credentials that Twilio does not know.
const WRONG_CREDENTIALS: i32 = 20003;

/// What was looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CheckName {
    /// Account SID and auth token.
    Credentials,
    /// Whether the account may send.
    Account,
    /// The API key, if there is one.
    ApiKey,
    /// Whether the number is the account's.
    Number,
    /// Whether the number takes part in texting.
    Sms,
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ChannelCheck)]
pub struct Check {
    /// What it is.
    pub name: CheckName,
    /// Whether it is as it should be.
    pub ok: bool,
    /// What stands in the way; with `ok` something to know.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    /// Twilio's error code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<i32>,
    /// The reason in words, Twilio's where it gave some.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub what_to_do: Option<&'static str>,
}

impl Check {
    const fn passed(name: CheckName) -> Self {
        Self {
            name,
            ok: true,
            reason: None,
            code: None,
            detail: None,
            what_to_do: None,
        }
    }

    fn with(name: CheckName, ok: bool, reason: Reason) -> Self {
        Self {
            ok,
            reason: Some(reason),
            detail: Some(reason.in_words().to_owned()),
            what_to_do: Some(reason.what_to_do()),
            ..Self::passed(name)
        }
    }

    fn failed(name: CheckName, reason: Reason) -> Self {
        Self::with(name, false, reason)
    }

    fn refused(name: CheckName, wrong: Reason, error: &CallError) -> Self {
        let refusal = error.refusal();
        let reason = match refusal {
            Some(refusal) if refusal.code == Some(TEST_CREDENTIALS) => Reason::TestCredentials,
            Some(refusal)
                if refusal.code == Some(WRONG_CREDENTIALS) || refusal.http_status == 401 =>
            {
                wrong
            }
            Some(refusal) if refusal.http_status >= 500 => Reason::TwilioUnreachable,
            Some(_) => Reason::TwilioRefused,
            None => Reason::TwilioUnreachable,
        };
        let said = refusal
            .map(|refusal| refusal.message.clone())
            .filter(|text| !text.is_empty());
        let check = Self::failed(name, reason);
        Self {
            code: refusal.and_then(|refusal| refusal.code),
            detail: said.or(check.detail),
            ..check
        }
    }
}

/// What Twilio says of the account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct AccountInfo {
    /// `active`, `suspended` or `closed`.
    pub status: Option<String>,
    /// `Trial` or `Full`.
    pub r#type: Option<String>,
    /// The name that its owner gave it.
    pub friendly_name: Option<String>,
}

/// What Twilio says of the number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct NumberInfo {
    /// `PN…`.
    pub sid: String,
    /// What it can do.
    pub capabilities: CapabilitiesInfo,
    /// Where Twilio reports inbound texts now.
    pub sms_url: Option<String>,
    /// Where Twilio reports the progress of calls now.
    pub status_callback: Option<String>,
}

/// What a number can do.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct CapabilitiesInfo {
    /// Texts.
    pub sms: bool,
    /// Media messages.
    pub mms: bool,
    /// Calls.
    pub voice: bool,
}

/// What Twilio says of a channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ChannelHealth)]
pub struct Health {
    /// Whether every check passed.
    pub ok: bool,
    /// What was looked at, in that order; it ends where nothing more could be asked.
    pub checks: Vec<Check>,
    /// The account, if Twilio told of it.
    pub account: Option<AccountInfo>,
    /// The number, if the account has it.
    pub number: Option<NumberInfo>,
}

/// Asks Twilio about a channel's account and number. `mode` says what is expected: a trial
/// account is no fault of a channel that is marked as one.
///
/// Never fails: that Twilio can't be reached is a finding as well.
pub async fn check(client: &Client, opened: &Opened, mode: ChannelMode) -> Health {
    let mut health = Health {
        ok: true,
        checks: Vec::new(),
        account: None,
        number: None,
    };
    if health.look_at_account(client, opened, mode).await {
        health.look_at_number(client, opened).await;
    }
    health.ok = health.checks.iter().all(|check| check.ok);
    health
}

impl Health {
    /// What is known when Twilio was not waited for any longer.
    #[must_use]
    pub fn no_answer() -> Self {
        let check = Check::failed(CheckName::Credentials, Reason::TwilioUnreachable);
        Self {
            ok: false,
            checks: vec![check],
            account: None,
            number: None,
        }
    }

    /// Whether there is any use in asking for the number.
    async fn look_at_account(
        &mut self,
        client: &Client,
        opened: &Opened,
        mode: ChannelMode,
    ) -> bool {
        let account = match client.fetch_account(&opened.twilio_by_token()).await {
            Ok(account) => account,
            Err(error) => {
                let mut check =
                    Check::refused(CheckName::Credentials, Reason::WrongCredentials, &error);
                // That is how test credentials are known to be right: they may ask for nothing.
                check.ok =
                    mode == ChannelMode::Test && check.reason == Some(Reason::TestCredentials);
                self.checks.push(check);
                return false;
            }
        };
        self.checks.push(Check::passed(CheckName::Credentials));
        self.checks.push(standing(&account, mode));
        self.account = Some(AccountInfo {
            status: account.status,
            r#type: account.kind,
            friendly_name: account.friendly_name,
        });
        true
    }

    async fn look_at_number(&mut self, client: &Client, opened: &Opened) {
        let wanted = opened.phone_number().as_str();
        let found = client
            .list_incoming_numbers(&opened.twilio(), Some(wanted))
            .await;
        let (name, wrong) = if opened.has_api_key() {
            (CheckName::ApiKey, Reason::WrongApiKey)
        } else {
            (CheckName::Number, Reason::WrongCredentials)
        };
        let page = match found {
            Ok(page) => page,
            Err(error) => return self.checks.push(Check::refused(name, wrong, &error)),
        };
        if opened.has_api_key() {
            self.checks.push(Check::passed(CheckName::ApiKey));
        }
        // Twilio also finds numbers that merely contain the one asked for.
        let is_wanted = |number: &IncomingNumber| number.phone_number.as_deref() == Some(wanted);
        let Some(number) = page.items.into_iter().find(is_wanted) else {
            return self
                .checks
                .push(Check::failed(CheckName::Number, Reason::NumberNotInAccount));
        };
        let number = NumberInfo::from(number);
        self.checks.push(Check::passed(CheckName::Number));
        self.checks.push(if number.capabilities.sms {
            Check::passed(CheckName::Sms)
        } else {
            Check::failed(CheckName::Sms, Reason::NoSmsCapability)
        });
        self.number = Some(number);
    }
}

/// Whether the account may send to whom the channel's mode promises.
fn standing(account: &Account, mode: ChannelMode) -> Check {
    let is = |text: &Option<String>, word: &str| {
        text.as_deref()
            .is_some_and(|text| text.eq_ignore_ascii_case(word))
    };
    if is(&account.status, "suspended") {
        Check::failed(CheckName::Account, Reason::AccountSuspended)
    } else if is(&account.status, "closed") {
        Check::failed(CheckName::Account, Reason::AccountClosed)
    } else if is(&account.kind, "trial") {
        Check::with(
            CheckName::Account,
            mode != ChannelMode::Production,
            Reason::TrialAccount,
        )
    } else {
        Check::passed(CheckName::Account)
    }
}

impl From<IncomingNumber> for NumberInfo {
    fn from(number: IncomingNumber) -> Self {
        let can = number.capabilities.unwrap_or_default();
        Self {
            sid: number.sid,
            capabilities: CapabilitiesInfo {
                sms: can.sms,
                mms: can.mms,
                voice: can.voice,
            },
            sms_url: number.sms_url,
            status_callback: number.status_callback,
        }
    }
}

/// Tells Twilio where a number (`number_sid`, `PN…`) reports to: inbound texts to `sms_url` by
/// POST, and the progress of calls and inbound calls where URLs are given.
///
/// What becomes of texts is reported to the URL that each of them is sent with, not to the
/// number's `StatusCallback`.
///
/// # Errors
/// [`CallError`] as Twilio's client tells it.
pub async fn connect(
    client: &Client,
    opened: &Opened,
    number_sid: &str,
    sms_url: &str,
    status_url: Option<&str>,
    voice_url: Option<&str>,
) -> Result<NumberInfo, CallError> {
    let post = || "POST".to_owned();
    let update = NumberUpdate {
        sms_url: Some(sms_url.to_owned()),
        sms_method: Some(post()),
        status_callback: status_url.map(str::to_owned),
        status_callback_method: status_url.map(|_| post()),
        voice_url: voice_url.map(str::to_owned),
        voice_method: voice_url.map(|_| post()),
        ..NumberUpdate::default()
    };
    let number = client
        .update_incoming_number(&opened.twilio(), number_sid, &update)
        .await?;
    Ok(number.into())
}

#[cfg(test)]
mod tests;

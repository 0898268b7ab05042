//! Asking Twilio whether a channel can be what it says, and telling Twilio where we listen.
//!
//! All of it happens before the transaction that writes the channel: Twilio may take seconds, and
//! a transaction that waited with it would hold up others.
//!
//! What speaks against the channel in our own rows (the number is taken, the account is another
//! tenant's) is looked at before Twilio is told anything. What is left is a small gap: if the
//! commit fails after that, the number points at a channel that is not there, and its texts are
//! refused until the request is repeated or the number is pointed elsewhere.

use std::time::Duration;

use channels::{
    ChannelPatch, Check, CheckName, Health, NewChannel, Opened, Planned, Reason, webhook_urls,
};
use entity::id::{ChannelId, TenantId};
use entity::value::{ChannelMode, ChannelStatus};
use tokio::time::timeout;
use twilio::CallError;

use crate::error::{ApiError, FieldError, TwilioFault};
use crate::state::State;

/// How long Twilio is waited for: within the time that an answer of ours may take.
const PATIENCE: Duration = Duration::from_millis(3500);

/// Connects a channel that is to be made, if it is to be connected; gives it back with the id
/// that Twilio was told, and whether its number sends files, if Twilio said so.
pub(super) async fn before_creating(
    state: &State,
    tenant: TenantId,
    new: NewChannel,
) -> Result<(NewChannel, Option<bool>), ApiError> {
    if new.status != ChannelStatus::Connected {
        return Ok((new, None));
    }
    let (conn, ring, clock) = (state.db.read(), &state.keys, &state.clock);
    let planned = channels::plan_create(conn, ring, clock, tenant, &new).await?;
    let mms = connect(state, &planned).await?;
    let id = Some(planned.id);
    Ok((NewChannel { id, ..new }, mms))
}

/// Connects a channel that is to be changed, if the change asks for it; gives the change back, and
/// whether the number sends files, if Twilio said so.
pub(super) async fn before_updating(
    state: &State,
    tenant: TenantId,
    id: ChannelId,
    patch: ChannelPatch,
) -> Result<(ChannelPatch, Option<bool>), ApiError> {
    let planned = channels::plan_update(state.db.read(), &state.keys, tenant, id, &patch).await?;
    let mms = match planned {
        Some(planned) => connect(state, &planned).await?,
        None => None,
    };
    Ok((patch, mms))
}

/// What Twilio says of a channel.
pub(crate) async fn check(state: &State, opened: &Opened, mode: ChannelMode) -> Health {
    let asked = timeout(PATIENCE, channels::check(&state.twilio, opened, mode)).await;
    asked.unwrap_or_else(|_| Health::no_answer())
}

async fn connect(state: &State, planned: &Planned) -> Result<Option<bool>, ApiError> {
    let connecting = async {
        let health = check(state, &planned.credentials, planned.mode).await;
        if !health.ok {
            return Err(refusal(&health));
        }
        match &health.number {
            Some(number) => {
                point_here(state, planned, &number.sid).await?;
                Ok(Some(number.capabilities.mms))
            }
            // Test credentials may not ask for the number, and nothing ever comes in by it.
            None => Ok(None),
        }
    };
    timeout(PATIENCE, connecting)
        .await
        .unwrap_or(Err(ApiError::TwilioUnavailable))
}

async fn point_here(state: &State, planned: &Planned, number_sid: &str) -> Result<(), ApiError> {
    let urls = webhook_urls(&state.settings.public_url, planned.id);
    let opened = &planned.credentials;
    // Calls are left to whoever answers them now.
    channels::connect(&state.twilio, opened, number_sid, &urls.sms, None, None)
        .await
        .map_err(|error| not_pointed(&error))?;
    Ok(())
}

/// Every check that failed, and the first one as what Twilio said.
fn refusal(health: &Health) -> ApiError {
    let failed = || health.checks.iter().filter(|check| !check.ok);
    if failed().any(|check| check.reason == Some(Reason::TwilioUnreachable)) {
        return ApiError::TwilioUnavailable;
    }
    let first = failed().next();
    let code = first.and_then(|check| check.code);
    ApiError::RefusedByTwilio {
        detail: "the channel can't be connected as it is".into(),
        twilio: TwilioFault {
            code: code.and_then(|code| u32::try_from(code).ok()),
            message: first
                .and_then(|check| check.detail.clone())
                .unwrap_or_default(),
            more_info: code.map(|code| format!("https://www.twilio.com/docs/errors/{code}")),
        },
        errors: failed().map(field_error).collect(),
    }
}

fn field_error(check: &Check) -> FieldError {
    let pointer = match (check.name, check.reason) {
        (_, Some(Reason::TrialAccount | Reason::TestCredentials)) => "/mode",
        (CheckName::Credentials, _) => "/credentials/authToken",
        (CheckName::Account, _) => "/credentials/accountSid",
        (CheckName::ApiKey, _) => "/credentials/apiKeySecret",
        (CheckName::Number | CheckName::Sms, _) => "/credentials/phoneNumber",
    };
    FieldError::new(pointer, in_sentences(check))
}

/// What a check found and what to do about it.
pub(crate) fn in_sentences(check: &Check) -> String {
    let sentences = [check.detail.as_deref(), check.what_to_do];
    joined(sentences.into_iter().flatten())
}

/// Sentences in a row. Twilio's messages are often just a word, without a full stop.
fn joined<'a>(sentences: impl Iterator<Item = &'a str>) -> String {
    sentences.fold(String::new(), |text, sentence| {
        let text = text.trim_end();
        match text.chars().last() {
            None => sentence.to_owned(),
            Some('.' | '!' | '?' | ':') => format!("{text} {sentence}"),
            Some(_) => format!("{text}. {sentence}"),
        }
    })
}

fn not_pointed(error: &CallError) -> ApiError {
    let Some(refusal) = error.refusal().filter(|refusal| refusal.http_status < 500) else {
        return ApiError::TwilioUnavailable;
    };
    ApiError::RefusedByTwilio {
        detail: "Twilio does not take the address for this number's texts".into(),
        twilio: TwilioFault {
            code: refusal.code.and_then(|code| u32::try_from(code).ok()),
            message: refusal.message.clone(),
            more_info: refusal.more_info.clone(),
        },
        errors: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_in_a_row_are_told_apart() {
        let both = |first| joined([first, "Copy the token."].into_iter());
        assert_eq!(both("Authenticate"), "Authenticate. Copy the token.");
        assert_eq!(both("No such number."), "No such number. Copy the token.");
        assert_eq!(joined(["Authenticate"].into_iter()), "Authenticate");
    }
}

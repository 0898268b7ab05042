//! The request to send, and what its answer means.

use channels::{OpenError, Opened};
use chrono::{DateTime, Utc};
use conversations::sending::{Answer, Outgoing};
use entity::channel;
use media::Links;
use twilio::client::{CallError, MessageResource, NewMessage};
use twilio::error_codes::Class;

use crate::figures;

#[cfg(test)]
mod tests;

/// Too many requests at once: not processed.
const TOO_MANY: i32 = 20429;

/// The sender's queue is full: not processed.
const QUEUE_FULL: i32 = 21611;

/// The longest that Twilio holds a text, in seconds.
const LONGEST_VALIDITY: i64 = 36_000;

/// The text as Twilio wants it.
pub(super) fn text(
    outgoing: &Outgoing,
    opened: &Opened,
    public_url: &str,
    links: &Links,
    now: DateTime<Utc>,
) -> NewMessage {
    let (message, channel) = (&outgoing.message, &outgoing.channel);
    let number = outgoing.attempt.number;
    let left = message.valid_until.map(|until| (until - now).num_seconds());
    NewMessage {
        to: message.to_number.clone(),
        // With a service too: it then sends by this number of its pool and no other.
        from: Some(opened.phone_number().to_string()),
        messaging_service_sid: opened.messaging_service_sid().map(str::to_owned),
        body: Some(outgoing.text(links)).filter(|body| !body.is_empty()),
        media_urls: outgoing.media_urls(links),
        status_callback: Some(channels::status_callback(
            public_url, channel.id, message.id, number,
        )),
        validity_period: left
            .and_then(|seconds| u32::try_from(seconds.clamp(1, LONGEST_VALIDITY)).ok()),
    }
}

/// What Twilio's answer, or the lack of one, means.
pub(super) fn answer(result: Result<MessageResource, CallError>) -> Answer {
    let error = match result {
        Ok(created) => {
            let status = created.status.map(|status| status.as_str().to_owned());
            return Answer::Accepted {
                sid: created.sid,
                status,
            };
        }
        Err(error) => error,
    };
    if error.outcome_is_unknown() {
        return Answer::Unknown;
    }
    let class = error.class();
    match error {
        CallError::NotSent(_) => Answer::NotSent,
        CallError::Unknown(_) => Answer::Unknown,
        CallError::Refused(refusal) => Answer::Refused {
            throttled: refusal.http_status == 429
                || matches!(refusal.code, Some(TOO_MANY | QUEUE_FULL)),
            code: refusal.code,
            message: refusal.message,
            class,
            retry_after: refusal.retry_after,
        },
        CallError::Invalid(_) | CallError::Elsewhere(_) => refused(error.to_string(), Class::Input),
    }
}

/// The answer to a text that can't even be asked to be sent.
pub(super) fn unopenable(channel: &channel::Model, error: &OpenError) -> Answer {
    tracing::error!(
        channel.id = %channel.id,
        error = error as &dyn std::error::Error,
        "The credentials of a channel can't be opened; its texts fail",
    );
    let words = "The credentials of this channel can't be read. Enter its auth token again.";
    refused(words.to_owned(), Class::Fix)
}

/// A refusal of our own.
pub(super) const fn refused(message: String, class: Class) -> Answer {
    Answer::Refused {
        code: None,
        message,
        class,
        throttled: false,
        retry_after: None,
    }
}

/// What metrics call the cause of a pause that follows an answer.
const fn pause(answer: &Answer) -> Option<&'static str> {
    match answer {
        Answer::Refused {
            throttled: true,
            class: Class::RetryLater,
            ..
        } => Some("queue_full"),
        Answer::Refused {
            throttled: true, ..
        } => Some("rate_limited"),
        Answer::NotSent => Some("unreachable"),
        Answer::Accepted { .. } | Answer::Refused { .. } | Answer::Unknown => None,
    }
}

/// Tells log and metrics. Twilio's own words stay out of the log: they repeat numbers.
pub(super) fn tell(outgoing: &Outgoing, answer: &Answer) {
    let (id, attempt) = (outgoing.message.id, outgoing.attempt.number);
    figures::attempted(super::outcome(answer));
    if let Some(cause) = pause(answer) {
        figures::paused(cause);
    }
    match answer {
        Answer::Accepted { sid, .. } => {
            tracing::debug!(message.id = %id, attempt, sid, "Twilio took a text");
        }
        Answer::Refused {
            code,
            class,
            throttled,
            ..
        } => tracing::info!(
            message.id = %id,
            attempt,
            code,
            class = class.as_str(),
            throttled,
            "Twilio refused a text",
        ),
        Answer::NotSent => {
            tracing::warn!(message.id = %id, attempt, "Twilio can't be reached; a text waits");
        }
        Answer::Unknown => tracing::warn!(
            message.id = %id,
            attempt,
            "Twilio gave no clear answer; whether it has the text is found out later",
        ),
    }
}

//! Looking for a text in Twilio's own list, when its request got no answer.
//!
//! Twilio's list has no field of ours, so a text is known by what it says: recipient, body and
//! about when. What already stands on an attempt of ours is another text of the same words.
//! `date_sent` is of no use, as it is empty while a text waits at Twilio.

use channels::OpenError;
use chrono::{DateTime, TimeDelta, Utc};
use conversations::sending::{self, Answer, Outgoing};
use entity::value::{ChannelMode, SentAs};
use sea_orm::DbErr;
use twilio::client::{CallError, MessageFilter, MessageResource};
use twilio::error_codes::Class;

use super::{SendMessage, request, words::Words};

/// Twilio's clock and ours may differ by so much.
const CLOCKS_DIFFER: TimeDelta = TimeDelta::seconds(60);

/// What is older than the attempt by this much ends the search: the list has the newest first.
const TOO_OLD: TimeDelta = TimeDelta::minutes(2);

/// How long it is tried to find out what became of a text. Longer than an outage of Twilio's or of
/// an account's; after it somebody has to be told that nobody knows.
const GIVE_UP: TimeDelta = TimeDelta::hours(24);

/// How many pages are read at most, and how long one is.
const PAGES: usize = 20;
const PAGE_SIZE: u16 = 50;

/// Why the list could not be asked.
#[derive(Debug, thiserror::Error)]
pub(super) enum LookupError {
    /// The text went by another account than the channel has now.
    #[error("the channel has another account now")]
    OtherAccount,
    /// The channel's credentials can't be opened.
    #[error("the channel's credentials can't be opened")]
    Open(#[from] OpenError),
    /// Twilio did not answer as it should.
    #[error("Twilio can't be asked")]
    Call(#[from] CallError),
    /// There was no end to the list, so nothing can be said of the text.
    #[error("the list of messages is too long")]
    Endless,
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DbErr),
}

impl SendMessage {
    /// The SID under which Twilio has the text; `None` if it isn't there.
    pub(super) async fn look_up(&self, outgoing: &Outgoing) -> Result<Option<String>, LookupError> {
        let opened = channels::open(&self.keys, &outgoing.channel)?;
        if outgoing.attempt.account_sid != opened.account_sid() {
            return Err(LookupError::OtherAccount);
        }
        let by_service = opened.messaging_service_sid().is_some();
        let filter = MessageFilter {
            to: Some(outgoing.message.to_number.clone()),
            // A service's text may have no sender yet, and such a filter would leave it out.
            from: (!by_service).then(|| opened.phone_number().to_string()),
            date_sent_after: None,
            date_sent_before: None,
            page_size: Some(PAGE_SIZE),
        };
        let listed = self
            .list(&opened.twilio(), &filter, outgoing.attempt.created_at)
            .await?;
        // It may have left before the master key was replaced.
        let links = self.links.by_each_key();
        let texts: Vec<_> = links.map(|links| outgoing.text(&links)).collect();
        let mut matching: Vec<_> = listed
            .into_iter()
            .filter(|row| is_it(outgoing, &texts, row, by_service))
            .collect();
        matching.sort_by_key(|row| row.date_created);
        let sids: Vec<String> = matching.into_iter().map(|row| row.sid).collect();
        let tenant = outgoing.message.tenant_id;
        let known = sending::known_sids(self.db.read(), tenant, &sids).await?;
        Ok(sids.into_iter().find(|sid| !known.contains(sid)))
    }

    async fn list(
        &self,
        credentials: &twilio::Credentials,
        filter: &MessageFilter,
        attempted: DateTime<Utc>,
    ) -> Result<Vec<MessageResource>, LookupError> {
        let oldest = attempted - TOO_OLD;
        let mut page = self.twilio.list_messages(credentials, filter).await?;
        let mut listed = Vec::new();
        for _ in 0..PAGES {
            let ends = page
                .items
                .iter()
                .any(|row| row.date_created.is_some_and(|at| at < oldest));
            listed.append(&mut page.items);
            let Some(next) = page.next.filter(|_| !ends) else {
                return Ok(listed);
            };
            page = self.twilio.next_messages(credentials, &next).await?;
        }
        Err(LookupError::Endless)
    }
}

/// Whether a listed message can be the text of this attempt.
fn is_it(outgoing: &Outgoing, texts: &[String], row: &MessageResource, by_service: bool) -> bool {
    let earliest = outgoing.attempt.created_at - CLOCKS_DIFFER;
    let ours = outgoing.channel.phone_number.as_str();
    let with = |file: &&entity::media::Model| file.sent_as == Some(SentAs::Mms);
    let files = outgoing.media.iter().filter(with).count();
    let words = Words {
        may_be_prefixed: outgoing.channel.mode == ChannelMode::Trial,
        may_be_respelled: by_service,
    };
    row.direction.as_deref() == Some("outbound-api")
        // A message of files alone has none.
        && texts
            .iter()
            .any(|text| words.are_in(text, row.body.as_deref().unwrap_or_default()))
        && row.num_media.is_none_or(|count| count as usize == files)
        && row.from.as_deref().is_none_or(|from| from == ours)
        // Without a date it may be the one; taking it for another could text twice.
        && row.date_created.is_none_or(|created| created >= earliest)
}

/// The answer for a text that can't be found out about any more; `None` while it is worth trying,
/// `age` being how long ago it was attempted. It is not sent again by itself: it may have arrived.
pub(super) fn beyond_reach(error: &LookupError, age: TimeDelta) -> Option<Answer> {
    let why = match error {
        LookupError::OtherAccount => "the channel's account was changed since",
        LookupError::Open(_) => "the credentials of this channel can't be read",
        LookupError::Call(_) | LookupError::Endless if age >= GIVE_UP => {
            "its list of messages could not be read for a day"
        }
        // The database's own trouble says nothing of the text.
        LookupError::Call(_) | LookupError::Endless | LookupError::Database(_) => return None,
    };
    let words = format!("No answer came from Twilio, and {why}. The text may have been sent.");
    Some(request::refused(words, Class::Fix))
}

/// Tells the log that it will never be known what became of a text.
pub(super) fn tell_given_up(outgoing: &Outgoing, error: &LookupError) {
    tracing::error!(
        message.id = %outgoing.message.id,
        attempt = outgoing.attempt.number,
        error = error as &dyn std::error::Error,
        "What became of a text can't be found out any more; it fails, though it may have been sent",
    );
}

/// Tells the log why nothing was found out.
pub(super) fn tell(outgoing: &Outgoing, error: &LookupError) {
    tracing::warn!(
        message.id = %outgoing.message.id,
        attempt = outgoing.attempt.number,
        error = error as &dyn std::error::Error,
        "What became of a text can't be found out now; it is tried again",
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given_up(error: &LookupError, hours: i64) -> bool {
        beyond_reach(error, TimeDelta::hours(hours)).is_some()
    }

    #[test]
    fn what_can_never_be_found_out_is_given_up_at_once_and_the_rest_after_a_day() {
        let wiped = LookupError::Open(OpenError::Wiped);
        assert!(given_up(&wiped, 0));
        assert!(given_up(&LookupError::OtherAccount, 0));
        assert!(!given_up(&LookupError::Endless, 23));
        assert!(given_up(&LookupError::Endless, 24));
        let database = LookupError::Database(DbErr::Custom(String::new()));
        assert!(!given_up(&database, 48));
    }
}

//! Every list of the API.

/// What the paths of [`LISTS`] name: the ids of something that is there.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// A conversation with many messages, notes and activity.
    pub conversation: String,
    /// Its lead.
    pub lead: String,
    /// Their number, E.164.
    pub phone: String,
    /// The channel it goes by.
    pub channel: String,
    /// Somebody of the team.
    pub user: String,
    /// One of its messages.
    pub message: String,
    /// Twilio's SID of one.
    pub sid: String,
    /// A time before most of what is there changed, RFC 3339 with a `Z`.
    pub since: String,
    /// A word of many messages.
    pub word: String,
}

impl Known {
    /// A path with what is known in the place of names in braces.
    #[must_use]
    pub fn filled(&self, path: &str) -> String {
        let names = [
            ("{conversation}", &self.conversation),
            ("{lead}", &self.lead),
            ("{phone}", &self.phone),
            ("{channel}", &self.channel),
            ("{user}", &self.user),
            ("{message}", &self.message),
            ("{sid}", &self.sid),
            ("{since}", &self.since),
            ("{word}", &self.word),
        ];
        let fill = |path: String, (name, value): (&str, &String)| path.replace(name, value);
        names.into_iter().fold(path.to_owned(), fill)
    }
}

/// Every list, below `/api/v1/`, in each order and by each filter. A word in braces stands for what
/// [`Known`] has.
pub const LISTS: &[&str] = &[
    "conversations?limit=50",
    "conversations?limit=50&sort=waiting",
    "conversations?limit=50&sort=unread",
    "conversations?limit=50&status=open",
    "conversations?limit=50&status=closed",
    "conversations?limit=50&status=snoozed",
    "conversations?limit=50&assigned=none",
    "conversations?limit=50&assigned=me",
    "conversations?limit=50&unread=true",
    "conversations?limit=50&channel_id={channel}",
    "conversations?limit=50&lead_id={lead}",
    "conversations?limit=50&label=vip",
    "conversations?limit=50&label=vip&sort=waiting",
    "conversations?limit=50&q=415",
    "conversations?limit=50&updated_since={since}",
    "conversations/counts",
    "conversations/{conversation}/messages?limit=50",
    "conversations/{conversation}/messages?limit=50&updated_since={since}",
    "conversations/{conversation}/notes?limit=50",
    "conversations/{conversation}/timeline?limit=50",
    "messages?limit=50",
    "messages?limit=50&conversation_id={conversation}",
    "messages?limit=50&lead_id={lead}",
    "messages?limit=50&channel_id={channel}",
    "messages?limit=50&direction=inbound",
    "messages?limit=50&direction=outbound",
    "messages?limit=50&status=received",
    "messages?limit=50&status=failed",
    "messages?limit=50&status=queued",
    "messages?limit=50&status=scheduled",
    "messages?limit=50&source=customer",
    "messages?limit=50&external_id={sid}",
    "messages?limit=50&updated_since={since}",
    "messages/{message}/attempts?limit=50",
    "leads?limit=50",
    "leads?limit=50&q=415",
    "leads?limit=50&status=new",
    "leads?limit=50&status=lost",
    "leads?limit=50&source=sms",
    "leads?limit=50&has_sms=true",
    "leads?limit=50&tag=vip",
    "leads/{lead}/interactions?limit=50",
    "leads/{lead}/sms",
    "leads/imports?limit=50",
    "activity?limit=50",
    "activity?limit=50&conversation_id={conversation}",
    "activity?limit=50&lead_id={lead}",
    "activity?limit=50&kind=lead_created",
    "search?limit=50&q={word}",
    "search?limit=50&q={word}&type=message",
    "sms/conversation/{phone}?limit=50",
    "twilio/sms/history?limit=50",
    "channels?limit=50",
    "labels",
    "users?limit=50",
    "api-keys?limit=50",
];

/// How many rows more than a page a list may read, as it is asked for.
#[must_use]
pub fn more(list: &str) -> u64 {
    let narrowed = ["status=", "assigned=", "label="];
    match list {
        // Six counts, and each stops at 1,000.
        "conversations/counts" => 6_000,
        // It shows as many.
        "leads/{lead}/sms" => 1_000,
        // Looked for near the beginning, and then where an index has them, if these are few.
        _ if list.starts_with("conversations?") && narrowed.iter().any(|by| list.contains(by)) => {
            3_000
        }
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_stays_in_braces() {
        let known = Known::default();
        for path in LISTS {
            assert!(!known.filled(path).contains('{'), "{path}");
        }
    }
}

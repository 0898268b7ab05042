//! What Twilio has of our texts, and what we say of them.

use std::collections::HashMap;

use serde_json::Value;

use crate::harness::Twilio;

use super::Rows;
use super::numbers::Sender;

/// Recipient and words: no two texts of a scenario share both.
pub(crate) type Text = (String, String);

/// Status and MessageSid.
pub(crate) type Ours = (String, Option<String>);

/// What Twilio was asked to send, each text with all its copies.
pub(crate) async fn at_twilio(twilio: &Twilio, senders: &[Sender]) -> HashMap<Text, Vec<Value>> {
    let mut found: HashMap<Text, Vec<Value>> = HashMap::new();
    for sender in senders {
        for sent in twilio.sent(&sender.channel.account_sid).await {
            let text = |name: &str| sent[name].as_str().unwrap().to_owned();
            let copies = found.entry((text("to"), text("body"))).or_default();
            copies.push(sent);
        }
    }
    found
}

/// What we know of each text.
pub(crate) async fn statuses(rows: &Rows) -> HashMap<Text, Ours> {
    let rows = rows
        .all("SELECT to_number, body, status, external_id FROM messages")
        .await;
    let texts = rows.iter().map(|row| {
        let text = |index| row.try_get_by_index::<String>(index).unwrap();
        let sid = row.try_get_by_index(3).unwrap();
        ((text(0), text(1)), (text(2), sid))
    });
    texts.collect()
}

/// What we say of a text against what Twilio knows: delivered if we were told so, else at least
/// sent, as a receipt may be lost.
pub(crate) fn compare(n: usize, sent: &Value, ours: Option<&Ours>) -> Option<String> {
    let Some((status, sid)) = ours else {
        return Some(format!("text {n} is at Twilio and not with us"));
    };
    let told = |status: &str| {
        sent["acknowledged"]
            .as_array()
            .unwrap()
            .contains(&status.into())
    };
    let right = match status.as_str() {
        "delivered" => sent["status"] == "delivered",
        "sent" => !told("delivered"),
        _ => false,
    };
    let same = sid.as_deref() == sent["sid"].as_str();
    (!right || !same).then(|| {
        format!(
            "text {n} is {status} with SID {sid:?}; at Twilio it is {} with SID {}, and we were \
             told {}",
            sent["status"], sent["sid"], sent["acknowledged"]
        )
    })
}

//! The forms of webhooks, in the order in which Twilio happens to write them.

use crate::{
    account::AccountSeed,
    chance::carrier_date,
    message::{Message, Status},
    optout::Word,
    text::place,
};

const API_VERSION: &str = "2010-04-01";

/// The form of a text that came in for `account`. `base` is this simulator's own address.
pub(crate) fn inbound_fields(
    account: &AccountSeed,
    message: &Message,
    base: &str,
) -> Vec<(String, String)> {
    let from = message.from.clone().unwrap_or_default();
    let (here, there) = (place(&message.to), place(&from));
    let mut form = Form::default();
    form.add("ToCountry", here.country)
        .add("ToState", here.state)
        .add("SmsMessageSid", &*message.sid)
        .add("NumMedia", message.media.len().to_string())
        .add("ToCity", here.city)
        .add("FromZip", there.zip)
        .add("SmsSid", &*message.sid)
        .add("FromState", there.state)
        .add("SmsStatus", Status::Received.as_str())
        .add("FromCity", there.city)
        .add("Body", &*message.body)
        .add("FromCountry", there.country)
        .add("To", &*message.to)
        .add("ToZip", here.zip);
    if let Some(service) = &message.messaging_service_sid {
        form.add("MessagingServiceSid", &**service);
    }
    if let Some(word) = Word::of(&message.body).filter(|_| account.advanced_opt_out) {
        form.add("OptOutType", word.as_str());
    }
    form.add("NumSegments", message.num_segments.to_string())
        .add("MessageSid", &*message.sid)
        .add("AccountSid", &*message.account_sid)
        .add("From", from)
        .add("ApiVersion", API_VERSION);
    for (index, media) in message.media.iter().enumerate() {
        let path = media_path(&message.account_sid, &message.sid, &media.sid);
        form.add(format!("MediaContentType{index}"), &*media.content_type)
            .add(format!("MediaUrl{index}"), format!("{base}{path}"));
    }
    form.fields.extend(message.extra_params.iter().cloned());
    form.fields
}

/// The form that tells how a message stands.
pub(crate) fn status_fields(
    message: &Message,
    status: Status,
    error_code: Option<u32>,
    now_ms: i64,
) -> Vec<(String, String)> {
    let mut form = Form::default();
    if status.has_receipt() {
        form.add("RawDlrDoneDate", carrier_date(now_ms));
    }
    if let Some(code) = error_code {
        form.add("ErrorCode", code.to_string());
    }
    form.add("SmsSid", &*message.sid)
        .add("SmsStatus", status.as_str())
        .add("MessageStatus", status.as_str())
        .add("To", &*message.to);
    if let Some(service) = &message.messaging_service_sid {
        form.add("MessagingServiceSid", &**service);
    }
    form.add("MessageSid", &*message.sid)
        .add("AccountSid", &*message.account_sid);
    if let Some(from) = &message.from {
        form.add("From", &**from);
    }
    form.add("ApiVersion", API_VERSION);
    form.fields
}

/// The REST path of a message's media, which is also what webhooks carry.
pub(crate) fn media_path(account: &str, message: &str, media: &str) -> String {
    format!("/{API_VERSION}/Accounts/{account}/Messages/{message}/Media/{media}")
}

#[derive(Default)]
struct Form {
    fields: Vec<(String, String)>,
}

impl Form {
    fn add(&mut self, name: impl Into<String>, value: impl Into<String>) -> &mut Self {
        self.fields.push((name.into(), value.into()));
        self
    }
}

//! Resources as Twilio writes them: numbers as strings, dates as RFC 2822, nulls spelt out.

use serde_json::{Value, json};

use crate::{
    account::{AccountKind, AccountSeed, AccountStatus, Number},
    chance::rfc2822,
    message::{Media, Message, Status},
};

const VERSION: &str = "2010-04-01";

pub(crate) fn account_path(account_sid: &str) -> String {
    format!("/{VERSION}/Accounts/{account_sid}")
}

pub(crate) fn message(message: &Message) -> Value {
    let base = format!(
        "{}/Messages/{}",
        account_path(&message.account_sid),
        message.sid
    );
    let delivered = matches!(message.status, Status::Delivered | Status::Read);
    json!({
        "account_sid": message.account_sid,
        "api_version": VERSION,
        "body": message.body,
        "date_created": rfc2822(message.created_ms),
        "date_sent": message.sent_ms.map(rfc2822),
        "date_updated": rfc2822(message.updated_ms),
        "direction": message.direction.as_str(),
        "error_code": message.error_code,
        "error_message": message.error_code.map(error_message),
        "from": message.from,
        "messaging_service_sid": message.messaging_service_sid,
        "num_media": message.media.len().to_string(),
        "num_segments": message.num_segments.to_string(),
        "price": delivered.then(|| price(message)),
        "price_unit": "USD",
        "sid": message.sid,
        "status": message.status.as_str(),
        "subresource_uris": { "media": format!("{base}/Media.json") },
        "to": message.to,
        "uri": format!("{base}.json"),
    })
}

fn price(message: &Message) -> String {
    let mills = if message.is_mms() {
        2_000
    } else {
        790 * u64::from(message.num_segments)
    };
    format!("-0.{mills:05}")
}

fn error_message(code: u32) -> &'static str {
    match code {
        30003 => "Unreachable destination handset",
        30004 => "Message blocked",
        30005 => "Unknown destination handset",
        30006 => "Landline or unreachable carrier",
        30007 => "Message filtered",
        30034 => "US A2P 10DLC - message from an unregistered number",
        _ => "Unknown error",
    }
}

pub(crate) fn media(message: &Message, media: &Media) -> Value {
    let base = format!(
        "{}/Messages/{}/Media",
        account_path(&message.account_sid),
        message.sid
    );
    json!({
        "account_sid": message.account_sid,
        "content_type": media.content_type,
        "date_created": rfc2822(media.created_ms),
        "date_updated": rfc2822(media.created_ms),
        "parent_sid": message.sid,
        "sid": media.sid,
        "uri": format!("{base}/{}.json", media.sid),
    })
}

pub(crate) fn account(account: &AccountSeed, now_ms: i64) -> Value {
    let base = account_path(&account.sid);
    let sub = |name: &str| format!("{base}/{name}.json");
    json!({
        "auth_token": account.auth_token.expose(),
        "date_created": rfc2822(now_ms),
        "date_updated": rfc2822(now_ms),
        "friendly_name": account.friendly_name,
        "owner_account_sid": account.parent.as_ref().unwrap_or(&account.sid),
        "sid": account.sid,
        "status": match account.status {
            AccountStatus::Active => "active",
            AccountStatus::Suspended => "suspended",
            AccountStatus::Closed => "closed",
        },
        "subresource_uris": {
            "incoming_phone_numbers": sub("IncomingPhoneNumbers"),
            "messages": sub("Messages"),
        },
        "type": match account.kind {
            AccountKind::Trial => "Trial",
            AccountKind::Full => "Full",
        },
        "uri": format!("{base}.json"),
    })
}

pub(crate) fn number(account: &AccountSeed, number: &Number, now_ms: i64) -> Value {
    let base = account_path(&account.sid);
    json!({
        "account_sid": account.sid,
        "address_requirements": "none",
        "address_sid": null,
        "api_version": VERSION,
        "beta": false,
        "bundle_sid": null,
        "capabilities": {
            "fax": false,
            "mms": number.capabilities.mms,
            "sms": number.capabilities.sms,
            "voice": number.capabilities.voice,
        },
        "date_created": rfc2822(now_ms),
        "date_updated": rfc2822(now_ms),
        "emergency_address_sid": null,
        "emergency_status": "Inactive",
        "friendly_name": number.friendly_name,
        "identity_sid": null,
        "origin": "twilio",
        "phone_number": number.phone_number,
        "sid": number.sid,
        "sms_application_sid": "",
        "sms_fallback_method": number.sms_fallback_method,
        "sms_fallback_url": number.sms_fallback_url,
        "sms_method": number.sms_method,
        "sms_url": number.sms_url,
        "status": "in-use",
        "status_callback": number.status_callback,
        "status_callback_method": number.status_callback_method,
        "trunk_sid": null,
        "uri": format!("{base}/IncomingPhoneNumbers/{}.json", number.sid),
        "voice_application_sid": null,
        "voice_caller_id_lookup": false,
        "voice_fallback_method": "POST",
        "voice_fallback_url": number.voice_fallback_url,
        "voice_method": number.voice_method,
        "voice_receive_mode": "voice",
        "voice_url": number.voice_url,
    })
}

//! The account's phone numbers: list, fetch, configure.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Bytes, Data, Path},
};
use serde_json::json;

use super::{
    admit::enter,
    params::{Allowed, Params, is_callable},
    refusal::Refusal,
    shape,
};
use crate::{account::Number, app::App, chance::now_ms, faults::Operation};

const FILTERS: Allowed = Allowed {
    once: &[
        "Beta",
        "FriendlyName",
        "PhoneNumber",
        "Origin",
        "PageSize",
        "Page",
        "PageToken",
    ],
    repeated: &[],
};

const CHANGES: Allowed = Allowed {
    once: &[
        "AccountSid",
        "ApiVersion",
        "FriendlyName",
        "SmsApplicationSid",
        "SmsFallbackMethod",
        "SmsFallbackUrl",
        "SmsMethod",
        "SmsUrl",
        "StatusCallback",
        "StatusCallbackMethod",
        "VoiceApplicationSid",
        "VoiceCallerIdLookup",
        "VoiceFallbackMethod",
        "VoiceFallbackUrl",
        "VoiceMethod",
        "VoiceUrl",
        "EmergencyStatus",
        "EmergencyAddressSid",
        "TrunkSid",
        "VoiceReceiveMode",
        "IdentitySid",
        "AddressSid",
        "BundleSid",
    ],
    repeated: &[],
};

pub(super) async fn list(
    app: Data<App>,
    request: HttpRequest,
    path: Path<String>,
) -> Result<HttpResponse, Refusal> {
    let account = enter(&app, &request, &path, Operation::Number).await?;
    let params = Params::of_query(&request, &FILTERS)?;
    let size = params.number("PageSize", 1, 1000)?.unwrap_or(50) as usize;
    let page = params.number("Page", 0, u64::from(u32::MAX))?.unwrap_or(0) as usize;
    let found: Vec<&Number> = account
        .numbers
        .iter()
        // Twilio finds parts of a number too.
        .filter(|number| params.get("PhoneNumber").is_none_or(|part| number.phone_number.contains(part)))
        .filter(|number| params.get("FriendlyName").is_none_or(|name| number.friendly_name == name))
        .collect();
    let start = page * size;
    let shown: Vec<_> = found
        .iter()
        .skip(start)
        .take(size)
        .map(|number| shape::number(&account, number, now_ms()))
        .collect();
    let base = format!(
        "{}/IncomingPhoneNumbers.json",
        shape::account_path(&account.sid)
    );
    let uri = |page: usize| {
        let mut query = form_urlencoded::Serializer::new(String::new());
        let own = ["PageSize", "Page", "PageToken"];
        query.extend_pairs(
            params
                .pairs()
                .iter()
                .filter(|(name, _)| !own.contains(&name.as_str())),
        );
        query.append_pair("PageSize", &size.to_string());
        query.append_pair("Page", &page.to_string());
        format!("{base}?{}", query.finish())
    };
    Ok(HttpResponse::Ok().json(json!({
        "end": (start + shown.len()).saturating_sub(1),
        "first_page_uri": uri(0),
        "incoming_phone_numbers": shown,
        "next_page_uri": (found.len() > start + size).then(|| uri(page + 1)),
        "page": page,
        "page_size": size,
        "previous_page_uri": page.checked_sub(1).map(uri),
        "start": start,
        "uri": uri(page),
    })))
}

pub(super) async fn fetch(
    app: Data<App>,
    request: HttpRequest,
    path: Path<(String, String)>,
) -> Result<HttpResponse, Refusal> {
    let (account, sid) = path.into_inner();
    let account = enter(&app, &request, &account, Operation::Number).await?;
    let number = account.number_by_sid(&sid).ok_or_else(Refusal::not_found)?;
    Ok(HttpResponse::Ok().json(shape::number(&account, number, now_ms())))
}

pub(super) async fn update(
    app: Data<App>,
    request: HttpRequest,
    path: Path<(String, String)>,
    body: Bytes,
) -> Result<HttpResponse, Refusal> {
    let (account_sid, sid) = path.into_inner();
    let mut account = enter(&app, &request, &account_sid, Operation::Number).await?;
    let params = Params::of_form(&request, &body, &CHANGES)?;
    let number = account
        .numbers
        .iter_mut()
        .find(|number| number.sid == sid)
        .ok_or_else(Refusal::not_found)?;
    configure(number, &params)?;
    let changed = number.clone();
    app.change(|state| {
        let numbers = state
            .accounts
            .get_mut(&account_sid)
            .map(|account| &mut account.numbers);
        let number = numbers
            .into_iter()
            .flatten()
            .find(|number| number.sid == sid);
        if let Some(number) = number {
            *number = changed.clone();
        }
    });
    Ok(HttpResponse::Ok().json(shape::number(&account, &changed, now_ms())))
}

/// Sets what is given; an empty URL switches a webhook off.
fn configure(number: &mut Number, params: &Params) -> Result<(), Refusal> {
    let urls = [
        ("SmsUrl", &mut number.sms_url),
        ("SmsFallbackUrl", &mut number.sms_fallback_url),
        ("StatusCallback", &mut number.status_callback),
        ("VoiceUrl", &mut number.voice_url),
        ("VoiceFallbackUrl", &mut number.voice_fallback_url),
    ];
    for (name, url) in urls {
        let Some(given) = params.given(name) else {
            continue;
        };
        if !given.is_empty() && !is_callable(given) {
            return Err(Refusal::bad(21402, format!("{name} is not a valid URL")));
        }
        given.clone_into(url);
    }
    let methods = [
        ("SmsMethod", &mut number.sms_method),
        ("SmsFallbackMethod", &mut number.sms_fallback_method),
        ("StatusCallbackMethod", &mut number.status_callback_method),
        ("VoiceMethod", &mut number.voice_method),
    ];
    for (name, method) in methods {
        if let Some(given) = params.one_of(name, &["GET", "POST"])? {
            given.clone_into(method);
        }
    }
    if let Some(name) = params.get("FriendlyName") {
        if name.chars().count() > 64 {
            return Err(Refusal::bad(
                20001,
                "FriendlyName may have at most 64 characters",
            ));
        }
        name.clone_into(&mut number.friendly_name);
    }
    Ok(())
}

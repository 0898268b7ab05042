//! `POST Messages.json`: every reason for which Twilio refuses a message, then the queue.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Bytes, Data, Path},
};
use chrono::DateTime;

use super::{
    admit::{admit, cut, strike},
    magic,
    params::{Allowed, Params, is_callable},
    refusal::Refusal,
    shape,
};
use crate::{
    account::{AccountKind, AccountSeed, Number},
    app::App,
    chance::{now_ms, now_us},
    faults::{FaultKind, Operation},
    message::{Direction, Media, Message, Status},
    optout, outbound,
    state::State,
    text,
};

const ALLOWED: Allowed = Allowed {
    once: &[
        "To",
        "From",
        "MessagingServiceSid",
        "Body",
        "ContentSid",
        "ContentVariables",
        "StatusCallback",
        "ApplicationSid",
        "MaxPrice",
        "ProvideFeedback",
        "Attempt",
        "ValidityPeriod",
        "ForceDelivery",
        "ContentRetention",
        "AddressRetention",
        "SmartEncoded",
        "TrafficType",
        "ShortenUrls",
        "ScheduleType",
        "SendAt",
        "SendAsMms",
        "RiskCheck",
        "FallbackFrom",
        "MessageIntent",
    ],
    repeated: &["MediaUrl", "PersistentAction"],
};

const FLAGS: [&str; 5] = [
    "ProvideFeedback",
    "ForceDelivery",
    "SmartEncoded",
    "ShortenUrls",
    "SendAsMms",
];

pub(super) async fn create(
    app: Data<App>,
    request: HttpRequest,
    path: Path<String>,
    body: Bytes,
) -> Result<HttpResponse, Refusal> {
    let arrived_us = now_us();
    let account = admit(&app, &request, &path, Operation::Create)?;
    let params = Params::of_form(&request, &body, &ALLOWED)?;
    let strike = strike(
        &app,
        &request,
        &account.sid,
        Operation::Create,
        params.get("To"),
    )
    .await?;
    let message = app.change(|state| {
        let message = Message {
            arrived_us,
            ..draft(state, &account, &params)?
        };
        if !account.test {
            state.add(message.clone());
        }
        Ok::<_, Refusal>(message)
    })?;
    if !account.test {
        outbound::launch(&app, message.sid.clone());
    }
    match strike.kind() {
        Some(FaultKind::DropAfterAccept) => return Err(cut(&request)),
        Some(FaultKind::HangAfterAccept) => app.stop().cancelled().await,
        _ => {}
    }
    Ok(HttpResponse::Created().json(shape::message(&message)))
}

/// The message that these parameters ask for, if Twilio would take it.
fn draft(state: &mut State, account: &AccountSeed, params: &Params) -> Result<Message, Refusal> {
    let to = recipient(account, params)?;
    let sender = sender(state, account, params, &to)?;
    let media = check_content(params, &sender)?;
    check_options(params)?;
    let now = now_ms();
    let send_at_ms = schedule(params, &sender, now)?;
    check_opt_out(state, account, &sender, &to)?;
    let status_callback = params
        .get("StatusCallback")
        .map(str::to_owned)
        .or_else(|| sender.service_callback.clone());
    let body = params.get("Body").unwrap_or_default().to_owned();
    let media: Vec<Media> = media
        .into_iter()
        .map(|url| Media::named(state.dice.sid("ME"), url, now))
        .collect();
    let status = match (&sender.service, send_at_ms) {
        (_, Some(_)) => Status::Scheduled,
        (Some(_), None) => Status::Accepted,
        (None, None) => Status::Queued,
    };
    Ok(Message {
        sid: state.dice.sid(if media.is_empty() { "SM" } else { "MM" }),
        account_sid: account.sid.clone(),
        // With a service the text is cut into segments later, by the sender it picks.
        num_segments: if sender.service.is_some() {
            0
        } else {
            text::segments(&body)
        },
        messaging_service_sid: sender.service,
        from: sender.from,
        to,
        body,
        status,
        direction: Direction::OutboundApi,
        media,
        error_code: None,
        status_callback,
        send_at_ms,
        arrived_us: 0,
        created_ms: now,
        updated_ms: now,
        sent_ms: None,
        acknowledged: Vec::new(),
        deleted: false,
        extra_params: Vec::new(),
    })
}

fn recipient(account: &AccountSeed, params: &Params) -> Result<String, Refusal> {
    let to = params
        .get("To")
        .ok_or_else(|| Refusal::bad(21604, "A 'To' phone number is required"))?;
    if account.test {
        magic::recipient(to)?;
    }
    if !text::is_phone_number(to) {
        let message = format!("The 'To' number {to} is not a valid phone number");
        return Err(Refusal::bad(21211, message));
    }
    if account.kind == AccountKind::Trial && !account.verified.iter().any(|own| own == to) {
        let message = format!("The number {to} is unverified. Trial accounts may not text it");
        return Err(Refusal::bad(21608, message));
    }
    Ok(to.to_owned())
}

/// Who sends: a number, a service, or a number of a service.
struct Sender {
    from: Option<String>,
    service: Option<String>,
    service_callback: Option<String>,
    mms: bool,
}

fn sender(
    state: &State,
    account: &AccountSeed,
    params: &Params,
    to: &str,
) -> Result<Sender, Refusal> {
    let (from, service) = (params.get("From"), params.get("MessagingServiceSid"));
    if from.is_none() && service.is_none() {
        let message = "A 'From' phone number or a 'MessagingServiceSid' is required";
        return Err(Refusal::bad(21603, message));
    }
    let mut sender = Sender {
        from: None,
        service: None,
        service_callback: None,
        mms: true,
    };
    if let Some(sid) = service {
        let known = account
            .service(sid)
            .ok_or_else(|| Refusal::bad(21701, "The Messaging Service does not exist"))?;
        if known.numbers.is_empty() {
            let message = "The Messaging Service contains no phone numbers";
            return Err(Refusal::bad(21704, message));
        }
        if from.is_some_and(|from| !known.numbers.iter().any(|own| own == from)) {
            let message = "The 'From' number is not in the pool of the Messaging Service";
            return Err(Refusal::bad(21712, message));
        }
        sender.service = Some(sid.to_owned());
        sender.service_callback = Some(known.status_callback.clone()).filter(|url| !url.is_empty());
    }
    if let Some(from) = from {
        sender.mms = check_from(state, account, from, to)?;
        sender.from = Some(from.to_owned());
    }
    Ok(sender)
}

/// Whether the sender can send pictures; an error if it can't send at all.
fn check_from(state: &State, account: &AccountSeed, from: &str, to: &str) -> Result<bool, Refusal> {
    if account.test {
        return magic::sender(from).map(|()| true);
    }
    if let Some(number) = account.number(from) {
        return check_number(number);
    }
    if is_alphanumeric(from) && account.alphanumeric_senders {
        // North American carriers know no senders with names.
        return if to.starts_with("+1") {
            let message = format!("The 'To' number {to} is not reachable from {from}");
            Err(Refusal::bad(21612, message))
        } else {
            Ok(false)
        };
    }
    if !text::is_phone_number(from) {
        let message = format!("The 'From' number {from} is not a valid phone number");
        return Err(Refusal::bad(21212, message));
    }
    if state
        .accounts
        .values()
        .any(|other| other.number(from).is_some())
    {
        let message = format!(
            "Mismatch between the 'From' number {from} and the account {}",
            account.sid
        );
        return Err(Refusal::bad(21660, message));
    }
    Err(not_capable(from))
}

fn check_number(number: &Number) -> Result<bool, Refusal> {
    if number.capabilities.sms {
        Ok(number.capabilities.mms)
    } else {
        Err(not_capable(&number.phone_number))
    }
}

fn not_capable(from: &str) -> Refusal {
    let message = format!("The 'From' number {from} is not an SMS-capable number of this account");
    Refusal::bad(21606, message)
}

fn is_alphanumeric(from: &str) -> bool {
    (1..=11).contains(&from.len())
        && from.bytes().any(|byte| byte.is_ascii_alphabetic())
        && from
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b" +-_&".contains(&byte))
}

/// The addresses of the media, once body and media are found acceptable.
fn check_content(params: &Params, sender: &Sender) -> Result<Vec<String>, Refusal> {
    let media: Vec<String> = params.all("MediaUrl").map(str::to_owned).collect();
    if media.len() > 10 {
        return Err(Refusal::bad(
            21623,
            "Number of media files exceeds the limit of 10",
        ));
    }
    if let Some(bad) = media.iter().find(|url| !is_callable(url) || is_list(url)) {
        return Err(Refusal::bad(21620, format!("Invalid media URL: {bad}")));
    }
    if !media.is_empty() && !sender.mms {
        return Err(Refusal::bad(21606, "The 'From' number can't send media"));
    }
    if params.get("ContentSid").is_some() {
        return Err(Refusal::bad(
            21656,
            "The simulator knows no content templates",
        ));
    }
    match params.given("Body") {
        None if media.is_empty() => Err(Refusal::bad(
            21619,
            "A text message body or media urls must be specified",
        )),
        Some("") if media.is_empty() => Err(Refusal::bad(21602, "Message body is required")),
        Some(body) if body.encode_utf16().count() > 1600 => Err(Refusal::bad(
            21617,
            "The concatenated message body exceeds the 1600 character limit",
        )),
        _ => Ok(media),
    }
}

/// Several addresses in one parameter, which some libraries write.
fn is_list(url: &str) -> bool {
    url.contains(",http://") || url.contains(",https://") || url.contains(", ")
}

fn check_options(params: &Params) -> Result<(), Refusal> {
    if params
        .get("StatusCallback")
        .is_some_and(|url| !is_callable(url))
    {
        return Err(Refusal::bad(
            21609,
            "The 'StatusCallback' URL is not a valid URL",
        ));
    }
    params.number("ValidityPeriod", 1, 36_000)?;
    params.number("Attempt", 1, u64::from(u32::MAX))?;
    for flag in FLAGS {
        params.one_of(flag, &["true", "false"])?;
    }
    params.one_of("ContentRetention", &["retain", "discard"])?;
    params.one_of("AddressRetention", &["retain", "obfuscate"])?;
    params.one_of("TrafficType", &["free"])?;
    params.one_of("RiskCheck", &["enable", "disable"])?;
    params.one_of("ScheduleType", &["fixed"])?;
    Ok(())
}

/// When to send, if not now: 5 minutes to 35 days ahead, by a service only.
fn schedule(params: &Params, sender: &Sender, now: i64) -> Result<Option<i64>, Refusal> {
    const MINUTE: i64 = 60_000;
    let (kind, at) = (params.get("ScheduleType"), params.get("SendAt"));
    if kind.is_none() && at.is_none() {
        return Ok(None);
    }
    if sender.service.is_none() {
        let message = "A 'MessagingServiceSid' is required to schedule a message";
        return Err(Refusal::bad(35118, message));
    }
    let at = at.ok_or_else(|| Refusal::bad(35111, "'SendAt' is required to schedule a message"))?;
    if kind.is_none() {
        return Err(Refusal::bad(
            35114,
            "'ScheduleType' must be 'fixed' where 'SendAt' is given",
        ));
    }
    let at = DateTime::parse_from_rfc3339(at)
        .map_err(|_| Refusal::bad(35114, "'SendAt' must be an ISO 8601 date and time"))?
        .timestamp_millis();
    if (now + 5 * MINUTE..=now + 35 * 24 * 60 * MINUTE).contains(&at) {
        Ok(Some(at))
    } else {
        Err(Refusal::bad(
            35117,
            "'SendAt' must be between 5 minutes and 35 days ahead",
        ))
    }
}

fn check_opt_out(
    state: &State,
    account: &AccountSeed,
    sender: &Sender,
    to: &str,
) -> Result<(), Refusal> {
    let own = sender.from.as_deref().unwrap_or_default();
    let service = sender
        .service
        .as_deref()
        .or_else(|| account.service_of(own).map(|service| service.sid.as_str()));
    if state.has_opted_out(optout::scope(service, own), to) {
        return Err(Refusal::bad(
            21610,
            "Attempt to send to unsubscribed recipient",
        ));
    }
    Ok(())
}

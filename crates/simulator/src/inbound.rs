//! A customer's text on its way in: opt-out words, the signed webhook, and what it answers.

use crate::{
    account::AccountSeed,
    app::App,
    chance::now_ms,
    message::{Direction, Media, Message, Status},
    optout, outbound, text,
    webhook::{Delivery, Kind, Reply, Webhook, deliver, inbound_fields, replies},
};

/// A text that a customer sends.
pub(crate) struct Inbound {
    pub(crate) account_sid: String,
    pub(crate) from: String,
    pub(crate) to: String,
    pub(crate) body: String,
    pub(crate) media: Vec<Media>,
    pub(crate) extra_params: Vec<(String, String)>,
}

/// Takes a text in. `None` if the account or its number doesn't exist.
pub(crate) fn accept(app: &App, inbound: Inbound) -> Option<Message> {
    app.change(|state| {
        let account = state.accounts.get(&inbound.account_sid)?;
        account.number(&inbound.to)?;
        let service = account
            .service_of(&inbound.to)
            .map(|service| service.sid.clone());
        let now = now_ms();
        let prefix = if inbound.media.is_empty() { "SM" } else { "MM" };
        let message = Message {
            sid: state.dice.sid(prefix),
            account_sid: inbound.account_sid,
            messaging_service_sid: service,
            from: Some(inbound.from),
            to: inbound.to,
            num_segments: text::segments(&inbound.body),
            body: inbound.body,
            status: Status::Received,
            direction: Direction::Inbound,
            media: inbound.media,
            error_code: None,
            status_callback: None,
            send_at_ms: None,
            arrived_us: now * 1000,
            created_ms: now,
            updated_ms: now,
            sent_ms: Some(now),
            acknowledged: Vec::new(),
            deleted: false,
            extra_params: inbound.extra_params,
        };
        state.add(message.clone());
        Some(message)
    })
}

/// Does with an accepted text what Twilio does: obeys opt-out words, tells the service, texts
/// back what the service answers. `None` if no URL is configured.
pub(crate) async fn process(app: &App, message: &Message) -> Option<Delivery> {
    let answer = app.change(|state| optout::obey(state, message));
    if let Some(body) = answer {
        reply(
            app,
            message,
            Reply {
                body: body.to_owned(),
                ..Reply::default()
            },
            true,
        );
    }
    tell(app, message).await
}

/// Posts the webhook of an inbound text, once more if it was posted before.
pub(crate) async fn tell(app: &App, message: &Message) -> Option<Delivery> {
    let account = app.state().accounts.get(&message.account_sid).cloned()?;
    let webhook = webhook(&account, message, app.url())?;
    let mut delivery = deliver(app, &webhook).await;
    let mut url = webhook.url.clone();
    if !delivery.is_success()
        && let Some(fallback) = fallback(&account, message, &webhook, &delivery)
    {
        url.clone_from(&fallback.url);
        delivery = deliver(app, &fallback).await;
    }
    if !delivery.is_success() {
        return Some(delivery);
    }
    match replies(&delivery.content_type, &delivery.body) {
        Ok(all) => {
            for mut answer in all {
                answer.status_callback = answer.status_callback.and_then(|to| absolute(&url, &to));
                reply(app, message, answer, false);
            }
        }
        Err(code) => delivery.error_code = Some(code),
    }
    Some(delivery)
}

fn absolute(base: &str, relative: &str) -> Option<String> {
    Some(url::Url::parse(base).ok()?.join(relative).ok()?.into())
}

fn webhook(account: &AccountSeed, message: &Message, base: &str) -> Option<Webhook> {
    let number = account.number(&message.to)?;
    let service_url = account
        .service_of(&message.to)
        .map(|service| service.inbound_request_url.as_str())
        .filter(|url| !url.is_empty());
    let (url, method) = match service_url {
        Some(url) => (url, "POST"),
        None => (number.sms_url.as_str(), number.sms_method.as_str()),
    };
    (!url.is_empty()).then(|| Webhook {
        account_sid: message.account_sid.clone(),
        message_sid: message.sid.clone(),
        kind: Kind::Inbound,
        url: url.to_owned(),
        method: method.to_owned(),
        params: inbound_fields(account, message, base),
    })
}

/// The second and last chance of a text whose webhook failed.
fn fallback(
    account: &AccountSeed,
    message: &Message,
    failed: &Webhook,
    delivery: &Delivery,
) -> Option<Webhook> {
    let number = account.number(&message.to)?;
    if number.sms_fallback_url.is_empty() {
        return None;
    }
    let code = delivery.error_code.unwrap_or(11200);
    let mut params = failed.params.clone();
    params.push(("ErrorCode".to_owned(), code.to_string()));
    params.push(("ErrorUrl".to_owned(), failed.url.clone()));
    Some(Webhook {
        kind: Kind::Fallback,
        url: number.sms_fallback_url.clone(),
        method: number.sms_fallback_method.clone(),
        params,
        ..failed.clone()
    })
}

/// Texts back. Twilio's own answers go out even to somebody who just left.
fn reply(app: &App, to: &Message, reply: Reply, from_twilio: bool) {
    let sid = app.change(|state| {
        let recipient = reply.to.or_else(|| to.from.clone())?;
        let scope = optout::scope(to.messaging_service_sid.as_deref(), &to.to);
        if !from_twilio && state.has_opted_out(scope, &recipient) {
            return None;
        }
        let now = now_ms();
        let prefix = if reply.media.is_empty() { "SM" } else { "MM" };
        let media = reply
            .media
            .into_iter()
            .map(|url| Media::named(state.dice.sid("ME"), url, now))
            .collect();
        let sid = state.dice.sid(prefix);
        state.add(Message {
            sid: sid.clone(),
            account_sid: to.account_sid.clone(),
            messaging_service_sid: to.messaging_service_sid.clone(),
            from: Some(to.to.clone()),
            to: recipient,
            num_segments: text::segments(&reply.body),
            body: reply.body,
            status: Status::Queued,
            direction: Direction::OutboundReply,
            media,
            error_code: None,
            status_callback: reply.status_callback,
            send_at_ms: None,
            arrived_us: now * 1000,
            created_ms: now,
            updated_ms: now,
            sent_ms: None,
            acknowledged: Vec::new(),
            deleted: false,
            extra_params: Vec::new(),
        });
        Some(sid)
    });
    if let Some(sid) = sid {
        outbound::launch(app, sid);
    }
}

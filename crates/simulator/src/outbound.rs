//! The life of a message that goes out: from the queue to the handset, with callbacks.
//!
//! What will happen is drawn beforehand by the account's policy. A message of an account that a
//! test left alone is told in order; a shuffled policy tells its callbacks at the same time.

use std::time::Duration;

use base64::{Engine, engine::general_purpose::STANDARD};
use futures_util::future::join_all;
use tokio::{
    sync::mpsc::{UnboundedReceiver, unbounded_channel},
    time::Instant,
};

use crate::{
    app::App,
    chance::now_ms,
    fetch,
    message::{Message, Status},
    mms,
    policy::{Plan, Step},
    state::State,
    text,
    webhook::{Delivery, Kind, Webhook, deliver, status_fields},
};

/// Starts a message's life, or takes it up again after a restart.
pub(crate) fn launch(app: &App, sid: String) {
    app.spawn(live(app.clone(), sid));
}

/// Takes up every message that a stop left in the middle.
pub(crate) fn resume(app: &App) {
    let waiting: Vec<String> = app
        .state()
        .messages()
        .iter()
        .filter(|message| message.status.is_waiting())
        .map(|message| message.sid.clone())
        .collect();
    for sid in waiting {
        launch(app, sid);
    }
}

async fn live(app: App, sid: String) {
    if !wait_for_schedule(&app, &sid).await {
        return;
    }
    app.change(|state| {
        let sender = sender_of(state, &sid);
        if let Some(message) = state.message_mut(&sid) {
            message.from = message.from.take().or(sender);
            message.num_segments = if message.is_mms() {
                1
            } else {
                text::segments(&message.body)
            };
        }
    });
    let media = fetch_media(&app, &sid).await;
    let plan = app.change(|state| {
        let message = state.message(&sid).cloned()?;
        Some(match media {
            Ok(()) => state.plan(&message),
            Err(code) => Plan::failure(code),
        })
    });
    if let Some(plan) = plan {
        walk(&app, &sid, plan).await;
    }
}

/// False when the message was canceled or removed meanwhile.
async fn wait_for_schedule(app: &App, sid: &str) -> bool {
    let status = |app: &App| app.state().message(sid).map(|message| message.status);
    let at = app
        .state()
        .message(sid)
        .and_then(|message| message.send_at_ms);
    if let Some(at) = at {
        let wait = u64::try_from(at - now_ms()).unwrap_or_default();
        tokio::time::sleep(Duration::from_millis(wait)).await;
    }
    status(app).is_some_and(Status::is_waiting)
}

/// Gets the bytes of media that this machine serves; those elsewhere are left alone, as nothing may
/// leave the machine. An error is the code with which the message fails.
async fn fetch_media(app: &App, sid: &str) -> Result<(), u32> {
    let Some(message) = app.state().message(sid).cloned() else {
        return Ok(());
    };
    if message.is_mms() && !mms::reaches(&message.to) {
        return Err(mms::NOT_THERE);
    }
    let mut scales = mms::Scales::default();
    for media in message.media {
        let Some(url) = media
            .source_url
            .filter(|url| fetch::is_on_this_machine(url))
        else {
            continue;
        };
        let Some(fetched) = fetch::from_this_machine(app, &url).await else {
            return Err(mms::NOT_FETCHED);
        };
        let kind = fetched
            .content_type
            .as_deref()
            .unwrap_or(&media.content_type);
        scales.add(kind, fetched.bytes.len())?;
        app.change(|state| {
            let message = state.message_mut(sid)?;
            let own = message.media.iter_mut().find(|own| own.sid == media.sid)?;
            own.data = Some(STANDARD.encode(&fetched.bytes));
            own.content_type = fetched
                .content_type
                .unwrap_or_else(|| own.content_type.clone());
            Some(())
        });
    }
    Ok(())
}

/// The first number of the message's service that can send it.
fn sender_of(state: &State, sid: &str) -> Option<String> {
    let message = state.message(sid)?;
    let account = state.accounts.get(&message.account_sid)?;
    let service = account.service(message.messaging_service_sid.as_deref()?)?;
    service
        .numbers
        .iter()
        .filter_map(|number| account.number(number))
        .find(|number| number.capabilities.sms)
        .map(|number| number.phone_number.clone())
}

async fn walk(app: &App, sid: &str, plan: Plan) {
    let (tell, told) = unbounded_channel();
    let in_order = plan.callbacks.is_sorted_by_key(|step| step.status.rank());
    app.spawn(tell_all(app.clone(), sid.to_owned(), told, in_order));
    let start = Instant::now();
    let mut groups = plan.callbacks.chunk_by(|one, two| one == two).peekable();
    for step in &plan.steps {
        tokio::time::sleep_until(start + Duration::from_millis(step.at_ms)).await;
        let rose = app.change(|state| state.rise(sid, step.status, step.error_code).is_some());
        if !rose {
            return;
        }
        while let Some(group) = groups.next_if(|group| group[0].at_ms <= step.at_ms) {
            let _ = tell.send(group.to_vec());
        }
    }
    for group in groups {
        tokio::time::sleep_until(start + Duration::from_millis(group[0].at_ms)).await;
        let _ = tell.send(group.to_vec());
    }
}

/// Sends callbacks apart from the message's life, which a slow service must not slow down.
async fn tell_all(app: App, sid: String, mut told: UnboundedReceiver<Vec<Step>>, in_order: bool) {
    while let Some(copies) = told.recv().await {
        let (own, sid) = (app.clone(), sid.clone());
        let sending = async move {
            join_all(
                copies
                    .iter()
                    .map(|step| report(&own, &sid, step.status, step.error_code)),
            )
            .await;
        };
        if in_order {
            sending.await;
        } else {
            app.spawn(sending);
        }
    }
}

/// Posts one status callback; `None` if the message has nowhere to post to.
pub(crate) async fn report(
    app: &App,
    sid: &str,
    status: Status,
    error_code: Option<u32>,
) -> Option<Delivery> {
    let message = app.state().message(sid).cloned()?;
    let webhook = callback(&message, status, error_code)?;
    Some(deliver(app, &webhook).await)
}

fn callback(message: &Message, status: Status, error_code: Option<u32>) -> Option<Webhook> {
    Some(Webhook {
        account_sid: message.account_sid.clone(),
        message_sid: message.sid.clone(),
        kind: Kind::Status,
        url: message.status_callback.clone()?,
        method: "POST".to_owned(),
        params: status_fields(message, status, error_code, now_ms()),
    })
}

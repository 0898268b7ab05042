//! Sending one webhook: signing, tries within 15 seconds in all, and the record of each try.

use std::{
    collections::HashMap,
    error::Error as _,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use reqwest::{Client, Method, Response, StatusCode, header};
use serde::Serialize;
use tokio::time::Instant;

use super::{
    Attempt, Webhook,
    overrides::{Outcome, Overrides},
};
use crate::{app::App, chance::now_ms, error::Error, signature};

/// The longest answer that is read.
const ANSWER_LIMIT: usize = 64 * 1024;
/// Below the keep-alive time of common servers, so that no try fails on a connection that the
/// other side is just closing.
const IDLE: Duration = Duration::from_secs(2);

/// HTTP clients by connect and read timeout, since those belong to a client as a whole.
pub(crate) struct Clients(Mutex<HashMap<(Duration, Duration), Client>>);

impl Clients {
    /// Builds the client for webhooks without overrides, so that a machine on which none can be
    /// built is found at the start.
    pub(crate) fn new() -> Result<Self, Error> {
        let clients = Self(Mutex::new(HashMap::new()));
        clients
            .get(&Overrides::default())
            .map_err(Error::HttpClient)?;
        Ok(clients)
    }

    fn get(&self, overrides: &Overrides) -> Result<Client, reqwest::Error> {
        let key = (overrides.connect, overrides.read);
        let mut clients = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(client) = clients.get(&key) {
            return Ok(client.clone());
        }
        let client = Client::builder()
            .connect_timeout(overrides.connect)
            .read_timeout(overrides.read)
            .pool_idle_timeout(IDLE)
            .user_agent("TwilioProxy/1.1 (simulated)")
            // What is configured is what is called.
            .no_proxy()
            .build()?;
        clients.insert(key, client.clone());
        Ok(client)
    }

    /// For anything that is no webhook, such as fetching the media of a message.
    pub(crate) fn plain(&self) -> Result<Client, reqwest::Error> {
        self.get(&Overrides::default())
    }
}

/// How a webhook ended.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Delivery {
    /// Of the last try; `None` without an answer.
    pub(crate) status: Option<u16>,
    pub(crate) attempts: u32,
    pub(crate) ms: i64,
    pub(crate) error: Option<String>,
    /// Twilio's code for the failure, if it is one.
    pub(crate) error_code: Option<u32>,
    pub(crate) content_type: String,
    pub(crate) body: String,
}

impl Delivery {
    pub(crate) fn is_success(&self) -> bool {
        self.error_code.is_none()
    }
}

/// Sends a webhook, with retries where its URL asks for them. Never longer than 15 seconds.
pub(crate) async fn deliver(app: &App, webhook: &Webhook) -> Delivery {
    let target = signature::Target::parse(&webhook.url);
    let overrides = Overrides::parse(&target.fragment);
    let token = app.change(|state| state.dice.sid("").to_uppercase());
    let (begun, began_ms) = (Instant::now(), now_ms());
    let deadline = begun + overrides.total;
    let mut attempt = 1;
    loop {
        let started_ms = now_ms();
        let answer =
            tokio::time::timeout_at(deadline, once(app, webhook, &target, &overrides, &token))
                .await
                .unwrap_or_else(|_| Answer::silence(Outcome::NoAnswer, "total timeout"));
        record(app, webhook, &answer, attempt, &token, started_ms);
        let again = attempt <= overrides.retries
            && Instant::now() < deadline
            && overrides.retries_after(answer.outcome);
        if !again {
            return Delivery {
                status: answer.status(),
                attempts: attempt,
                ms: now_ms() - began_ms,
                error_code: answer.error_code(),
                error: answer.error,
                content_type: answer.content_type,
                body: answer.body,
            };
        }
        attempt += 1;
    }
}

struct Answer {
    outcome: Outcome,
    error: Option<String>,
    content_type: String,
    body: String,
    too_long: bool,
}

impl Answer {
    fn silence(outcome: Outcome, error: &str) -> Self {
        Self {
            outcome,
            error: Some(error.to_owned()),
            content_type: String::new(),
            body: String::new(),
            too_long: false,
        }
    }

    fn status(&self) -> Option<u16> {
        match self.outcome {
            Outcome::Answered(status) => Some(status),
            Outcome::NoConnection | Outcome::NoAnswer => None,
        }
    }

    fn error_code(&self) -> Option<u32> {
        match self.outcome {
            Outcome::NoConnection => Some(11205),
            Outcome::NoAnswer => Some(11200),
            Outcome::Answered(300..=399) => Some(11215),
            Outcome::Answered(400..) => Some(11200),
            Outcome::Answered(_) => self.too_long.then_some(11750),
        }
    }
}

async fn once(
    app: &App,
    webhook: &Webhook,
    target: &signature::Target,
    overrides: &Overrides,
    token: &str,
) -> Answer {
    let sent = match request(app, webhook, target, overrides, token, None).await {
        // Twilio shows a password only to a server that asks for it.
        Ok(response) if asks_for_password(&response) && target.userinfo.is_some() => {
            request(
                app,
                webhook,
                target,
                overrides,
                token,
                target.userinfo.as_deref(),
            )
            .await
        }
        other => other,
    };
    let response = match sent {
        Ok(response) => response,
        Err(error) => return failed(&error),
    };
    let status = response.status().as_u16();
    let content_type = response
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
        .to_owned();
    match response.bytes().await {
        Ok(bytes) => {
            let too_long = bytes.len() > ANSWER_LIMIT;
            let shown = &bytes[..bytes.len().min(ANSWER_LIMIT)];
            Answer {
                outcome: Outcome::Answered(status),
                error: None,
                content_type,
                body: String::from_utf8_lossy(shown).into_owned(),
                too_long,
            }
        }
        Err(error) => failed(&error),
    }
}

fn asks_for_password(response: &Response) -> bool {
    response.status() == StatusCode::UNAUTHORIZED
        && response.headers().contains_key(header::WWW_AUTHENTICATE)
}

fn failed(error: &reqwest::Error) -> Answer {
    let outcome = if error.is_connect() {
        Outcome::NoConnection
    } else {
        Outcome::NoAnswer
    };
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text = format!("{text}: {inner}");
        cause = inner.source();
    }
    Answer::silence(outcome, &text)
}

async fn request(
    app: &App,
    webhook: &Webhook,
    target: &signature::Target,
    overrides: &Overrides,
    token: &str,
    userinfo: Option<&str>,
) -> Result<Response, reqwest::Error> {
    let form = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(&webhook.params)
        .finish();
    let auth_token = app
        .state()
        .accounts
        .get(&webhook.account_sid)
        .map(|account| account.auth_token.clone())
        .unwrap_or_default();
    let key = auth_token.expose();
    let client = app.clients().get(overrides)?;
    let mut request = if webhook.method.eq_ignore_ascii_case("GET") {
        let separator = if target.url.contains('?') { '&' } else { '?' };
        let url = format!("{}{separator}{form}", target.url);
        client
            .request(Method::GET, &url)
            .header("X-Twilio-Signature", signature::sign(key, &url, &[]))
    } else {
        client
            .post(&target.url)
            .header(
                "X-Twilio-Signature",
                signature::sign(key, &target.url, &webhook.params),
            )
            .header(
                header::CONTENT_TYPE,
                "application/x-www-form-urlencoded; charset=UTF-8",
            )
            .body(form)
    };
    if let Some(userinfo) = userinfo {
        let (user, password) = userinfo.split_once(':').unwrap_or((userinfo, ""));
        request = request.basic_auth(user, Some(password));
    }
    request
        .header("I-Twilio-Idempotency-Token", token)
        .header(header::ACCEPT, "*/*")
        .send()
        .await
}

fn record(
    app: &App,
    webhook: &Webhook,
    answer: &Answer,
    attempt: u32,
    token: &str,
    started_ms: i64,
) {
    let message_status = webhook
        .params
        .iter()
        .find(|(name, _)| name == "MessageStatus")
        .map(|(_, value)| value.clone());
    let attempt = Attempt {
        account_sid: webhook.account_sid.clone(),
        message_sid: webhook.message_sid.clone(),
        kind: webhook.kind,
        url: signature::Target::parse(&webhook.url).url,
        params: webhook.params.clone(),
        message_status,
        attempt,
        idempotency_token: token.to_owned(),
        started_ms,
        duration_ms: now_ms() - started_ms,
        status: answer.status(),
        error: answer.error.clone(),
    };
    app.change(|state| {
        state.note_acknowledged(&attempt);
        state.record(attempt);
    });
}

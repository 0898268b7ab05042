//! A simulator with two accounts, and a service that takes its webhooks.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use actix_web::{App, HttpRequest, HttpResponse, HttpServer, http::StatusCode, web};
use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha1::Sha1;
use simulator::{AccountSeed, ApiKey, Number, Options, Simulator};

pub(crate) const SID: &str = "AC00000000000000000000000000000001";
pub(crate) const TOKEN: &str = "00000000000000000000000000000aaa";
pub(crate) const NUMBER: &str = "+14155550100";
pub(crate) const OTHER_SID: &str = "AC00000000000000000000000000000002";
pub(crate) const OTHER_TOKEN: &str = "00000000000000000000000000000bbb";
pub(crate) const OTHER_NUMBER: &str = "+14155550200";
pub(crate) const CUSTOMER: &str = "+12125550123";

/// One webhook as it arrived.
#[derive(Debug, Clone)]
pub(crate) struct Arrived {
    pub(crate) method: String,
    /// Path and query, raw.
    pub(crate) target: String,
    pub(crate) signature: String,
    pub(crate) idempotency_token: String,
    pub(crate) authorization: Option<String>,
    pub(crate) params: Vec<(String, String)>,
}

impl Arrived {
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.params
            .iter()
            .find(|(own, _)| own == name)
            .map(|(_, value)| value.as_str())
    }
}

#[derive(Default)]
struct Service {
    arrived: Mutex<Vec<Arrived>>,
    /// Answers in order; when they run out, an empty TwiML.
    answers: Mutex<Vec<(u16, &'static str, &'static str)>>,
}

impl Service {
    fn next_answer(&self) -> (u16, &'static str, &'static str) {
        let mut answers = self.answers.lock().unwrap();
        if answers.is_empty() {
            (200, "text/xml", "<Response/>")
        } else {
            answers.remove(0)
        }
    }
}

/// A simulator and the service it calls.
pub(crate) struct World {
    pub(crate) simulator: Simulator,
    pub(crate) http: reqwest::Client,
    /// Of the service, without a slash at the end.
    pub(crate) hook: String,
    service: Arc<Service>,
}

impl World {
    pub(crate) async fn new() -> Self {
        let service = Arc::new(Service::default());
        let hook = listen(Arc::clone(&service));
        let options = Options {
            accounts: seeds(&hook),
            ..Options::default()
        };
        let world = Self {
            simulator: simulator::start(options).await.unwrap(),
            http: reqwest::Client::builder()
                .redirect(reqwest::redirect::Policy::none())
                .build()
                .unwrap(),
            hook,
            service,
        };
        world
            .control_post("receipts", json!({ "delay_ms": [0, 20] }))
            .await;
        world
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}/2010-04-01/Accounts/{SID}{path}", self.simulator.url())
    }

    /// Creates a message; status and answer.
    pub(crate) async fn send(&self, params: &[(&str, &str)]) -> (u16, Value) {
        self.post("/Messages.json", params).await
    }

    /// A message from our number to the customer; its answer.
    pub(crate) async fn text(&self, extra: &[(&str, &str)]) -> (u16, Value) {
        let mut params = vec![("To", CUSTOMER), ("From", NUMBER)];
        params.extend_from_slice(extra);
        self.send(&params).await
    }

    pub(crate) async fn post(&self, path: &str, params: &[(&str, &str)]) -> (u16, Value) {
        let request = self
            .http
            .post(self.url(path))
            .basic_auth(SID, Some(TOKEN))
            .form(params);
        answer(request).await
    }

    pub(crate) async fn get(&self, path: &str) -> (u16, Value) {
        answer(self.http.get(self.url(path)).basic_auth(SID, Some(TOKEN))).await
    }

    pub(crate) async fn control_post(&self, path: &str, body: Value) -> Value {
        let url = format!("{}/_simulator/{path}", self.simulator.url());
        let (status, answer) = answer(self.http.post(url).json(&body)).await;
        assert_eq!(status, 200, "{answer}");
        answer
    }

    pub(crate) async fn control_get(&self, path: &str) -> Value {
        answer(
            self.http
                .get(format!("{}/_simulator/{path}", self.simulator.url())),
        )
        .await
        .1
    }

    /// The customer texts our number.
    pub(crate) async fn customer_texts(&self, body: &str) -> Value {
        let text = json!({ "account_sid": SID, "from": CUSTOMER, "to": NUMBER, "body": body });
        self.control_post("inbound", text).await
    }

    /// What the service answers next, before it falls back to an empty TwiML. Status 0: nothing.
    pub(crate) fn will_answer(&self, status: u16, content_type: &'static str, body: &'static str) {
        self.service
            .answers
            .lock()
            .unwrap()
            .push((status, content_type, body));
    }

    pub(crate) fn arrived(&self) -> Vec<Arrived> {
        self.service.arrived.lock().unwrap().clone()
    }

    /// Waits until so many webhooks have arrived.
    pub(crate) async fn arrived_at_least(&self, count: usize) -> Vec<Arrived> {
        for _ in 0..250 {
            let arrived = self.arrived();
            if arrived.len() >= count {
                return arrived;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!(
            "only {} of {count} webhooks came: {:?}",
            self.arrived().len(),
            self.arrived()
        );
    }

    /// Waits until a message stands at this status; the resource.
    pub(crate) async fn becomes(&self, sid: &str, status: &str) -> Value {
        let mut message = Value::Null;
        for _ in 0..250 {
            message = self.get(&format!("/Messages/{sid}.json")).await.1;
            if message["status"] == status {
                return message;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("the message never became {status}: {message}");
    }
}

pub(crate) async fn answer(request: reqwest::RequestBuilder) -> (u16, Value) {
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    let text = response.text().await.unwrap();
    (
        status,
        serde_json::from_str(&text).unwrap_or(Value::String(text)),
    )
}

/// The signature that these must carry, computed here once more.
pub(crate) fn expected_signature(token: &str, url: &str, params: &[(String, String)]) -> String {
    let mut sorted = params.to_vec();
    sorted.sort();
    sorted.dedup();
    let text: String = sorted
        .iter()
        .map(|(name, value)| format!("{name}{value}"))
        .collect();
    let mut mac = Hmac::<Sha1>::new_from_slice(token.as_bytes()).unwrap();
    mac.update(format!("{url}{text}").as_bytes());
    STANDARD.encode(mac.finalize().into_bytes())
}

fn seeds(hook: &str) -> Vec<AccountSeed> {
    let number = |phone: &str| Number {
        phone_number: phone.to_owned(),
        sms_url: format!("{hook}/sms"),
        ..Number::default()
    };
    vec![
        AccountSeed {
            sid: SID.to_owned(),
            auth_token: TOKEN.into(),
            numbers: vec![number(NUMBER)],
            api_keys: vec![ApiKey {
                sid: "SK01".to_owned(),
                secret: "key-secret".into(),
            }],
            ..AccountSeed::default()
        },
        AccountSeed {
            sid: OTHER_SID.to_owned(),
            auth_token: OTHER_TOKEN.into(),
            numbers: vec![number(OTHER_NUMBER)],
            ..AccountSeed::default()
        },
    ]
}

fn listen(service: Arc<Service>) -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let hook = format!("http://{}", listener.local_addr().unwrap());
    let server = HttpServer::new(move || {
        App::new()
            .app_data(web::Data::from(Arc::clone(&service)))
            .default_service(web::to(take))
    })
    .workers(1)
    .disable_signals()
    .listen(listener)
    .unwrap()
    .run();
    tokio::spawn(server);
    hook
}

async fn take(service: web::Data<Service>, request: HttpRequest, body: web::Bytes) -> HttpResponse {
    let header = |name: &str| {
        let value = request.headers().get(name)?;
        Some(value.to_str().unwrap().to_owned())
    };
    service.arrived.lock().unwrap().push(Arrived {
        method: request.method().to_string(),
        target: request.uri().to_string(),
        signature: header("X-Twilio-Signature").unwrap_or_default(),
        idempotency_token: header("I-Twilio-Idempotency-Token").unwrap_or_default(),
        authorization: header("Authorization"),
        params: form_urlencoded::parse(&body).into_owned().collect(),
    });
    let (status, content_type, body) = service.next_answer();
    if status == 0 {
        tokio::time::sleep(Duration::from_secs(30)).await;
    }
    let mut response = HttpResponse::build(StatusCode::from_u16(status.max(200)).unwrap());
    if status == 401 {
        response.insert_header(("WWW-Authenticate", "Basic realm=\"x\""));
    }
    response.content_type(content_type).body(body)
}

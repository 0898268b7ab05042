//! The whole application for tests: on an empty database, with a clock that tests turn.

use std::future::Future;
use std::path::Path;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use actix_web::body::MessageBody;
use actix_web::dev::ServiceResponse;
use actix_web::http::header::HeaderMap;
use actix_web::http::{Method, StatusCode};
use actix_web::test::{self, TestRequest};
use actix_web::web;
use auth::{Hasher, Signer};
use channels::{KeyRing, MasterKey};
use chrono::DateTime;
use conversations::outbound::{Terms, Validity};
use conversations::sending::RetryPolicy;
use entity::clock::Clock;
use events::{Bell, Feeds};
use media::picture::Studio;
use media::{Links, Store};
use secrecy::SecretString;
use serde_json::{Value, json};
use tempfile::TempDir;
use test_db::TestDb;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::extract::{CursorKey, TrustedProxies};
use crate::limiter::{Limiter, Limits};
use crate::routes;
use crate::state::{Settings, State};
use crate::v1::events::Streams;
use crate::webhooks::Door;

type Answering = Pin<Box<dyn Future<Output = Reply>>>;

/// The application and the database under it.
pub(crate) struct App {
    call: Box<dyn Fn(TestRequest) -> Answering>,
    pub(crate) state: web::Data<State>,
    pub(crate) db: TestDb,
    _files: TempDir,
}

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    /// The body as JSON; a text if it is none.
    pub(crate) body: Value,
}

impl Reply {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.body);
        self
    }

    pub(crate) fn text(&self, pointer: &str) -> String {
        self.body
            .pointer(pointer)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    }

    #[track_caller]
    pub(crate) fn expect_problem(self, status: u16, code: &str) -> Self {
        let reply = self.expect(status);
        assert_eq!(reply.header("content-type"), "application/problem+json");
        assert_eq!(reply.body["code"], code, "{}", reply.body);
        assert_eq!(reply.body["status"], status);
        assert_eq!(reply.text("/request_id"), reply.header("x-request-id"));
        reply
    }
}

impl App {
    pub(crate) async fn sqlite() -> Self {
        Self::on(TestDb::sqlite().await).await
    }

    pub(crate) async fn on(db: TestDb) -> Self {
        Self::with(db, settings()).await
    }

    pub(crate) async fn with(db: TestDb, settings: Settings) -> Self {
        let files = tempfile::tempdir().unwrap();
        let state = web::Data::new(state(&db, settings, files.path()));
        let service = Rc::new(test::init_service(routes::app(state.clone(), |_| {})).await);
        let call = move |request: TestRequest| -> Answering {
            let service = Rc::clone(&service);
            Box::pin(async move {
                read(test::try_call_service(&*service, request.to_request()).await).await
            })
        };
        Self {
            call: Box::new(call),
            state,
            db,
            _files: files,
        }
    }

    pub(crate) async fn send(&self, request: TestRequest) -> Reply {
        (self.call)(request).await
    }

    pub(crate) async fn get(&self, path: &str, token: &str) -> Reply {
        self.send(with_token(TestRequest::get().uri(path), token))
            .await
    }

    pub(crate) async fn delete(&self, path: &str, token: &str) -> Reply {
        self.send(with_token(TestRequest::delete().uri(path), token))
            .await
    }

    pub(crate) async fn post(&self, path: &str, token: &str, body: Value) -> Reply {
        self.send(with_token(TestRequest::post().uri(path), token).set_json(body))
            .await
    }

    pub(crate) async fn patch(&self, path: &str, token: &str, body: Value) -> Reply {
        let request = TestRequest::default().method(Method::PATCH).uri(path);
        self.send(with_token(request, token).set_json(body)).await
    }

    /// Registers a tenant whose owner has this e-mail address; gives the owner's token.
    pub(crate) async fn owner(&self, email: &str) -> String {
        let body = json!({"tenant_name": "Vesuvio", "email": email, "password": "correct horse"});
        self.post("/api/v1/auth/register", "", body)
            .await
            .expect(201)
            .text("/token")
    }

    /// Adds somebody to the owner's tenant and gives their token.
    pub(crate) async fn member(&self, owner: &str, email: &str, role: &str) -> String {
        let body = json!({"email": email, "role": role, "password": "correct horse"});
        self.post("/api/v1/users", owner, body).await.expect(201);
        self.log_in(email).await.expect(200).text("/token")
    }

    pub(crate) async fn log_in(&self, email: &str) -> Reply {
        let body = json!({"email": email, "password": "correct horse"});
        self.post("/api/v1/auth/login", "", body).await
    }
}

pub(crate) fn with_token(request: TestRequest, token: &str) -> TestRequest {
    if token.is_empty() {
        return request;
    }
    request.insert_header(("authorization", format!("Bearer {token}")))
}

pub(crate) fn settings() -> Settings {
    Settings {
        public_url: "https://trunkline.example".parse().unwrap(),
        production: false,
        allow_signup: true,
        trusted_proxies: TrustedProxies::default(),
        limits: Limits {
            signups_per_minute: 10,
            ..Limits::default()
        },
        retry_policy: RetryPolicy::default(),
        terms: Terms {
            validity: Validity::default(),
            links: Links::new("http://localhost", vec![vec![7; 32].into()]),
        },
        build: "test".to_owned(),
    }
}

fn state(db: &TestDb, settings: Settings, files: &Path) -> State {
    let start = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
    let nowhere = "http://127.0.0.1:1".parse().unwrap();
    let clock = Clock::manual(start);
    let (db, bell) = (db.db().clone(), Bell::default());
    State {
        door: Door::new(
            db.clone(),
            clock.clone(),
            bell.clone(),
            RetryPolicy::default(),
        ),
        feeds: Feeds::new(db.clone(), bell.clone()),
        bell,
        streams: Streams::default(),
        closing: CancellationToken::new(),
        db,
        clock,
        signer: Signer::new(&SecretString::from("a secret of 32 bytes for testing")).unwrap(),
        hasher: Hasher::new(1),
        keys: KeyRing::new(vec![MasterKey::generate()]).unwrap(),
        twilio: twilio::Client::new(nowhere, twilio::client::Timeouts::default()).unwrap(),
        store: Store::open(&format!("file://{}", files.display())).unwrap(),
        studio: Studio::open().unwrap(),
        wake: Arc::new(Notify::new()),
        worker_alive: Arc::new(AtomicBool::new(true)),
        metrics: None,
        limiter: Limiter::new(&settings.limits),
        cursor_key: CursorKey::derive(b"test"),
        settings,
    }
}

async fn read<B: MessageBody>(outcome: Result<ServiceResponse<B>, actix_web::Error>) -> Reply {
    let (status, headers, bytes) = match outcome {
        Ok(answer) => {
            let (status, headers) = (answer.status(), answer.headers().clone());
            (status, headers, test::read_body(answer).await)
        }
        // As the server does with what no middleware could answer.
        Err(error) => {
            let answer = error.error_response();
            let (status, headers) = (answer.status(), answer.headers().clone());
            (
                status,
                headers,
                answer.into_body().try_into_bytes().unwrap(),
            )
        }
    };
    let body = serde_json::from_slice(&bytes)
        .unwrap_or_else(|_| Value::from(String::from_utf8_lossy(&bytes).into_owned()));
    Reply {
        status,
        headers,
        body,
    }
}

//! A service with its database, and a Twilio that knows it.

use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::{Value, json};
use tempfile::TempDir;
use test_db::{Backend, Scratch};

use super::{Client, Reply, Service, Settings, Transcript, Twilio, signature};

/// Of everybody.
pub(crate) const PASSWORD: &str = "correct horse battery";

/// Kept together for one test. Dropped in this order: who uses something goes before it.
pub(crate) struct World {
    pub(crate) service: Service,
    pub(crate) twilio: Twilio,
    pub(crate) anybody: Client,
    pub(crate) transcript: Transcript,
    pub(crate) scratch: Scratch,
    folder: TempDir,
    settings: Settings,
    public_url: Option<String>,
    made: AtomicU32,
}

/// What a world is to be like.
pub(crate) struct Setup {
    backend: Backend,
    settings: Settings,
    role: &'static str,
}

impl Setup {
    pub(crate) fn on(backend: Backend) -> Self {
        Self {
            backend,
            settings: Vec::new(),
            role: "all",
        }
    }

    /// With a setting, by its name in the environment: `SERVER__PUBLIC_URL`.
    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.settings.push((name, value.into()));
        self
    }

    /// With only a part of the service in its process.
    pub(crate) fn with_role(self, role: &'static str) -> Self {
        Self { role, ..self }
    }

    pub(crate) async fn start(self) -> World {
        let scratch = Scratch::migrated(self.backend).await.unwrap();
        self.start_on(scratch).await
    }

    pub(crate) async fn start_on(self, scratch: Scratch) -> World {
        let twilio = Twilio::start().await;
        let folder = TempDir::with_prefix("outside-").unwrap();
        let mut settings: Settings = vec![
            ("SERVER__BIND", "127.0.0.1:0".to_owned()),
            ("SERVER__WORKERS", "2".to_owned()),
            ("DATABASE__URL", scratch.url().to_owned()),
            ("TWILIO__API_BASE_URL", twilio.url()),
            ("RUST_LOG", "info".to_owned()),
        ];
        settings.extend(self.settings);
        let public_url = settings
            .iter()
            .find(|(name, _)| *name == "SERVER__PUBLIC_URL");
        let public_url = public_url.map(|(_, url)| url.trim_end_matches('/').to_owned());
        let service = Service::run(folder.path(), &settings, &["serve", "--role", self.role]);
        let transcript = Transcript::default();
        let anybody = Client::new(service.url(), transcript.clone());
        let made = AtomicU32::new(0);
        World {
            service,
            twilio,
            anybody,
            transcript,
            scratch,
            folder,
            settings,
            public_url,
            made,
        }
    }
}

/// A business and its owner.
pub(crate) struct Tenant {
    /// Asks as the owner.
    pub(crate) api: Client,
    pub(crate) id: String,
    pub(crate) email: String,
    pub(crate) refresh_token: String,
}

/// A number at the simulated Twilio and the channel it is connected by.
#[derive(Clone, Debug)]
pub(crate) struct Channel {
    pub(crate) id: String,
    pub(crate) account_sid: String,
    pub(crate) auth_token: String,
    pub(crate) number: String,
}

impl World {
    /// Kills the service and starts it again in its place.
    pub(crate) fn crash_and_restart(&mut self) {
        self.service.kill();
        self.service.start_again();
    }

    /// Tells the service to end, and starts it again in its place.
    pub(crate) fn end_and_restart(&mut self) {
        assert!(self.service.terminate().success());
        self.service.start_again();
    }

    /// Where the service runs, and keeps its files.
    pub(crate) fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// Another process on the same database, in the same folder.
    pub(crate) fn replica(&self, role: &str) -> Service {
        let mut settings = self.settings.clone();
        settings.push(("SERVER__PUBLIC_URL", self.public_url().to_owned()));
        let args = ["serve", "--role", role];
        match role {
            "worker" => Service::spawn(self.folder.path(), &settings, &args),
            _ => Service::run(self.folder.path(), &settings, &args),
        }
    }

    /// A number of its own for everything that is made.
    fn next(&self) -> u32 {
        self.made.fetch_add(1, Ordering::Relaxed)
    }

    /// What Twilio is told as the service's address.
    pub(crate) fn public_url(&self) -> &str {
        self.public_url.as_deref().unwrap_or(self.service.url())
    }

    /// Registers a business.
    pub(crate) async fn register(&self) -> Tenant {
        let email = format!("owner{}@example.com", self.next());
        let body =
            json!({"tenant_name": "Vesuvio", "email": email, "password": PASSWORD, "name": "Ann"});
        let reply = self
            .anybody
            .post("/api/v1/auth/register", body)
            .await
            .expect(201);
        Tenant {
            api: self.anybody.with_token(&reply.text("/token")),
            id: reply.text("/tenant/id"),
            refresh_token: reply.text("/refresh_token"),
            email,
        }
    }

    /// Adds somebody to a business and logs them in.
    pub(crate) async fn member(&self, tenant: &Tenant, role: &str) -> Client {
        let email = format!("{role}{}@example.com", self.next());
        let body = json!({"email": email, "name": role, "role": role, "password": PASSWORD});
        tenant.api.post("/api/v1/users", body).await.expect(201);
        self.log_in(&email, PASSWORD).await
    }

    pub(crate) async fn log_in(&self, email: &str, password: &str) -> Client {
        let body = json!({"email": email, "password": password});
        let login = self
            .anybody
            .post("/api/v1/auth/login", body)
            .await
            .expect(200);
        self.anybody.with_token(&login.text("/token"))
    }

    /// A number at Twilio that no channel knows of yet: its account.
    pub(crate) async fn number(&self) -> Value {
        let number = format!("+1415555{:04}", 100 + self.next());
        self.twilio
            .account(json!({"numbers": [{"phone_number": number}]}))
            .await
    }

    /// A number at Twilio and a connected channel for it.
    pub(crate) async fn connect_channel(&self, tenant: &Tenant) -> Channel {
        self.add_channel(tenant, "connected").await
    }

    /// A number at Twilio and a channel for it, in a status.
    pub(crate) async fn add_channel(&self, tenant: &Tenant, status: &str) -> Channel {
        let account = self.number().await;
        let body = channel_body(&account, status);
        let reply = tenant.api.post("/api/v1/channels", body).await.expect(201);
        let text = |pointer: &str| {
            account
                .pointer(pointer)
                .unwrap()
                .as_str()
                .unwrap()
                .to_owned()
        };
        Channel {
            id: reply.text("/id"),
            account_sid: text("/sid"),
            auth_token: text("/auth_token"),
            number: text("/numbers/0/phone_number"),
        }
    }

    /// Somebody texts a channel's number; Twilio tells us, and has to be answered well.
    pub(crate) async fn customer_texts(&self, channel: &Channel, from: &str, body: &str) -> String {
        let told = self
            .twilio
            .text(&channel.account_sid, from, &channel.number, body)
            .await;
        assert_eq!(told["webhook"]["status"], 200, "{told}");
        told["message_sid"].as_str().unwrap().to_owned()
    }

    /// Posts a form as Twilio would, signed with a token (or by nobody).
    pub(crate) async fn webhook(
        &self,
        path: &str,
        fields: &[(String, String)],
        token: Option<&str>,
    ) -> Reply {
        let signed =
            token.map(|token| signature(token, &format!("{}{path}", self.public_url()), fields));
        self.raw_webhook(path, fields, signed.as_deref()).await
    }

    /// Posts a form with a signature as given.
    pub(crate) async fn raw_webhook(
        &self,
        path: &str,
        fields: &[(String, String)],
        signature: Option<&str>,
    ) -> Reply {
        let mut request = self.anybody.request("POST", path).form(fields);
        if let Some(signature) = signature {
            request = request.header("x-twilio-signature", signature);
        }
        self.anybody.send(request).await
    }
}

/// The request that makes a channel of an account's first number.
pub(crate) fn channel_body(account: &Value, status: &str) -> Value {
    json!({
        "type": "twilio_sms",
        "name": "Front desk",
        "status": status,
        "credentials": {
            "accountSid": account["sid"],
            "authToken": account["auth_token"],
            "phoneNumber": account["numbers"][0]["phone_number"],
        },
    })
}

impl Channel {
    /// What Twilio posts when somebody texts this number.
    pub(crate) fn inbound(&self, sid: &str, from: &str, body: &str) -> Vec<(String, String)> {
        fields(&[
            ("MessageSid", sid),
            ("SmsSid", sid),
            ("SmsMessageSid", sid),
            ("AccountSid", &self.account_sid),
            ("From", from),
            ("To", &self.number),
            ("Body", body),
            ("NumMedia", "0"),
            ("NumSegments", "1"),
            ("SmsStatus", "received"),
            ("ApiVersion", "2010-04-01"),
            ("FromCity", "SAN FRANCISCO"),
            ("FromState", "CA"),
            ("FromZip", "94103"),
            ("FromCountry", "US"),
        ])
    }

    /// What Twilio posts when the status of a text changes.
    pub(crate) fn status(&self, sid: &str, to: &str, status: &str) -> Vec<(String, String)> {
        fields(&[
            ("MessageSid", sid),
            ("SmsSid", sid),
            ("AccountSid", &self.account_sid),
            ("From", &self.number),
            ("To", to),
            ("MessageStatus", status),
            ("SmsStatus", status),
            ("ApiVersion", "2010-04-01"),
        ])
    }
}

/// Fields of a form.
pub(crate) fn fields(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

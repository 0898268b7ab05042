//! The simulated Twilio, by its control API.

use serde_json::{Value, json};
use simulator::{Options, Simulator};

/// A Twilio that nobody else uses.
pub(crate) struct Twilio {
    simulator: Simulator,
    http: reqwest::Client,
}

impl Twilio {
    pub(crate) async fn start() -> Self {
        let simulator = simulator::start(Options::default()).await.unwrap();
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        Self { simulator, http }
    }

    pub(crate) fn url(&self) -> String {
        self.simulator.url()
    }

    /// A call of the control API, which has to succeed.
    pub(crate) async fn control(&self, path: &str, body: Value) -> Value {
        let url = format!("{}/_simulator/{path}", self.url());
        let answer = self.http.post(url).json(&body).send().await.unwrap();
        let (status, text) = (answer.status(), answer.text().await.unwrap());
        assert!(status.is_success(), "{path}: {text}");
        serde_json::from_str(&text).unwrap_or_default()
    }

    /// An account with a number, as the control API describes it.
    pub(crate) async fn account(&self, seed: Value) -> Value {
        self.control("accounts", seed).await
    }

    /// Somebody texts a number; gives the SID and what became of the webhook.
    pub(crate) async fn text(&self, account: &str, from: &str, to: &str, body: &str) -> Value {
        let text = json!({"account_sid": account, "from": from, "to": to, "body": body});
        self.control("inbound", text).await
    }

    /// What was sent through an account by its API, oldest first.
    pub(crate) async fn sent(&self, account: &str) -> Vec<Value> {
        self.list(
            "messages",
            &format!("direction=outbound-api&account_sid={account}"),
        )
        .await
    }

    /// What was sent through an account to one recipient.
    pub(crate) async fn sent_to(&self, account: &str, to: &str) -> Vec<Value> {
        let to = to.replace('+', "%2B");
        let query = format!("direction=outbound-api&account_sid={account}&to={to}");
        self.list("messages", &query).await
    }

    /// All messages of an account, in and out.
    pub(crate) async fn messages(&self, account: &str) -> Vec<Value> {
        self.list("messages", &format!("account_sid={account}"))
            .await
    }

    /// The tries of webhooks about a message.
    pub(crate) async fn webhooks(&self, message_sid: &str) -> Vec<Value> {
        self.list("webhooks", &format!("message_sid={message_sid}"))
            .await
    }

    /// Counts of all that it was asked and did.
    pub(crate) async fn state(&self) -> Value {
        let url = format!("{}/_simulator/state", self.url());
        self.http
            .get(url)
            .send()
            .await
            .unwrap()
            .json()
            .await
            .unwrap()
    }

    /// Calls all faults off.
    pub(crate) async fn no_more_faults(&self) {
        let url = format!("{}/_simulator/faults", self.url());
        let answer = self.http.delete(url).send().await.unwrap();
        assert!(answer.status().is_success());
    }

    /// The accounts as they are now.
    pub(crate) async fn accounts(&self) -> Vec<Value> {
        self.list("accounts", "").await
    }

    async fn list(&self, what: &str, query: &str) -> Vec<Value> {
        let url = format!("{}/_simulator/{what}?{query}", self.url());
        let text = self
            .http
            .get(url)
            .send()
            .await
            .unwrap()
            .text()
            .await
            .unwrap();
        let body: Value = serde_json::from_str(&text).unwrap();
        body[what]
            .as_array()
            .unwrap_or_else(|| panic!("{what}: {text}"))
            .clone()
    }
}

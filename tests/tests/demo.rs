//! `trunkline demo`, as somebody does who has just heard of it: reads what it prints, and tries.

use std::path::Path;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::harness::{Client, Service, Settings, Transcript, poll_until, runtime};

/// What the demo printed.
struct Demo {
    service: Service,
    text: Vec<String>,
}

impl Demo {
    fn start(folder: &Path) -> Self {
        let args = ["demo", "--data", "here", "--bind", "127.0.0.1:0"];
        let service = Service::run(folder, &Settings::new(), &args);
        let mut text = Vec::new();
        while !text
            .last()
            .is_some_and(|line: &String| line.contains("Ctrl-C"))
        {
            text.push(service.next_line());
        }
        Self { service, text }
    }

    /// What stands behind a name at the beginning of a line.
    fn after(&self, name: &str) -> &str {
        self.text
            .iter()
            .find_map(|line| line.strip_prefix(name))
            .unwrap()
            .trim()
    }

    /// E-mail addresses with the line that follows, which is the password.
    fn logins(&self) -> Vec<(&str, &str)> {
        let pairs = self.text.windows(2);
        pairs
            .filter(|pair| pair[0].contains('@') && !pair[0].contains(' '))
            .map(|pair| (&*pair[0], &*pair[1]))
            .collect()
    }

    async fn log_in(&self, email: &str, password: &str) -> Client {
        let client = Client::new(self.service.url(), Transcript::default());
        let body = json!({"email": email, "password": password});
        let login = client.post("/api/v1/auth/login", body).await.expect(200);
        client.with_token(&login.text("/token"))
    }
}

/// The customer's side: the handset's page, and the calls that it makes.
async fn text_from_the_handset(handset: &str, to: &str, body: &str) {
    let http = Client::new(handset.trim_end_matches('/'), Transcript::default());
    let page = http.get("/").await.expect(200);
    assert!(page.header("content-type").starts_with("text/html"));
    let accounts = http.get("/_simulator/accounts").await.expect(200).body;
    let text = json!({
        "account_sid": accounts["accounts"][0]["sid"], "from": "+14155550177", "to": to, "body": body,
    });
    let told = http.post("/_simulator/inbound", text).await.expect(200);
    assert_eq!(told.body["webhook"]["status"], 200, "{}", told.raw);
}

#[test]
fn one_texts_sees_it_answers_and_sees_it_delivered_and_finds_it_again_later() {
    runtime().block_on(async {
        let folder = TempDir::with_prefix("outside-").unwrap();
        let mut demo = Demo::start(folder.path());
        let logins: Vec<_> = demo
            .logins()
            .into_iter()
            .map(|(email, password)| (email.to_owned(), password.to_owned()))
            .collect();
        assert_eq!(logins.len(), 2, "an owner and an agent");
        let (email, password) = &logins[0];
        let owner = demo.log_in(email, password).await;
        let channels = owner.get("/api/v1/channels").await.expect(200);
        assert_eq!(channels.rows().len(), 2);
        assert!(
            owner
                .get("/api/v1/conversations")
                .await
                .expect(200)
                .rows()
                .len()
                > 2
        );

        let number = channels.rows()[0]["credentials"]["phoneNumber"]
            .as_str()
            .unwrap();
        text_from_the_handset(demo.after("Handset:"), number, "Is this thing on?").await;
        let inbox = owner.get("/api/v1/conversations").await.expect(200);
        assert_eq!(inbox.rows()[0]["last_message"]["body"], "Is this thing on?");
        let messages = format!(
            "/api/v1/conversations/{}/messages",
            inbox.rows()[0]["id"].as_str().unwrap()
        );
        owner
            .post(&messages, json!({"body": "It is."}))
            .await
            .expect(202);
        poll_until("delivery", async || {
            let thread = owner.get(&messages).await.expect(200);
            (thread.rows()[0]["status"] == "delivered").then_some(())
        })
        .await;
        assert!(
            demo.text.iter().any(|line| line.starts_with("curl ")),
            "{:?}",
            demo.text
        );

        assert!(demo.service.terminate().success());
        let again = Demo::start(folder.path());
        let agent = again.log_in(&logins[1].0, &logins[1].1).await;
        let thread = agent.get(&messages).await.expect(200);
        let bodies: Vec<&Value> = thread.rows().iter().map(|row| &row["body"]).collect();
        assert_eq!(bodies, ["It is.", "Is this thing on?"]);
    });
}

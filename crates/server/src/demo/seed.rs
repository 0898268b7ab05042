//! Fills the demo: everything by the API and by texts, and nothing twice.

use std::time::Duration;

use secrecy::ExposeSecret;
use serde_json::{Value, json};
use simulator::{AccountSeed, Number};

use super::story::{self, CHANNELS, Line, STORIES, Story};
use super::{Client, DemoError, Logins};

/// The simulated account with the tenant's numbers.
pub(crate) fn account(logins: &Logins) -> AccountSeed {
    let numbers = CHANNELS.map(|(name, phone_number)| Number {
        phone_number: phone_number.to_owned(),
        friendly_name: name.to_owned(),
        ..Number::default()
    });
    AccountSeed {
        sid: story::ACCOUNT_SID.to_owned(),
        auth_token: logins.auth_token.expose_secret().into(),
        friendly_name: story::TENANT.to_owned(),
        numbers: numbers.into(),
        ..AccountSeed::default()
    }
}

/// Makes whatever is missing of tenant, people, channels and conversations.
///
/// # Errors
/// The first step that is refused; running it again goes on from there.
pub(crate) async fn seed(
    service: &Client,
    twilio: &Client,
    logins: &Logins,
) -> Result<(), DemoError> {
    let owner = owner(service, logins).await?;
    let agent = agent(service, &owner, logins).await?;
    let channels = channels(&owner, twilio, logins).await?;
    let known = conversations(&owner).await?;
    for story in &STORIES {
        if conversation_with(&known, story.phone).is_none() {
            tell(story, &agent, twilio).await?;
        }
    }
    let (name, phone, body) = story::FIRST_CONTACT;
    if conversation_with(&known, phone).is_none() {
        agent
            .post(
                "/api/v1/leads",
                json!({ "name": name, "phone": phone, "source": "manual" }),
            )
            .await?;
        let text = json!({ "to": phone, "body": body, "channel_id": channels[0] });
        agent.post("/api/v1/messages", text).await?;
    }
    Ok(())
}

async fn owner(service: &Client, logins: &Logins) -> Result<Client, DemoError> {
    if let Some(owner) = service
        .log_in(story::OWNER_EMAIL, &logins.owner_password)
        .await?
    {
        return Ok(owner);
    }
    let registration = json!({
        "tenant_name": story::TENANT,
        "email": story::OWNER_EMAIL,
        "name": story::OWNER_NAME,
        "password": logins.owner_password.expose_secret(),
    });
    let answer = service.post("/api/v1/auth/register", registration).await?;
    Ok(service.with_token(&answer))
}

async fn agent(service: &Client, owner: &Client, logins: &Logins) -> Result<Client, DemoError> {
    if let Some(agent) = service
        .log_in(story::AGENT_EMAIL, &logins.agent_password)
        .await?
    {
        return Ok(agent);
    }
    let user = json!({
        "email": story::AGENT_EMAIL,
        "name": story::AGENT_NAME,
        "role": "agent",
        "password": logins.agent_password.expose_secret(),
    });
    owner.post("/api/v1/users", user).await?;
    let agent = service
        .log_in(story::AGENT_EMAIL, &logins.agent_password)
        .await?;
    agent.ok_or_else(|| DemoError::Step {
        step: "the agent's login".to_owned(),
        status: 401,
        detail: "the password that was just set is refused".to_owned(),
    })
}

/// The ids of the channels, in the order of [`CHANNELS`].
async fn channels(
    owner: &Client,
    twilio: &Client,
    logins: &Logins,
) -> Result<Vec<Value>, DemoError> {
    let known = owner.get("/api/v1/channels?limit=200").await?;
    let mut ids = Vec::with_capacity(CHANNELS.len());
    for (name, number) in CHANNELS {
        let has_number = |channel: &&Value| channel["credentials"]["phoneNumber"] == number;
        let channel = match items(&known).iter().find(has_number) {
            Some(channel) => channel.clone(),
            None => connect(owner, logins, name, number).await?,
        };
        point_webhook(twilio, number, &channel).await?;
        ids.push(channel["id"].clone());
    }
    Ok(ids)
}

/// `connected` has the service check the number and set its webhook, here at the simulator.
async fn connect(
    owner: &Client,
    logins: &Logins,
    name: &str,
    number: &str,
) -> Result<Value, DemoError> {
    let channel = json!({
        "type": "twilio_sms",
        "name": name,
        "status": "connected",
        "credentials": {
            "accountSid": story::ACCOUNT_SID,
            "authToken": logins.auth_token.expose_secret(),
            "phoneNumber": number,
        },
    });
    owner.post("/api/v1/channels", channel).await
}

/// With another `--bind` than last time the service has another URL, which Twilio must know.
async fn point_webhook(twilio: &Client, number: &str, channel: &Value) -> Result<(), DemoError> {
    let answer = twilio.get("/_simulator/accounts").await?;
    let accounts = answer["accounts"]
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default();
    let ours = accounts
        .iter()
        .find(|account| account["sid"] == story::ACCOUNT_SID);
    let Some(mut account) = ours.cloned() else {
        return Ok(());
    };
    let url = &channel["webhook_urls"]["sms"];
    let numbers = account["numbers"].as_array_mut().into_iter().flatten();
    for known in numbers.filter(|known| known["phone_number"] == number) {
        if known["sms_url"] == *url {
            return Ok(());
        }
        known["sms_url"] = url.clone();
    }
    twilio.post("/_simulator/accounts", account).await?;
    Ok(())
}

async fn conversations(who: &Client) -> Result<Value, DemoError> {
    who.get("/api/v1/conversations?limit=200").await
}

fn conversation_with<'a>(conversations: &'a Value, phone: &str) -> Option<&'a Value> {
    items(conversations)
        .iter()
        .find(|conversation| conversation["lead"]["phone"] == phone)
}

fn items(page: &Value) -> &[Value] {
    page["data"]
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default()
}

/// Lets a conversation happen, one line after the other.
async fn tell(story: &Story, agent: &Client, twilio: &Client) -> Result<(), DemoError> {
    let (_, number) = CHANNELS[story.channel];
    let mut answered = None;
    for line in story.lines {
        match line {
            Line::Customer(body) => {
                if let Some(answer) = answered.take() {
                    wait_until_sent(agent, &answer).await?;
                }
                text_in(twilio, story.phone, number, body).await?;
            }
            Line::Us(body) => answered = Some(answer(agent, story.phone, body).await?),
        }
    }
    let known = conversations(agent).await?;
    let Some(conversation) = conversation_with(&known, story.phone) else {
        return Ok(());
    };
    let lead = conversation["lead"]["id"].as_str().unwrap_or_default();
    let details = json!({ "name": story.name, "tags": story.tags, "status": story.lead_status });
    agent
        .patch(&format!("/api/v1/leads/{lead}"), details)
        .await?;
    Ok(())
}

/// A customer texts: the simulator signs the webhook and waits for its answer.
async fn text_in(twilio: &Client, from: &str, to: &str, body: &str) -> Result<(), DemoError> {
    let text = json!({
        "account_sid": story::ACCOUNT_SID,
        "from": from,
        "to": to,
        "body": body,
        "extra_params": { "FromCity": "SAN FRANCISCO", "FromState": "CA", "FromCountry": "US" },
    });
    let answer = twilio.post("/_simulator/inbound", text).await?;
    match answer["webhook"]["status"].as_u64() {
        Some(200) => Ok(()),
        status => Err(DemoError::Step {
            step: format!("the webhook of a text to {to}"),
            status: status
                .and_then(|status| u16::try_from(status).ok())
                .unwrap_or_default(),
            detail: answer["webhook"].to_string(),
        }),
    }
}

/// The agent reads what the customer wrote and answers; gives the message.
async fn answer(agent: &Client, phone: &str, body: &str) -> Result<Value, DemoError> {
    let known = conversations(agent).await?;
    let id = conversation_with(&known, phone).and_then(|found| found["id"].as_str());
    let path = format!("/api/v1/conversations/{}", id.unwrap_or_default());
    agent.tell(&format!("{path}/read")).await?;
    agent
        .post(&format!("{path}/messages"), json!({ "body": body }))
        .await
}

/// A customer doesn't react to what they have not got yet. Not for ever: it is a demo.
async fn wait_until_sent(agent: &Client, message: &Value) -> Result<(), DemoError> {
    let path = format!(
        "/api/v1/messages/{}",
        message["id"].as_str().unwrap_or_default()
    );
    for _ in 0..100 {
        let status = agent.get(&path).await?["status"].clone();
        if !matches!(status.as_str(), Some("queued" | "sending")) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    Ok(())
}

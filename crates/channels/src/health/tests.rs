//! Against the simulated Twilio.

use simulator::{
    AccountKind, AccountSeed, AccountStatus, ApiKey, Capabilities, Number, Simulator, start,
};
use twilio::client::Timeouts;

use super::*;
use crate::fixtures::{
    ACCOUNT, API_KEY, NUMBER, OTHER_NUMBER, OTHER_TOKEN, TOKEN, input, text, us,
};
use crate::{CredentialsInput, Patch};

const NUMBER_SID: &str = "PN0123456789abcdef0123456789abcdef";

fn account() -> AccountSeed {
    AccountSeed {
        sid: ACCOUNT.to_owned(),
        auth_token: TOKEN.into(),
        numbers: vec![Number {
            phone_number: NUMBER.to_owned(),
            sid: NUMBER_SID.to_owned(),
            ..Number::default()
        }],
        ..AccountSeed::default()
    }
}

async fn twilio(account: AccountSeed) -> (Simulator, Client) {
    let options = simulator::Options {
        accounts: vec![account],
        ..simulator::Options::default()
    };
    let simulator = start(options).await.unwrap();
    let client = Client::new(simulator.url().parse().unwrap(), Timeouts::default()).unwrap();
    (simulator, client)
}

fn opened(input: CredentialsInput) -> Opened {
    input.apply(None, &us(), &mut Vec::new()).unwrap()
}

/// The checks that did not pass, and with them what they say.
async fn findings(account: AccountSeed, mode: ChannelMode, input: CredentialsInput) -> Health {
    let (_simulator, client) = twilio(account).await;
    check(&client, &opened(input), mode).await
}

fn reasons(health: &Health) -> Vec<(CheckName, bool, Reason)> {
    let told = |check: &Check| check.reason.map(|reason| (check.name, check.ok, reason));
    health.checks.iter().filter_map(told).collect()
}

#[tokio::test]
async fn a_sound_channel_passes_every_check() {
    let health = findings(account(), ChannelMode::Production, input()).await;
    assert!(health.ok, "{health:?}");
    let names: Vec<_> = health.checks.iter().map(|check| check.name).collect();
    assert_eq!(
        names,
        [
            CheckName::Credentials,
            CheckName::Account,
            CheckName::Number,
            CheckName::Sms
        ]
    );
    assert_eq!(health.account.unwrap().status.as_deref(), Some("active"));
    assert_eq!(health.number.unwrap().sid, NUMBER_SID);
}

#[tokio::test]
async fn a_wrong_token_is_named_with_twilios_code() {
    let wrong = CredentialsInput {
        auth_token: Patch::Set(OTHER_TOKEN.into()),
        ..input()
    };
    let health = findings(account(), ChannelMode::Production, wrong).await;
    assert!(!health.ok);
    assert_eq!(
        reasons(&health),
        [(CheckName::Credentials, false, Reason::WrongCredentials)]
    );
    assert_eq!(health.checks[0].code, Some(20003));
    assert!(health.checks[0].what_to_do.unwrap().contains("auth token"));
    assert!(
        !serde_json::to_string(&health)
            .unwrap()
            .contains(OTHER_TOKEN)
    );
}

#[tokio::test]
async fn a_trial_account_is_a_fault_unless_the_channel_says_so() {
    let trial = || AccountSeed {
        kind: AccountKind::Trial,
        ..account()
    };
    let health = findings(trial(), ChannelMode::Production, input()).await;
    assert_eq!(
        reasons(&health),
        [(CheckName::Account, false, Reason::TrialAccount)]
    );
    assert!(!health.ok && health.number.is_some());
    let health = findings(trial(), ChannelMode::Trial, input()).await;
    assert_eq!(
        reasons(&health),
        [(CheckName::Account, true, Reason::TrialAccount)]
    );
    assert!(health.ok);
}

#[tokio::test]
async fn suspended_and_closed_accounts_are_named() {
    for (status, reason) in [
        (AccountStatus::Suspended, Reason::AccountSuspended),
        (AccountStatus::Closed, Reason::AccountClosed),
    ] {
        let account = AccountSeed {
            status,
            ..account()
        };
        let health = findings(account, ChannelMode::Production, input()).await;
        assert!(
            reasons(&health).contains(&(CheckName::Account, false, reason)),
            "{health:?}"
        );
    }
}

#[tokio::test]
async fn a_number_of_another_account_is_named() {
    let other = CredentialsInput {
        phone_number: text(OTHER_NUMBER),
        ..input()
    };
    let health = findings(account(), ChannelMode::Production, other).await;
    assert_eq!(
        reasons(&health),
        [(CheckName::Number, false, Reason::NumberNotInAccount)]
    );
}

#[tokio::test]
async fn a_number_that_can_not_text_is_named() {
    let mut account = account();
    account.numbers[0].capabilities = Capabilities {
        sms: false,
        mms: false,
        voice: true,
    };
    let health = findings(account, ChannelMode::Production, input()).await;
    assert_eq!(
        reasons(&health),
        [(CheckName::Sms, false, Reason::NoSmsCapability)]
    );
}

#[tokio::test]
async fn a_wrong_api_key_is_told_from_a_wrong_token() {
    let with_key = |secret: &str| CredentialsInput {
        api_key_sid: text(API_KEY),
        api_key_secret: Patch::Set(secret.into()),
        ..input()
    };
    let account = AccountSeed {
        api_keys: vec![ApiKey {
            sid: API_KEY.to_owned(),
            secret: "right".into(),
        }],
        ..account()
    };
    let health = findings(account.clone(), ChannelMode::Production, with_key("wrong")).await;
    assert_eq!(
        reasons(&health),
        [(CheckName::ApiKey, false, Reason::WrongApiKey)]
    );
    let health = findings(account, ChannelMode::Production, with_key("right")).await;
    assert!(health.ok, "{health:?}");
}

#[tokio::test]
async fn test_credentials_are_a_fault_unless_the_channel_says_so() {
    let test = || AccountSeed {
        test: true,
        ..account()
    };
    let health = findings(test(), ChannelMode::Production, input()).await;
    assert_eq!(
        reasons(&health),
        [(CheckName::Credentials, false, Reason::TestCredentials)]
    );
    assert!(!health.ok);
    let health = findings(test(), ChannelMode::Test, input()).await;
    assert!(health.ok, "{health:?}");
}

#[tokio::test]
async fn twilio_out_of_reach_is_a_finding_and_no_failure() {
    // Nothing listens on the port of a listener that is gone.
    let gone = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let url = format!("http://{gone}").parse().unwrap();
    let client = Client::new(url, Timeouts::default()).unwrap();
    let health = check(&client, &opened(input()), ChannelMode::Production).await;
    assert_eq!(
        reasons(&health),
        [(CheckName::Credentials, false, Reason::TwilioUnreachable)]
    );
}

#[tokio::test]
async fn connecting_sets_the_numbers_urls_at_twilio() {
    let (_simulator, client) = twilio(account()).await;
    let opened = opened(input());
    let (sms, status) = (
        "https://sms.example.com/sms#rc=5",
        "https://sms.example.com/status",
    );
    let number = connect(&client, &opened, NUMBER_SID, sms, Some(status), None)
        .await
        .unwrap();
    assert_eq!(number.sms_url.as_deref(), Some(sms));
    assert_eq!(number.status_callback.as_deref(), Some(status));
    let health = check(&client, &opened, ChannelMode::Production).await;
    assert_eq!(health.number, Some(number));
}

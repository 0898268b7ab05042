use chrono::TimeDelta;
use entity::clock::Clock;
use entity::id::{ChannelId, TenantId};
use secrecy::ExposeSecret;

use super::*;
use crate::fixtures::{
    ACCOUNT, API_KEY, NUMBER, OTHER_ACCOUNT, OTHER_TOKEN, SERVICE, TOKEN, clock, input, key, text,
    us,
};
use crate::{FieldError, Patch};

fn read(input: &CredentialsInput, current: Option<&Opened>) -> Result<Opened, Vec<FieldError>> {
    let mut errors = Vec::new();
    let opened = input.apply(current, &us(), &mut errors);
    assert_eq!(opened.is_none(), !errors.is_empty(), "{errors:?}");
    opened.ok_or(errors)
}

fn pointers(input: &CredentialsInput, current: Option<&Opened>) -> Vec<String> {
    let errors = read(input, current).unwrap_err();
    errors
        .into_iter()
        .map(|error| error.pointer.into_owned())
        .collect()
}

fn full() -> CredentialsInput {
    CredentialsInput {
        messaging_service_sid: text(SERVICE),
        api_key_sid: text(API_KEY),
        api_key_secret: Patch::Set("keysecret".into()),
        shared_keys: Patch::Set(vec![SharedKeyInput {
            id: "webhooks_sharedkey_1".to_owned(),
            secret: Some("sharedsecret".into()),
        }]),
        ..input()
    }
}

#[test]
fn typed_credentials_are_trimmed_and_their_number_becomes_e_164() {
    let typed = CredentialsInput {
        account_sid: text(&format!(" {ACCOUNT}\n")),
        auth_token: Patch::Set(format!("\t{TOKEN} ").into()),
        phone_number: text(" (555) 123-4567 "),
        messaging_service_sid: text(&format!(" {SERVICE} ")),
        api_key_sid: text(&format!(" {API_KEY} ")),
        api_key_secret: Patch::Set(" keysecret ".into()),
        ..CredentialsInput::default()
    };
    let opened = read(&typed, None).unwrap();
    assert_eq!(opened.account_sid(), ACCOUNT);
    assert_eq!(opened.auth_token.expose_secret(), TOKEN);
    assert_eq!(opened.phone_number().as_str(), NUMBER);
    assert_eq!(opened.messaging_service_sid(), Some(SERVICE));
    assert_eq!(opened.api_key.unwrap().secret.expose_secret(), "keysecret");
}

#[test]
fn everything_that_is_missing_is_told_at_once() {
    assert_eq!(
        pointers(&CredentialsInput::default(), None),
        [
            "/credentials/accountSid",
            "/credentials/phoneNumber",
            "/credentials/authToken"
        ]
    );
}

#[test]
fn everything_that_has_the_wrong_form_is_told_at_once_and_without_the_value() {
    let typed = CredentialsInput {
        account_sid: text(API_KEY),
        auth_token: Patch::Set("tooshort".into()),
        phone_number: text("nobody"),
        messaging_service_sid: text(ACCOUNT),
        api_key_sid: text(ACCOUNT),
        api_key_secret: Patch::Set("two\nlines".into()),
        shared_keys: Patch::Set(vec![SharedKeyInput {
            id: "a,b".to_owned(),
            secret: None,
        }]),
    };
    assert_eq!(
        pointers(&typed, None),
        [
            "/credentials/accountSid",
            "/credentials/phoneNumber",
            "/credentials/authToken",
            "/credentials/messagingServiceSid",
            "/credentials/apiKeySecret",
            "/credentials/sharedKeys/0/id",
        ]
    );
    let told = format!("{:?}", read(&typed, None).unwrap_err());
    for value in [API_KEY, "tooshort", "nobody", "lines"] {
        assert!(!told.contains(value), "{told}");
    }
}

#[test]
fn a_new_channel_can_not_have_the_mask_for_a_token() {
    let typed = CredentialsInput {
        auth_token: Patch::Set(MASK.into()),
        ..input()
    };
    assert_eq!(pointers(&typed, None), ["/credentials/authToken"]);
}

#[test]
fn an_api_key_comes_with_its_secret_or_not_at_all() {
    let sid_only = CredentialsInput {
        api_key_sid: text(API_KEY),
        ..input()
    };
    assert_eq!(pointers(&sid_only, None), ["/credentials/apiKeySecret"]);
    let masked = CredentialsInput {
        api_key_secret: Patch::Set(MASK.into()),
        ..sid_only
    };
    assert_eq!(pointers(&masked, None), ["/credentials/apiKeySecret"]);
    let secret_only = CredentialsInput {
        api_key_secret: Patch::Set("s".into()),
        ..input()
    };
    assert_eq!(pointers(&secret_only, None), ["/credentials/apiKeySid"]);
    let emptied = CredentialsInput {
        api_key_sid: text(""),
        api_key_secret: Patch::Set("".into()),
        ..input()
    };
    assert!(read(&emptied, None).unwrap().api_key.is_none());
}

#[test]
fn the_mask_and_what_is_absent_change_nothing() {
    let current = read(&full(), None).unwrap();
    let sent_back = CredentialsInput {
        auth_token: Patch::Set(MASK.into()),
        api_key_sid: text(API_KEY),
        api_key_secret: Patch::Set(MASK.into()),
        ..input()
    };
    for patch in [CredentialsInput::default(), sent_back] {
        assert!(read(&patch, Some(&current)).unwrap().same_as(&current));
    }
}

#[test]
fn null_removes_what_may_be_missing() {
    let current = read(&full(), None).unwrap();
    let patch = CredentialsInput {
        messaging_service_sid: Patch::Clear,
        api_key_sid: Patch::Clear,
        shared_keys: Patch::Clear,
        auth_token: Patch::Clear,
        ..CredentialsInput::default()
    };
    let opened = read(&patch, Some(&current)).unwrap();
    assert!(opened.same_as(&read(&input(), None).unwrap()));
    let patch = CredentialsInput {
        account_sid: Patch::Clear,
        ..CredentialsInput::default()
    };
    assert!(pointers(&patch, Some(&current)).contains(&"/credentials/accountSid".to_owned()));
}

#[test]
fn another_account_takes_over_no_secret() {
    let current = read(&full(), None).unwrap();
    let patch = CredentialsInput {
        account_sid: text(OTHER_ACCOUNT),
        ..CredentialsInput::default()
    };
    assert_eq!(pointers(&patch, Some(&current)), ["/credentials/authToken"]);
    let patch = CredentialsInput {
        auth_token: Patch::Set(OTHER_TOKEN.into()),
        ..patch
    };
    let opened = read(&patch, Some(&current)).unwrap();
    assert!(opened.api_key.is_none() && !opened.has_shared_keys());
    assert_eq!(opened.messaging_service_sid(), None);
}

#[test]
fn shared_keys_are_replaced_as_a_whole_and_known_secrets_may_be_left_out() {
    let current = read(&full(), None).unwrap();
    let shared = |id: &str, secret: Option<&str>| SharedKeyInput {
        id: id.to_owned(),
        secret: secret.map(Into::into),
    };
    let patch = |keys| CredentialsInput {
        shared_keys: Patch::Set(keys),
        ..CredentialsInput::default()
    };
    let both = patch(vec![
        shared("webhooks_sharedkey_1", Some(MASK)),
        shared("2", Some("new")),
    ]);
    let opened = read(&both, Some(&current)).unwrap();
    assert_eq!(
        opened
            .shared_key("webhooks_sharedkey_1")
            .unwrap()
            .expose_secret(),
        "sharedsecret"
    );
    assert_eq!(opened.shared_key("2").unwrap().expose_secret(), "new");
    assert!(opened.shared_key("3").is_none());
    let unknown = patch(vec![shared("3", None)]);
    assert_eq!(
        pointers(&unknown, Some(&current)),
        ["/credentials/sharedKeys/0/secret"]
    );
    let doubled = patch(vec![shared("2", Some("a")), shared(" 2 ", Some("b"))]);
    assert_eq!(
        pointers(&doubled, Some(&current)),
        ["/credentials/sharedKeys/1/id"]
    );
}

#[test]
fn json_tells_absent_from_null() {
    let input: CredentialsInput =
        serde_json::from_str(r#"{"accountSid":"AC1","apiKeySid":null,"sharedKeys":[{"id":"1"}]}"#)
            .unwrap();
    assert_eq!(input.account_sid, text("AC1"));
    assert_eq!(input.api_key_sid, Patch::Clear);
    assert_eq!(input.phone_number, Patch::Keep);
    assert_eq!(input.shared_keys.value().unwrap()[0].id, "1");
}

#[test]
fn sealed_credentials_open_in_their_row_only_and_hold_no_plain_secret() {
    let mut opened = read(&full(), None).unwrap();
    let former = Opened {
        auth_token: OTHER_TOKEN.into(),
        ..opened.clone()
    };
    opened.succeed(&former, clock().now(), TimeDelta::hours(24));
    let (tenant, channel) = (
        TenantId::new(&Clock::System),
        ChannelId::new(&Clock::System),
    );
    let stored = Stored::seal(&opened, &key("a", 1), tenant, channel).unwrap();
    let json = serde_json::to_string(&stored).unwrap();
    for secret in [TOKEN, OTHER_TOKEN, "keysecret", "sharedsecret"] {
        assert!(!json.contains(secret), "{json}");
        assert!(!format!("{stored:?} {opened:?}").contains(secret));
    }
    let again = stored.clone().open(&key("a", 1), tenant, channel).unwrap();
    assert!(again.same_as(&opened));
    assert_eq!(again.tokens(clock().now()).count(), 2);
    let moved = stored
        .open(&key("a", 1), tenant, ChannelId::new(&Clock::System))
        .unwrap_err();
    assert!(
        matches!(
            moved,
            OpenError::Sealed {
                field: "authToken",
                ..
            }
        ),
        "{moved:?}"
    );
}

#[test]
fn nobody_prolongs_a_former_token_by_changing_the_row() {
    let mut opened = read(&input(), None).unwrap();
    let former = Opened {
        auth_token: OTHER_TOKEN.into(),
        ..opened.clone()
    };
    opened.succeed(&former, clock().now(), TimeDelta::hours(24));
    let (tenant, channel) = (
        TenantId::new(&Clock::System),
        ChannelId::new(&Clock::System),
    );
    let stored = Stored::seal(&opened, &key("a", 1), tenant, channel).unwrap();
    let mut json = serde_json::to_value(stored).unwrap();
    json["previousAuthToken"]["until"] = "2099-01-01T00:00:00Z".into();
    let stored: Stored = serde_json::from_value(json).unwrap();
    let error = stored.open(&key("a", 1), tenant, channel).unwrap_err();
    assert!(
        matches!(
            error,
            OpenError::Sealed {
                field: "previousAuthToken",
                ..
            }
        ),
        "{error:?}"
    );
}

#[test]
fn a_former_token_counts_until_its_time_is_over_and_is_then_forgotten() {
    let clock = clock();
    let mut opened = read(&input(), None).unwrap();
    let former = Opened {
        auth_token: OTHER_TOKEN.into(),
        ..opened.clone()
    };
    opened.succeed(&former, clock.now(), TimeDelta::hours(24));
    let tokens = |opened: &Opened| -> Vec<String> {
        opened
            .tokens(clock.now())
            .map(|token| token.expose_secret().to_owned())
            .collect()
    };
    assert_eq!(tokens(&opened), [TOKEN, OTHER_TOKEN]);
    clock.advance(TimeDelta::hours(24));
    assert_eq!(tokens(&opened), [TOKEN]);
    opened.forget_expired(clock.now());
    assert!(opened.previous.is_none());
}

#[test]
fn twilio_is_called_with_the_api_key_where_there_is_one() {
    use twilio::client::AuthSecret;
    let by_key = read(&full(), None).unwrap().twilio();
    assert_eq!(by_key.account_sid, ACCOUNT);
    assert!(matches!(by_key.secret, AuthSecret::ApiKey { sid, .. } if sid == API_KEY));
    let by_token = read(&input(), None).unwrap().twilio();
    assert!(matches!(by_token.secret, AuthSecret::Token(token) if token.expose_secret() == TOKEN));
}

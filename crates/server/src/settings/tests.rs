use std::fs;

use secrecy::ExposeSecret;

use super::*;

fn variables(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

fn with(pairs: &[(&str, &str)]) -> Result<Settings, SettingsError> {
    Settings::load(&Sources {
        variables: variables(pairs),
        ..Sources::default()
    })
}

fn error_of(pairs: &[(&str, &str)]) -> String {
    with(pairs).unwrap_err().to_string()
}

const KEY: &str = "k1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

#[test]
fn the_defaults_are_those_of_the_contract() {
    let settings = Settings::built_in().unwrap();
    assert_eq!(settings.environment, Environment::Development);
    assert_eq!(settings.server.bind.to_string(), "127.0.0.1:8080");
    assert_eq!(settings.server.public_url, None);
    assert_eq!(settings.database.url.expose(), "sqlite://data/trunkline.db");
    assert!(settings.security.master_keys.is_empty() && settings.security.jwt_secret.is_none());
    assert!(settings.auth.allow_signup);
    assert_eq!(
        settings.twilio.api_base_url.as_str(),
        "https://api.twilio.com"
    );
    assert_eq!(settings.queue.retry_delays_seconds.0, [60, 120, 240]);
    assert_eq!(settings.queue.settle_after_seconds.get(), 60);
    assert_eq!(settings.queue.settle_again_seconds.get(), 20);
    assert_eq!(settings.limits.requests_per_minute.get(), 6000);
    assert_eq!(settings.log.format, LogFormat::Text);
}

#[test]
fn default_toml_and_the_structs_name_the_same_keys() {
    let printed = toml::Table::try_from(
        Settings::load(&Sources {
            variables: variables(&[
                ("TRUNKLINE__SERVER__PUBLIC_URL", "https://sms.example.com"),
                (
                    "TRUNKLINE__SECURITY__JWT_SECRET",
                    "0123456789abcdefghijklmnopqrstuv",
                ),
                (
                    "TRUNKLINE__ASSISTANT__BASE_URL",
                    "https://ai.example.com/v1",
                ),
                ("TRUNKLINE__ASSISTANT__API_KEY", "sk-1"),
                ("TRUNKLINE__ASSISTANT__MODEL", "small"),
            ]),
            ..Sources::default()
        })
        .unwrap(),
    );
    let printed = printed.unwrap();
    for key in Layer::built_in("default", DEFAULT).unwrap().keys().keys() {
        let (section, name) = key.split_once('.').unwrap();
        assert!(
            printed[section].as_table().unwrap().contains_key(name),
            "{key} is read by nothing"
        );
    }
}

#[test]
fn production_closes_sign_up_and_logs_json_without_any_file() {
    let settings = with(&[("TRUNKLINE_ENV", "production")]).unwrap();
    assert!(settings.environment.is_production());
    assert!(!settings.auth.allow_signup);
    assert_eq!(settings.log.format, LogFormat::Json);
}

#[test]
fn each_layer_wins_over_the_one_before() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    write(
        "default.toml",
        "[limits]\nrequests_per_minute = 1\nlogins_per_minute = 1\n",
    );
    write(
        "staging.toml",
        "[limits]\nlogins_per_minute = 2\nregistrations_per_minute = 2\n",
    );
    write(
        "own.toml",
        "[limits]\nregistrations_per_minute = 3\n[server]\nworkers = 3\n",
    );
    let file = folder.path().join("own.toml");
    let settings = Settings::load(&Sources {
        folder: Some(folder.path()),
        file: Some(&file),
        variables: variables(&[
            ("TRUNKLINE_ENV", "staging"),
            ("TRUNKLINE__SERVER__WORKERS", "4"),
        ]),
    })
    .unwrap();
    assert_eq!(
        settings.environment,
        Environment::Other("staging".to_owned())
    );
    assert_eq!(settings.limits.requests_per_minute.get(), 1);
    assert_eq!(settings.limits.logins_per_minute.get(), 2);
    assert_eq!(settings.limits.registrations_per_minute.get(), 3);
    assert_eq!(settings.server.workers, 4);
    assert_eq!(
        settings.server.shutdown_seconds.get(),
        25,
        "what no layer names stays"
    );
}

#[test]
fn an_unknown_key_is_named_with_its_file_or_variable() {
    let error = error_of(&[("TRUNKLINE__SERVER__BINDD", "x")]);
    assert!(
        error.contains("TRUNKLINE__SERVER__BINDD") && error.contains("server.bindd"),
        "{error}"
    );
    assert!(
        error.contains("public_url"),
        "it says what there is: {error}"
    );
    let error = error_of(&[("TRUNKLINE__TWILLIO__API_BASE_URL", "x")]);
    assert!(
        error.contains("twillio.api_base_url") && error.contains("twilio"),
        "{error}"
    );
    let error = error_of(&[("TRUNKLINE__BIND", "x")]);
    assert!(error.contains("`bind`"), "{error}");

    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("own.toml");
    fs::write(&file, "[server]\nport = 80\n").unwrap();
    let sources = Sources {
        file: Some(&file),
        ..Sources::default()
    };
    let error = Settings::load(&sources).unwrap_err().to_string();
    assert!(
        error.contains("own.toml") && error.contains("server.port"),
        "{error}"
    );
}

#[test]
fn a_wrong_value_is_blamed_on_its_key_and_place() {
    let cases = [
        ("SERVER__BIND", "8080", "server.bind"),
        ("SERVER__PUBLIC_URL", "sms.example.com", "server.public_url"),
        (
            "SERVER__PUBLIC_URL",
            "https://a:b@sms.example.com",
            "server.public_url",
        ),
        (
            "SERVER__PUBLIC_URL",
            "https://sms.example.com/?a=1",
            "server.public_url",
        ),
        (
            "SERVER__TRUSTED_PROXIES",
            "10.0.0.0/33",
            "server.trusted_proxies",
        ),
        ("SERVER__WORKERS", "many", "server.workers"),
        ("SERVER__SHUTDOWN_SECONDS", "0", "server.shutdown_seconds"),
        ("DATABASE__URL", "mysql://localhost/x", "database.url"),
        ("DATABASE__URL", "sqlite::memory:", "database.url"),
        ("AUTH__ALLOW_SIGNUP", "perhaps", "auth.allow_signup"),
        ("QUEUE__LEASE_SECONDS", "20", "queue.lease_seconds"),
        (
            "QUEUE__RETRY_DELAYS_SECONDS",
            "60,soon",
            "queue.retry_delays_seconds",
        ),
        ("QUEUE__VALID_FOR_HOURS", "0", "queue.valid_for_hours"),
        (
            "QUEUE__BULK_VALID_FOR_HOURS",
            "8761",
            "queue.bulk_valid_for_hours",
        ),
        ("LIMITS__LOGINS_PER_MINUTE", "0", "limits.logins_per_minute"),
        ("MEDIA__URL", "data/media", "media.url"),
        (
            "ASSISTANT__BASE_URL",
            "https://ai.example.com",
            "assistant.model",
        ),
        ("LOG__FORMAT", "xml", "log.format"),
        ("LOG__FILTER", "info,=", "log.filter"),
    ];
    for (variable, value, key) in cases {
        let variable = format!("TRUNKLINE__{variable}");
        let error = error_of(&[(&variable, value)]);
        assert!(error.starts_with(key), "{variable}: {error}");
        let place = key != "assistant.model";
        assert!(!place || error.contains(&variable), "{variable}: {error}");
    }
}

#[test]
fn a_wrong_secret_is_not_quoted() {
    let short = error_of(&[("TRUNKLINE__SECURITY__JWT_SECRET", "hunter2")]);
    assert!(
        short.contains("32 characters") && !short.contains("hunter2"),
        "{short}"
    );
    for keys in [
        "hunter2",
        "k1:hunter2",
        "[\"hunter2",
        "k1:aHVudGVyMg==",
        "hunter2,k1:x",
    ] {
        let error = error_of(&[("TRUNKLINE__SECURITY__MASTER_KEYS", keys)]);
        assert!(error.starts_with("security.master_keys"), "{error}");
        assert!(
            !error.contains("hunter2") && !error.contains("aHVudGVyMg"),
            "{error}"
        );
    }
    let guessed = format!("k1:{}=", "A".repeat(43));
    let error = error_of(&[("TRUNKLINE__SECURITY__MASTER_KEYS", &guessed)]);
    assert!(error.contains("random"), "{error}");
    let twice = format!("{KEY},{KEY}");
    let error = error_of(&[("TRUNKLINE__SECURITY__MASTER_KEYS", &twice)]);
    assert!(error.contains("k1"), "{error}");
}

#[test]
fn a_file_with_a_slip_is_blamed_by_line_but_the_line_is_not_quoted() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("own.toml");
    fs::write(&file, "[security]\njwt_secret = hunter2\n").unwrap();
    let sources = Sources {
        file: Some(&file),
        ..Sources::default()
    };
    let error = Settings::load(&sources).unwrap_err().to_string();
    assert!(error.contains("own.toml, line 2"), "{error}");
    assert!(!error.contains("hunter2"), "{error}");
}

#[test]
fn a_file_or_environment_that_is_not_there_is_named() {
    let file = Path::new("not/there.toml");
    let sources = Sources {
        file: Some(file),
        ..Sources::default()
    };
    assert!(
        Settings::load(&sources)
            .unwrap_err()
            .to_string()
            .contains("not/there.toml")
    );
    assert!(error_of(&[("TRUNKLINE_ENV", "prod")]).contains("config/prod.toml"));
    assert!(error_of(&[("TRUNKLINE_ENV", "../etc")]).contains("TRUNKLINE_ENV"));
}

#[test]
fn lists_are_written_with_commas_or_as_json() {
    for keys in [KEY.to_owned(), format!("[\"{KEY}\"]"), format!(" {KEY} , ")] {
        let settings = with(&[("TRUNKLINE__SECURITY__MASTER_KEYS", &keys)]).unwrap();
        let ring = settings.security.master_keys.ring().unwrap();
        assert_eq!(ring.current().to_setting().expose_secret(), KEY);
    }
    for delays in ["5, 10", "[5, 10]", "[\"5\",\"10\"]"] {
        let settings = with(&[("TRUNKLINE__QUEUE__RETRY_DELAYS_SECONDS", delays)]).unwrap();
        assert_eq!(settings.queue.retry_delays_seconds.0, [5, 10]);
    }
    let proxies = [("TRUNKLINE__SERVER__TRUSTED_PROXIES", "10.0.0.0/8,::1")];
    let networks = with(&proxies).unwrap().server.trusted_proxies.0;
    assert_eq!(
        networks.iter().map(|net| net.prefix).collect::<Vec<_>>(),
        [8, 128]
    );
}

#[test]
fn a_blank_variable_means_not_set_and_digits_keep_their_zeros() {
    let digits = "00123456789012345678901234567890";
    let settings = with(&[
        ("TRUNKLINE__SERVER__PUBLIC_URL", ""),
        ("TRUNKLINE__ASSISTANT__API_KEY", " "),
        ("TRUNKLINE__SECURITY__JWT_SECRET", digits),
    ])
    .unwrap();
    assert_eq!(settings.server.public_url, None);
    assert!(settings.assistant.api_key.is_none());
    assert_eq!(
        settings
            .security
            .jwt_secret
            .unwrap()
            .secret()
            .expose_secret(),
        digits
    );
}

#[test]
fn a_public_url_loses_its_last_slash() {
    let settings = with(&[(
        "TRUNKLINE__SERVER__PUBLIC_URL",
        "https://sms.example.com/in/",
    )]);
    assert_eq!(
        settings.unwrap().server.public_url.unwrap().as_str(),
        "https://sms.example.com/in"
    );
}

#[test]
fn nothing_printed_holds_a_secret() {
    let settings = with(&[
        ("TRUNKLINE__SECURITY__MASTER_KEYS", KEY),
        (
            "TRUNKLINE__SECURITY__JWT_SECRET",
            "hunter2-0123456789-0123456789-0123456789",
        ),
        ("TRUNKLINE__ASSISTANT__API_KEY", "hunter2-key"),
        (
            "TRUNKLINE__DATABASE__URL",
            "postgres://me:hunter2@db.example.com/trunkline",
        ),
    ])
    .unwrap();
    let printed = toml::to_string(&settings).unwrap();
    assert!(printed.contains("\"k1:********\""), "{printed}");
    assert!(
        printed.contains("postgres://me:********@db.example.com/trunkline"),
        "{printed}"
    );
    for text in [printed, format!("{settings:?}")] {
        assert!(
            !text.contains("hunter2") && !text.contains("AAECAwQF"),
            "{text}"
        );
    }
}

#[test]
fn names_from_elsewhere_are_understood_in_development_and_warned_about() {
    let settings = with(&[
        ("PORT", "3001"),
        (
            "WEBHOOK_URL",
            "https://abc.ngrok.app/api/webhooks/twilio/sms",
        ),
        ("BASE_URL", "http://localhost:9"),
        ("TWILIO_ACCOUNT_SID", "AC00000000000000000000000000000000"),
        ("TWILIO_AUTH_TOKEN", "hunter2"),
        ("TWILIO_PHONE_NUMBER", "+15550001111"),
        ("TWILIO_TEST_MODE", "true"),
    ])
    .unwrap();
    assert_eq!(settings.server.bind.to_string(), "127.0.0.1:3001");
    assert_eq!(
        settings.server.public_url.unwrap().as_str(),
        "https://abc.ngrok.app"
    );
    let channel = settings.foreign.channel.as_ref().unwrap();
    assert!(channel.test_mode);
    let warnings = settings.foreign.warnings.join("\n");
    assert!(warnings.contains("TRUNKLINE__SERVER__BIND"), "{warnings}");
    assert!(
        warnings.contains("WEBHOOK_URL") && !warnings.contains("BASE_URL"),
        "{warnings}"
    );
    assert!(warnings.contains("/api/v1/channels"), "{warnings}");
    assert!(!format!("{warnings}{:?}", settings.foreign).contains("hunter2"));
}

#[test]
fn our_own_names_win_over_those_from_elsewhere_without_a_warning() {
    let settings = with(&[
        ("PORT", "3001"),
        ("API_URL", "https://elsewhere.example.com"),
        ("TRUNKLINE__SERVER__BIND", "127.0.0.1:0"),
        ("TRUNKLINE__SERVER__PUBLIC_URL", "https://sms.example.com"),
    ])
    .unwrap();
    assert_eq!(settings.server.bind.port(), 0);
    assert_eq!(
        settings.server.public_url.unwrap().as_str(),
        "https://sms.example.com"
    );
    assert!(
        settings.foreign.warnings.is_empty(),
        "{:?}",
        settings.foreign.warnings
    );
}

#[test]
fn names_from_elsewhere_that_mean_something_else_are_left_alone() {
    let settings = with(&[("PORT", "tcp://10.0.0.1:80"), ("API_URL", "/api")]).unwrap();
    assert_eq!(settings.server.bind.port(), 8080);
    assert_eq!(settings.server.public_url, None);
}

#[test]
fn production_ignores_names_from_elsewhere_and_says_so() {
    let settings = with(&[
        ("TRUNKLINE_ENV", "production"),
        ("PORT", "3001"),
        ("API_URL", "https://elsewhere.example.com"),
        ("TWILIO_ACCOUNT_SID", "AC00000000000000000000000000000000"),
        ("TWILIO_AUTH_TOKEN", "hunter2"),
        ("TWILIO_PHONE_NUMBER", "+15550001111"),
    ])
    .unwrap();
    assert_eq!(settings.server.bind.port(), 8080);
    assert_eq!(settings.server.public_url, None);
    assert!(settings.foreign.channel.is_none());
    assert_eq!(
        settings.foreign.warnings.len(),
        5,
        "{:?}",
        settings.foreign.warnings
    );
}

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;

use auth::Hasher;
use auth::account::{self, NewTenant, Signup};
use channels::{KeyRing, MasterKey};
use secrecy::SecretString;

use super::*;
use crate::settings::{Environment, ForeignChannel, Sources};

fn settings(folder: &Path) -> Settings {
    let url = format!("sqlite://{}/trunkline.db", folder.display());
    let variables = BTreeMap::from([("TRUNKLINE__DATABASE__URL".to_owned(), url)]);
    Settings::load(&Sources {
        variables,
        ..Sources::default()
    })
    .unwrap()
}

fn get(address: SocketAddr, path: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

async fn with_tenant(db: &Db) {
    let password = SecretString::from("correct-horse");
    let typed = Signup {
        tenant_name: "Acme",
        email: "ana@example.com",
        name: None,
        password: &password,
        default_country: None,
        timezone: None,
    };
    let new = NewTenant::parse(typed).unwrap();
    let hash = Hasher::default().hash(password.clone()).await.unwrap();
    let tx = db.write_tx().await.unwrap();
    account::register(&tx, &Clock::System, new, hash)
        .await
        .unwrap();
    tx.commit().await.unwrap();
}

fn ring() -> KeyRing {
    KeyRing::new(vec![MasterKey::generate()]).unwrap()
}

fn foreign() -> ForeignChannel {
    ForeignChannel {
        account_sid: format!("AC{}", "0".repeat(32)),
        auth_token: "0123456789abcdef0123456789abcdef".into(),
        phone_number: "+14155550100".to_owned(),
        test_mode: true,
    }
}

async fn channels_of(db: &Db) -> Vec<entity::channel::Model> {
    use sea_orm::EntityTrait;
    entity::channel::Entity::find()
        .all(db.read())
        .await
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_answers_until_it_is_asked_to_end_and_gives_its_port_back() {
    let folder = tempfile::tempdir().unwrap();
    let listener = listen("127.0.0.1:0".parse().unwrap()).unwrap();
    let address = listener.local_addr().unwrap();
    let service = start(settings(folder.path()), Role::All, Some(listener))
        .await
        .unwrap();
    assert!(get(address, "/healthz").starts_with("HTTP/1.1 200"));
    assert!(get(address, "/metrics").starts_with("HTTP/1.1 200"));

    let asked = CancellationToken::new();
    let running = tokio::spawn({
        let asked = asked.clone();
        async move { service.run_until(&asked).await }
    });
    asked.cancel();
    running.await.unwrap().unwrap();
    listen(address).unwrap();
}

#[tokio::test]
async fn a_taken_address_is_named() {
    let taken = listen("127.0.0.1:0".parse().unwrap()).unwrap();
    let error = listen(taken.local_addr().unwrap()).unwrap_err().to_string();
    assert!(error.starts_with("server.bind: 127.0.0.1:"), "{error}");
}

#[tokio::test]
async fn several_processes_may_start_on_one_file_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let settings = settings(folder.path());
    let starts = (0..4).map(|_| open(&settings));
    for opened in futures_util::future::join_all(starts).await {
        opened.unwrap();
    }
}

#[tokio::test]
async fn a_database_sealed_under_a_lost_key_stops_production_only() {
    let folder = tempfile::tempdir().unwrap();
    let db = open(&settings(folder.path())).await.unwrap();
    with_tenant(&db).await;
    let (then, now) = (ring(), ring());
    foreign_channel::ensure(&db, &then, &Clock::System, &foreign())
        .await
        .unwrap();

    production::check_keys(&db, &then, &Environment::Production)
        .await
        .unwrap();
    production::check_keys(&db, &now, &Environment::Development)
        .await
        .unwrap();
    let refused = production::check_keys(&db, &now, &Environment::Production).await;
    let refused = refused.unwrap_err().to_string();
    assert!(refused.contains("security.master_keys"), "{refused}");
    assert!(refused.contains(then.current().id()), "{refused}");
}

#[tokio::test]
async fn a_channel_from_the_environment_is_made_once() {
    let folder = tempfile::tempdir().unwrap();
    let db = open(&settings(folder.path())).await.unwrap();
    let keys = ring();
    foreign_channel::ensure(&db, &keys, &Clock::System, &foreign())
        .await
        .unwrap();
    assert!(
        channels_of(&db).await.is_empty(),
        "there is no tenant to give it to"
    );
    with_tenant(&db).await;
    for _ in 0..2 {
        foreign_channel::ensure(&db, &keys, &Clock::System, &foreign())
            .await
            .unwrap();
    }
    let channels = channels_of(&db).await;
    assert_eq!(channels.len(), 1);
    assert_eq!(channels[0].phone_number.as_str(), "+14155550100");
    assert_eq!(channels[0].mode, entity::value::ChannelMode::Trial);
}

#[tokio::test]
async fn nonsense_in_the_environment_does_not_keep_the_service_from_starting() {
    let folder = tempfile::tempdir().unwrap();
    let db = open(&settings(folder.path())).await.unwrap();
    with_tenant(&db).await;
    let wrong = ForeignChannel {
        account_sid: "your_account_sid".to_owned(),
        ..foreign()
    };
    foreign_channel::ensure(&db, &ring(), &Clock::System, &wrong)
        .await
        .unwrap();
    assert!(channels_of(&db).await.is_empty());
}

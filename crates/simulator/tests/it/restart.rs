use std::net::SocketAddr;

use serde_json::{Value, json};
use simulator::{AccountSeed, Number, Options};

fn options(folder: &tempfile::TempDir, accounts: Vec<AccountSeed>) -> Options {
    Options {
        bind: SocketAddr::from(([127, 0, 0, 1], 0)),
        state_file: Some(folder.path().join("nested/simulator.json")),
        accounts,
    }
}

async fn get(url: &str) -> Value {
    reqwest::get(url).await.unwrap().json().await.unwrap()
}

#[tokio::test]
async fn a_restart_forgets_neither_accounts_nor_messages_nor_opt_outs() {
    let folder = tempfile::tempdir().unwrap();
    let seed = AccountSeed {
        sid: "AC01".to_owned(),
        numbers: vec![Number {
            phone_number: "+14155550100".to_owned(),
            ..Number::default()
        }],
        ..AccountSeed::default()
    };
    let first = simulator::start(options(&folder, vec![seed]))
        .await
        .unwrap();
    let text = json!({ "account_sid": "AC01", "from": "+12125550123", "to": "+14155550100", "body": "STOP" });
    let url = format!("{}/_simulator/inbound", first.url());
    reqwest::Client::new()
        .post(url)
        .json(&text)
        .send()
        .await
        .unwrap();
    let accounts = get(&format!("{}/_simulator/accounts", first.url())).await;
    first.shutdown().await.unwrap();

    let second = simulator::start(options(&folder, Vec::new()))
        .await
        .unwrap();
    assert_eq!(
        get(&format!("{}/_simulator/accounts", second.url())).await,
        accounts
    );
    let state = get(&format!("{}/_simulator/state", second.url())).await;
    assert_eq!(state["opt_outs"][0]["recipient"], "+12125550123");
    let seen = get(&format!(
        "{}/_simulator/messages?direction=inbound",
        second.url()
    ))
    .await;
    assert_eq!(seen["messages"][0]["body"], "STOP");
    second.shutdown().await.unwrap();
}

#[tokio::test]
async fn a_damaged_file_is_an_error_and_stays_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let options = options(&folder, Vec::new());
    let file = options.state_file.clone().unwrap();
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    std::fs::write(&file, "{").unwrap();
    assert!(matches!(
        simulator::start(options).await,
        Err(simulator::Error::StateFormat(_))
    ));
    assert_eq!(std::fs::read(&file).unwrap(), b"{");
}

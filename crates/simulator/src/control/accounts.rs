//! Accounts as seeds: a copied answer is a valid request.

use actix_web::{
    HttpResponse,
    web::{Data, Json},
};
use serde_json::json;

use crate::{account::AccountSeed, app::App};

pub(super) async fn put(app: Data<App>, seed: Json<AccountSeed>) -> HttpResponse {
    let account = app.change(|state| state.put_account(seed.into_inner()));
    HttpResponse::Ok().json(account)
}

pub(super) async fn list(app: Data<App>) -> HttpResponse {
    let accounts: Vec<AccountSeed> = app.state().accounts.values().cloned().collect();
    HttpResponse::Ok().json(json!({ "accounts": accounts }))
}

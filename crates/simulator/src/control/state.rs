//! The memory as a whole.

use actix_web::{
    HttpResponse,
    web::{Data, Query},
};
use serde::Deserialize;
use serde_json::json;

use crate::app::App;

pub(super) async fn show(app: Data<App>) -> HttpResponse {
    let state = app.state();
    HttpResponse::Ok().json(json!({
        "url": app.url(),
        "cdn_url": app.cdn_url(),
        "accounts": state.accounts.len(),
        "messages": state.messages().len(),
        "webhooks": state.attempts.len(),
        "requests": state.requests,
        "faults": state.faults,
        "struck": state.struck,
        "receipts": state.policies,
        "opt_outs": state.opt_outs().iter().map(|(scope, recipient)| {
            json!({ "sender": scope, "recipient": recipient })
        }).collect::<Vec<_>>(),
    }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Extent {
    /// Forget the accounts too.
    #[serde(default)]
    accounts: bool,
}

pub(super) async fn clear(app: Data<App>, extent: Query<Extent>) -> HttpResponse {
    app.change(|state| state.clear(extent.accounts));
    HttpResponse::NoContent().finish()
}

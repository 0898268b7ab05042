//! `GET Accounts/{sid}.json`: how a service finds out that an account is suspended or on trial.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, Path},
};

use super::{
    admit::{authenticate, strike},
    refusal::Refusal,
    shape,
};
use crate::{app::App, chance::now_ms, faults::Operation};

/// Answers for a suspended account too: its state is what one wants to know.
pub(super) async fn fetch(
    app: Data<App>,
    request: HttpRequest,
    path: Path<String>,
) -> Result<HttpResponse, Refusal> {
    let account = authenticate(&app, &request, &path)?;
    if account.test {
        let message = "Resource not accessible with Test Account Credentials";
        return Err(Refusal::new(403, 20008, message));
    }
    strike(&app, &request, &account.sid, Operation::Account, None).await?;
    Ok(HttpResponse::Ok().json(shape::account(&account, now_ms())))
}

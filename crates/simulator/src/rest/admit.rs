//! Who may call: Basic auth as Twilio checks it, the account's state, and then the faults that a
//! test has ordered, so that a fault never hides a wrong credential.

use std::sync::Arc;

use actix_web::{HttpRequest, http::header};
use base64::{Engine, engine::general_purpose::STANDARD};

use super::refusal::Refusal;
use crate::{
    account::{AccountSeed, AccountStatus},
    app::App,
    faults::{self, FaultKind, Operation, Strike},
    state::State,
};

/// A second handle on a client's TCP connection, to break it in the middle of a request.
#[derive(Clone)]
pub(crate) struct Connection(Option<Arc<std::net::TcpStream>>);

impl Connection {
    /// Called for each new connection.
    #[cfg(unix)]
    pub(crate) fn of(stream: &dyn std::any::Any) -> Self {
        use std::os::fd::AsFd;
        let duplicate = stream
            .downcast_ref::<actix_web::rt::net::TcpStream>()
            .and_then(|stream| stream.as_fd().try_clone_to_owned().ok());
        Self(duplicate.map(|fd| Arc::new(fd.into())))
    }

    /// Elsewhere a dropped connection shows as an error answer.
    #[cfg(not(unix))]
    pub(crate) fn of(_: &dyn std::any::Any) -> Self {
        Self(None)
    }

    fn cut(&self) {
        if let Some(stream) = &self.0 {
            // Already closed is closed too.
            let _ = stream.shutdown(std::net::Shutdown::Both);
        }
    }
}

/// Cuts the connection of a request. What is answered afterwards reaches nobody.
pub(crate) fn cut(request: &HttpRequest) -> Refusal {
    if let Some(connection) = request.conn_data::<Connection>() {
        connection.cut();
    }
    Refusal::html(500)
}

/// Checks the credentials for the account in the path. Any state of the account will do.
pub(crate) fn authenticate(
    app: &App,
    request: &HttpRequest,
    account_sid: &str,
) -> Result<AccountSeed, Refusal> {
    let (user, password) = credentials(request).ok_or_else(Refusal::unauthorized)?;
    let state = app.state();
    let caller = caller(&state, &user, &password).ok_or_else(Refusal::unauthorized)?;
    let account = state
        .accounts
        .get(account_sid)
        .ok_or_else(Refusal::not_found)?;
    let opens = caller == account_sid || account.parent.as_deref() == Some(caller);
    if opens {
        Ok(account.clone())
    } else {
        Err(Refusal::unauthorized())
    }
}

/// The account that these credentials belong to.
fn caller<'a>(state: &'a State, user: &str, password: &str) -> Option<&'a str> {
    if let Some(account) = state.accounts.get(user) {
        return (account.auth_token.expose() == password).then_some(account.sid.as_str());
    }
    state
        .accounts
        .values()
        .find(|account| {
            account
                .api_keys
                .iter()
                .any(|key| key.sid == user && key.secret.expose() == password)
        })
        .map(|account| account.sid.as_str())
}

fn credentials(request: &HttpRequest) -> Option<(String, String)> {
    let header = request
        .headers()
        .get(header::AUTHORIZATION)?
        .to_str()
        .ok()?;
    let (scheme, encoded) = header.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let text = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (user, password) = text.split_once(':')?;
    Some((user.to_owned(), password.to_owned()))
}

/// Checks credentials and the account's state: from here on, the account may be worked with.
pub(crate) fn admit(
    app: &App,
    request: &HttpRequest,
    account_sid: &str,
    operation: Operation,
) -> Result<AccountSeed, Refusal> {
    let account = authenticate(app, request, account_sid)?;
    if account.status != AccountStatus::Active {
        return Err(Refusal::new(403, 20005, "Account is not active"));
    }
    if account.test && operation != Operation::Create {
        let message = "Resource not accessible with Test Account Credentials";
        return Err(Refusal::new(403, 20008, message));
    }
    Ok(account)
}

/// Lets the ordered faults hit a request. Those that strike after the message was accepted are
/// left to the caller.
pub(crate) async fn strike(
    app: &App,
    request: &HttpRequest,
    account_sid: &str,
    operation: Operation,
    to: Option<&str>,
) -> Result<Strike, Refusal> {
    let strike = faults::draw(&mut app.state(), account_sid, operation, to);
    tokio::time::sleep(strike.latency).await;
    let retry_after = strike.fault.as_ref().and_then(|fault| fault.retry_after);
    match strike.kind() {
        Some(FaultKind::RateLimited) => Err(Refusal::rate_limited(retry_after)),
        Some(FaultKind::QueueFull) => {
            let message = "This 'From' number has exceeded the maximum number of queued messages";
            Err(Refusal::new(429, 21611, message).retry_after(retry_after))
        }
        Some(FaultKind::ServerError) => Err(Refusal::new(500, 20500, "Internal Server Error")),
        Some(FaultKind::HtmlError) => Err(Refusal::html(500)),
        Some(FaultKind::Unavailable) => {
            Err(Refusal::new(503, 20503, "Service Unavailable").retry_after(retry_after))
        }
        Some(FaultKind::DropBeforeAccept) => Err(cut(request)),
        Some(FaultKind::DropAfterAccept | FaultKind::HangAfterAccept | FaultKind::Latency)
        | None => Ok(strike),
    }
}

/// `admit` and `strike` at once, for everything that creates nothing.
pub(crate) async fn enter(
    app: &App,
    request: &HttpRequest,
    account_sid: &str,
    operation: Operation,
) -> Result<AccountSeed, Refusal> {
    let account = admit(app, request, account_sid, operation)?;
    strike(app, request, account_sid, operation, None).await?;
    Ok(account)
}

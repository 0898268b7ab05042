//! Finds out who calls, before anything reads what they want: a stranger learns nothing by what is
//! said of their body, and a handler's arguments are extracted at once, so the order would
//! otherwise be left to chance.

use std::net::IpAddr;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderMap};
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{Error, HttpMessage};
use auth::{AuthError, Principal};

use crate::error::ApiError;
use crate::extract::ClientIp;
use crate::state::State;

/// What is known of the caller; taken out by [`Allowed`](crate::extract::Allowed).
pub(crate) struct Caller(pub(crate) Result<Principal, ApiError>);

/// Leaves a [`Caller`] with the request. Whether there has to be one is up to the route: logging
/// in with an old token in the header must work.
///
/// # Errors
/// Those of the service within.
pub async fn identify<B: MessageBody + 'static>(
    state: Data<State>,
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    let ClientIp(client) = ClientIp::of(request.request(), &state.settings.trusted_proxies);
    let caller = match bearer(request.headers()) {
        Some(token) => authenticate(&state, token, client).await,
        None => Err(ApiError::Unauthenticated(
            "log in first: send the header `Authorization: Bearer` with a token or an API key"
                .into(),
        )),
    };
    request.extensions_mut().insert(Caller(caller));
    next.call(request).await
}

/// What stands behind `Bearer`.
pub(crate) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

async fn authenticate(state: &State, bearer: &str, client: IpAddr) -> Result<Principal, ApiError> {
    let now = state.clock.now();
    let known = auth::authenticate(state.db.read(), &state.signer, now, bearer).await;
    if matches!(known, Err(AuthError::Invalid)) {
        state.limiter.made_up(client, now)?;
    }
    let principal = known?;
    if let Some(key) = principal.key_use_to_note() {
        // On the side: the caller need not wait for a note, nor fail with it.
        let db = state.db.clone();
        tokio::spawn(async move {
            if let Err(error) = auth::api_key::note_use(db.writer(), key, now).await {
                tracing::debug!(%error, "The use of an API key was not noted");
            }
        });
    }
    Ok(principal)
}

//! Who calls, and that they may.

use std::future::{Ready, ready};
use std::marker::PhantomData;
use std::ops::Deref;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use auth::{Permission, Principal};

use super::state;
use crate::error::ApiError;
use crate::middleware::context;
use crate::middleware::identify::Caller;
use crate::state::State;

/// The caller, who has the permission `P`: a handler that has one of these needs no further check.
///
/// Taken from `Authorization: Bearer` with a login token or an API key. The call counts against the
/// caller's rate limit. It stands before everything that is read from the request, so that who may
/// not call is told that first.
#[derive(Debug)]
pub struct Allowed<P> {
    principal: Principal,
    permission: PhantomData<P>,
}

impl<P> Deref for Allowed<P> {
    type Target = Principal;

    fn deref(&self) -> &Principal {
        &self.principal
    }
}

impl<P: Permission + 'static> FromRequest for Allowed<P> {
    type Error = ApiError;
    // Ready at once: the extractors of a handler are polled in order, and the first error wins.
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(allow(request))
    }
}

#[derive(Debug, thiserror::Error)]
#[error("nobody has asked who the caller is")]
struct NotIdentified;

fn allow<P: Permission>(request: &HttpRequest) -> Result<Allowed<P>, ApiError> {
    let caller = request.extensions_mut().remove::<Caller>();
    let principal = caller.ok_or_else(|| ApiError::internal(NotIdentified))?.0?;
    count(&*state(request)?, &principal)?;
    principal.allows::<P>()?;
    Ok(Allowed {
        principal,
        permission: PhantomData,
    })
}

fn count(state: &State, principal: &Principal) -> Result<(), ApiError> {
    match state
        .limiter
        .request(principal.limiter_key(), state.clock.now())
    {
        Ok(standing) => {
            standing.into_iter().for_each(context::set_standing);
            Ok(())
        }
        Err(standing) => {
            context::set_standing(standing);
            Err(standing.into())
        }
    }
}

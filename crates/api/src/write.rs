//! Changing something: all of it or nothing, and told to whoever watches.
//!
//! [`write`] is the one place where a request's transaction begins and ends. In it happen, in this
//! order: the effect; keeping the answer for a repeated request (see `idempotency`); the events
//! and the tenant's counter, which nothing may follow, since its lock makes others wait.

mod answer;
mod idempotency;

use actix_web::HttpResponse;
use auth::Principal;
use events::Outbox;
use sea_orm::DatabaseTransaction;

pub use answer::Answer;
use idempotency::{Begun, Reservation};

use crate::error::ApiError;
use crate::extract::Meta;
use crate::state::State;

/// Runs `effect` in a transaction of its own and answers with what it returns.
///
/// The tenant's counter goes up even if `effect` puts nothing into the outbox: earlier answers are
/// stale in any case.
///
/// # Errors
/// Those of `effect`, after which nothing has changed; 409 and 422 for an `Idempotency-Key` that is
/// in use; and when the database is away.
pub async fn write(
    state: &State,
    caller: &Principal,
    meta: &Meta,
    effect: impl AsyncFnOnce(&DatabaseTransaction, &mut Outbox) -> Result<Answer, ApiError>,
) -> Result<HttpResponse, ApiError> {
    let nothing = async || Ok(());
    write_after(state, caller, meta, nothing, async |tx, outbox, ()| {
        effect(tx, outbox).await
    })
    .await
}

/// As [`write`], but what takes its time, like asking Twilio, is done `before` the transaction
/// begins; a repeated request does not come to that. `effect` gets what it found.
///
/// # Errors
/// Those of [`write`], and those of `before`.
pub async fn write_after<T>(
    state: &State,
    caller: &Principal,
    meta: &Meta,
    before: impl AsyncFnOnce() -> Result<T, ApiError>,
    effect: impl AsyncFnOnce(&DatabaseTransaction, &mut Outbox, T) -> Result<Answer, ApiError>,
) -> Result<HttpResponse, ApiError> {
    let reservation = match Reservation::begin(state, caller.tenant_id, meta).await? {
        Begun::Replay(answer) => return Ok(answer),
        Begun::Anew(reservation) => reservation,
    };
    let outcome = match before().await {
        Ok(found) => {
            let effect = async |tx: &DatabaseTransaction, outbox: &mut Outbox| {
                effect(tx, outbox, found).await
            };
            commit(state, caller, reservation.as_ref(), effect).await
        }
        Err(error) => Err(error),
    };
    match outcome {
        Ok(answer) => {
            if let Some(reservation) = reservation {
                reservation.settled();
            }
            state.wake.notify_one();
            Ok(answer.respond())
        }
        Err(error) => {
            if let Some(reservation) = reservation {
                reservation.refused(&error).await;
            }
            Err(error)
        }
    }
}

async fn commit(
    state: &State,
    caller: &Principal,
    reservation: Option<&Reservation>,
    effect: impl AsyncFnOnce(&DatabaseTransaction, &mut Outbox) -> Result<Answer, ApiError>,
) -> Result<Answer, ApiError> {
    let tx = state.db.write_tx().await?;
    let mut outbox = Outbox::by(caller.user_id());
    outbox.touch(caller.tenant_id);
    let answer = effect(&tx, &mut outbox).await?;
    if let Some(reservation) = reservation {
        reservation
            .keep(&tx, answer.status(), &answer.kept()?)
            .await?;
    }
    outbox.commit(tx, state.clock.now(), &state.bell).await?;
    Ok(answer)
}

#[cfg(test)]
mod tests;

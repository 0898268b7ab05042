//! A request that is sent twice happens once.
//!
//! The key of a request is reserved by a short transaction of its own, so that two that come at
//! once find each other. The answer is kept by the same transaction as the effect: after a crash
//! there are both or neither. A reservation that was never settled can be taken over after a
//! quarter of a minute; its `started_at` tells its owner from whoever took it over, and the late one of the two
//! can't commit.
//!
//! Refusals are kept too, but for 401 and 429, which say nothing about the request, and 5xx, after
//! which trying again is just what the client should do.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use chrono::{DateTime, TimeDelta, Utc};
use db::Db;
use entity::TenantScoped;
use entity::id::TenantId;
use entity::idempotency_key::{ActiveModel, Column, Entity, Model};
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, DatabaseTransaction, DbErr,
    EntityTrait, QueryFilter, QuerySelect, Set,
};

use super::answer;
use crate::error::ApiError;
use crate::extract::Meta;
use crate::state::State;

/// How long an answer is kept.
const KEPT_FOR: TimeDelta = TimeDelta::hours(24);
/// How long a request may be in flight: far longer than any is allowed to take.
const IN_FLIGHT_FOR: TimeDelta = TimeDelta::seconds(15);

/// What a key turned out to be.
pub(super) enum Begun {
    /// A repeated request, with its first answer.
    Replay(HttpResponse),
    /// A new one; without a key there is nothing to reserve.
    Anew(Option<Reservation>),
}

/// A key that this request holds. Dropped unsettled (the caller went away, the time was up), it is
/// given back.
pub(super) struct Reservation {
    db: Db,
    tenant: TenantId,
    route: String,
    key: String,
    started_at: DateTime<Utc>,
    settled: bool,
}

impl Reservation {
    /// Reserves the request's key, if it has one.
    pub(super) async fn begin(
        state: &State,
        tenant: TenantId,
        meta: &Meta,
    ) -> Result<Begun, ApiError> {
        let Some(key) = &meta.key else {
            return Ok(Begun::Anew(None));
        };
        let now = state.clock.now();
        let tx = state.db.write_tx().await?;
        let row = Model {
            tenant_id: tenant,
            route: meta.route.clone(),
            key: key.clone(),
            body_digest: meta.digest.clone(),
            status: None,
            answer: None,
            started_at: now,
            expires_at: now + KEPT_FOR,
        };
        if let Some(replay) = reserve(&tx, row, now).await? {
            return Ok(Begun::Replay(replay));
        }
        tx.commit().await?;
        Ok(Begun::Anew(Some(Self {
            db: state.db.clone(),
            tenant,
            route: meta.route.clone(),
            key: key.clone(),
            started_at: now,
            settled: false,
        })))
    }

    /// Keeps the answer, in the transaction of the effect.
    ///
    /// Fails when somebody took the key over meanwhile: then theirs is the effect that counts.
    pub(super) async fn keep(
        &self,
        tx: &impl ConnectionTrait,
        status: StatusCode,
        kept: &str,
    ) -> Result<(), ApiError> {
        let update = ActiveModel {
            status: Set(Some(status.as_u16().into())),
            answer: Set(Some(kept.to_owned())),
            ..Default::default()
        };
        let done = Entity::update_many()
            .set(update)
            .filter(self.mine())
            .exec(tx)
            .await?;
        if done.rows_affected == 1 {
            Ok(())
        } else {
            Err(in_flight())
        }
    }

    /// The answer was kept and committed.
    pub(super) fn settled(mut self) {
        self.settled = true;
    }

    /// The request was refused: keeps that, or gives the key back.
    pub(super) async fn refused(mut self, error: &ApiError) {
        let outcome = if is_kept(error) {
            self.keep_refusal(error).await
        } else {
            release(&self.db, self.mine()).await.map_err(ApiError::from)
        };
        self.settled = outcome.is_ok();
    }

    async fn keep_refusal(&self, error: &ApiError) -> Result<(), ApiError> {
        let status = actix_web::ResponseError::status_code(error);
        let kept = answer::kept_refusal(error)?;
        self.keep(self.db.writer(), status, &kept).await
    }

    /// The row, as long as it is ours and unanswered.
    fn mine(&self) -> Condition {
        Condition::all()
            .add(Column::TenantId.eq(self.tenant))
            .add(Column::Route.eq(&self.route))
            .add(Column::Key.eq(&self.key))
            .add(Column::StartedAt.eq(self.started_at))
            .add(Column::Status.is_null())
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        if self.settled {
            return;
        }
        // Without a runtime the program is ending, and the reservation runs out by itself.
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            let (db, mine) = (self.db.clone(), self.mine());
            runtime.spawn(async move { release(&db, mine).await });
        }
    }
}

async fn release(db: &Db, mine: Condition) -> Result<(), DbErr> {
    Entity::delete_many().filter(mine).exec(db.writer()).await?;
    Ok(())
}

/// Writes the row, or finds the answer of the request that came first.
async fn reserve(
    tx: &DatabaseTransaction,
    row: Model,
    now: DateTime<Utc>,
) -> Result<Option<HttpResponse>, ApiError> {
    let key = OnConflict::columns([Column::TenantId, Column::Route, Column::Key])
        .do_nothing()
        .to_owned();
    let insert = ActiveModel::from(row.clone()).reset_all();
    let inserted = Entity::insert(insert)
        .on_conflict(key)
        .exec_without_returning(tx)
        .await?;
    if inserted == 1 {
        return Ok(None);
    }
    let first = Entity::of(row.tenant_id)
        .filter(Column::Route.eq(&row.route))
        .filter(Column::Key.eq(&row.key))
        .lock_exclusive()
        .one(tx)
        .await?
        // Given back between the two statements: the client may come again at once.
        .ok_or_else(in_flight)?;
    if first.expires_at <= now {
        take_over(tx, row).await?;
        return Ok(None);
    }
    if first.body_digest != row.body_digest {
        return Err(ApiError::Unprocessable {
            code: "idempotency_key_reused",
            detail: "this Idempotency-Key was used with another body".into(),
        });
    }
    match (first.status, first.answer) {
        (Some(status), Some(kept)) => answer::replay(status, &kept).map(Some),
        _ if first.started_at > now - IN_FLIGHT_FOR => Err(in_flight()),
        _ => {
            take_over(tx, row).await?;
            Ok(None)
        }
    }
}

/// Makes the row ours; it is locked.
async fn take_over(tx: &DatabaseTransaction, row: Model) -> Result<(), DbErr> {
    Entity::update(ActiveModel::from(row).reset_all())
        .exec(tx)
        .await?;
    Ok(())
}

fn in_flight() -> ApiError {
    ApiError::conflict(
        "idempotency_in_flight",
        "a request with this Idempotency-Key is being worked on",
    )
}

fn is_kept(error: &ApiError) -> bool {
    let status = actix_web::ResponseError::status_code(error);
    status.is_client_error()
        && !matches!(
            status,
            StatusCode::UNAUTHORIZED | StatusCode::TOO_MANY_REQUESTS
        )
}

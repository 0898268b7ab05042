//! Deletes what has served its time, so that tables don't grow for ever.

use std::time::Duration;

use chrono::TimeDelta;
use conversations::imports;
use db::Db;
use entity::clock::Clock;
use entity::id::MessageEventId;
use entity::{erased_text, idempotency_key, message_event, session};
use sea_orm::sea_query::{Expr, ExprTrait, Order, Query};
use sea_orm::{ColumnTrait, DbErr, EntityTrait, QueryFilter};

use super::{Job, Round};

/// How many rows one statement deletes: SQLite's writers wait while it does.
const BATCH: u64 = 500;

/// How long an expired login can still be looked at.
const SESSIONS_KEPT: TimeDelta = TimeDelta::days(30);

/// How long it is known what happened. The count of it stays: it is a row of its own.
const EVENTS_KEPT: TimeDelta = TimeDelta::days(7);

/// How long Twilio's reports are kept. What they said stands on message and attempt.
const REPORTS_KEPT: TimeDelta = TimeDelta::days(90);

/// How long the names of erased texts are kept: longer than Twilio's list is read back.
const ERASED_KEPT: TimeDelta = TimeDelta::days(8);

/// How long it can be seen what became of an import.
const IMPORTS_KEPT: TimeDelta = TimeDelta::days(30);

/// Forgets kept answers that have expired, names of erased texts after 8 days, logins that expired 30
/// days ago, events after 7 days, imports after 30 and Twilio's reports after 90. Comes round every ten
/// minutes.
#[derive(Debug)]
pub(crate) struct Forget {
    pub(crate) db: Db,
    pub(crate) clock: Clock,
}

impl Job for Forget {
    const NAME: &'static str = "forget";
    const EVERY: Duration = Duration::from_secs(600);

    async fn round(&self) -> Result<Round, DbErr> {
        let (answers, logins) = (self.answers().await?, self.logins().await?);
        let (events, reports) = (self.events().await?, self.reports().await?);
        let erased = self.erased().await?;
        let imports = imports::forget(self.db.writer(), self.clock.now() - IMPORTS_KEPT, BATCH);
        let imports = imports.await?;
        let all = [answers, logins, events, reports, erased, imports];
        if all.iter().any(|count| *count > 0) {
            tracing::debug!(
                answers,
                logins,
                events,
                reports,
                erased,
                imports,
                "Forgot what has served its time"
            );
        }
        let more = all.iter().any(|count| *count >= BATCH);
        Ok(if more { Round::More } else { Round::Done })
    }
}

impl Forget {
    async fn answers(&self) -> Result<u64, DbErr> {
        use idempotency_key::Column::{ExpiresAt, Key, Route, TenantId};
        let expired = Query::select()
            .columns([TenantId, Route, Key])
            .from(idempotency_key::Entity)
            .and_where(ExpiresAt.lt(self.clock.now()))
            .limit(BATCH)
            .to_owned();
        let key = Expr::tuple([TenantId, Route, Key].map(Expr::col));
        let deleted = idempotency_key::Entity::delete_many()
            .filter(key.in_subquery(expired))
            .exec(self.db.writer())
            .await?;
        Ok(deleted.rows_affected)
    }

    async fn logins(&self) -> Result<u64, DbErr> {
        use session::Column::{ExpiresAt, Id};
        let expired = Query::select()
            .column(Id)
            .from(session::Entity)
            .and_where(ExpiresAt.lt(self.clock.now() - SESSIONS_KEPT))
            .limit(BATCH)
            .to_owned();
        let deleted = session::Entity::delete_many()
            .filter(Id.in_subquery(expired))
            .exec(self.db.writer())
            .await?;
        Ok(deleted.rows_affected)
    }

    async fn events(&self) -> Result<u64, DbErr> {
        let before = self.clock.now() - EVENTS_KEPT;
        let tx = self.db.write_tx().await?;
        let forgotten = events::forget(&tx, before, BATCH).await?;
        tx.commit().await?;
        Ok(forgotten as u64)
    }

    async fn erased(&self) -> Result<u64, DbErr> {
        use erased_text::Column::{ErasedAt, Sid, TenantId};
        let old = Query::select()
            .columns([TenantId, Sid])
            .from(erased_text::Entity)
            .and_where(ErasedAt.lt(self.clock.now() - ERASED_KEPT))
            .limit(BATCH)
            .to_owned();
        let key = Expr::tuple([TenantId, Sid].map(Expr::col));
        let deleted = erased_text::Entity::delete_many()
            .filter(key.in_subquery(old))
            .exec(self.db.writer())
            .await?;
        Ok(deleted.rows_affected)
    }

    async fn reports(&self) -> Result<u64, DbErr> {
        use message_event::Column::Id;
        // Their ids go by the time at which they came.
        let end = MessageEventId::before(self.clock.now() - REPORTS_KEPT);
        let old = Query::select()
            .column(Id)
            .from(message_event::Entity)
            .and_where(Id.lt(end))
            // By the key, or a plan for all times might look through everything for what is old.
            .order_by(Id, Order::Asc)
            .limit(BATCH)
            .to_owned();
        let deleted = message_event::Entity::delete_many()
            .filter(Id.in_subquery(old))
            .exec(self.db.writer())
            .await?;
        Ok(deleted.rows_affected)
    }
}

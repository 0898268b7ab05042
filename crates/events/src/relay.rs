//! Carries the ringing of the bell to other processes and theirs to this one.
//!
//! PostgreSQL carries it by `NOTIFY`. Not within the transactions that write events: a commit with
//! a notification holds a lock of the whole database, and all would wait for each other. So it is
//! sent right after, for everything that has gathered meanwhile, and a process that dies in between
//! tells nobody. What was not told, on PostgreSQL or between two processes on one SQLite file, is
//! found by a look at the counters of those tenants that somebody follows.

use std::collections::BTreeMap;
use std::time::Duration;

use db::Db;
use entity::id::TenantId;
use entity::tenant_seq;
use sea_orm::sqlx::postgres::PgListener;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, DbErr, EntityTrait, QueryFilter, Statement,
};
use secrecy::{ExposeSecret, SecretString};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::Bell;

/// The channel that PostgreSQL carries it by.
const CHANNEL: &str = "trunkline_events";

/// How long what is to be told is gathered.
const GATHER: Duration = Duration::from_millis(5);

/// Tenants in one notification: PostgreSQL takes 8,000 bytes, and each needs 52 at most.
const IN_ONE: usize = 150;

/// How often the counters are looked at.
const LOOK: Duration = Duration::from_secs(2);

/// Tenants in one look.
const AT_ONCE: usize = 500;

/// How long to leave the database alone after it failed.
const AFTER_ERROR: Duration = Duration::from_secs(1);

/// Carries the ringing between processes.
#[derive(Debug)]
pub struct Relay {
    /// Where the counters are.
    pub db: Db,
    /// What rings.
    pub bell: Bell,
    /// PostgreSQL's URL, for a connection of its own; nothing for SQLite.
    pub url: Option<SecretString>,
}

impl Relay {
    /// Carries until `stop`.
    pub async fn run(self, stop: CancellationToken) {
        let work = async { tokio::join!(self.tell(), self.hear(), self.look()) };
        tokio::select! {
            () = stop.cancelled() => {}
            _ = work => {}
        }
    }

    async fn tell(&self) {
        loop {
            let mut untold = self.bell.untold().await;
            tokio::time::sleep(GATHER).await;
            while !untold.is_empty() {
                let rest = match untold.keys().nth(IN_ONE).copied() {
                    Some(next) => untold.split_off(&next),
                    None => BTreeMap::new(),
                };
                if let Err(error) = self.notify(&untold).await {
                    // The others find it by their look.
                    tracing::debug!(
                        error = &error as &dyn std::error::Error,
                        "Other processes were not told of events",
                    );
                    tokio::time::sleep(AFTER_ERROR).await;
                }
                untold = rest;
            }
        }
    }

    async fn notify(&self, told: &BTreeMap<TenantId, i64>) -> Result<(), DbErr> {
        let sql = "SELECT pg_notify($1, $2)";
        let values = [CHANNEL.into(), written(told).into()];
        let statement = Statement::from_sql_and_values(DbBackend::Postgres, sql, values);
        self.db.writer().execute_raw(statement).await.map(drop)
    }

    async fn hear(&self) {
        let Some(url) = &self.url else { return };
        loop {
            if let Err(error) = self.hear_on(url).await {
                tracing::debug!(
                    error = &error as &dyn std::error::Error,
                    "Other processes are not heard; trying again",
                );
            }
            tokio::time::sleep(AFTER_ERROR).await;
        }
    }

    /// Ends when the connection does.
    async fn hear_on(&self, url: &SecretString) -> Result<(), sea_orm::SqlxError> {
        let mut listener = PgListener::connect(url.expose_secret()).await?;
        listener.listen(CHANNEL).await?;
        while let Some(told) = listener.try_recv().await? {
            for (tenant, seq) in read(told.payload()) {
                self.bell.ring_here(tenant, seq);
            }
        }
        Ok(())
    }

    async fn look(&self) {
        loop {
            tokio::time::sleep(LOOK).await;
            for tenants in self.bell.tenants().chunks(AT_ONCE) {
                if let Err(error) = self.look_at(tenants).await {
                    tracing::debug!(
                        error = &error as &dyn std::error::Error,
                        "The counters of events can't be read",
                    );
                    break;
                }
            }
        }
    }

    async fn look_at(&self, tenants: &[TenantId]) -> Result<(), DbErr> {
        let rows = tenant_seq::Entity::find()
            .filter(tenant_seq::Column::TenantId.is_in(tenants.iter().copied()))
            .all(self.db.read())
            .await?;
        for row in rows {
            self.bell.ring_here(row.tenant_id, row.seq);
        }
        Ok(())
    }
}

/// `id:number` of each tenant, with commas between.
fn written(told: &BTreeMap<TenantId, i64>) -> String {
    let each = told
        .iter()
        .map(|(tenant, seq)| format!("{}:{seq}", tenant.0.simple()));
    each.collect::<Vec<_>>().join(",")
}

/// What can't be read is left out: a replica of another version may write more.
fn read(payload: &str) -> impl Iterator<Item = (TenantId, i64)> {
    payload.split(',').filter_map(|one| {
        let (tenant, seq) = one.split_once(':')?;
        Some((TenantId(Uuid::try_parse(tenant).ok()?), seq.parse().ok()?))
    })
}

#[cfg(test)]
mod tests;

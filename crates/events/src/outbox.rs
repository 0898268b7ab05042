//! What a transaction will tell, gathered until its end.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use db::each::{self, Rows};
use entity::clock::Clock;
use entity::id::{ActivityId, TenantId, UserId};
use entity::tenant_seq::minute;
use entity::{activity, event};
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, DbErr};
use serde_json::{Value, json};

use crate::{Activity, Bell, Kind};

/// Rows per statement, well under SQLite's limit of 32,766 bound values.
const CHUNK: usize = 1000;

/// Gathers what a transaction has to tell; written as its last statements, by [`Outbox::commit`].
#[derive(Debug, Default)]
#[must_use = "an outbox that is not written leaves clients with stale answers"]
pub struct Outbox {
    actor: Option<UserId>,
    activity: Vec<activity::Model>,
    // Ordered, so that all transactions lock the counters in the same order and none deadlock.
    tenants: BTreeMap<TenantId, Vec<(Kind, Value)>>,
}

impl Outbox {
    /// An empty one, for what comes about by itself: webhooks and jobs.
    pub fn new() -> Self {
        Self::default()
    }

    /// An empty one for what somebody does: all activity of the transaction is theirs.
    pub fn by(actor: UserId) -> Self {
        Self {
            actor: Some(actor),
            ..Self::default()
        }
    }

    /// Tells the tenant that something happened; `data` is an object with the ids and details.
    pub fn push(&mut self, tenant: TenantId, kind: Kind, data: Value) {
        self.tenants.entry(tenant).or_default().push((kind, data));
    }

    /// Keeps for people to read that something happened.
    pub fn record(&mut self, clock: &Clock, told: Activity) {
        self.touch(told.tenant);
        self.activity.push(activity::Model {
            tenant_id: told.tenant,
            id: ActivityId::new(clock),
            kind: told.happening.kind().as_str().to_owned(),
            actor_id: self.actor,
            conversation_id: told.conversation,
            lead_id: told.lead,
            channel_id: told.channel,
            data: told.happening.data(),
            created_at: clock.now(),
        });
    }

    /// Something changed that is no event of its own, but makes earlier answers stale.
    pub fn touch(&mut self, tenant: TenantId) {
        self.tenants.entry(tenant).or_default();
    }

    /// A login or key of the tenant has ended or may do less: whoever follows by it is cut off.
    pub fn access_changed(&mut self, tenant: TenantId) {
        self.push(tenant, Kind::AccessChanged, json!({}));
    }

    /// Whether there is nothing to tell.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.tenants.is_empty()
    }

    /// Writes the activity, counts each tenant up, writes the events, commits and rings for whoever
    /// follows.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn commit(
        self,
        tx: DatabaseTransaction,
        now: DateTime<Utc>,
        bell: &Bell,
    ) -> Result<(), DbErr> {
        let latest = self.write(&tx, now).await?;
        tx.commit().await?;
        for (tenant, seq) in latest {
            bell.ring(tenant, seq);
        }
        Ok(())
    }

    /// Gives the number of each tenant's latest event. Nothing may follow it but the commit.
    async fn write(
        self,
        tx: &DatabaseTransaction,
        now: DateTime<Utc>,
    ) -> Result<BTreeMap<TenantId, i64>, DbErr> {
        // Before the counters, which make others wait.
        each::insert_new(tx, &self.activity).await?;
        let steps: Vec<_> = self
            .tenants
            .iter()
            .map(|(tenant, events)| {
                [
                    (*tenant).into(),
                    step(events).into(),
                    content(events).into(),
                    minute(now).into(),
                    sea_orm::Value::from(0_i64),
                ]
            })
            .collect();
        let told: Vec<_> = self
            .tenants
            .into_iter()
            .flat_map(|(tenant, events)| {
                let first = 1 - step(&events);
                (first..)
                    .zip(events)
                    .map(move |(place, (kind, data))| event::Model {
                        tenant_id: tenant,
                        seq: place,
                        kind: kind.as_str().to_owned(),
                        data: described(data, tenant, now),
                        occurred_at: now,
                    })
            })
            .collect();
        match tx.get_database_backend() {
            DbBackend::Postgres if !told.is_empty() => count_and_tell(tx, &steps, &told).await,
            _ => {
                let latest = count_up(tx, &steps).await?;
                let numbered = told.into_iter().map(|event| event::Model {
                    seq: event.seq + latest.get(&event.tenant_id).copied().unwrap_or_default(),
                    ..event
                });
                each::insert_new(tx, &numbered.collect::<Vec<_>>()).await?;
                Ok(latest)
            }
        }
    }
}

/// By how much a tenant's counter is raised for these events. A change without an event takes a number
/// too: the ETag has to change.
fn step(events: &[(Kind, Value)]) -> i64 {
    Ord::max(i64::try_from(events.len()).unwrap_or(i64::MAX), 1)
}

/// Which of these is the last one about content, counted from 1; 0: none.
fn content(events: &[(Kind, Value)]) -> i64 {
    let last = events
        .iter()
        .rposition(|(kind, _)| Kind::CONTENT.contains(kind));
    last.map_or(0, |at| i64::try_from(at + 1).unwrap_or(i64::MAX))
}

/// Counters to raise: a tenant, by how much, which of the events is the last one about content (0: none), in
/// which minute, and 0.
type Step = [sea_orm::Value; 5];

/// The columns of a [`Step`].
const COUNTERS: &str = "tenant_seq (tenant_id, seq, content_seq, content_minute, forgotten)";

/// Raises counters, locking them in the order of the tenants.
const COUNT: &str = "ON CONFLICT (tenant_id) DO UPDATE SET seq = tenant_seq.seq + excluded.seq, \
    content_seq = CASE WHEN excluded.content_seq = 0 THEN tenant_seq.content_seq \
    ELSE tenant_seq.seq + excluded.content_seq END, \
    content_minute = CASE WHEN excluded.content_seq = 0 THEN tenant_seq.content_minute \
    ELSE excluded.content_minute END RETURNING tenant_id, seq";

/// Raises counters; gives where they stand then.
async fn count_up(
    tx: &impl ConnectionTrait,
    steps: &[Step],
) -> Result<BTreeMap<TenantId, i64>, DbErr> {
    let mut latest = BTreeMap::new();
    for steps in steps.chunks(CHUNK) {
        let steps = Rows::exactly(tx.get_database_backend(), steps);
        let sql = format!("INSERT INTO {COUNTERS} {} {COUNT}", steps.sql);
        latest.extend(numbers(steps.rows(tx, sql).await?)?);
    }
    Ok(latest)
}

/// The same, and writes events, whose numbers are counted from those, in one statement: a round trip under
/// the counters' locks is saved. As PostgreSQL takes it.
async fn count_and_tell(
    tx: &impl ConnectionTrait,
    steps: &[Step],
    told: &[event::Model],
) -> Result<BTreeMap<TenantId, i64>, DbErr> {
    let told = told.iter().map(|event| {
        [
            event.tenant_id.into(),
            event.seq.into(),
            event.kind.as_str().into(),
            event.data.clone().into(),
            sea_orm::Value::from(event.occurred_at),
        ]
    });
    let told: Vec<_> = told.collect();
    let unfit = || DbErr::Custom("an event can't be given in an array".to_owned());
    let steps = Rows::exactly(DbBackend::Postgres, steps);
    let told = Rows::behind(steps.values, &told).ok_or_else(unfit)?;
    let sql = format!(
        "WITH counted AS (INSERT INTO {COUNTERS} {} {COUNT}), \
         told (tenant_id, place, kind, data, occurred_at) AS ({}), \
         written AS (INSERT INTO events (tenant_id, seq, kind, data, occurred_at) \
         SELECT tenant_id, seq + place, kind, data, occurred_at FROM told JOIN counted USING (tenant_id)) \
         SELECT tenant_id, seq FROM counted",
        steps.sql,
        told.sql.clone(),
    );
    numbers(told.rows(tx, sql).await?)
}

fn numbers(rows: Vec<sea_orm::QueryResult>) -> Result<BTreeMap<TenantId, i64>, DbErr> {
    rows.iter()
        .map(|row| Ok((row.try_get_by_index(0)?, row.try_get_by_index(1)?)))
        .collect()
}

fn described(mut data: Value, tenant: TenantId, now: DateTime<Utc>) -> Value {
    if let Value::Object(fields) = &mut data {
        fields.insert("tenant_id".to_owned(), Value::from(tenant.to_string()));
        fields.insert("occurred_at".to_owned(), Value::from(now.to_rfc3339()));
    }
    data
}

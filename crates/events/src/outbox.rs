//! What a transaction will tell, gathered until its end.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use db::each::{self, Rows};
use entity::clock::Clock;
use entity::id::{ActivityId, TenantId, UserId};
use entity::{activity, event};
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr};
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
        // A change without an event takes a number too: the ETag has to change.
        let step = |events: &Vec<_>| Ord::max(i64::try_from(events.len()).unwrap_or(i64::MAX), 1);
        let steps = self.tenants.iter().map(|(tenant, events)| Step {
            tenant: *tenant,
            by: step(events),
            content: content(events),
        });
        let latest = count_up(tx, steps).await?;
        let mut rows = Vec::new();
        for (tenant, events) in self.tenants {
            let Some(last) = latest.get(&tenant) else {
                return Err(DbErr::RecordNotFound("a counter just raised".to_owned()));
            };
            let first = last - step(&events) + 1;
            rows.extend(
                (first..)
                    .zip(events)
                    .map(|(seq, (kind, data))| event::Model {
                        tenant_id: tenant,
                        seq,
                        kind: kind.as_str().to_owned(),
                        data: described(data, tenant, now),
                        occurred_at: now,
                    }),
            );
        }
        each::insert_new(tx, &rows).await?;
        Ok(latest)
    }
}

/// By how much a counter is raised.
struct Step {
    tenant: TenantId,
    by: i64,
    /// Which of the events that are counted is the last one about content; 0: none.
    content: i64,
}

/// Which of these is the last one about content, counted from 1; 0: none.
fn content(events: &[(Kind, Value)]) -> i64 {
    let last = events
        .iter()
        .rposition(|(kind, _)| Kind::CONTENT.contains(kind));
    last.map_or(0, |at| i64::try_from(at + 1).unwrap_or(i64::MAX))
}

/// Raises counters, locking them in the order of the tenants; gives where they stand then.
async fn count_up(
    tx: &impl ConnectionTrait,
    steps: impl Iterator<Item = Step>,
) -> Result<BTreeMap<TenantId, i64>, DbErr> {
    let counters = steps.map(|step| {
        [
            step.tenant.into(),
            step.by.into(),
            step.content.into(),
            0_i64.into(),
        ]
    });
    let counters: Vec<[sea_orm::Value; 4]> = counters.collect();
    let mut latest = BTreeMap::new();
    for counters in counters.chunks(CHUNK) {
        let counters = Rows::exactly(tx.get_database_backend(), counters);
        let sql = format!(
            "INSERT INTO tenant_seq (tenant_id, seq, content_seq, forgotten) {} \
             ON CONFLICT (tenant_id) DO UPDATE SET seq = tenant_seq.seq + excluded.seq, \
             content_seq = CASE WHEN excluded.content_seq = 0 THEN tenant_seq.content_seq \
             ELSE tenant_seq.seq + excluded.content_seq END RETURNING tenant_id, seq",
            counters.sql
        );
        for row in counters.rows(tx, sql).await? {
            latest.insert(row.try_get_by_index(0)?, row.try_get_by_index(1)?);
        }
    }
    Ok(latest)
}

fn described(mut data: Value, tenant: TenantId, now: DateTime<Utc>) -> Value {
    if let Value::Object(fields) = &mut data {
        fields.insert("tenant_id".to_owned(), Value::from(tenant.to_string()));
        fields.insert("occurred_at".to_owned(), Value::from(now.to_rfc3339()));
    }
    data
}

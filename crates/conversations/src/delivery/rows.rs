//! What a batch of callbacks speaks of: read at once under the locks of its people, changed in
//! memory, and written back at once.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use db::each;
use entity::id::{MessageId, TenantId};
use entity::{message, message_attempt};
use sea_orm::{ConnectionTrait, DbErr, Value};

use super::StatusUpdate;
use crate::leads;
use crate::rows::{self, of_attempts, of_messages};

/// Which attempt of which message.
type Attempt = (MessageId, i32);

fn name(attempt: &message_attempt::Model) -> Attempt {
    (attempt.message_id, attempt.number)
}

/// A message and the attempt that a callback speaks of.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spoken {
    pub(super) message: MessageId,
    pub(super) attempt: Attempt,
}

/// The messages and attempts that a batch speaks of.
#[derive(Debug, Default)]
pub(super) struct Rows {
    messages: HashMap<MessageId, message::Model>,
    attempts: HashMap<Attempt, message_attempt::Model>,
    /// What differs from what the database has.
    changed_messages: BTreeSet<MessageId>,
    changed_attempts: BTreeSet<Attempt>,
}

impl Rows {
    /// Finds what each callback of the batch speaks of, and locks the people it is about.
    pub(super) async fn lock(
        tx: &impl ConnectionTrait,
        batch: &[&StatusUpdate],
    ) -> Result<(Self, Vec<Option<Spoken>>), DbErr> {
        let attempts = candidates(tx, batch).await?;
        let spoken: Vec<_> = batch
            .iter()
            .map(|update| pick(update, &attempts).cloned())
            .collect();
        let mut rows = Self::default();
        for attempt in spoken.iter().flatten() {
            rows.attempts.insert(name(attempt), attempt.clone());
        }
        leads::lock_of_messages(tx, rows.of_attempts()).await?;
        // Read again under the lock: two callbacks may be at it at once, or somebody erases them.
        rows.reload(tx).await?;
        let found = |attempt: &message_attempt::Model| {
            rows.attempts.contains_key(&name(attempt))
                && rows.messages.contains_key(&attempt.message_id)
        };
        let spoken = spoken.into_iter().map(|attempt| {
            attempt.filter(found).map(|attempt| Spoken {
                message: attempt.message_id,
                attempt: name(&attempt),
            })
        });
        let spoken = spoken.collect();
        Ok((rows, spoken))
    }

    pub(super) fn get(&self, spoken: Spoken) -> Option<(&message::Model, &message_attempt::Model)> {
        Some((
            self.messages.get(&spoken.message)?,
            self.attempts.get(&spoken.attempt)?,
        ))
    }

    pub(super) fn change_message(&mut self, message: message::Model) {
        self.changed_messages.insert(message.id);
        self.messages.insert(message.id, message);
    }

    pub(super) fn change_attempt(&mut self, attempt: message_attempt::Model) {
        self.changed_attempts.insert(name(&attempt));
        self.attempts.insert(name(&attempt), attempt);
    }

    /// Reads everything anew; what was changed and not written is lost.
    pub(super) async fn reload(&mut self, tx: &impl ConnectionTrait) -> Result<(), DbErr> {
        let found = rows::attempts(tx, self.attempts.values()).await?;
        let messages = rows::messages(tx, self.of_attempts()).await?;
        self.attempts = found.into_iter().map(|row| (name(&row), row)).collect();
        self.messages = messages.into_iter().map(|row| (row.id, row)).collect();
        self.changed_messages.clear();
        self.changed_attempts.clear();
        Ok(())
    }

    /// Writes back what was changed.
    pub(super) async fn write(&mut self, tx: &impl ConnectionTrait) -> Result<(), DbErr> {
        let changed = std::mem::take(&mut self.changed_attempts);
        let attempts = of_attempts(changed.iter().filter_map(|id| self.attempts.get(id)));
        let changed = std::mem::take(&mut self.changed_messages);
        let changed = changed.iter().filter_map(|id| self.messages.get(id));
        let changed: Vec<_> = changed.collect();
        let [messages, threads] = of_messages(&changed);
        each::update(tx, [attempts, messages, threads]).await?;
        // What arrived after all must not go out again: an attempt may still wait.
        let waiting = by_tenant(changed.iter().map(|row| (row.tenant_id, row.id.0)));
        if !waiting.is_empty() {
            queue::cancel_each(tx, &waiting).await?;
        }
        Ok(())
    }

    /// The messages that the attempts are of.
    fn of_attempts(&self) -> impl Iterator<Item = (TenantId, MessageId)> {
        let each: BTreeSet<_> = self
            .attempts
            .values()
            .map(|row| (row.tenant_id, row.message_id))
            .collect();
        each.into_iter()
    }
}

/// The attempts that the batch may speak of, in as few queries as there are ways to name them.
async fn candidates(
    tx: &impl ConnectionTrait,
    batch: &[&StatusUpdate],
) -> Result<Vec<message_attempt::Model>, DbErr> {
    let by_sid = batch.iter().flat_map(|update| {
        let sid = update.update.message_sid.as_str();
        let of = move |tenant: TenantId| [tenant.into(), Value::from(sid)];
        update.tenants().into_iter().map(of)
    });
    let columns = ["tenant_id", "sid"];
    let mut found = find_attempts(tx, columns, by_sid.collect()).await?;
    let named = batch.iter().flat_map(|update| {
        let message = update.message.filter(|_| update.attempt.is_some());
        let of = move |tenant: TenantId| Some([tenant.into(), Value::from(message?)]);
        update.tenants().into_iter().filter_map(of)
    });
    let columns = ["tenant_id", "message_id"];
    found.extend(find_attempts(tx, columns, named.collect()).await?);
    Ok(found)
}

async fn find_attempts(
    tx: &impl ConnectionTrait,
    columns: [&str; 2],
    keys: Vec<[Value; 2]>,
) -> Result<Vec<message_attempt::Model>, DbErr> {
    each::find::<message_attempt::Entity, 2>(tx, columns, keys, "").await
}

/// The attempt that a callback speaks of: the one that our URL named, else by SID, within the
/// tenants and accounts that the signature vouches for.
fn pick<'rows>(
    update: &StatusUpdate,
    attempts: &'rows [message_attempt::Model],
) -> Option<&'rows message_attempt::Model> {
    let sid = update.update.message_sid.as_str();
    update.tenants().into_iter().find_map(|tenant| {
        let of_tenant = || attempts.iter().filter(|row| row.tenant_id == tenant);
        // A SID that differs means that the URL speaks of another text than the signed body.
        let named = of_tenant().find(|row| {
            update.message == Some(row.message_id)
                && update.attempt == Some(row.number)
                && row.sid.as_deref().is_none_or(|known| known == sid)
        });
        named
            .or_else(|| of_tenant().find(|row| row.sid.as_deref() == Some(sid)))
            .filter(|row| update.vouches_for(row))
    })
}

/// Sorts by tenant, each value once.
fn by_tenant<V: Ord>(pairs: impl Iterator<Item = (TenantId, V)>) -> BTreeMap<TenantId, Vec<V>> {
    let mut sorted: BTreeMap<TenantId, Vec<V>> = BTreeMap::new();
    for (tenant, value) in pairs {
        sorted.entry(tenant).or_default().push(value);
    }
    for values in sorted.values_mut() {
        values.sort_unstable();
        values.dedup();
    }
    sorted
}

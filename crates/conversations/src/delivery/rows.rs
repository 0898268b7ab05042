//! What a batch of callbacks speaks of: read at once under the locks of its people, changed in
//! memory, and written back at once.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use entity::id::{AttemptId, ConversationId, LeadId, MessageId, TenantId};
use entity::{TenantScoped, conversation, message, message_attempt};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, Value};

use super::StatusUpdate;
use crate::sql::update_each;
use crate::{leads, messages};

/// A message and the attempt that a callback speaks of.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spoken {
    pub(super) message: MessageId,
    pub(super) attempt: AttemptId,
}

/// The messages and attempts that a batch speaks of.
#[derive(Debug, Default)]
pub(super) struct Rows {
    messages: HashMap<MessageId, message::Model>,
    attempts: HashMap<AttemptId, message_attempt::Model>,
    /// What differs from what the database has.
    changed_messages: BTreeSet<MessageId>,
    changed_attempts: BTreeSet<AttemptId>,
}

impl Rows {
    /// Finds what each callback of the batch speaks of, and locks the people it is about.
    pub(super) async fn lock(
        tx: &impl ConnectionTrait,
        batch: &[StatusUpdate],
    ) -> Result<(Self, Vec<Option<Spoken>>), DbErr> {
        let attempts = candidates(tx, batch).await?;
        let spoken: Vec<_> = batch
            .iter()
            .map(|update| pick(update, &attempts).cloned())
            .collect();
        let mut rows = Self::default();
        for attempt in spoken.iter().flatten() {
            rows.attempts.insert(attempt.id, attempt.clone());
        }
        let people = rows.people(tx).await?;
        leads::lock_each(tx, &people).await?;
        // Read again under the lock: two callbacks may be at it at once, or somebody erases them.
        rows.reload(tx).await?;
        let found = |attempt: &message_attempt::Model| {
            rows.attempts.contains_key(&attempt.id)
                && rows.messages.contains_key(&attempt.message_id)
        };
        let spoken = spoken.into_iter().map(|attempt| {
            attempt.filter(found).map(|attempt| Spoken {
                message: attempt.message_id,
                attempt: attempt.id,
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
        self.changed_attempts.insert(attempt.id);
        self.attempts.insert(attempt.id, attempt);
    }

    /// Reads everything anew; what was changed and not written is lost.
    pub(super) async fn reload(&mut self, tx: &impl ConnectionTrait) -> Result<(), DbErr> {
        let attempts = each(self.attempts.values().map(|row| (row.tenant_id, row.id)));
        let of_attempts = each(
            self.attempts
                .values()
                .map(|row| (row.tenant_id, row.message_id)),
        );
        let attempts = message_attempt::Entity::of_each(message_attempt::Column::Id, &attempts);
        let attempts = message_attempt::Entity::find()
            .filter(attempts)
            .all(tx)
            .await?;
        self.attempts = attempts.into_iter().map(|row| (row.id, row)).collect();
        let found = messages::of_each(tx, &of_attempts).await?;
        self.messages = found.into_iter().map(|row| (row.id, row)).collect();
        self.changed_messages.clear();
        self.changed_attempts.clear();
        Ok(())
    }

    /// Writes back what was changed.
    pub(super) async fn write(&mut self, tx: &impl ConnectionTrait) -> Result<(), DbErr> {
        let changed = std::mem::take(&mut self.changed_attempts);
        let attempts = changed.iter().filter_map(|id| self.attempts.get(id));
        let columns = [
            "id",
            "outcome",
            "sid",
            "status",
            "error_code",
            "error_message",
            "updated_at",
        ];
        let values = attempts.map(attempt_values).collect();
        update_each(tx, "message_attempts", columns, values).await?;

        let changed = std::mem::take(&mut self.changed_messages);
        let changed = changed.iter().filter_map(|id| self.messages.get(id));
        let changed: Vec<_> = changed.collect();
        let columns = [
            "id",
            "external_id",
            "status",
            "next_attempt_at",
            "reason",
            "held_reason",
            "sent_at",
            "delivered_at",
            "error_code",
            "error_message",
            "updated_at",
        ];
        let values = changed.iter().copied().map(message_values).collect();
        update_each(tx, "messages", columns, values).await?;
        touch_threads(tx, &changed).await?;
        // What arrived after all must not go out again: an attempt may still wait.
        let waiting = each(changed.iter().map(|row| (row.tenant_id, row.id.0)));
        if !waiting.is_empty() {
            queue::cancel_each(tx, &waiting).await?;
        }
        Ok(())
    }

    async fn people(
        &self,
        tx: &impl ConnectionTrait,
    ) -> Result<BTreeMap<TenantId, Vec<LeadId>>, DbErr> {
        let wanted = each(
            self.attempts
                .values()
                .map(|row| (row.tenant_id, row.message_id)),
        );
        let found = messages::of_each(tx, &wanted).await?;
        Ok(each(found.iter().map(|row| (row.tenant_id, row.lead_id))))
    }
}

/// The attempts that the batch may speak of, in as few queries as there are ways to name them.
async fn candidates(
    tx: &impl ConnectionTrait,
    batch: &[StatusUpdate],
) -> Result<Vec<message_attempt::Model>, DbErr> {
    let tenants = |update: &StatusUpdate| update.tenants();
    let by_sid = each(batch.iter().flat_map(|update| {
        let sid = update.update.message_sid.as_str();
        tenants(update).into_iter().map(move |tenant| (tenant, sid))
    }));
    let by_sid = message_attempt::Entity::of_each(message_attempt::Column::Sid, &by_sid);
    let mut found = message_attempt::Entity::find()
        .filter(by_sid)
        .all(tx)
        .await?;
    let named = each(batch.iter().flat_map(|update| {
        let message = update.message.filter(|_| update.attempt.is_some());
        tenants(update)
            .into_iter()
            .filter_map(move |tenant| Some((tenant, message?)))
    }));
    if !named.is_empty() {
        let named = message_attempt::Entity::of_each(message_attempt::Column::MessageId, &named);
        found.extend(
            message_attempt::Entity::find()
                .filter(named)
                .all(tx)
                .await?,
        );
    }
    Ok(found)
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

/// Shows changes to who polls the conversations in which these messages are the latest.
async fn touch_threads(
    tx: &impl ConnectionTrait,
    changed: &[&message::Model],
) -> Result<(), DbErr> {
    let Some(at) = changed.iter().map(|row| row.updated_at).max() else {
        return Ok(());
    };
    let threads: BTreeMap<TenantId, Vec<ConversationId>> = each(
        changed
            .iter()
            .map(|row| (row.tenant_id, row.conversation_id)),
    );
    conversation::Entity::update_many()
        .col_expr(conversation::Column::UpdatedAt, at.into())
        .filter(conversation::Entity::of_each(
            conversation::Column::Id,
            &threads,
        ))
        .filter(conversation::Column::LastMessageId.is_in(changed.iter().map(|row| row.id)))
        .exec(tx)
        .await
        .map(drop)
}

/// Sorts by tenant, each value once.
fn each<V: Ord>(pairs: impl Iterator<Item = (TenantId, V)>) -> BTreeMap<TenantId, Vec<V>> {
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

fn attempt_values(row: &message_attempt::Model) -> [Value; 7] {
    [
        row.id.into(),
        row.outcome.into(),
        row.sid.clone().into(),
        row.status.clone().into(),
        row.error_code.into(),
        row.error_message.clone().into(),
        row.updated_at.into(),
    ]
}

fn message_values(row: &message::Model) -> [Value; 11] {
    let optional = |at: Option<DateTime<Utc>>| Value::from(at);
    [
        row.id.into(),
        row.external_id.clone().into(),
        row.status.into(),
        optional(row.next_attempt_at),
        row.reason.into(),
        row.held_reason.clone().into(),
        optional(row.sent_at),
        optional(row.delivered_at),
        row.error_code.into(),
        row.error_message.clone().into(),
        row.updated_at.into(),
    ]
}

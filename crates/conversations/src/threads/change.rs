//! What people do with a conversation, and what is told of it.

use chrono::{DateTime, Utc};
use entity::clock::Clock;
use entity::happening::Happening;
use entity::id::{ConversationId, TenantId, UserId};
use entity::json::Person;
use entity::value::{Control, ConversationPriority, ConversationStatus, Role};
use entity::{TenantScoped, conversation, membership};
use events::{Activity, Kind, Outbox};
use sea_orm::{ActiveModelTrait, ColumnTrait, ConnectionTrait, IntoActiveModel, QueryFilter};
use serde_json::json;

use super::{ThreadView, get, lock};
use crate::labels::{self, LabelName};
use crate::{Error, people};

/// What of a conversation is to change; `Some(None)` empties a field.
#[derive(Clone, Debug, Default)]
pub struct ThreadChange {
    /// Where it stands.
    pub status: Option<ConversationStatus>,
    /// When a snoozed one comes back; without it, when the customer writes.
    pub snoozed_until: Option<Option<DateTime<Utc>>>,
    /// Who looks after it.
    pub assigned_user_id: Option<Option<UserId>>,
    /// Who answers.
    pub control: Option<Control>,
    /// How pressing it is.
    pub priority: Option<ConversationPriority>,
    /// Labels; the whole list. Those that don't exist yet are made.
    pub labels: Option<Vec<LabelName>>,
}

/// Changes a conversation. A change to what is so already writes and tells nothing.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Invalid`], [`Error::TooManyLabels`]; when the database is away.
pub async fn update(
    tx: &impl ConnectionTrait,
    clock: &Clock,
    outbox: &mut Outbox,
    tenant: TenantId,
    by: Option<UserId>,
    id: ConversationId,
    change: ThreadChange,
) -> Result<ThreadView, Error> {
    let current = lock(tx, tenant, id).await?;
    let now = clock.now();
    let mut fresh = current.clone();
    set_status(&mut fresh, &change, now)?;
    let assignee = match change.assigned_user_id {
        Some(user) => assign(tx, &mut fresh, user).await?,
        None => None,
    };
    set_control(&mut fresh, change.control, by, now);
    fresh.priority = change.priority.unwrap_or(fresh.priority);
    let mut told = differences(&current, &fresh, assignee);
    if let Some(names) = &change.labels {
        told.extend(labels::put_on(tx, clock, outbox, &current, names).await?);
    }
    if fresh != current || !told.is_empty() {
        fresh.updated_at = now;
        let row = fresh.into_active_model().reset_all();
        tell(clock, outbox, &row.update(tx).await?, by, told);
    }
    get(tx, tenant, id).await
}

fn set_status(
    row: &mut conversation::Model,
    change: &ThreadChange,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    if let Some(status) = change.status {
        row.status = status;
        row.snoozed_until = None;
        if status == ConversationStatus::Closed {
            row.waiting_since = None;
        }
    }
    if let Some(until) = change.snoozed_until {
        let snoozed = row.status == ConversationStatus::Snoozed;
        if until.is_some_and(|until| until <= now) || (until.is_some() && !snoozed) {
            let detail = "must be in the future, and goes with the status snoozed";
            return Err(Error::invalid("/snoozed_until", detail));
        }
        row.snoozed_until = until;
    }
    Ok(())
}

/// Gives the conversation to somebody, who is returned, or to nobody.
async fn assign(
    tx: &impl ConnectionTrait,
    row: &mut conversation::Model,
    user: Option<UserId>,
) -> Result<Option<Person>, Error> {
    row.assigned_user_id = user;
    let Some(user) = user else {
        return Ok(None);
    };
    let member = membership::Entity::of(row.tenant_id)
        .filter(membership::Column::UserId.eq(user))
        .one(tx)
        .await?;
    let person = match member {
        Some(member) if member.role == Role::Viewer => {
            return Err(Error::invalid(
                "/assigned_user_id",
                "this user may only read; make them an agent first",
            ));
        }
        Some(_) => people::named(tx, std::iter::once(user))
            .await?
            .remove(&user),
        None => None,
    };
    match person {
        Some(person) => Ok(Some(person)),
        None => Err(Error::invalid(
            "/assigned_user_id",
            "there is no such user in your team",
        )),
    }
}

fn set_control(
    row: &mut conversation::Model,
    control: Option<Control>,
    by: Option<UserId>,
    now: DateTime<Utc>,
) {
    let Some(control) = control.filter(|control| *control != row.control) else {
        return;
    };
    let human = control == Control::Human;
    row.control = control;
    row.control_since = human.then_some(now);
    row.control_user_id = by.filter(|_| human);
}

/// What people want to read of a change.
fn differences(
    before: &conversation::Model,
    after: &conversation::Model,
    assigned_user: Option<Person>,
) -> Vec<Happening> {
    let mut told = Vec::new();
    if after.assigned_user_id != before.assigned_user_id {
        told.push(Happening::ConversationAssigned { assigned_user });
    }
    if (after.status, after.snoozed_until) != (before.status, before.snoozed_until) {
        told.push(Happening::ConversationStatusChanged {
            from: before.status,
            to: after.status,
            snoozed_until: after.snoozed_until,
        });
    }
    if after.control != before.control {
        told.push(match after.control {
            Control::Human => Happening::ControlStarted {},
            Control::Ai => Happening::ControlEnded {},
        });
    }
    if after.priority != before.priority {
        told.push(Happening::PriorityChanged {
            from: before.priority,
            to: after.priority,
        });
    }
    told
}

fn tell(
    clock: &Clock,
    outbox: &mut Outbox,
    row: &conversation::Model,
    by: Option<UserId>,
    told: Vec<Happening>,
) {
    for happening in told {
        let kind = match happening {
            Happening::ControlStarted {} => Some(Kind::HumanControlStarted),
            Happening::ControlEnded {} => Some(Kind::HumanControlEnded),
            _ => None,
        };
        if let Some(kind) = kind {
            let ids = json!({ "conversation_id": row.id, "user_id": by });
            outbox.push(row.tenant_id, kind, ids);
        }
        outbox.record(clock, Activity::within(row, happening));
    }
    let ids = json!({ "conversation_id": row.id });
    outbox.push(row.tenant_id, Kind::ConversationUpdated, ids);
}

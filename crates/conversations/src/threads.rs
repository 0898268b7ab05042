//! Conversations: one lead on one channel.

use std::borrow::Cow;
use std::collections::HashMap;

use chrono::{DateTime, Utc};
use entity::clock::Clock;
use entity::happening::Happening;
use entity::id::{ChannelId, ConversationId, LeadId, TenantId};
use entity::phone::{Sender, remote_jid};
use entity::row::{Cells, Rows, TableRow};
use entity::value::{Control, ConversationPriority, ConversationStatus, LeadSource};
use entity::{TenantScoped, conversation, conversation_label, lead, message};
use events::{Activity, Kind, Outbox};
use sea_orm::sea_query::{Condition, Expr, ExprTrait, LockType, OnConflict, Query};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait,
    IntoActiveModel, PaginatorTrait, QueryFilter, QuerySelect,
};
use serde_json::json;

use crate::messages::{MessageView, with_media};
use crate::{Error, labels, leads};

mod change;
mod counts;
mod filter;
mod list;
mod order;

pub use change::{ThreadChange, update};
pub use counts::{COUNTED, Counts, Tally, counts};
pub use filter::{Assigned, ThreadFilter};
pub use list::{Listed, list};
pub use order::{Position, Sort, ThreadOrder};

/// A conversation with the person and the latest message.
#[derive(Clone, Debug)]
pub struct ThreadView {
    /// The conversation.
    pub conversation: conversation::Model,
    /// The person, who may have other conversations beside it.
    pub lead: lead::Model,
    /// The latest message, if there is any.
    pub last_message: Option<MessageView>,
    /// The names of its labels, in their order.
    pub labels: Vec<String>,
}

/// One conversation of the tenant.
///
/// # Errors
/// [`Error::NotFound`]; when the database is away.
pub async fn get(
    conn: &impl ConnectionTrait,
    tenant: TenantId,
    id: ConversationId,
) -> Result<ThreadView, Error> {
    let this = conversation::Column::Id.eq(id);
    let row = whole(tenant, conversation::Entity::rows_of(tenant).filter(this));
    let mut views = views(conn, tenant, row.all(conn).await?).await?;
    views.pop().ok_or(Error::NotFound("conversation"))
}

/// Makes sure that the tenant has this conversation.
///
/// # Errors
/// [`Error::NotFound`]; when the database is away.
pub async fn expect(
    conn: &impl ConnectionTrait,
    tenant: TenantId,
    id: ConversationId,
) -> Result<(), Error> {
    let known = conversation::Entity::of(tenant)
        .filter(conversation::Column::Id.eq(id))
        .count(conn)
        .await?;
    if known == 0 {
        return Err(Error::NotFound("conversation"));
    }
    Ok(())
}

/// A conversation as it is read for a page.
#[derive(Clone, Debug)]
pub(crate) struct Whole {
    pub(crate) conversation: conversation::Model,
    pub(crate) lead: lead::Model,
    pub(crate) latest: Option<message::Model>,
    /// Whether any of the tenant's conversations has a label.
    labels_are_used: bool,
}

impl TableRow for Whole {
    const WIDTH: usize =
        conversation::Model::WIDTH + lead::Model::WIDTH + Option::<message::Model>::WIDTH + 1;

    fn columns() -> Cow<'static, str> {
        let tables = [
            conversation::Model::columns(),
            lead::Model::columns(),
            message::Model::columns(),
        ];
        tables.join(", ").into()
    }

    fn read(cells: &mut Cells<'_>) -> Result<Self, DbErr> {
        Ok(Self {
            conversation: TableRow::read(cells)?,
            lead: TableRow::read(cells)?,
            latest: TableRow::read(cells)?,
            labels_are_used: cells.take()?,
        })
    }
}

/// A page of the tenant's conversations with people and latest messages, in one question.
pub(crate) fn whole(tenant: TenantId, page: Rows<conversation::Model>) -> Rows<Whole> {
    use sea_orm::JoinType::{InnerJoin, LeftJoin};
    use {conversation::Column as Thread, lead::Column as Person, message::Column as Text};
    let person = Condition::all()
        .add(same(Person::TenantId, Thread::TenantId))
        .add(same(Person::Id, Thread::LeadId));
    let latest = Condition::all()
        .add(same(Text::TenantId, Thread::TenantId))
        .add(same(Text::Id, Thread::LastMessageId));
    let labelled = Query::select()
        .expr(Expr::val(1))
        .from(conversation_label::Entity)
        .and_where(conversation_label::Column::TenantId.eq(tenant))
        .to_owned();
    page.joined(conversation::Entity, |query| {
        query
            .expr(Expr::exists(labelled))
            .join(InnerJoin, lead::Entity, person)
            .join(LeftJoin, message::Entity, latest);
    })
}

fn same(one: impl ColumnTrait, other: impl ColumnTrait) -> Expr {
    Expr::col(one.as_column_ref()).equals(other.as_column_ref())
}

/// Adds files and labels to a page of conversations, in a query each where there can be any.
pub(crate) async fn views(
    conn: &impl ConnectionTrait,
    tenant: TenantId,
    mut rows: Vec<Whole>,
) -> Result<Vec<ThreadView>, DbErr> {
    let ids = rows.iter().map(|row| row.conversation.id);
    let mut labels = match rows.first() {
        Some(row) if row.labels_are_used => labels::of_conversations(conn, tenant, ids).await?,
        _ => HashMap::new(),
    };
    let latest = rows.iter_mut().filter_map(|row| row.latest.take());
    let latest = with_media(conn, tenant, latest.collect()).await?;
    let mut latest: HashMap<_, _> = latest
        .into_iter()
        .map(|view| (view.message.id, view))
        .collect();
    let view = |row: Whole| ThreadView {
        lead: row.lead,
        last_message: row
            .conversation
            .last_message_id
            .and_then(|id| latest.remove(&id)),
        labels: labels.remove(&row.conversation.id).unwrap_or_default(),
        conversation: row.conversation,
    };
    Ok(rows.into_iter().map(view).collect())
}

/// Marks a conversation as read, or as unread by the latest text from the customer.
///
/// # Errors
/// [`Error::NotFound`]; when the database is away.
pub async fn set_read(
    tx: &impl ConnectionTrait,
    clock: &Clock,
    outbox: &mut Outbox,
    tenant: TenantId,
    id: ConversationId,
    read: bool,
) -> Result<ThreadView, Error> {
    let current = lock(tx, tenant, id).await?;
    let unread = if read {
        0
    } else {
        Ord::max(current.unread_count, 1)
    };
    if unread != current.unread_count {
        let mut row = current.into_active_model();
        row.unread_count = Set(unread);
        row.updated_at = Set(clock.now());
        row.update(tx).await?;
        outbox.push(
            tenant,
            Kind::ConversationUpdated,
            json!({ "conversation_id": id }),
        );
    }
    get(tx, tenant, id).await
}

/// Opens the conversations whose snooze is over, at most `limit`; gives how many.
///
/// # Errors
/// When the database is away.
pub async fn wake_snoozed(
    tx: &impl ConnectionTrait,
    clock: &Clock,
    outbox: &mut Outbox,
    limit: u64,
) -> Result<usize, DbErr> {
    let now = clock.now();
    let due = Query::select()
        .column(conversation::Column::Id)
        .from(conversation::Entity)
        .and_where(conversation::Column::SnoozedUntil.lte(now))
        .limit(limit)
        .to_owned();
    let woken = conversation::Entity::update_many()
        .col_expr(
            conversation::Column::Status,
            ConversationStatus::Open.into(),
        )
        .col_expr(
            conversation::Column::SnoozedUntil,
            None::<DateTime<Utc>>.into(),
        )
        .col_expr(conversation::Column::UpdatedAt, now.into())
        .filter(conversation::Column::Id.in_subquery(due))
        // Asked again of each row: another replica may have been at it.
        .filter(conversation::Column::SnoozedUntil.lte(now))
        .exec_with_returning(tx)
        .await?;
    for row in &woken {
        let woke = Happening::ConversationStatusChanged {
            from: ConversationStatus::Snoozed,
            to: ConversationStatus::Open,
            snoozed_until: None,
        };
        outbox.record(clock, Activity::within(row, woke));
        let ids = json!({ "conversation_id": row.id });
        outbox.push(row.tenant_id, Kind::ConversationUpdated, ids);
    }
    Ok(woken.len())
}

async fn lock(
    tx: &impl ConnectionTrait,
    tenant: TenantId,
    id: ConversationId,
) -> Result<conversation::Model, Error> {
    let row = conversation::Entity::of(tenant)
        .filter(conversation::Column::Id.eq(id))
        .lock(LockType::Update)
        .one(tx)
        .await?;
    row.ok_or(Error::NotFound("conversation"))
}

/// Finds the conversation of this person on this channel or begins one, and locks it.
pub(crate) async fn find_or_create(
    tx: &impl ConnectionTrait,
    clock: &Clock,
    tenant: TenantId,
    channel: ChannelId,
    lead: LeadId,
    remote: &Sender,
) -> Result<conversation::Model, DbErr> {
    let jid = remote_jid(remote);
    let find = || {
        let at = Condition::all()
            .add(conversation::Column::ChannelId.eq(channel))
            .add(conversation::Column::RemoteJid.eq(jid.as_str()));
        conversation::Entity::of(tenant)
            .filter(at)
            .lock(LockType::Update)
            .one(tx)
    };
    if let Some(conversation) = find().await? {
        return leads_to(tx, conversation, lead).await;
    }
    let fresh = fresh(clock, tenant, channel, lead, remote);
    let key = [
        conversation::Column::TenantId,
        conversation::Column::ChannelId,
        conversation::Column::RemoteJid,
    ];
    conversation::Entity::insert(fresh.into_active_model())
        .on_conflict(OnConflict::columns(key).do_nothing().to_owned())
        .exec_without_returning(tx)
        .await?;
    find()
        .await?
        .ok_or_else(|| DbErr::RecordNotFound("the conversation just made".to_owned()))
}

/// A conversation that begins.
pub(crate) fn fresh(
    clock: &Clock,
    tenant_id: TenantId,
    channel_id: ChannelId,
    lead_id: LeadId,
    remote: &Sender,
) -> conversation::Model {
    let now = clock.now();
    conversation::Model {
        id: ConversationId::new(clock),
        tenant_id,
        channel_id,
        lead_id,
        remote_jid: remote_jid(remote),
        remote_address: remote.as_str().to_owned(),
        status: ConversationStatus::Open,
        snoozed_until: None,
        assigned_user_id: None,
        control: Control::Ai,
        control_since: None,
        control_user_id: None,
        unread_count: 0,
        priority: ConversationPriority::Normal,
        last_message_id: None,
        last_message_at: now,
        waiting_since: None,
        created_at: now,
        updated_at: now,
    }
}

/// A lead whose number was corrected leaves a conversation behind; the number's new holder takes
/// it over with the next message.
async fn leads_to(
    tx: &impl ConnectionTrait,
    conversation: conversation::Model,
    lead: LeadId,
) -> Result<conversation::Model, DbErr> {
    if conversation.lead_id == lead {
        return Ok(conversation);
    }
    let mut row = conversation.into_active_model();
    row.lead_id = Set(lead);
    row.update(tx).await
}

/// The tenant's row, by which numbers are read and quiet hours told.
pub(crate) async fn tenant(
    conn: &impl ConnectionTrait,
    id: TenantId,
) -> Result<entity::tenant::Model, Error> {
    let row = entity::tenant::Entity::find_by_id(id).one(conn).await?;
    row.ok_or(Error::NotFound("tenant"))
}

/// Finds the lead with this address or makes one, and locks it.
pub(crate) async fn lead_for(
    tx: &impl ConnectionTrait,
    clock: &Clock,
    outbox: &mut Outbox,
    tenant: TenantId,
    remote: &Sender,
    source: LeadSource,
    country: Option<String>,
) -> Result<lead::Model, DbErr> {
    let fresh = fresh_lead(clock, tenant, remote, source, country);
    leads::find_or_create(tx, clock, outbox, fresh).await
}

/// A lead known by address alone, as both paths begin it.
pub(crate) fn fresh_lead(
    clock: &Clock,
    tenant: TenantId,
    remote: &Sender,
    source: LeadSource,
    country: Option<String>,
) -> lead::Model {
    let phone = Some(remote.as_str().to_owned());
    lead::Model {
        source,
        country,
        ..leads::blank(LeadId::new(clock), tenant, phone, clock.now())
    }
}

//! Which conversations carry which labels.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use entity::clock::Clock;
use entity::happening::Happening;
use entity::id::{ConversationId, LabelId, TenantId};
use entity::value::LabelColor;
use entity::{TenantScoped, conversation, conversation_label, label};
use events::Outbox;
use sea_orm::sea_query::{LockType, SimpleExpr};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, JoinType, QueryFilter,
    QueryOrder, QuerySelect, RelationDef,
};

use super::{LabelName, fresh, insert, refuse_too_many, tell};
use crate::Error;

/// The names of the labels of each conversation, in their order, in one query.
pub(crate) async fn of_conversations(
    conn: &impl ConnectionTrait,
    tenant: TenantId,
    conversations: impl Iterator<Item = ConversationId>,
) -> Result<HashMap<ConversationId, Vec<String>>, DbErr> {
    let which = conversation_label::Entity::among(
        conn.get_database_backend(),
        tenant,
        conversation_label::Column::ConversationId,
        conversations,
    );
    let mut rows: Vec<(ConversationId, String, String)> = carried(which)
        .select_only()
        .column(conversation_label::Column::ConversationId)
        .columns([label::Column::Folded, label::Column::Name])
        .into_tuple()
        .all(conn)
        .await?;
    // Not by the database: each has an order of its own for letters.
    rows.sort_unstable();
    let mut names: HashMap<_, Vec<_>> = HashMap::new();
    for (conversation, _, name) in rows {
        names.entry(conversation).or_default().push(name);
    }
    Ok(names)
}

fn carried(which: SimpleExpr) -> sea_orm::Select<conversation_label::Entity> {
    use conversation_label::Column;
    let label: RelationDef = conversation_label::Entity::belongs_to(label::Entity)
        .from((Column::TenantId, Column::LabelId))
        .to((label::Column::TenantId, label::Column::Id))
        .into();
    conversation_label::Entity::find()
        .filter(which)
        .join(JoinType::InnerJoin, label)
}

/// Puts these labels on a conversation and takes the others off; those that don't exist yet are
/// made. Tells what has changed, if anything has. The conversation must be locked.
pub(crate) async fn put_on(
    tx: &impl ConnectionTrait,
    clock: &Clock,
    outbox: &mut Outbox,
    conversation: &conversation::Model,
    names: &[LabelName],
) -> Result<Option<Happening>, Error> {
    let wanted = find_or_make(tx, clock, outbox, conversation.tenant_id, names).await?;
    let present: BTreeMap<LabelId, String> = carried(conversation_label::Entity::among(
        tx.get_database_backend(),
        conversation.tenant_id,
        conversation_label::Column::ConversationId,
        [conversation.id],
    ))
    .select_only()
    .column(conversation_label::Column::LabelId)
    .column(label::Column::Name)
    .into_tuple()
    .all(tx)
    .await?
    .into_iter()
    .collect();
    let added = without(&wanted, &present);
    let removed = without(&present, &wanted);
    if added.is_empty() && removed.is_empty() {
        return Ok(None);
    }
    tie(tx, conversation, added.keys()).await?;
    untie(tx, conversation, removed.keys()).await?;
    let names = |labels: BTreeMap<_, String>| labels.into_values().collect();
    Ok(Some(Happening::LabelsChanged {
        added: names(added),
        removed: names(removed),
    }))
}

fn without(
    labels: &BTreeMap<LabelId, String>,
    others: &BTreeMap<LabelId, String>,
) -> BTreeMap<LabelId, String> {
    let rest = labels.iter().filter(|(id, _)| !others.contains_key(id));
    rest.map(|(id, name)| (*id, name.clone())).collect()
}

/// The labels of these names by their ids, locked so that none is removed before the commit.
async fn find_or_make(
    tx: &impl ConnectionTrait,
    clock: &Clock,
    outbox: &mut Outbox,
    tenant: TenantId,
    names: &[LabelName],
) -> Result<BTreeMap<LabelId, String>, Error> {
    // In one order for all: two that make the same labels crosswise would deadlock.
    let mut wanted: BTreeMap<&str, &LabelName> = BTreeMap::new();
    for name in names {
        wanted.entry(name.folded()).or_insert(name);
    }
    let mut labels = locked(tx, tenant, wanted.keys().copied()).await?;
    if labels.len() < wanted.len() {
        let known: BTreeSet<LabelId> = labels.iter().map(|label| label.id).collect();
        make(tx, clock, tenant, &labels, &wanted).await?;
        labels = locked(tx, tenant, wanted.keys().copied()).await?;
        let new = labels.iter().filter(|label| !known.contains(&label.id));
        new.for_each(|label| tell(outbox, label));
    }
    if labels.len() < wanted.len() {
        let lost = "a label that was just made".to_owned();
        return Err(DbErr::RecordNotFound(lost).into());
    }
    let named = labels.into_iter().map(|label| (label.id, label.name));
    Ok(named.collect())
}

/// Makes those that are not among the `known`, unless somebody else just has.
async fn make(
    tx: &impl ConnectionTrait,
    clock: &Clock,
    tenant: TenantId,
    known: &[label::Model],
    wanted: &BTreeMap<&str, &LabelName>,
) -> Result<(), Error> {
    let is_known = |folded: &str| known.iter().any(|label| label.folded == folded);
    let missing = wanted.iter().filter(|(folded, _)| !is_known(folded));
    let missing: Vec<_> = missing
        .map(|(_, name)| fresh(clock, tenant, name, LabelColor::Gray))
        .collect();
    if insert(tx, missing).await? > 0 {
        refuse_too_many(tx, tenant).await?;
    }
    Ok(())
}

async fn locked(
    tx: &impl ConnectionTrait,
    tenant: TenantId,
    folded: impl Iterator<Item = &str>,
) -> Result<Vec<label::Model>, DbErr> {
    label::Entity::of(tenant)
        .filter(label::Column::Folded.is_in(folded))
        .order_by_asc(label::Column::Folded)
        .lock(LockType::KeyShare)
        .all(tx)
        .await
}

async fn tie(
    tx: &impl ConnectionTrait,
    conversation: &conversation::Model,
    labels: impl Iterator<Item = &LabelId>,
) -> Result<(), DbErr> {
    let rows: Vec<_> = labels
        .map(|label| conversation_label::ActiveModel {
            tenant_id: Set(conversation.tenant_id),
            conversation_id: Set(conversation.id),
            label_id: Set(*label),
        })
        .collect();
    if rows.is_empty() {
        return Ok(());
    }
    conversation_label::Entity::insert_many(rows)
        .exec_without_returning(tx)
        .await
        .map(drop)
}

async fn untie(
    tx: &impl ConnectionTrait,
    conversation: &conversation::Model,
    labels: impl Iterator<Item = &LabelId>,
) -> Result<(), DbErr> {
    use conversation_label::Column;
    let labels: Vec<_> = labels.copied().collect();
    if labels.is_empty() {
        return Ok(());
    }
    conversation_label::Entity::delete_many()
        .filter(Column::TenantId.eq(conversation.tenant_id))
        .filter(Column::ConversationId.eq(conversation.id))
        .filter(Column::LabelId.is_in(labels))
        .exec(tx)
        .await
        .map(drop)
}

/// Takes all labels off conversations.
pub(crate) async fn erase(
    tx: &impl ConnectionTrait,
    tenant: TenantId,
    conversations: &[ConversationId],
) -> Result<(), DbErr> {
    use conversation_label::Column;
    conversation_label::Entity::delete_many()
        .filter(Column::TenantId.eq(tenant))
        .filter(Column::ConversationId.is_in(conversations.iter().copied()))
        .exec(tx)
        .await
        .map(drop)
}

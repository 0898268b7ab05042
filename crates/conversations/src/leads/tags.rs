//! By which tags leads are found: kept in step with what each lead says of itself.

use entity::id::{LeadId, TenantId};
use entity::{TenantScoped, lead, lead_tag};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, JoinType, QueryFilter, QueryOrder,
    QuerySelect, RelationDef, Select,
};

/// Lets leads be found by all tags they have. To be called whenever a lead has got some.
pub(crate) async fn add<'row>(
    tx: &impl ConnectionTrait,
    leads: impl IntoIterator<Item = &'row lead::Model>,
) -> Result<(), DbErr> {
    let of = |lead: &lead::Model| {
        let row = |tag: &String| lead_tag::Model {
            tenant_id: lead.tenant_id,
            tag: tag.clone(),
            lead_id: lead.id,
        };
        lead.tags.0.iter().map(row).collect::<Vec<_>>()
    };
    let rows: Vec<_> = leads.into_iter().flat_map(of).collect();
    let made = db::each::insert::<_, LeadId>(tx, &rows, lead_tag::Column::LeadId).await;
    made.map(drop)
}

/// As [`add`], for a lead that may have lost some, too.
pub(super) async fn replace(tx: &impl ConnectionTrait, lead: &lead::Model) -> Result<(), DbErr> {
    lead_tag::Entity::delete_many()
        .filter(lead_tag::Column::TenantId.eq(lead.tenant_id))
        .filter(lead_tag::Column::LeadId.eq(lead.id))
        .exec(tx)
        .await?;
    add(tx, [lead]).await
}

/// Who has a tag, newest first, at most `limit`, older than `before`.
pub(super) async fn newest(
    conn: &impl ConnectionTrait,
    tenant: TenantId,
    tag: &str,
    before: Option<LeadId>,
    limit: usize,
) -> Result<Vec<LeadId>, DbErr> {
    use lead_tag::Column;
    let mut query = lead_tag::Entity::of(tenant)
        .select_only()
        .column(Column::LeadId)
        .filter(Column::Tag.eq(tag))
        .order_by_desc(Column::LeadId)
        .limit(limit as u64);
    if let Some(before) = before {
        query = query.filter(Column::LeadId.lt(before));
    }
    query.into_tuple().all(conn).await
}

/// Those of the leads that have a tag.
pub(super) fn with(leads: Select<lead::Entity>, tag: &str) -> Select<lead::Entity> {
    use lead_tag::Column;
    let tagged: RelationDef = lead::Entity::belongs_to(lead_tag::Entity)
        .from((lead::Column::TenantId, lead::Column::Id))
        .to((Column::TenantId, Column::LeadId))
        .into();
    leads
        .join(JoinType::InnerJoin, tagged)
        .filter(Column::Tag.eq(tag))
}

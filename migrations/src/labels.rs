//! Moves labels out of the lists of conversations into tables (`m0009`), and back.

use std::collections::BTreeMap;

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend, FromQueryResult, Statement};
use serde_json::Value;
use unicase::UniCase;
use unicode_normalization::UnicodeNormalization;
use uuid::Uuid;

/// How many conversations are in hand at once.
const PAGE: u64 = 500;

#[derive(FromQueryResult)]
struct Listed {
    id: Uuid,
    tenant_id: Uuid,
    labels: Value,
    updated_at: sea_orm_migration::sea_orm::prelude::DateTimeUtc,
}

/// Makes tables of lists.
pub(crate) async fn from_lists(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut known = BTreeMap::new();
    let mut last = Uuid::nil();
    loop {
        let rows = listed(manager, last).await?;
        let Some(end) = rows.last() else {
            return Ok(());
        };
        last = end.id;
        for row in rows {
            move_one(manager, &mut known, row).await?;
        }
    }
}

async fn listed(manager: &SchemaManager<'_>, after: Uuid) -> Result<Vec<Listed>, DbErr> {
    let query = Query::select()
        .columns(["id", "tenant_id", "labels", "updated_at"])
        .from("conversations")
        .and_where(Expr::col("id").gt(after))
        .order_by("id", Order::Asc)
        .limit(PAGE)
        .to_owned();
    let conn = manager.get_connection();
    Listed::find_by_statement(statement(conn, &query))
        .all(conn)
        .await
}

async fn move_one(
    manager: &SchemaManager<'_>,
    known: &mut BTreeMap<(Uuid, String), Uuid>,
    row: Listed,
) -> Result<(), DbErr> {
    let names = row.labels.as_array().map(Vec::as_slice).unwrap_or_default();
    let mut carried = Vec::new();
    for (name, n) in names.iter().filter_map(Value::as_str).zip(1..) {
        let folded = fold(name);
        let label = match known.get(&(row.tenant_id, folded.clone())) {
            Some(label) => *label,
            None => {
                // Near the conversation's own id: it tells a time, and nothing else has it.
                let label = Uuid::from_u128(row.id.as_u128().wrapping_add(n));
                let insert = Query::insert()
                    .into_table("labels")
                    .columns([
                        "tenant_id",
                        "id",
                        "name",
                        "folded",
                        "color",
                        "created_at",
                        "updated_at",
                    ])
                    .values_panic([
                        row.tenant_id.into(),
                        label.into(),
                        name.into(),
                        folded.clone().into(),
                        "gray".into(),
                        row.updated_at.into(),
                        row.updated_at.into(),
                    ])
                    .to_owned();
                run(manager, &insert).await?;
                known.insert((row.tenant_id, folded), label);
                label
            }
        };
        if !carried.contains(&label) {
            carried.push(label);
        }
    }
    if carried.is_empty() {
        return Ok(());
    }
    let mut insert = Query::insert()
        .into_table("conversation_labels")
        .columns(["tenant_id", "conversation_id", "label_id"])
        .to_owned();
    for label in carried {
        insert.values_panic([row.tenant_id.into(), row.id.into(), label.into()]);
    }
    run(manager, &insert).await
}

/// What no two names of a tenant have in common: the name without regard to case and spelling.
fn fold(name: &str) -> String {
    let name: String = name.split_whitespace().collect::<Vec<_>>().join(" ");
    let name: String = name.nfkc().collect();
    UniCase::new(name).to_folded_case().nfkc().collect()
}

/// Makes lists of tables again.
pub(crate) async fn into_lists(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let gathered = match manager.get_database_backend() {
        DbBackend::Postgres => "jsonb_agg(name ORDER BY folded)",
        _ => "json_group_array(name ORDER BY folded)",
    };
    let sql = format!(
        "UPDATE conversations SET labels = (SELECT {gathered} FROM conversation_labels \
           JOIN labels ON labels.tenant_id = conversation_labels.tenant_id \
             AND labels.id = conversation_labels.label_id \
           WHERE conversation_labels.tenant_id = conversations.tenant_id \
             AND conversation_labels.conversation_id = conversations.id) \
         WHERE EXISTS (SELECT 1 FROM conversation_labels \
           WHERE conversation_labels.tenant_id = conversations.tenant_id \
             AND conversation_labels.conversation_id = conversations.id)"
    );
    manager
        .get_connection()
        .execute_unprepared(&sql)
        .await
        .map(drop)
}

async fn run(manager: &SchemaManager<'_>, insert: &InsertStatement) -> Result<(), DbErr> {
    let conn = manager.get_connection();
    conn.execute(insert).await.map(drop)
}

fn statement(conn: &impl ConnectionTrait, query: &SelectStatement) -> Statement {
    conn.get_database_backend().build(query)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_people_take_for_the_same_fold_alike() {
        for (one, other) in [
            ("VIP", "vip"),
            (" Big  deal ", "big deal"),
            ("Straße", "STRASSE"),
            ("ÉTÉ", "e\u{301}te\u{301}"),
            ("ΟΔΟΣ", "οδος"),
        ] {
            assert_eq!(fold(one), fold(other), "{one}");
        }
        assert_ne!(fold("été"), fold("ete"));
    }
}

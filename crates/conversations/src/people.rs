//! The names of those whom a tenant's own rows name.

use std::collections::{BTreeSet, HashMap};

use entity::id::UserId;
use entity::json::Person;
use entity::user;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QuerySelect};

/// The people behind the ids, in one query or none. Who has left every team is not among them.
///
/// Users belong to no tenant, so this asks without one: only ever with ids that stand in a
/// tenant's rows.
pub(crate) async fn named(
    conn: &impl ConnectionTrait,
    ids: impl Iterator<Item = UserId>,
) -> Result<HashMap<UserId, Person>, DbErr> {
    let ids: BTreeSet<_> = ids.collect();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<(UserId, String)> = user::Entity::find()
        .select_only()
        .columns([user::Column::Id, user::Column::Name])
        .filter(user::Column::Id.is_in(ids))
        .into_tuple()
        .all(conn)
        .await?;
    let person = |(id, name)| (id, Person { id, name });
    Ok(rows.into_iter().map(person).collect())
}

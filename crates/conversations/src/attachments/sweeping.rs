//! Whose the files in the store are, and which of them no row names.
//!
//! The sweep removes what the database does not know, so the wrong database would empty the store.
//! Hence database and store carry the same name, and nothing is swept where they differ.

use std::collections::HashSet;

use chrono::TimeDelta;
use entity::clock::Clock;
use entity::id::TenantId;
use entity::{blob, import, installation};
use sea_orm::prelude::Uuid;
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect,
};

use crate::imports;

/// The one row's key.
const ONLY: i32 = 1;

/// What this database calls itself. It is made up when somebody asks for the first time.
///
/// # Errors
/// When the database is away.
pub async fn installation(conn: &impl ConnectionTrait, clock: &Clock) -> Result<Uuid, DbErr> {
    let find = || installation::Entity::find_by_id(ONLY).one(conn);
    if let Some(row) = find().await? {
        return Ok(row.id);
    }
    let row = installation::Model {
        only: ONLY,
        id: clock.uuid(),
        swept_at: clock.now(),
    };
    let first = OnConflict::column(installation::Column::Only)
        .do_nothing()
        .to_owned();
    installation::Entity::insert(row.into_active_model())
        .on_conflict(first)
        .exec_without_returning(conn)
        .await?;
    let row = find().await?;
    row.map(|row| row.id)
        .ok_or_else(|| DbErr::RecordNotFound("installation".to_owned()))
}

/// Whether the store is to be gone through: once in `every`, by one of all the workers.
///
/// # Errors
/// When the database is away.
pub async fn take_sweep(
    conn: &impl ConnectionTrait,
    clock: &Clock,
    every: TimeDelta,
) -> Result<bool, DbErr> {
    let now = clock.now();
    let taken = installation::Entity::update_many()
        .col_expr(installation::Column::SweptAt, now.into())
        .filter(installation::Column::SweptAt.lte(now - every))
        .exec(conn)
        .await?;
    Ok(taken.rows_affected > 0)
}

/// The name in the store of something that a tenant keeps; never the same twice.
pub(super) fn new_key(clock: &Clock, tenant: TenantId) -> String {
    format!("{tenant}/{}", clock.uuid())
}

/// Whether we give such names: what else is in a bucket is not ours to remove.
fn is_ours(key: &str) -> bool {
    let is_id = |part: &str| part.len() == 36 && Uuid::parse_str(part).is_ok();
    key.split_once('/')
        .is_some_and(|(folder, file)| (folder == imports::FOLDER || is_id(folder)) && is_id(file))
}

/// Which of these files are ours by their names and named by nothing.
///
/// # Errors
/// When the database is away.
pub async fn unknown_keys(
    conn: &impl ConnectionTrait,
    mut keys: Vec<String>,
) -> Result<Vec<String>, DbErr> {
    keys.retain(|key| is_ours(key));
    let known: Vec<String> = blob::Entity::find()
        .select_only()
        .column(blob::Column::Key)
        .filter(blob::Column::Key.is_in(&keys))
        .into_tuple()
        .all(conn)
        .await?;
    let mut known: HashSet<_> = known.into_iter().collect();
    // Files of leads wait there too.
    let waiting: Vec<Option<String>> = import::Entity::find()
        .select_only()
        .column(import::Column::FileKey)
        .filter(import::Column::FileKey.is_in(&keys))
        .into_tuple()
        .all(conn)
        .await?;
    known.extend(waiting.into_iter().flatten());
    keys.retain(|key| !known.contains(key));
    Ok(keys)
}

//! API keys: how programs call.
//!
//! A key is `tlk_` and 32 random bytes in base64url. It is shown once; what is kept is its SHA-256
//! (a plain hash will do for what can't be guessed) and its first characters, to tell keys apart.
//!
//! A key may do what its scopes and its creator's present role both allow, so it is never more
//! than a person, and is dead when that person has left.

use std::collections::BTreeSet;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use entity::api_key::{ActiveModel, Column, Entity, Model};
use entity::clock::Clock;
use entity::happening::Happening;
use entity::id::{ApiKeyId, TenantId, UserId};
use entity::json::Texts;
use entity::value::Role;
use entity::{TenantScoped, membership, random};
use events::{Activity, Outbox};
use sea_orm::ActiveValue::Set;
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, JoinType,
    QueryFilter, QueryOrder, QuerySelect, RelationDef,
};
use secrecy::SecretString;
use sha2::{Digest, Sha256};

use crate::field::{Checks, Invalid, Problem, name};
use crate::{Error, Principal, Scope};

/// What every key begins with.
pub const PREFIX: &str = "tlk_";

/// How many characters of a key are kept to be shown.
const SHOWN: usize = 12;

/// How exactly the last use is known.
const USE_NOTED_EVERY: TimeDelta = TimeDelta::minutes(1);

/// A key to be made, checked.
#[derive(Clone, Debug)]
pub struct NewKey {
    name: String,
    scopes: Option<BTreeSet<Scope>>,
    expires_at: Option<DateTime<Utc>>,
}

impl NewKey {
    /// Checks what was asked for. No scopes means all that the creator may.
    ///
    /// # Errors
    /// [`Error::Invalid`] with every mistake.
    pub fn parse(
        key_name: &str,
        scopes: Option<Vec<Scope>>,
        expires_at: Option<DateTime<Utc>>,
        now: DateTime<Utc>,
    ) -> Result<Self, Error> {
        let mut checks = Checks::default();
        let key_name = checks.take("name", name(key_name));
        if scopes.as_ref().is_some_and(Vec::is_empty) {
            // Who narrows a key down to nothing by mistake must not get one that may do all.
            checks.take::<()>("scopes", Err(Problem::NoScope));
        }
        if expires_at.is_some_and(|time| time <= now) {
            checks.take::<()>("expires_at", Err(Problem::Past));
        }
        let Some(name) = key_name else {
            return Err(checks.into_error());
        };
        checks.finish()?;
        Ok(Self {
            name,
            scopes: scopes.map(|scopes| scopes.into_iter().collect()),
            expires_at,
        })
    }
}

/// A key just made.
#[derive(Clone, Debug)]
pub struct Created {
    /// What is kept of it.
    pub row: Model,
    /// The key: shown now and never again.
    pub key: SecretString,
}

/// Makes a key that acts for its creator; a key that makes a key can't give it scopes of which it
/// has none itself.
///
/// # Errors
/// [`Error::Invalid`] for scopes beyond the caller's own, [`Error::Database`].
pub async fn create(
    tx: &impl ConnectionTrait,
    clock: &Clock,
    outbox: &mut Outbox,
    by: &Principal,
    new: NewKey,
) -> Result<Created, Error> {
    let scopes = within(by.scopes.as_ref(), new.scopes)?;
    let bytes: [u8; 32] = random::bytes();
    let key = format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(bytes));
    let now = clock.now();
    let row = Model {
        id: ApiKeyId::new(clock),
        tenant_id: by.tenant_id,
        created_by: by.user_id(),
        name: new.name,
        prefix: key.chars().take(SHOWN).collect(),
        key_hash: hash(&key),
        scopes: scopes.map(|scopes| {
            Texts(
                scopes
                    .into_iter()
                    .map(|scope| scope.as_str().to_owned())
                    .collect(),
            )
        }),
        expires_at: new.expires_at.map(to_micros),
        last_used_at: None,
        revoked_at: None,
        created_at: now,
        updated_at: now,
    };
    let insert = ActiveModel::from(row.clone());
    Entity::insert(insert).exec_without_returning(tx).await?;
    let name = row.name.clone();
    let created = Happening::ApiKeyCreated { name };
    outbox.record(clock, Activity::new(row.tenant_id, created));
    Ok(Created {
        row,
        key: key.into(),
    })
}

/// The keys that are not revoked, in the order they were made, after the one named.
///
/// # Errors
/// When the database is away.
pub async fn list(
    conn: &impl ConnectionTrait,
    tenant: TenantId,
    after: Option<ApiKeyId>,
    limit: u64,
) -> Result<Vec<Model>, DbErr> {
    let mut query = Entity::of(tenant).filter(Column::RevokedAt.is_null());
    if let Some(after) = after {
        query = query.filter(Column::Id.gt(after));
    }
    query.order_by_asc(Column::Id).limit(limit).all(conn).await
}

/// Takes a key back, at once.
///
/// # Errors
/// [`Error::NotFound`], also for one that is revoked already; [`Error::Database`].
pub async fn revoke(
    tx: &impl ConnectionTrait,
    clock: &Clock,
    outbox: &mut Outbox,
    tenant: TenantId,
    key: ApiKeyId,
) -> Result<(), Error> {
    let which = Condition::all()
        .add(Column::TenantId.eq(tenant))
        .add(Column::Id.eq(key));
    let mut revoked = revoke_where(tx, clock, which).await?;
    let name = revoked.pop().ok_or(Error::NotFound)?.name;
    let revoked = Happening::ApiKeyRevoked { name };
    outbox.record(clock, Activity::new(tenant, revoked));
    Ok(())
}

/// Takes back all that a person made for a tenant.
pub(crate) async fn revoke_all_of(
    tx: &impl ConnectionTrait,
    clock: &Clock,
    tenant: TenantId,
    user: UserId,
) -> Result<(), DbErr> {
    let which = Condition::all()
        .add(Column::TenantId.eq(tenant))
        .add(Column::CreatedBy.eq(user));
    revoke_where(tx, clock, which).await?;
    Ok(())
}

/// Notes that a key was used, at most once a minute; for after the answer. Nothing else changes,
/// neither `updated_at` nor any ETag. [`Principal::key_use_to_note`] says when it is worth a write.
///
/// # Errors
/// When the database is away.
pub async fn note_use(
    conn: &impl ConnectionTrait,
    key: ApiKeyId,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    let is_due = Condition::any()
        .add(Column::LastUsedAt.is_null())
        .add(Column::LastUsedAt.lte(now - USE_NOTED_EVERY));
    Entity::update_many()
        .set(ActiveModel {
            last_used_at: Set(Some(now)),
            ..Default::default()
        })
        .filter(Column::Id.eq(key))
        .filter(is_due)
        .exec(conn)
        .await?;
    Ok(())
}

/// A key in use, with its creator's present role.
#[derive(Debug, FromQueryResult)]
pub(crate) struct Known {
    pub(crate) id: ApiKeyId,
    pub(crate) tenant_id: TenantId,
    pub(crate) created_by: UserId,
    scopes: Option<Texts>,
    pub(crate) expires_at: Option<DateTime<Utc>>,
    last_used_at: Option<DateTime<Utc>>,
    pub(crate) role: Role,
}

impl Known {
    /// The scopes by their words; a word of another release allows nothing here.
    pub(crate) fn scopes(&self) -> Option<BTreeSet<Scope>> {
        let words = &self.scopes.as_ref()?.0;
        let is_named = |scope: &Scope| words.iter().any(|word| word == scope.as_str());
        Some(Scope::ALL.iter().copied().filter(is_named).collect())
    }

    /// Whether [`note_use`] would write.
    pub(crate) fn use_is_due(&self, now: DateTime<Utc>) -> bool {
        self.last_used_at
            .is_none_or(|used| used <= now - USE_NOTED_EVERY)
    }
}

/// The key behind a text, unless it is revoked or its creator has left. It may have expired.
///
/// Asks without a tenant, for it is the key that proves which one.
pub(crate) async fn find(conn: &impl ConnectionTrait, key: &str) -> Result<Option<Known>, DbErr> {
    let creator: RelationDef = Entity::belongs_to(membership::Entity)
        .from((Column::TenantId, Column::CreatedBy))
        .to((membership::Column::TenantId, membership::Column::UserId))
        .into();
    Entity::find()
        .filter(Column::KeyHash.eq(hash(key)))
        .filter(Column::RevokedAt.is_null())
        .join(JoinType::InnerJoin, creator)
        .column(membership::Column::Role)
        .into_model()
        .one(conn)
        .await
}

async fn revoke_where(
    tx: &impl ConnectionTrait,
    clock: &Clock,
    which: Condition,
) -> Result<Vec<Model>, DbErr> {
    let now = clock.now();
    Entity::update_many()
        .set(ActiveModel {
            revoked_at: Set(Some(now)),
            updated_at: Set(now),
            ..Default::default()
        })
        .filter(which)
        .filter(Column::RevokedAt.is_null())
        .exec_with_returning(tx)
        .await
}

/// The scopes asked for, if the caller has them; without any, the caller's own.
fn within(
    own: Option<&BTreeSet<Scope>>,
    asked: Option<BTreeSet<Scope>>,
) -> Result<Option<BTreeSet<Scope>>, Error> {
    match (own, asked) {
        (None, asked) => Ok(asked),
        (Some(own), None) => Ok(Some(own.clone())),
        (Some(own), Some(asked)) if asked.is_subset(own) => Ok(Some(asked)),
        (Some(_), Some(_)) => Err(Error::Invalid(vec![Invalid {
            field: "scopes",
            problem: Problem::ScopeNotYours,
        }])),
    }
}

fn hash(key: &str) -> String {
    hex::encode(Sha256::digest(key))
}

/// PostgreSQL keeps no more, and the answer should be what a later one will be.
fn to_micros(time: DateTime<Utc>) -> DateTime<Utc> {
    DateTime::from_timestamp_micros(time.timestamp_micros()).unwrap_or(time)
}

#[cfg(test)]
mod tests;

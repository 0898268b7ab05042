//! The people of a tenant.
//!
//! Two things hold whatever anybody does, and however many do it at once: a tenant has an owner,
//! and nobody raises anybody above themselves or touches somebody above them.

use chrono::{DateTime, Utc};
use entity::clock::Clock;
use entity::happening::Happening;
use entity::id::{TenantId, UserId};
use entity::value::Role;
use entity::{TenantScoped, membership, user};
use events::{Activity, Outbox};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::LockType;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, JoinType, PaginatorTrait,
    QueryFilter, QueryOrder, QuerySelect, RelationDef, Select,
};
use secrecy::SecretString;

use crate::field::{Checks, name};
use crate::password::{self, PasswordHash};
use crate::{Email, Error, account, api_key, session};

/// A person as a member of a tenant.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct Member {
    /// The tenant.
    pub tenant_id: TenantId,
    /// The person.
    pub user_id: UserId,
    /// Lower-case e-mail address.
    pub email: String,
    /// How colleagues see them.
    pub name: String,
    /// What they may do in this tenant.
    pub role: Role,
    /// When they joined.
    pub created_at: DateTime<Utc>,
    /// When their role last changed.
    pub updated_at: DateTime<Utc>,
}

/// Somebody to add, checked.
#[derive(Clone, Debug)]
pub struct NewUser {
    email: Email,
    name: String,
    role: Role,
}

impl NewUser {
    /// Checks what was typed; an absent name becomes what stands before the `@`. A `password` of
    /// `None` stands for [`password::one_time`].
    ///
    /// # Errors
    /// [`Error::Invalid`] with every mistake.
    pub fn parse(
        email: &str,
        full_name: Option<&str>,
        role: Role,
        password: Option<&SecretString>,
    ) -> Result<Self, Error> {
        let mut checks = Checks::default();
        let email = checks.take("email", Email::parse(email));
        let full_name = checks.take("name", full_name.map(name).transpose());
        if let (Some(email), Some(password)) = (&email, password) {
            checks.take("password", password::check(password, email));
        }
        let (Some(email), Some(full_name)) = (email, full_name) else {
            return Err(checks.into_error());
        };
        checks.finish()?;
        let name = full_name.unwrap_or_else(|| email.mailbox().to_owned());
        Ok(Self { email, name, role })
    }
}

/// Whether somebody with the role `actor` may turn a `target` into a `new`: nobody gives what they
/// don't have, or changes somebody above them.
#[must_use]
pub fn may_manage(actor: Role, target: Role, new: Role) -> bool {
    target <= actor && new <= actor
}

/// Adds a person to a tenant, in the name of somebody with the role `actor`.
///
/// # Errors
/// [`Error::AboveYou`], [`Error::EmailTaken`] (by anybody of any tenant), [`Error::Database`].
pub async fn create_user(
    tx: &impl ConnectionTrait,
    clock: &Clock,
    outbox: &mut Outbox,
    (tenant, actor): (TenantId, Role),
    new: NewUser,
    password_hash: PasswordHash,
) -> Result<Member, Error> {
    if !may_manage(actor, new.role, new.role) {
        return Err(Error::AboveYou);
    }
    let user = account::insert_user(tx, clock, &new.email, new.name, password_hash).await?;
    let member = join(tx, tenant, user, new.role).await?;
    let (name, role) = (member.name.clone(), member.role);
    let added = Happening::MemberAdded { name, role };
    outbox.record(clock, Activity::new(tenant, added));
    Ok(member)
}

/// The members, in the order they came, after the one named.
///
/// # Errors
/// When the database is away.
pub async fn list_users(
    conn: &impl ConnectionTrait,
    tenant: TenantId,
    after: Option<UserId>,
    limit: u64,
) -> Result<Vec<Member>, DbErr> {
    let mut query = members(membership::Entity::of(tenant));
    if let Some(after) = after {
        query = query.filter(membership::Column::UserId.gt(after));
    }
    query
        .order_by_asc(membership::Column::UserId)
        .limit(limit)
        .into_model()
        .all(conn)
        .await
}

/// One member.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Database`].
pub async fn get_user(
    conn: &impl ConnectionTrait,
    tenant: TenantId,
    user: UserId,
) -> Result<Member, Error> {
    members(membership::Entity::of(tenant))
        .filter(membership::Column::UserId.eq(user))
        .into_model()
        .one(conn)
        .await?
        .ok_or(Error::NotFound)
}

/// Gives a member another role, in the name of somebody with the role `actor`. It counts from
/// their next request on.
///
/// # Errors
/// [`Error::NotFound`], [`Error::AboveYou`], [`Error::LastOwner`], [`Error::Database`].
pub async fn change_role(
    tx: &impl ConnectionTrait,
    clock: &Clock,
    outbox: &mut Outbox,
    (tenant, actor): (TenantId, Role),
    user: UserId,
    new: Role,
) -> Result<Member, Error> {
    let target = managed(tx, (tenant, actor), user, new).await?;
    if target.role == new {
        return Ok(target);
    }
    let updated_at = clock.now();
    membership::Entity::update_many()
        .set(membership::ActiveModel {
            role: Set(new),
            updated_at: Set(updated_at),
            ..Default::default()
        })
        .filter(membership::Column::TenantId.eq(tenant))
        .filter(membership::Column::UserId.eq(user))
        .exec(tx)
        .await?;
    let (name, role) = (target.name.clone(), new);
    let changed = Happening::MemberChanged { name, role };
    outbox.record(clock, Activity::new(tenant, changed));
    Ok(Member {
        role,
        updated_at,
        ..target
    })
}

/// Takes a member out of the tenant: their logins to it end, their API keys for it are revoked,
/// and who is in no tenant any more is forgotten.
///
/// # Errors
/// [`Error::NotFound`], [`Error::AboveYou`], [`Error::LastOwner`], [`Error::Database`].
pub async fn remove_user(
    tx: &impl ConnectionTrait,
    clock: &Clock,
    outbox: &mut Outbox,
    (tenant, actor): (TenantId, Role),
    user: UserId,
) -> Result<(), Error> {
    let Member { name, .. } = managed(tx, (tenant, actor), user, Role::Viewer).await?;
    let removed = Happening::MemberRemoved { name };
    outbox.record(clock, Activity::new(tenant, removed));
    session::end_all_in(tx, clock, tenant, user).await?;
    api_key::revoke_all_of(tx, clock, tenant, user).await?;
    membership::Entity::delete_by_id((tenant, user))
        .exec(tx)
        .await?;
    let elsewhere = membership::Entity::find()
        .filter(membership::Column::UserId.eq(user))
        .count(tx)
        .await?;
    if elsewhere == 0 {
        user::Entity::delete_by_id(user).exec(tx).await?;
    }
    Ok(())
}

/// A member whom the actor may make a `new`; the tenant's team stands still until the commit.
async fn managed(
    tx: &impl ConnectionTrait,
    (tenant, actor): (TenantId, Role),
    user: UserId,
    new: Role,
) -> Result<Member, Error> {
    // Two owners who demote each other at the same moment would leave none. (SQLite has one
    // writer; "no key" lets rows that only refer to the tenant be written meanwhile.)
    entity::tenant::Entity::find_by_id(tenant)
        .lock(LockType::NoKeyUpdate)
        .one(tx)
        .await?;
    let target = get_user(tx, tenant, user).await?;
    if !may_manage(actor, target.role, new) {
        return Err(Error::AboveYou);
    }
    if target.role == Role::Owner && new != Role::Owner && owners(tx, tenant).await? < 2 {
        return Err(Error::LastOwner);
    }
    Ok(target)
}

async fn owners(tx: &impl ConnectionTrait, tenant: TenantId) -> Result<u64, DbErr> {
    membership::Entity::of(tenant)
        .filter(membership::Column::Role.eq(Role::Owner))
        .count(tx)
        .await
}

/// Makes a person a member.
pub(crate) async fn join(
    tx: &impl ConnectionTrait,
    tenant: TenantId,
    user: user::Model,
    role: Role,
) -> Result<Member, DbErr> {
    let row = membership::ActiveModel {
        tenant_id: Set(tenant),
        user_id: Set(user.id),
        role: Set(role),
        created_at: Set(user.created_at),
        updated_at: Set(user.created_at),
    };
    membership::Entity::insert(row)
        .exec_without_returning(tx)
        .await?;
    Ok(Member {
        tenant_id: tenant,
        user_id: user.id,
        email: user.email,
        name: user.name,
        role,
        created_at: user.created_at,
        updated_at: user.created_at,
    })
}

/// Memberships with their persons, as [`Member`] reads them.
pub(crate) fn members(memberships: Select<membership::Entity>) -> Select<membership::Entity> {
    let person: RelationDef = membership::Entity::belongs_to(user::Entity)
        .from(membership::Column::UserId)
        .to(user::Column::Id)
        .into();
    memberships
        .join(JoinType::InnerJoin, person)
        .columns([user::Column::Email, user::Column::Name])
}

#[cfg(test)]
mod tests;

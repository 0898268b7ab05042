//! Accounts: signing up, logging in, passwords.

use entity::clock::Clock;
use entity::id::{SessionId, TenantId, UserId};
use entity::value::Role;
use entity::{membership, tenant_seq, user};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder};
use secrecy::SecretString;

use crate::field::{Checks, name};
use crate::password::{self, Hasher, PasswordHash};
use crate::team::{self, Member};
use crate::tenant::{country, time_zone};
use crate::{Email, Error, session};

/// What somebody typed to sign up.
#[derive(Clone, Copy, Debug)]
pub struct Signup<'a> {
    /// The tenant's name.
    pub tenant_name: &'a str,
    /// The owner's e-mail address.
    pub email: &'a str,
    /// The owner's name; what stands before the `@` if absent.
    pub name: Option<&'a str>,
    /// The owner's password.
    pub password: &'a SecretString,
    /// ISO 3166-1 alpha-2; `US` if absent.
    pub default_country: Option<&'a str>,
    /// IANA name; `UTC` if absent.
    pub timezone: Option<&'a str>,
}

/// A tenant to be made with its first owner, checked.
#[derive(Clone, Debug)]
pub struct NewTenant {
    tenant_name: String,
    email: Email,
    name: String,
    default_country: String,
    timezone: String,
}

impl NewTenant {
    /// Checks what was typed, the password included: hash it only after this.
    ///
    /// # Errors
    /// [`Error::Invalid`] with every mistake.
    pub fn parse(typed: Signup<'_>) -> Result<Self, Error> {
        let mut checks = Checks::default();
        let tenant_name = checks.take("tenant_name", name(typed.tenant_name));
        let email = checks.take("email", Email::parse(typed.email));
        let full_name = checks.take("name", typed.name.map(name).transpose());
        let code = typed.default_country.unwrap_or("US");
        let default_country = checks.take("default_country", country(code));
        let zone = typed.timezone.unwrap_or("UTC");
        let timezone = checks.take("timezone", time_zone(zone));
        if let Some(email) = &email {
            checks.take("password", password::check(typed.password, email));
        }
        let (
            Some(tenant_name),
            Some(email),
            Some(full_name),
            Some(default_country),
            Some(timezone),
        ) = (tenant_name, email, full_name, default_country, timezone)
        else {
            return Err(checks.into_error());
        };
        checks.finish()?;
        Ok(Self {
            name: full_name.unwrap_or_else(|| email.mailbox().to_owned()),
            tenant_name,
            email,
            default_country,
            timezone,
        })
    }
}

/// A tenant and its first owner.
#[derive(Clone, Debug)]
pub struct Registered {
    /// The tenant.
    pub tenant: entity::tenant::Model,
    /// Its owner.
    pub owner: Member,
}

/// Makes a tenant, its counter and its first owner.
///
/// # Errors
/// [`Error::EmailTaken`], [`Error::Database`].
pub async fn register(
    tx: &impl ConnectionTrait,
    clock: &Clock,
    new: NewTenant,
    password_hash: PasswordHash,
) -> Result<Registered, Error> {
    // First, so that a taken address leaves nothing behind, even if the caller commits.
    let user = insert_user(tx, clock, &new.email, new.name, password_hash).await?;
    let tenant = entity::tenant::ActiveModel {
        id: Set(TenantId::new(clock)),
        name: Set(new.tenant_name),
        default_country: Set(new.default_country),
        timezone: Set(new.timezone),
        quiet_hours: Set(Default::default()),
        created_at: Set(user.created_at),
        updated_at: Set(user.created_at),
    };
    let tenant = entity::tenant::Entity::insert(tenant)
        .exec_with_returning(tx)
        .await?;
    let counter = tenant_seq::ActiveModel {
        tenant_id: Set(tenant.id),
        seq: Set(0),
        content_seq: Set(0),
        // Whose index is not begun is found as one with news.
        content_minute: Set(tenant_seq::minute(user.created_at)),
        forgotten: Set(0),
    };
    tenant_seq::Entity::insert(counter)
        .exec_without_returning(tx)
        .await?;
    let owner = team::join(tx, tenant.id, user, Role::Owner).await?;
    Ok(Registered { tenant, owner })
}

/// The member with this e-mail address and password; of several tenants, the one joined first.
///
/// Takes the same time whether the address is known or not. Hold no transaction meanwhile.
///
/// # Errors
/// [`Error::WrongLogin`] whatever is wrong, [`Error::Hash`], [`Error::Database`].
pub async fn log_in(
    conn: &impl ConnectionTrait,
    hasher: &Hasher,
    email: &str,
    password: &SecretString,
) -> Result<Member, Error> {
    let user = find_user(conn, email).await?;
    let hash = user
        .as_ref()
        .map(|user| PasswordHash::stored(user.password_hash.clone()));
    let right = hasher.verify(password.clone(), hash).await?;
    let Some(user) = user.filter(|_| right) else {
        return Err(Error::WrongLogin);
    };
    team::members(membership::Entity::find())
        .filter(membership::Column::UserId.eq(user.id))
        .order_by_asc(membership::Column::CreatedAt)
        .order_by_asc(membership::Column::TenantId)
        .into_model()
        .one(conn)
        .await?
        .ok_or(Error::WrongLogin)
}

/// Checks the current and the new password of somebody who wants to change theirs. Hold no
/// transaction meanwhile; [`change_password`] is what follows.
///
/// # Errors
/// [`Error::WrongPassword`] for `current`, [`Error::Invalid`] for `new`, [`Error::NotFound`],
/// [`Error::Hash`], [`Error::Database`].
pub async fn check_password_change(
    conn: &impl ConnectionTrait,
    hasher: &Hasher,
    user: UserId,
    current: &SecretString,
    new: &SecretString,
) -> Result<(), Error> {
    let user = user::Entity::find_by_id(user)
        .one(conn)
        .await?
        .ok_or(Error::NotFound)?;
    let mut checks = Checks::default();
    if let Ok(email) = Email::parse(&user.email) {
        checks.take("new", password::check(new, &email));
    }
    checks.finish()?;
    let hash = PasswordHash::stored(user.password_hash);
    if hasher.verify(current.clone(), Some(hash)).await? {
        Ok(())
    } else {
        Err(Error::WrongPassword)
    }
}

/// Sets a new password and ends every login of the person but the one to `keep`.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Database`].
pub async fn change_password(
    tx: &impl ConnectionTrait,
    clock: &Clock,
    user: UserId,
    new: PasswordHash,
    keep: Option<SessionId>,
) -> Result<(), Error> {
    let changed = user::Entity::update_many()
        .set(user::ActiveModel {
            password_hash: Set(new.into_stored()),
            updated_at: Set(clock.now()),
            ..Default::default()
        })
        .filter(user::Column::Id.eq(user))
        .exec(tx)
        .await?;
    if changed.rows_affected == 0 {
        return Err(Error::NotFound);
    }
    session::end_all(tx, clock, user, keep).await?;
    Ok(())
}

/// The person with this e-mail address, however it is written.
///
/// # Errors
/// When the database is away.
pub async fn find_user(
    conn: &impl ConnectionTrait,
    email: &str,
) -> Result<Option<user::Model>, DbErr> {
    let Ok(email) = Email::parse(email) else {
        return Ok(None);
    };
    user::Entity::find()
        .filter(user::Column::Email.eq(email.as_str()))
        .one(conn)
        .await
}

pub(crate) async fn insert_user(
    tx: &impl ConnectionTrait,
    clock: &Clock,
    email: &Email,
    name: String,
    password_hash: PasswordHash,
) -> Result<user::Model, Error> {
    let now = clock.now();
    let user = user::Model {
        id: UserId::new(clock),
        email: email.to_string(),
        name,
        password_hash: password_hash.into_stored(),
        created_at: now,
        updated_at: now,
    };
    // A conflict that raised an error would spoil the caller's whole transaction on PostgreSQL.
    let inserted = user::Entity::insert(user::ActiveModel::from(user.clone()))
        .on_conflict(
            OnConflict::column(user::Column::Email)
                .do_nothing()
                .to_owned(),
        )
        .exec_without_returning(tx)
        .await?;
    if inserted == 0 {
        return Err(Error::EmailTaken);
    }
    Ok(user)
}

#[cfg(test)]
mod tests;

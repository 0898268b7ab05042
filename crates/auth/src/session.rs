//! Logins: from the password to logout, expiry or theft.
//!
//! A login is renewed by a refresh token that is good once: each renewal counts the login's
//! generation up and gives out a token of the new one. An old token that shows up again was
//! copied by somebody, the thief or the owner being the one who comes second, so it ends the
//! login for both (RFC 9700, section 4.14.2). Except within a few seconds of the renewal: then it
//! is two tabs of one browser that renewed at once, and the second is only refused.

use chrono::{DateTime, TimeDelta, Utc};
use entity::clock::Clock;
use entity::id::{SessionId, TenantId, UserId};
use entity::session::{ActiveModel, Column, Entity, Model};
use entity::value::Role;
use entity::{TenantScoped, membership};
use sea_orm::ActiveValue::Set;
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter,
};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

use crate::refresh_token::RefreshToken;
use crate::token::{ACCESS_LIFETIME, SignError};
use crate::{Error, Member, Signer};

/// How long a login lasts after it was last renewed.
pub const LIFETIME: TimeDelta = TimeDelta::days(30);

/// How long the token before the latest is only refused.
pub const TWO_TABS: TimeDelta = TimeDelta::seconds(10);

/// How long somebody may ask again for the answer to a renewal that was lost on its way.
pub const LOST_ANSWER: TimeDelta = TimeDelta::seconds(60);

/// What somebody holds who is logged in.
#[derive(Clone, Debug)]
pub struct Tokens {
    /// The access token, for `Authorization: Bearer`.
    pub access: SecretString,
    /// The refresh token, good for one renewal.
    pub refresh: SecretString,
    /// How long the access token is good for, in seconds.
    pub expires_in: i64,
    /// The login.
    pub session_id: SessionId,
    /// Who is logged in.
    pub user_id: UserId,
    /// The tenant they are logged in to.
    pub tenant_id: TenantId,
}

/// Why a refresh token gives no new tokens; all but the last two are 401.
#[derive(Debug, thiserror::Error)]
pub enum RefreshError {
    /// Not one of ours, or its login has ended.
    #[error("the refresh token is not valid")]
    Invalid,
    /// Not renewed for too long.
    #[error("the login has expired")]
    Expired,
    /// Renewed a moment ago with this same token: another tab has the new one.
    #[error("the refresh token was used a moment ago")]
    JustRotated,
    /// An old token. The login has been ended.
    #[error("the refresh token was used before, so the login was ended")]
    Reused,
    /// A token could not be signed.
    #[error(transparent)]
    Sign(#[from] SignError),
    /// The database is away or refused.
    #[error("the database did not answer as it should")]
    Database(#[from] DbErr),
}

/// Logs a member in, whose password has been checked.
///
/// # Errors
/// [`Error::Sign`], [`Error::Database`].
pub async fn start(
    tx: &impl ConnectionTrait,
    clock: &Clock,
    signer: &Signer,
    member: &Member,
) -> Result<Tokens, Error> {
    let now = clock.now();
    let login = Model {
        id: SessionId::new(clock),
        tenant_id: member.tenant_id,
        user_id: member.user_id,
        generation: 0,
        rotated_at: now,
        attempt_digest: None,
        expires_at: now + LIFETIME,
        revoked_at: None,
        created_at: now,
    };
    let row = ActiveModel::from(login.clone());
    Entity::insert(row).exec_without_returning(tx).await?;
    Ok(tokens(signer, &login, member.role, now)?)
}

/// Renews a login.
///
/// Takes the transaction and commits it whatever comes of it: a reused token is refused **and**
/// ends its login, and a caller who answers 401 by dropping the transaction would undo just that.
///
/// `attempt` is a secret that the caller has made up for this renewal. Where its answer is lost, the
/// same token with the same attempt gives the same again for a minute.
///
/// # Errors
/// Why there are no new tokens.
pub async fn refresh(
    tx: DatabaseTransaction,
    clock: &Clock,
    signer: &Signer,
    token: &SecretString,
    attempt: Option<&SecretString>,
) -> Result<Tokens, RefreshError> {
    let attempt = attempt.map(|attempt| hex::encode(Sha256::digest(attempt.expose_secret())));
    let result = rotate(&tx, clock, signer, token, attempt).await;
    tx.commit().await?;
    result
}

async fn rotate(
    tx: &impl ConnectionTrait,
    clock: &Clock,
    signer: &Signer,
    token: &SecretString,
    attempt: Option<String>,
) -> Result<Tokens, RefreshError> {
    let shown = signer
        .refresh_key()
        .open(token.expose_secret())
        .ok_or(RefreshError::Invalid)?;
    let now = clock.now();
    let (login, role) = find(tx, shown.session_id)
        .await?
        .ok_or(RefreshError::Invalid)?;
    if login.revoked_at.is_some() {
        return Err(RefreshError::Invalid);
    }
    if login.expires_at <= now {
        return Err(RefreshError::Expired);
    }
    if is_lost(&login, &shown, attempt.as_deref(), now) {
        return Ok(tokens(signer, &login, role, now)?);
    }
    if shown.generation == login.generation {
        if let Some(next) = count_up(tx, login, attempt.clone(), now).await? {
            return Ok(tokens(signer, &next, role, now)?);
        }
        // Another request was faster; it may have been this one, sent twice.
        let (login, role) = find(tx, shown.session_id)
            .await?
            .ok_or(RefreshError::Invalid)?;
        if is_lost(&login, &shown, attempt.as_deref(), now) {
            return Ok(tokens(signer, &login, role, now)?);
        }
        return Err(RefreshError::JustRotated);
    }
    refuse(tx, clock, &login, shown).await
}

/// Whether this attempt has been answered, and the answer got lost: it is given once more, since whoever
/// else had the old token could not name the attempt.
fn is_lost(login: &Model, shown: &RefreshToken, attempt: Option<&str>, now: DateTime<Utc>) -> bool {
    shown.generation == login.generation - 1
        && now - login.rotated_at <= LOST_ANSWER
        && login.revoked_at.is_none()
        && attempt.is_some()
        && attempt == login.attempt_digest.as_deref()
}

/// The next generation; `None` if another request was faster.
async fn count_up(
    tx: &impl ConnectionTrait,
    login: Model,
    attempt_digest: Option<String>,
    now: DateTime<Utc>,
) -> Result<Option<Model>, DbErr> {
    let next = Model {
        generation: login.generation + 1,
        rotated_at: now,
        attempt_digest,
        expires_at: now + LIFETIME,
        ..login
    };
    let updated = Entity::update_many()
        .set(ActiveModel {
            generation: Set(next.generation),
            rotated_at: Set(next.rotated_at),
            attempt_digest: Set(next.attempt_digest.clone()),
            expires_at: Set(next.expires_at),
            ..Default::default()
        })
        .filter(Column::Id.eq(login.id))
        // What makes one of two that come at once lose.
        .filter(Column::Generation.eq(login.generation))
        .filter(Column::RevokedAt.is_null())
        .exec(tx)
        .await?;
    Ok((updated.rows_affected == 1).then_some(next))
}

/// A genuine token that is not the latest.
async fn refuse(
    tx: &impl ConnectionTrait,
    clock: &Clock,
    login: &Model,
    shown: RefreshToken,
) -> Result<Tokens, RefreshError> {
    if shown.generation > login.generation {
        // Only a database restored from a backup forgets a generation; nobody stole anything.
        return Err(RefreshError::Invalid);
    }
    let is_previous = shown.generation == login.generation - 1;
    if is_previous && clock.now() - login.rotated_at <= TWO_TABS {
        return Err(RefreshError::JustRotated);
    }
    end(tx, clock, login.id).await?;
    tracing::warn!(
        tenant.id = %login.tenant_id,
        user.id = %login.user_id,
        session.id = %login.id,
        "ended a login whose refresh token was used twice"
    );
    Err(RefreshError::Reused)
}

/// Ends one login. Ending it again changes nothing.
///
/// # Errors
/// When the database is away.
pub async fn end(
    tx: &impl ConnectionTrait,
    clock: &Clock,
    session: SessionId,
) -> Result<(), DbErr> {
    end_where(tx, clock, Column::Id.eq(session).into()).await
}

/// Ends every login of a person, but for the one excepted.
///
/// # Errors
/// When the database is away.
pub async fn end_all(
    tx: &impl ConnectionTrait,
    clock: &Clock,
    user: UserId,
    except: Option<SessionId>,
) -> Result<(), DbErr> {
    let mut which = Condition::all().add(Column::UserId.eq(user));
    if let Some(session) = except {
        which = which.add(Column::Id.ne(session));
    }
    end_where(tx, clock, which).await
}

/// Ends every login of a person to one tenant.
pub(crate) async fn end_all_in(
    tx: &impl ConnectionTrait,
    clock: &Clock,
    tenant: TenantId,
    user: UserId,
) -> Result<(), DbErr> {
    let which = Condition::all()
        .add(Column::TenantId.eq(tenant))
        .add(Column::UserId.eq(user));
    end_where(tx, clock, which).await
}

async fn end_where(
    tx: &impl ConnectionTrait,
    clock: &Clock,
    which: Condition,
) -> Result<(), DbErr> {
    Entity::update_many()
        .set(ActiveModel {
            revoked_at: Set(Some(clock.now())),
            ..Default::default()
        })
        .filter(which)
        .filter(Column::RevokedAt.is_null())
        .exec(tx)
        .await?;
    Ok(())
}

/// The login and its member's present role. The token names no tenant: the login does.
async fn find(
    tx: &impl ConnectionTrait,
    session: SessionId,
) -> Result<Option<(Model, Role)>, DbErr> {
    let Some(login) = Entity::find_by_id(session).one(tx).await? else {
        return Ok(None);
    };
    let member = membership::Entity::of(login.tenant_id)
        .filter(membership::Column::UserId.eq(login.user_id))
        .one(tx)
        .await?;
    Ok(member.map(|member| (login, member.role)))
}

fn tokens(
    signer: &Signer,
    login: &Model,
    role: Role,
    now: DateTime<Utc>,
) -> Result<Tokens, SignError> {
    let refresh = RefreshToken {
        session_id: login.id,
        generation: login.generation,
    };
    Ok(Tokens {
        access: signer.sign(login.id, (login.tenant_id, login.user_id, role), now)?,
        refresh: signer.refresh_key().seal(refresh),
        expires_in: ACCESS_LIFETIME.num_seconds(),
        session_id: login.id,
        user_id: login.user_id,
        tenant_id: login.tenant_id,
    })
}

#[cfg(test)]
mod tests;

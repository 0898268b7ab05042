//! Who calls: what the whole API asks of a request first.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use entity::id::{ApiKeyId, SessionId, TenantId, UserId};
use entity::value::Role;
use entity::{TenantScoped, membership, session, tenant_seq};
use sea_orm::sea_query::{Expr, Query, SimpleExpr};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, ExprTrait, FromQueryResult, JoinType,
    QueryFilter, QuerySelect, RelationDef,
};

use crate::api_key::{self, PREFIX};
use crate::token::TokenError;
use crate::{Denied, Permission, Scope, Signer};

/// Somebody who has proved who they are. Only [`authenticate`] makes one.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Principal {
    /// The one tenant to ask the database for.
    pub tenant_id: TenantId,
    /// A person or a program.
    pub who: Who,
    /// The person's present role, or that of the person who made the key.
    pub role: Role,
    /// What a key is limited to; `None` for a person, and for a key without limits.
    pub scopes: Option<BTreeSet<Scope>>,
    /// When the token or key ends; an event stream ends with it.
    pub expires_at: Option<DateTime<Utc>>,
    /// The tenant's event counter when they were let in, where it was asked for along with it: what has
    /// changed until then is counted.
    pub counter: Option<i64>,
    /// A key whose last use was noted more than a minute ago.
    use_to_note: Option<ApiKeyId>,
}

/// A person or a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// A person who is logged in.
    User {
        /// The person.
        user_id: UserId,
        /// Their login.
        session_id: SessionId,
    },
    /// A program.
    ApiKey {
        /// Its key.
        key_id: ApiKeyId,
        /// Whose rights it has at most.
        created_by: UserId,
    },
}

/// Why nobody is let in.
#[derive(Debug, thiserror::Error)]
pub enum AuthError {
    /// No token or key of ours, or one that was taken back.
    #[error("the token or API key is not valid")]
    Invalid,
    /// It was good once.
    #[error("the token or API key has expired")]
    Expired,
    /// The database is away, so nobody knows.
    #[error("the database did not answer as it should")]
    Database(#[from] DbErr),
}

impl From<TokenError> for AuthError {
    fn from(error: TokenError) -> Self {
        match error {
            TokenError::Invalid => Self::Invalid,
            TokenError::Expired => Self::Expired,
        }
    }
}

/// Who holds this token or API key: what stands behind `Bearer`. One query.
///
/// # Errors
/// Why nobody is let in.
pub async fn authenticate(
    conn: &impl ConnectionTrait,
    signer: &Signer,
    now: DateTime<Utc>,
    bearer: &str,
) -> Result<Principal, AuthError> {
    if bearer.starts_with(PREFIX) {
        by_key(conn, now, bearer).await
    } else {
        by_token(conn, signer, now, bearer).await
    }
}

impl Principal {
    /// Whether this permission is held.
    ///
    /// # Errors
    /// What is missing.
    pub fn allows<P: Permission>(&self) -> Result<(), Denied> {
        if self.role < P::ROLE {
            return Err(Denied::Role { needed: P::ROLE });
        }
        if P::SCOPE.is_none() && matches!(self.who, Who::ApiKey { .. }) {
            return Err(Denied::Login);
        }
        let Some(scopes) = &self.scopes else {
            return Ok(());
        };
        let mut needed = P::SCOPE.into_iter().chain(P::ALSO);
        match needed.find(|scope| !scopes.contains(scope)) {
            Some(needed) => Err(Denied::Scope { needed }),
            None => Ok(()),
        }
    }

    /// The person who calls, or who made the key that does.
    #[must_use]
    pub fn user_id(&self) -> UserId {
        match self.who {
            Who::User { user_id, .. } => user_id,
            Who::ApiKey { created_by, .. } => created_by,
        }
    }

    /// The login; `None` for a program.
    #[must_use]
    pub fn session_id(&self) -> Option<SessionId> {
        match self.who {
            Who::User { session_id, .. } => Some(session_id),
            Who::ApiKey { .. } => None,
        }
    }

    /// What a rate limit counts by: the person, through all their logins, or the key.
    #[must_use]
    pub fn limiter_key(&self) -> String {
        match self.who {
            Who::User { user_id, .. } => format!("user:{}:{user_id}", self.tenant_id),
            Who::ApiKey { key_id, .. } => format!("key:{key_id}"),
        }
    }

    /// What an ETag mixes in, so that no answer is taken for somebody else's: the same through a
    /// renewed login, another with another role.
    #[must_use]
    pub fn id_for_etag(&self) -> String {
        format!("{}:{}", self.limiter_key(), self.role)
    }

    /// The key to give to [`api_key::note_use`] after the answer, if that is due.
    #[must_use]
    pub fn key_use_to_note(&self) -> Option<ApiKeyId> {
        self.use_to_note
    }
}

async fn by_key(
    conn: &impl ConnectionTrait,
    now: DateTime<Utc>,
    key: &str,
) -> Result<Principal, AuthError> {
    let key = api_key::find(conn, key).await?.ok_or(AuthError::Invalid)?;
    if key.expires_at.is_some_and(|end| end <= now) {
        return Err(AuthError::Expired);
    }
    Ok(Principal {
        tenant_id: key.tenant_id,
        who: Who::ApiKey {
            key_id: key.id,
            created_by: key.created_by,
        },
        role: key.role,
        scopes: key.scopes(),
        expires_at: key.expires_at,
        counter: None,
        use_to_note: key.use_is_due(now).then_some(key.id),
    })
}

/// What the database knows of a login.
#[derive(FromQueryResult)]
struct Login {
    expires_at: DateTime<Utc>,
    role: Role,
    /// None before the tenant's first event.
    counter: Option<i64>,
}

async fn by_token(
    conn: &impl ConnectionTrait,
    signer: &Signer,
    now: DateTime<Utc>,
    token: &str,
) -> Result<Principal, AuthError> {
    let access = signer.read(token, now)?;
    let member: RelationDef = session::Entity::belongs_to(membership::Entity)
        .from((session::Column::TenantId, session::Column::UserId))
        .to((membership::Column::TenantId, membership::Column::UserId))
        .into();
    // Whoever polls needs it next, and a query costs more by its way than by its work.
    let counter = Query::select()
        .column(tenant_seq::Column::Seq)
        .from(tenant_seq::Entity)
        .and_where(
            Expr::col((tenant_seq::Entity, tenant_seq::Column::TenantId))
                .equals((session::Entity, session::Column::TenantId)),
        )
        .take();
    let login: Login = session::Entity::of(access.tenant_id)
        .filter(session::Column::Id.eq(access.session_id))
        .filter(session::Column::UserId.eq(access.user_id))
        .filter(session::Column::RevokedAt.is_null())
        .join(JoinType::InnerJoin, member)
        .select_only()
        .column(session::Column::ExpiresAt)
        .column(membership::Column::Role)
        .expr_as(SimpleExpr::from(counter), "counter")
        .into_model()
        .one(conn)
        .await?
        .ok_or(AuthError::Invalid)?;
    if login.expires_at <= now {
        return Err(AuthError::Expired);
    }
    Ok(Principal {
        tenant_id: access.tenant_id,
        who: Who::User {
            user_id: access.user_id,
            session_id: access.session_id,
        },
        role: login.role,
        scopes: None,
        expires_at: Some(access.expires_at),
        counter: Some(login.counter.unwrap_or(0)),
        use_to_note: None,
    })
}

#[cfg(test)]
mod tests;

//! Why a channel could not be made, changed or opened.

use std::borrow::Cow;

use sea_orm::{DbErr, SqlErr};

use crate::OpenError;

/// A field that somebody has to correct.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// A JSON pointer into the request, such as `/credentials/accountSid`.
    pub pointer: Cow<'static, str>,
    /// What is wrong, in words for the person who typed it; never the value.
    pub detail: Cow<'static, str>,
}

impl FieldError {
    pub(crate) fn new(
        pointer: impl Into<Cow<'static, str>>,
        detail: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self {
            pointer: pointer.into(),
            detail: detail.into(),
        }
    }
}

/// What the caller has to answer.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no such channel, or it is another tenant's.
    #[error("there is no such channel")]
    NotFound,
    /// The tenant has this account and number already.
    #[error("a channel with this account and number exists already")]
    Duplicate,
    /// Another tenant holds this number with the very same token.
    #[error("this number is connected elsewhere with the same account and token")]
    ClaimedElsewhere,
    /// Somebody has to correct these fields; never empty.
    #[error("{} field(s) of the channel are not right", .0.len())]
    Invalid(Vec<FieldError>),
    /// The stored credentials don't open: a key is missing, or the row was tampered with.
    #[error("the credentials of the channel can't be opened")]
    Open(#[from] OpenError),
    /// The database is away, or refused.
    #[error("the database failed")]
    Database(DbErr),
}

impl From<DbErr> for Error {
    /// The one unique key besides the id is the tenant's account and number: whoever was a
    /// moment earlier has it.
    fn from(error: DbErr) -> Self {
        match error.sql_err() {
            Some(SqlErr::UniqueConstraintViolation(_)) => Self::Duplicate,
            _ => Self::Database(error),
        }
    }
}

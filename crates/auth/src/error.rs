use sea_orm::DbErr;

use crate::field::Invalid;
use crate::password::HashError;
use crate::token::SignError;

/// Why something about an account, a team or a key was not done.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Fields that can't be taken as they are; never empty.
    #[error("some fields can't be taken as they are")]
    Invalid(Vec<Invalid>),
    /// Somebody has this e-mail address already, perhaps with another tenant.
    #[error("this e-mail address is taken")]
    EmailTaken,
    /// The tenant would have no owner left.
    #[error("a tenant needs an owner, and this is the last one")]
    LastOwner,
    /// Not there, or another tenant's.
    #[error("not found")]
    NotFound,
    /// The caller would raise somebody above themselves, or change somebody who is above them.
    #[error("this needs a higher role than yours")]
    AboveYou,
    /// An unknown e-mail address or a wrong password; which of them is not told.
    #[error("e-mail or password is wrong")]
    WrongLogin,
    /// Somebody who is logged in gave a wrong password.
    #[error("the password is wrong")]
    WrongPassword,
    /// A password could not be hashed.
    #[error("a password could not be hashed")]
    Hash(#[from] HashError),
    /// A token could not be signed.
    #[error(transparent)]
    Sign(#[from] SignError),
    /// The database is away or refused.
    #[error("the database did not answer as it should")]
    Database(#[from] DbErr),
}

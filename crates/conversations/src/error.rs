//! What can be wrong with a request, by what the caller does next.

use entity::opt_out;
use entity::value::MessageStatus;
use sea_orm::DbErr;

/// Why something was not done. Nothing has been written then, unless the caller commits.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no such thing, or it is another tenant's.
    #[error("there is no such {0}")]
    NotFound(&'static str),
    /// The request is well-formed but can't be right.
    #[error("{}", .0.iter().map(|problem| problem.detail.as_str()).collect::<Vec<_>>().join("; "))]
    Invalid(Vec<Problem>),
    /// The recipient must not be texted: most often, they said STOP.
    #[error("{}", crate::opt_out::refusal(.0))]
    OptedOut(Box<opt_out::Model>),
    /// The tenant has no number to send from.
    #[error("no active channel is set up to send from; connect one first")]
    NoChannel,
    /// The number to send from takes no part.
    #[error("the channel is inactive; activate it to send from it")]
    ChannelInactive,
    /// The customer's address is a short code or a name, which can't be texted.
    #[error("{address} is not a phone number, so it can't be answered")]
    NotAnswerable {
        /// The address.
        address: String,
    },
    /// Another lead has this number.
    #[error("a lead with this phone number exists already")]
    PhoneTaken,
    /// The note is somebody else's.
    #[error("only who wrote a note, or an admin, can change or remove it")]
    NotYours,
    /// Another label has this name.
    #[error("a label with this name exists already")]
    LabelTaken,
    /// There would be more labels than people can choose from.
    #[error(
        "there can be at most {} labels; remove one first",
        crate::labels::MOST
    )]
    TooManyLabels,
    /// The message is past the point where this can be done.
    #[error("the message is {status}, so it can't be {action}")]
    WrongStatus {
        /// Where it is.
        status: MessageStatus,
        /// What was asked for, as a participle: `canceled`.
        action: &'static str,
    },
    /// The tenant has as many imports under way as may be.
    #[error("several imports are under way already; wait until one has ended")]
    TooManyImports,
    /// There is nothing left to stop.
    #[error("the import has ended already")]
    ImportEnded,
    /// The message had files that are kept no longer.
    #[error("the message's files have been removed since, so it can't be sent again")]
    FilesRemoved,
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DbErr),
}

/// What is wrong with one part of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where: a JSON pointer into the body.
    pub pointer: String,
    /// What is wrong and what would be right.
    pub detail: String,
}

impl Error {
    /// One thing is wrong, at `pointer`.
    pub(crate) fn invalid(pointer: &str, detail: impl Into<String>) -> Self {
        Self::Invalid(vec![Problem {
            pointer: pointer.to_owned(),
            detail: detail.into(),
        }])
    }
}

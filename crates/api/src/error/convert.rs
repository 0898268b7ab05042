//! What the errors of the crates below mean to a client.

use sea_orm::DbErr;

use super::{ApiError, FieldError, TwilioFault};

impl From<DbErr> for ApiError {
    fn from(error: DbErr) -> Self {
        if db::is_unavailable(&error) {
            Self::Unavailable(Some(Box::new(error)))
        } else {
            Self::Internal(Box::new(error))
        }
    }
}

impl From<together::NotDone> for ApiError {
    fn from(error: together::NotDone) -> Self {
        match &error {
            together::NotDone::Database(cause) if !db::is_unavailable(cause) => {
                Self::Internal(Box::new(error))
            }
            _ => Self::Unavailable(Some(Box::new(error))),
        }
    }
}

impl From<media::SpoolError> for ApiError {
    fn from(error: media::SpoolError) -> Self {
        match error {
            media::SpoolError::TooLarge { limit } => Self::TooLarge {
                limit: usize::try_from(limit).unwrap_or(usize::MAX),
            },
            media::SpoolError::Full(_) => Self::StorageFull(Box::new(error)),
            media::SpoolError::Io(_) => Self::internal(error),
        }
    }
}

impl From<media::StoreError> for ApiError {
    fn from(error: media::StoreError) -> Self {
        match error {
            media::StoreError::NotFound => Self::NotFound,
            media::StoreError::Full(_) => Self::StorageFull(Box::new(error)),
            media::StoreError::Broken(_) => Self::Unavailable(Some(Box::new(error))),
        }
    }
}

impl From<conversations::attachments::KeepError> for ApiError {
    fn from(error: conversations::attachments::KeepError) -> Self {
        use conversations::attachments::KeepError::{Database, Store};
        match error {
            Store(error) => error.into(),
            Database(error) => error.into(),
        }
    }
}

impl From<auth::AuthError> for ApiError {
    fn from(error: auth::AuthError) -> Self {
        match error {
            auth::AuthError::Invalid | auth::AuthError::Expired => {
                Self::Unauthenticated(error.to_string().into())
            }
            auth::AuthError::Database(error) => error.into(),
        }
    }
}

impl From<auth::Denied> for ApiError {
    fn from(denied: auth::Denied) -> Self {
        Self::Forbidden(denied.to_string().into())
    }
}

impl From<auth::RefreshError> for ApiError {
    fn from(error: auth::RefreshError) -> Self {
        use auth::RefreshError::{Database, Expired, Invalid, JustRotated, Reused, Sign};
        match error {
            Invalid | Expired | JustRotated | Reused => {
                Self::Unauthenticated(error.to_string().into())
            }
            Sign(error) => Self::internal(error),
            Database(error) => error.into(),
        }
    }
}

impl From<auth::Error> for ApiError {
    fn from(error: auth::Error) -> Self {
        use auth::Error as E;
        match error {
            E::Invalid(fields) => Self::Invalid(
                fields
                    .into_iter()
                    .map(|wrong| {
                        FieldError::new(format!("/{}", wrong.field), wrong.problem.to_string())
                    })
                    .collect(),
            ),
            E::EmailTaken => Self::conflict("email_taken", E::EmailTaken.to_string()),
            E::LastOwner => Self::conflict("last_owner", E::LastOwner.to_string()),
            E::NotFound => Self::NotFound,
            E::AboveYou => Self::Forbidden(E::AboveYou.to_string().into()),
            E::WrongLogin => Self::Unauthenticated(E::WrongLogin.to_string().into()),
            E::WrongPassword => Self::field("/current", "is wrong"),
            E::Hash(error) => Self::internal(error),
            E::Sign(error) => Self::internal(error),
            E::Database(error) => error.into(),
        }
    }
}

impl From<conversations::Error> for ApiError {
    fn from(error: conversations::Error) -> Self {
        use conversations::Error as E;
        let words = error.to_string();
        match error {
            E::NotFound(_) => Self::NotFound,
            E::Invalid(problems) => Self::Invalid(
                problems
                    .into_iter()
                    .map(|problem| FieldError::new(problem.pointer, problem.detail))
                    .collect(),
            ),
            E::OptedOut(_) => Self::conflict("opted_out", words),
            E::NoChannel => Self::conflict("channel_not_configured", words),
            E::ChannelInactive => Self::conflict("channel_inactive", words),
            E::NotAnswerable { .. } => Self::conflict("not_answerable", words),
            E::NotYours => Self::Forbidden(words.into()),
            E::LabelTaken => Self::conflict("label_exists", words),
            E::TooManyLabels => Self::conflict("too_many_labels", words),
            E::PhoneTaken => Self::conflict("lead_exists", words),
            E::WrongStatus { .. } => Self::conflict("wrong_status", words),
            E::TooManyImports => Self::conflict("too_many_imports", words),
            E::ImportEnded => Self::conflict("import_ended", words),
            E::FilesRemoved => Self::conflict("files_removed", words),
            E::Database(error) => error.into(),
        }
    }
}

impl From<lead_csv::Error> for ApiError {
    fn from(error: lead_csv::Error) -> Self {
        match error {
            lead_csv::Error::Io(error) => Self::internal(error),
            error => Self::field("/file", error.to_string()),
        }
    }
}

impl From<routing::Error> for ApiError {
    fn from(error: routing::Error) -> Self {
        match error {
            routing::Error::Forbidden => Self::Forbidden("Invalid signature".into()),
            routing::Error::Malformed => Self::Malformed(error.to_string().into()),
            routing::Error::TooManyFields => Self::TooManyFields,
            routing::Error::Database(error) => error.into(),
            routing::Error::NotLookedUp(error) => error.into(),
        }
    }
}

impl From<twilio::webhook::WebhookError> for ApiError {
    fn from(error: twilio::webhook::WebhookError) -> Self {
        Self::Malformed(error.to_string().into())
    }
}

impl From<channels::Error> for ApiError {
    fn from(error: channels::Error) -> Self {
        use channels::Error as E;
        match error {
            E::NotFound => Self::NotFound,
            E::Duplicate => Self::conflict("channel_exists", E::Duplicate.to_string()),
            E::ClaimedElsewhere => {
                Self::conflict("channel_claimed", E::ClaimedElsewhere.to_string())
            }
            E::Invalid(fields) => Self::Invalid(
                fields
                    .into_iter()
                    .map(|wrong| FieldError::new(wrong.pointer, wrong.detail))
                    .collect(),
            ),
            E::Open(error) => error.into(),
            E::Database(error) => error.into(),
        }
    }
}

impl From<channels::OpenError> for ApiError {
    /// A key that is missing, or a row that was tampered with: the operator's to mend.
    fn from(error: channels::OpenError) -> Self {
        Self::internal(error)
    }
}

impl From<twilio::CallError> for ApiError {
    fn from(error: twilio::CallError) -> Self {
        let Some(refusal) = error.refusal().filter(|refusal| refusal.http_status < 500) else {
            return Self::TwilioUnavailable;
        };
        Self::RefusedByTwilio {
            detail: "Twilio refuses it".into(),
            twilio: TwilioFault {
                code: refusal.code.and_then(|code| u32::try_from(code).ok()),
                message: refusal.message.clone(),
                more_info: refusal.more_info.clone(),
            },
            errors: Vec::new(),
        }
    }
}

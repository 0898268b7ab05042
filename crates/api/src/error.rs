//! Every way a request can end badly, and **the only place that knows HTTP statuses of errors**.
//!
//! A handler returns an [`ApiError`] with `?`; one exhaustive match turns it into a problem
//! document ([RFC 9457](https://www.rfc-editor.org/rfc/rfc9457)). Whatever is wrong inside is
//! logged once, under the request's id, and never sent.

mod convert;
mod problem;

use std::borrow::Cow;
use std::time::Duration;

use actix_web::http::{StatusCode, header};
use actix_web::{HttpResponse, ResponseError};

pub use problem::{FieldError, Problem, TwilioFault};

use crate::middleware::context;

/// Why a request was not answered as asked.
///
/// A `detail` is a sentence for the reader of the answer: it holds nothing internal.
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    /// The request can't be read: broken JSON, a header that makes no sense.
    #[error("{0}")]
    Malformed(Cow<'static, str>),
    /// Fields that the request can't do without, where clients expect that to be a 400; everywhere
    /// else such a request is [`ApiError::Invalid`].
    #[error("{} missing", if .0.len() == 1 { "a field is" } else { "some fields are" })]
    Incomplete(Vec<FieldError>),
    /// No login, or one that does not hold: the caller has to log in (again).
    #[error("{0}")]
    Unauthenticated(Cow<'static, str>),
    /// Logged in, but the rights do not reach that far.
    #[error("{0}")]
    Forbidden(Cow<'static, str>),
    /// Not there, or another tenant's: which of the two is nobody's business.
    #[error("there is nothing here")]
    NotFound,
    /// The path is known, the method is not.
    #[error("this path does not take this method")]
    MethodNotAllowed {
        /// What it does take, as the `Allow` header lists it.
        allow: String,
    },
    /// At odds with what is there; `code` says how, for programs.
    #[error("{detail}")]
    Conflict {
        /// A word for programs, like `opted_out`.
        code: &'static str,
        /// A sentence for people.
        detail: Cow<'static, str>,
    },
    /// The body is larger than what is taken.
    #[error("the body is larger than {limit} bytes")]
    TooLarge {
        /// The most that is taken, in bytes.
        limit: usize,
    },
    /// The body is a form with more fields than are taken.
    #[error("the form has too many fields")]
    TooManyFields,
    /// The body is of a type (or encoding) that is not understood here.
    #[error("{0}")]
    UnsupportedMediaType(Cow<'static, str>),
    /// Well-formed but wrong, field by field.
    #[error("{} of the request can't be accepted", if .0.len() == 1 { "a field" } else { "some fields" })]
    Invalid(Vec<FieldError>),
    /// Well-formed but wrong as a whole; `code` says how, for programs.
    #[error("{detail}")]
    Unprocessable {
        /// A word for programs, like `idempotency_key_reused`.
        code: &'static str,
        /// A sentence for people.
        detail: Cow<'static, str>,
    },
    /// Twilio says no, and the caller can do something about it.
    #[error("{detail}")]
    RefusedByTwilio {
        /// What it means here.
        detail: Cow<'static, str>,
        /// What Twilio said.
        twilio: TwilioFault,
        /// What it means field by field, where it can be told.
        errors: Vec<FieldError>,
    },
    /// Twilio can't be reached or gave no clear answer.
    #[error("Twilio gave no answer; nothing was changed")]
    TwilioUnavailable,
    /// Too many of these.
    #[error("too many requests")]
    TooManyRequests {
        /// When to come back.
        retry_after: Duration,
    },
    /// The file has no such part.
    #[error("the file has {size} bytes, and none of the range asked for")]
    NoSuchPart {
        /// How many bytes it has.
        size: u64,
    },
    /// Too many event streams of one login are open.
    #[error("this login or key has {most} event streams open, the most it may have; close some")]
    TooManyStreams {
        /// How many it may have.
        most: usize,
    },
    /// The client sends no more of what it began to send.
    #[error("nothing more of the request came for {} s; send it again", .waited.as_secs())]
    Stalled {
        /// How long it was waited for.
        waited: Duration,
    },
    /// The database is away or overloaded; the same request may work later.
    #[error("the service can't answer at the moment")]
    Unavailable(#[source] Option<Box<dyn std::error::Error + Send + Sync>>),
    /// There is no room for what was sent.
    #[error("there is no room left for files; the operator of this service has to make some")]
    StorageFull(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// A mistake of ours.
    #[error("something went wrong on our side")]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// How long to wait for a database that is away, in seconds.
const RETRY_UNAVAILABLE: u64 = 2;

impl ApiError {
    /// One wrong field of the body; `pointer` as in RFC 6901, for example `/credentials/authToken`.
    pub fn field(pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::Invalid(vec![FieldError::new(pointer, detail)])
    }

    /// A conflict with its word for programs.
    pub fn conflict(code: &'static str, detail: impl Into<Cow<'static, str>>) -> Self {
        Self::Conflict {
            code,
            detail: detail.into(),
        }
    }

    /// A mistake of ours.
    pub fn internal(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Internal(cause.into())
    }

    /// The answer as a document, without the request's id.
    #[must_use]
    pub fn problem(&self) -> Problem {
        let (status, code) = self.kind();
        let problem = Problem::new(status, code, self.to_string());
        match self {
            Self::Invalid(errors) | Self::Incomplete(errors) => Problem {
                errors: errors.clone(),
                ..problem
            },
            Self::RefusedByTwilio { twilio, errors, .. } => Problem {
                twilio: Some(twilio.clone()),
                errors: errors.clone(),
                ..problem
            },
            _ => problem,
        }
    }

    /// The one match from error to status and word.
    fn kind(&self) -> (StatusCode, &'static str) {
        match self {
            Self::Malformed(_) => (StatusCode::BAD_REQUEST, "malformed"),
            Self::Incomplete(_) => (StatusCode::BAD_REQUEST, "missing_field"),
            Self::Unauthenticated(_) => (StatusCode::UNAUTHORIZED, "unauthenticated"),
            Self::Forbidden(_) => (StatusCode::FORBIDDEN, "forbidden"),
            Self::NotFound => (StatusCode::NOT_FOUND, "not_found"),
            Self::MethodNotAllowed { .. } => (StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed"),
            Self::Conflict { code, .. } => (StatusCode::CONFLICT, code),
            Self::TooLarge { .. } | Self::TooManyFields => {
                (StatusCode::PAYLOAD_TOO_LARGE, "too_large")
            }
            Self::UnsupportedMediaType(_) => {
                (StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type")
            }
            Self::Invalid(_) => (StatusCode::UNPROCESSABLE_ENTITY, "invalid"),
            Self::Unprocessable { code, .. } => (StatusCode::UNPROCESSABLE_ENTITY, code),
            Self::RefusedByTwilio { .. } => (StatusCode::UNPROCESSABLE_ENTITY, "refused_by_twilio"),
            Self::TwilioUnavailable => (StatusCode::BAD_GATEWAY, "twilio_unavailable"),
            Self::TooManyRequests { .. } => (StatusCode::TOO_MANY_REQUESTS, "too_many_requests"),
            Self::NoSuchPart { .. } => (StatusCode::RANGE_NOT_SATISFIABLE, "no_such_part"),
            Self::TooManyStreams { .. } => (StatusCode::TOO_MANY_REQUESTS, "too_many_streams"),
            Self::Stalled { .. } => (StatusCode::REQUEST_TIMEOUT, "stalled"),
            Self::Unavailable(_) => (StatusCode::SERVICE_UNAVAILABLE, "unavailable"),
            Self::StorageFull(_) => (StatusCode::INSUFFICIENT_STORAGE, "storage_full"),
            Self::Internal(_) => (StatusCode::INTERNAL_SERVER_ERROR, "internal"),
        }
    }

    /// Headers that belong to the status.
    fn headers(&self) -> Option<(header::HeaderName, String)> {
        match self {
            Self::Unauthenticated(_) => Some((header::WWW_AUTHENTICATE, "Bearer".to_owned())),
            Self::MethodNotAllowed { allow } => Some((header::ALLOW, allow.clone())),
            Self::TooManyRequests { retry_after } => {
                // Rounded up: who comes back on the second must not be early.
                let seconds = retry_after.as_millis().div_ceil(1000).max(1);
                Some((header::RETRY_AFTER, seconds.to_string()))
            }
            Self::NoSuchPart { size } => Some((header::CONTENT_RANGE, format!("bytes */{size}"))),
            // Streams end when their readers do.
            Self::TooManyStreams { .. } => Some((header::RETRY_AFTER, "30".to_owned())),
            Self::Unavailable(_) | Self::TwilioUnavailable => {
                Some((header::RETRY_AFTER, RETRY_UNAVAILABLE.to_string()))
            }
            _ => None,
        }
    }

    fn log(&self) {
        // Errors of the outer middlewares are rendered outside the request's span.
        let id = context::request_id();
        match self {
            Self::Internal(cause) => tracing::error!(
                request.id = id,
                error = chain(&**cause),
                "A request failed by a mistake of ours"
            ),
            Self::StorageFull(cause) => tracing::error!(
                request.id = id,
                error = chain(&**cause),
                "There is no room left for files"
            ),
            Self::Unavailable(Some(cause)) => tracing::warn!(
                request.id = id,
                error = chain(&**cause),
                "A request could not be answered in time"
            ),
            _ => {}
        }
    }
}

impl ResponseError for ApiError {
    fn status_code(&self) -> StatusCode {
        self.kind().0
    }

    fn error_response(&self) -> HttpResponse {
        self.log();
        let mut answer = HttpResponse::build(self.status_code());
        if let Some(header) = self.headers() {
            answer.insert_header(header);
        }
        answer
            .content_type(Problem::CONTENT_TYPE)
            .body(self.problem().addressed().to_json())
    }
}

/// The error with all its causes, on one line.
fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    causes
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(": ")
}

#[cfg(test)]
mod tests;

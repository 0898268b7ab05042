//! What a request that changed something is answered with.

use actix_web::HttpResponse;
use actix_web::http::{StatusCode, header};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::{ApiError, Problem};

/// An answer that can be kept and given again.
#[derive(Debug)]
pub struct Answer {
    status: StatusCode,
    body: Option<Value>,
    location: Option<String>,
    secret_fields: &'static [&'static str],
}

/// The part of an answer that a repeated request gets.
#[derive(Debug, Serialize, Deserialize)]
struct Kept {
    body: Option<Value>,
    location: Option<String>,
}

impl Answer {
    /// 200 with the thing as it is now.
    ///
    /// # Errors
    /// When the body has no JSON form: a mistake of ours.
    pub fn ok(body: &impl Serialize) -> Result<Self, ApiError> {
        Self::new(StatusCode::OK, body)
    }

    /// 201 with the new thing; `path` is where it is from now on, without prefix and version:
    /// `/users/0198…`.
    ///
    /// # Errors
    /// When the body has no JSON form: a mistake of ours.
    pub fn created(path: &str, body: &impl Serialize) -> Result<Self, ApiError> {
        let location = Some(format!("{}{path}", crate::routes::V1));
        Ok(Self {
            location,
            ..Self::new(StatusCode::CREATED, body)?
        })
    }

    /// 202: it will be done.
    ///
    /// # Errors
    /// When the body has no JSON form: a mistake of ours.
    pub fn accepted(body: &impl Serialize) -> Result<Self, ApiError> {
        Self::new(StatusCode::ACCEPTED, body)
    }

    /// 204: done, and nothing to say.
    #[must_use]
    pub fn no_content() -> Self {
        Self {
            status: StatusCode::NO_CONTENT,
            body: None,
            location: None,
            secret_fields: &[],
        }
    }

    /// Leaves these top-level fields out of what is kept: they are shown once.
    #[must_use]
    pub fn hiding(self, secret_fields: &'static [&'static str]) -> Self {
        Self {
            secret_fields,
            ..self
        }
    }

    fn new(status: StatusCode, body: &impl Serialize) -> Result<Self, ApiError> {
        let body = serde_json::to_value(body).map_err(ApiError::internal)?;
        Ok(Self {
            status,
            body: Some(body),
            location: None,
            secret_fields: &[],
        })
    }

    pub(super) fn status(&self) -> StatusCode {
        self.status
    }

    /// The text that is stored: no secret is in it.
    pub(super) fn kept(&self) -> Result<String, ApiError> {
        let mut body = self.body.clone();
        if let Some(Value::Object(fields)) = &mut body {
            fields.retain(|name, _| !self.secret_fields.contains(&name.as_str()));
        }
        let kept = Kept {
            body,
            location: self.location.clone(),
        };
        serde_json::to_string(&kept).map_err(ApiError::internal)
    }

    pub(super) fn respond(self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status);
        response.insert_header((header::CACHE_CONTROL, "no-store"));
        if let Some(location) = self.location {
            response.insert_header((header::LOCATION, location));
        }
        match self.body {
            Some(body) if is_problem(self.status) => response
                .content_type(Problem::CONTENT_TYPE)
                .body(body.to_string()),
            Some(body) => response.json(body),
            None => response.finish(),
        }
    }
}

/// The refusal as it is kept: without the request's id, since that names another request.
pub(super) fn kept_refusal(error: &ApiError) -> Result<String, ApiError> {
    let body = serde_json::to_value(error.problem()).map_err(ApiError::internal)?;
    serde_json::to_string(&Kept {
        body: Some(body),
        location: None,
    })
    .map_err(ApiError::internal)
}

/// An answer out of what was kept.
pub(super) fn replay(status: i32, kept: &str) -> Result<HttpResponse, ApiError> {
    let Kept { mut body, location } = serde_json::from_str(kept).map_err(ApiError::internal)?;
    let status = u16::try_from(status).map_err(ApiError::internal)?;
    let status = StatusCode::from_u16(status).map_err(ApiError::internal)?;
    if is_problem(status) {
        body = body.map(addressed).transpose()?;
    }
    let mut response = Answer {
        status,
        body,
        location,
        secret_fields: &[],
    }
    .respond();
    let replayed = header::HeaderName::from_static("idempotent-replayed");
    response
        .headers_mut()
        .insert(replayed, header::HeaderValue::from_static("true"));
    Ok(response)
}

/// A problem as it was kept, for the request that asks again.
fn addressed(problem: Value) -> Result<Value, ApiError> {
    let problem: Problem = serde_json::from_value(problem).map_err(ApiError::internal)?;
    serde_json::to_value(problem.addressed()).map_err(ApiError::internal)
}

fn is_problem(status: StatusCode) -> bool {
    status.is_client_error() || status.is_server_error()
}

//! Refusals in Twilio's shape: a code, a sentence, a link, the HTTP status.

use std::borrow::Cow;

use actix_web::{HttpResponse, ResponseError, http::StatusCode};
use serde_json::json;

/// An error answer.
#[derive(Debug)]
pub(crate) struct Refusal {
    status: StatusCode,
    code: u32,
    message: Cow<'static, str>,
    retry_after: Option<u64>,
    /// Answers a page instead of JSON, as proxies before the API do.
    html: bool,
}

impl Refusal {
    pub(crate) fn new(status: u16, code: u32, message: impl Into<Cow<'static, str>>) -> Self {
        Self {
            status: StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
            code,
            message: message.into(),
            retry_after: None,
            html: false,
        }
    }

    /// A request that can never succeed as it is.
    pub(crate) fn bad(code: u32, message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(400, code, message)
    }

    pub(crate) fn unauthorized() -> Self {
        Self::new(401, 20003, "Authenticate")
    }

    pub(crate) fn not_found() -> Self {
        Self::new(404, 20404, "The requested resource was not found")
    }

    pub(crate) fn rate_limited(retry_after: Option<u64>) -> Self {
        Self {
            retry_after,
            ..Self::new(429, 20429, "Too Many Requests")
        }
    }

    pub(crate) fn html(status: u16) -> Self {
        Self {
            html: true,
            ..Self::new(status, 0, "The server could not complete the request")
        }
    }

    pub(crate) fn retry_after(mut self, seconds: Option<u64>) -> Self {
        self.retry_after = seconds;
        self
    }
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.code, self.message)
    }
}

impl ResponseError for Refusal {
    fn status_code(&self) -> StatusCode {
        self.status
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status);
        if let Some(seconds) = self.retry_after {
            response.insert_header(("Retry-After", seconds.to_string()));
        }
        if self.status == StatusCode::UNAUTHORIZED {
            response.insert_header(("WWW-Authenticate", "Basic realm=\"Twilio API\""));
        }
        if self.html {
            return response
                .content_type("text/html; charset=utf-8")
                .body(format!(
                    "<html><body><h1>{}</h1></body></html>",
                    self.message
                ));
        }
        response.json(json!({
            "code": self.code,
            "message": self.message,
            "more_info": format!("https://www.twilio.com/docs/errors/{}", self.code),
            "status": self.status.as_u16(),
        }))
    }
}

//! Paths that nothing is registered for, and known paths with another method.
//!
//! Routes are told apart by method, so a path with a wrong method ends here too. What it would
//! take is read out of the OpenAPI document.

use std::sync::LazyLock;

use actix_web::HttpRequest;
use actix_web::dev::ResourceDef;

use crate::error::ApiError;
use crate::{openapi, operation, routes};

/// Every known path with its methods, as an `Allow` header lists them.
static KNOWN: LazyLock<Vec<(ResourceDef, String)>> = LazyLock::new(|| {
    let described = openapi::methods()
        .into_iter()
        .map(|(path, methods)| (path, methods.join(", ")));
    let operated = operation::PATHS
        .iter()
        .map(|path| ((*path).to_owned(), "GET".to_owned()));
    described
        .chain(operated)
        .map(|(path, allow)| (ResourceDef::new(path), allow))
        .collect()
});

/// Answers what nothing else answers.
///
/// # Errors
/// Always: 405 for a known path, 404 for any other.
pub(crate) async fn answer(request: HttpRequest) -> Result<&'static str, ApiError> {
    let path = request.path();
    let versioned = path
        .strip_prefix(routes::UNVERSIONED)
        .filter(|_| !path.starts_with(routes::V1))
        .map(|rest| format!("{}{rest}", routes::V1));
    let path = versioned.as_deref().unwrap_or(path);
    let known = KNOWN.iter().find(|(pattern, _)| pattern.is_match(path));
    Err(known.map_or(ApiError::NotFound, |(_, allow)| {
        ApiError::MethodNotAllowed {
            allow: allow.clone(),
        }
    }))
}

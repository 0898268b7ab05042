//! What handlers take as arguments. Each type proves what it says: an [`Allowed`] that its caller
//! has the right, a [`Json`] or [`Command`] that the body was understood, a [`Page`] that the limit
//! is in range. What can't be extracted is answered with a problem document before the handler
//! runs.

mod allowed;
mod body;
mod checks;
mod client_ip;
mod command;
mod json;
mod page;
mod path;
mod query;
mod upload;

pub use allowed::Allowed;
pub use body::{MAX_JSON, Raw};
pub use checks::Checks;
pub use client_ip::{BadProxy, ClientIp, TrustedProxies};
pub use command::{Bare, Command, Meta};
pub use json::{Json, JsonIfAny, nullable};
pub(crate) use page::page;
pub use page::{CursorKey, Page, PageParameters};
pub use path::Path;
pub use query::Query;
pub use upload::{Upload, receive};

use std::future::Future;
use std::pin::Pin;

use actix_web::{HttpRequest, web};

use crate::error::ApiError;
use crate::routes;
use crate::state::State;

/// The future of an extractor that has to wait for the body or the database.
type Extracting<T> = Pin<Box<dyn Future<Output = Result<T, ApiError>>>>;

#[derive(Debug, thiserror::Error)]
#[error("the state is not among the app's data")]
struct NoState;

/// The path without the version: the same resource has two.
pub(crate) fn unversioned(path: &str) -> &str {
    [routes::V1, routes::UNVERSIONED]
        .iter()
        .find_map(|prefix| path.strip_prefix(prefix))
        .unwrap_or(path)
}

fn state(request: &HttpRequest) -> Result<web::Data<State>, ApiError> {
    request
        .app_data::<web::Data<State>>()
        .cloned()
        .ok_or_else(|| ApiError::internal(NoState))
}

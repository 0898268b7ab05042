//! Requests that clients of other systems send, so that they work here unchanged.
//!
//! Each is a thin adapter over what [`v1`](crate::v1) does: it renames, and decides nothing that
//! is decided below. The tenant comes from the login, as everywhere; what such systems did for
//! anybody needs a login here. New clients use the resources of `v1`.
//!
//! What these clients expect beyond the names: they look for `ok` or `success` before anything
//! else and show `error` to people (see [`Manner`]), send numbers as people type them, some as a
//! JSON number, and get 200 where `v1` answers 202: the text has been taken, and will be sent.
//! Their fields are taken in camelCase and in snake_case.

pub mod credentials;
mod manner;
pub mod reading;
pub mod sending;
pub mod status;
mod text;
mod typed;

use utoipa_actix_web::service_config::ServiceConfig;

pub(crate) use manner::{Manner, manner};
pub(crate) use reading::loggable;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(status::show)
        .service(credentials::test)
        .service(sending::answer_lead)
        .service(sending::send_to)
        .service(sending::send)
        .service(sending::schedule)
        .service(reading::history)
        .service(reading::delivery_stats)
        .service(reading::conversation);
}

#[cfg(test)]
mod tests;

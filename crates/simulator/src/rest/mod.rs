//! The REST API, version 2010-04-01, as strict as the real one and stricter about spelling.
//!
//! Twilio ignores parameters that it doesn't know, so a misspelt one silently loses a feature.
//! Here it is an error, which is what a stand-in is for.

mod accounts;
mod admit;
mod create;
mod list;
mod magic;
mod media;
mod messages;
mod numbers;
mod params;
mod refusal;
mod shape;

pub(crate) use admit::Connection;
pub(crate) use refusal::Refusal;

use actix_web::{HttpResponse, web};

/// Every route of the API; what it doesn't have is a 404 in Twilio's shape.
pub(crate) fn routes(config: &mut web::ServiceConfig) {
    let account = web::scope("/2010-04-01/Accounts/{account}")
        .route("/Messages.json", web::post().to(create::create))
        .route("/Messages.json", web::get().to(list::list))
        .route("/Messages/{sid}.json", web::get().to(messages::fetch))
        .route("/Messages/{sid}.json", web::post().to(messages::update))
        .route("/Messages/{sid}.json", web::delete().to(messages::delete))
        .route("/Messages/{sid}/Media.json", web::get().to(media::list))
        .route(
            "/Messages/{sid}/Media/{media}.json",
            web::get().to(media::fetch),
        )
        .route(
            "/Messages/{sid}/Media/{media}.json",
            web::delete().to(media::delete),
        )
        .route("/Messages/{sid}/Media/{media}", web::get().to(media::bytes))
        .route(
            "/Messages/{sid}/Media/{media}",
            web::delete().to(media::delete),
        )
        .route("/IncomingPhoneNumbers.json", web::get().to(numbers::list))
        .route(
            "/IncomingPhoneNumbers/{sid}.json",
            web::get().to(numbers::fetch),
        )
        .route(
            "/IncomingPhoneNumbers/{sid}.json",
            web::post().to(numbers::update),
        )
        .default_service(web::to(unknown));
    config
        .route(
            "/2010-04-01/Accounts/{account}.json",
            web::get().to(accounts::fetch),
        )
        .service(account)
        .route("/2010-04-01/{rest:.*}", web::to(unknown));
}

async fn unknown() -> Result<HttpResponse, Refusal> {
    Err(Refusal::not_found())
}

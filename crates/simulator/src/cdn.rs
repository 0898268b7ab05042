//! The host that holds the media's bytes, apart from the API as at Twilio.
//!
//! It takes its requests as they are and refuses those that carry credentials: a client that
//! sends its token along a redirect to another host must not get away with it.

use actix_web::{
    HttpRequest, HttpResponse,
    http::header,
    web::{self, Data, Path},
};
use base64::{Engine, engine::general_purpose::STANDARD};

use crate::app::App;

/// A grey pixel: what an outside address shows that the simulator never fetched.
const PLACEHOLDER: &str =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGOYOXMmAAOaAcwPZWQaAAAAAElFTkSuQmCC";

pub(crate) fn routes(config: &mut web::ServiceConfig) {
    config.route("/{account}/{message}/{media}", web::get().to(bytes));
}

async fn bytes(
    app: Data<App>,
    request: HttpRequest,
    path: Path<(String, String, String)>,
) -> HttpResponse {
    if request.headers().contains_key(header::AUTHORIZATION) {
        return HttpResponse::BadRequest()
            .content_type("application/xml")
            .body(
                "<?xml version=\"1.0\"?><Error><Code>InvalidArgument</Code>\
             <Message>Only one auth mechanism allowed</Message></Error>",
            );
    }
    let (account, message, media) = path.into_inner();
    match find(&app, &account, &message, &media) {
        Some((content_type, data)) => HttpResponse::Ok().content_type(content_type).body(data),
        None => HttpResponse::NotFound().finish(),
    }
}

/// Content type and bytes.
pub(crate) fn find(app: &App, account: &str, sid: &str, media: &str) -> Option<(String, Vec<u8>)> {
    let state = app.state();
    let message = state
        .message(sid)
        .filter(|message| message.account_sid == account)?;
    let media = message
        .media
        .iter()
        .find(|own| own.sid == media && !own.deleted)?;
    let (kind, data) = match &media.data {
        Some(data) => (media.content_type.as_str(), data.as_str()),
        None => ("image/png", PLACEHOLDER),
    };
    Some((kind.to_owned(), STANDARD.decode(data).ok()?))
}

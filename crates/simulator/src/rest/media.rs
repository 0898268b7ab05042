//! Media of a message. The bytes are elsewhere, as at Twilio: see the `cdn` module.

use actix_web::{
    HttpRequest, HttpResponse,
    http::header,
    web::{Data, Path},
};
use serde_json::json;

use super::{
    admit::enter,
    messages::visible,
    params::{Allowed, Params},
    refusal::Refusal,
    shape,
};
use crate::{
    app::App,
    faults::Operation,
    message::{Media, Message},
    state::State,
};

const FILTERS: Allowed = Allowed {
    once: &[
        "DateCreated",
        "DateCreated>",
        "DateCreated<",
        "PageSize",
        "Page",
        "PageToken",
    ],
    repeated: &[],
};

type One = Path<(String, String, String)>;

/// At most ten per message, so there is never a second page.
pub(super) async fn list(
    app: Data<App>,
    request: HttpRequest,
    path: Path<(String, String)>,
) -> Result<HttpResponse, Refusal> {
    let (account, sid) = path.into_inner();
    enter(&app, &request, &account, Operation::Media).await?;
    let params = Params::of_query(&request, &FILTERS)?;
    let size = params.number("PageSize", 1, 1000)?.unwrap_or(50);
    let state = app.state();
    let message = visible(&state, &account, &sid)?;
    let all: Vec<_> = message
        .media
        .iter()
        .filter(|media| !media.deleted)
        .map(|media| shape::media(message, media))
        .collect();
    let uri = format!(
        "{}/Messages/{sid}/Media.json?PageSize={size}&Page=0",
        shape::account_path(&account)
    );
    Ok(HttpResponse::Ok().json(json!({
        "end": all.len().saturating_sub(1),
        "first_page_uri": uri,
        "media_list": all,
        "next_page_uri": null,
        "page": 0,
        "page_size": size,
        "previous_page_uri": null,
        "start": 0,
        "uri": uri,
    })))
}

pub(super) async fn fetch(
    app: Data<App>,
    request: HttpRequest,
    path: One,
) -> Result<HttpResponse, Refusal> {
    let (account, sid, media_sid) = path.into_inner();
    enter(&app, &request, &account, Operation::Media).await?;
    let state = app.state();
    let (message, media) = find(&state, &account, &sid, &media_sid)?;
    Ok(HttpResponse::Ok().json(shape::media(message, media)))
}

/// Where the bytes are: at another host, which wants no credentials.
pub(super) async fn bytes(
    app: Data<App>,
    request: HttpRequest,
    path: One,
) -> Result<HttpResponse, Refusal> {
    let (account, sid, media_sid) = path.into_inner();
    enter(&app, &request, &account, Operation::Media).await?;
    find(&app.state(), &account, &sid, &media_sid)?;
    let url = format!("{}/{account}/{sid}/{media_sid}", app.cdn_url());
    Ok(HttpResponse::TemporaryRedirect()
        .insert_header((header::LOCATION, url))
        .finish())
}

pub(super) async fn delete(
    app: Data<App>,
    request: HttpRequest,
    path: One,
) -> Result<HttpResponse, Refusal> {
    let (account, sid, media_sid) = path.into_inner();
    enter(&app, &request, &account, Operation::Media).await?;
    app.change(|state| {
        find(state, &account, &sid, &media_sid)?;
        let media = state.message_mut(&sid).and_then(|message| {
            message
                .media
                .iter_mut()
                .find(|media| media.sid == media_sid)
        });
        if let Some(media) = media {
            media.deleted = true;
            media.data = None;
        }
        Ok::<_, Refusal>(())
    })?;
    Ok(HttpResponse::NoContent().finish())
}

fn find<'a>(
    state: &'a State,
    account: &str,
    sid: &str,
    media_sid: &str,
) -> Result<(&'a Message, &'a Media), Refusal> {
    let message = visible(state, account, sid)?;
    let media = message
        .media
        .iter()
        .find(|media| media.sid == media_sid && !media.deleted)
        .ok_or_else(Refusal::not_found)?;
    Ok((message, media))
}

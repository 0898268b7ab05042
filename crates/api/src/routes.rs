//! All that is served, in one place.
//!
//! [`v1`] registers every resource once, with its description, so that the OpenAPI document can't
//! say anything else than what is served. It is mounted under `/api/v1`, which the document
//! describes, and again under `/api`, for clients that name no version.

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::middleware::{Compress, from_fn};
use actix_web::{App, Error, web};
use tracing_actix_web::TracingLogger;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::middleware::{context, deadline, identify, measure, methods, panics, span::RequestSpan};
use crate::state::State;
use crate::{compat, files, operation, unknown, v1, webhooks};

/// Where version 1 is mounted, and what the OpenAPI document describes.
pub const V1: &str = "/api/v1";
/// Where the present version is mounted for clients that name none.
pub const UNVERSIONED: &str = "/api";

/// The resources of version 1: add a new one here, and it is served and described.
pub fn v1(config: &mut ServiceConfig<'_>) {
    // They are tried one after the other: what is asked for all the time comes first.
    config
        .configure(v1::conversations::routes)
        .configure(v1::messages::routes)
        .configure(v1::auth::routes)
        .configure(v1::users::routes)
        .configure(v1::api_keys::routes)
        .configure(v1::tenant::routes)
        .configure(v1::channels::routes)
        .configure(v1::queue::routes)
        .configure(v1::leads::routes)
        .configure(v1::timeline::routes)
        .configure(v1::notes::routes)
        .configure(v1::labels::routes)
        .configure(v1::activity::routes)
        .configure(v1::media::routes)
        .configure(v1::events::routes)
        .configure(v1::search::routes)
        .configure(compat::routes);
}

/// The whole application, for one thread of the server. `page` adds what is served besides the API.
pub fn app(
    state: web::Data<State>,
    page: fn(&mut web::ServiceConfig),
) -> App<
    impl ServiceFactory<
        ServiceRequest,
        Config = (),
        Response = ServiceResponse<impl MessageBody>,
        Error = Error,
        InitError = (),
    >,
> {
    // The first that matches a path's beginning answers, so the narrower come first.
    App::new()
        .app_data(state)
        .configure(operation::routes)
        .configure(webhooks::routes)
        .configure(files::routes)
        .service(
            web::scope(V1)
                .wrap(from_fn(identify::identify))
                .wrap(from_fn(deadline::of_api))
                .configure(resources),
        )
        .service(
            web::scope(UNVERSIONED)
                .wrap(from_fn(identify::identify))
                .wrap(from_fn(deadline::of_api))
                .configure(resources),
        )
        .configure(page)
        .default_service(web::to(unknown::answer))
        // The last of these is the outermost.
        .wrap(from_fn(panics::catch))
        .wrap(from_fn(methods::known))
        .wrap(Compress::default())
        .wrap(TracingLogger::<RequestSpan>::new())
        .wrap(from_fn(measure::measure))
        .wrap(from_fn(context::enter))
}

/// [`v1`] without its descriptions.
fn resources(config: &mut web::ServiceConfig) {
    v1(&mut ServiceConfig::new(config));
}

//! The OpenAPI 3.1 document of version 1: what [`routes::v1`] registers, and what holds for all
//! of it.

use std::sync::LazyLock;

use actix_web::App;
use utoipa::OpenApi;
use utoipa::openapi::path::{Operation, Parameter, ParameterBuilder, ParameterIn, PathItem};
use utoipa::openapi::schema::{Object, Ref, Type};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{Components, Content, OpenApi as Document, RefOr, ResponseBuilder};
use utoipa_actix_web::{AppExt, scope};

use crate::error::Problem;
use crate::routes;

/// The document, as it is served.
pub static DOCUMENT: LazyLock<Document> = LazyLock::new(document);

const BEARER: &str = "bearer";
const PROBLEM: &str = "Problem";
const IDEMPOTENCY_KEY: &str = "IdempotencyKey";

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Trunkline",
        description = "Text messages for many businesses, each with its own Twilio account.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0"),
    ),
    components(schemas(Problem)),
    tags(
        (name = "Auth", description = "Signing up, logging in, one's own account"),
        (name = "Team", description = "The people of a tenant"),
        (name = "API keys", description = "Access for programs"),
        (name = "Tenant", description = "The tenant's settings"),
        (name = "Channels", description = "Numbers and the Twilio accounts they belong to"),
        (name = "Leads", description = "The people one talks to"),
        (name = "Conversations", description = "What was said with whom"),
        (name = "Notes", description = "What the team writes down; customers never see it"),
        (name = "Labels", description = "What conversations are marked with"),
        (name = "Activity", description = "Who did what"),
        (name = "Messages", description = "Texts in and out"),
        (name = "Media", description = "Files that go with messages"),
        (name = "Search", description = "Finding leads and texts"),
        (name = "Queue", description = "What waits to be sent"),
        (
            name = "Existing clients",
            description = "Requests that clients of other systems send. Problems also carry \
                           `error`, and `ok` or `success`. New clients use the others",
        ),
    ),
)]
struct Outline;

/// Builds the document from what is registered.
#[must_use]
pub fn document() -> Document {
    let (_, mut document) = App::new()
        .into_utoipa_app()
        .openapi(Outline::openapi())
        .service(scope(routes::V1).configure(routes::v1))
        .split_for_parts();
    document.security = Some(vec![SecurityRequirement::new::<_, [&str; 0], _>(
        BEARER,
        [],
    )]);
    add_shared(document.components.get_or_insert_default());
    for (path, item) in &mut document.paths.paths {
        if let Some(post) = item.post.as_mut().filter(|post| is_kept(path, post)) {
            let key = RefOr::Ref(Ref::new(format!(
                "#/components/parameters/{IDEMPOTENCY_KEY}"
            )));
            post.parameters.get_or_insert_default().push(key);
        }
        if let Some(get) = item.get.as_mut().filter(|get| needs_login(get)) {
            let unchanged = ResponseBuilder::new().description("Unchanged since `If-None-Match`");
            get.responses
                .responses
                .insert("304".to_owned(), unchanged.build().into());
        }
        for (_, operation) in operations(item) {
            let problem = RefOr::Ref(Ref::from_response_name(PROBLEM));
            operation
                .responses
                .responses
                .insert("default".to_owned(), problem);
        }
    }
    document
}

/// Every described path with its methods.
pub(crate) fn methods() -> Vec<(String, Vec<&'static str>)> {
    let mut paths = DOCUMENT.paths.paths.clone();
    paths
        .iter_mut()
        .map(|(path, item)| {
            (
                path.clone(),
                operations(item)
                    .into_iter()
                    .map(|(method, _)| method)
                    .collect(),
            )
        })
        .collect()
}

/// Whether the answer to a POST is kept for replay: not where it holds secrets, nor where nothing
/// is changed.
fn is_kept(path: &str, post: &Operation) -> bool {
    let changes_nothing = path.ends_with("/test");
    let holds_secrets = path.starts_with(&format!("{}/auth/", routes::V1));
    needs_login(post) && !changes_nothing && !holds_secrets
}

/// An operation for which one need not be logged in says so by an empty requirement.
fn needs_login(operation: &Operation) -> bool {
    operation.security.is_none()
}

fn operations(item: &mut PathItem) -> Vec<(&'static str, &mut Operation)> {
    let all = [
        ("GET", item.get.as_mut()),
        ("POST", item.post.as_mut()),
        ("PUT", item.put.as_mut()),
        ("PATCH", item.patch.as_mut()),
        ("DELETE", item.delete.as_mut()),
    ];
    all.into_iter()
        .filter_map(|(method, operation)| Some((method, operation?)))
        .collect()
}

fn add_shared(components: &mut Components) {
    let problem = ResponseBuilder::new()
        .description("What went wrong (RFC 9457)")
        .content(
            Problem::CONTENT_TYPE,
            Content::new(Some(Ref::from_schema_name(PROBLEM))),
        )
        .build();
    components
        .responses
        .insert(PROBLEM.to_owned(), problem.into());
    components
        .parameters
        .insert(IDEMPOTENCY_KEY.to_owned(), idempotency_key().into());
    let bearer = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .description(Some("The `token` of a login, or an API key (`tlk_…`)"))
        .build();
    components.add_security_scheme(BEARER, SecurityScheme::Http(bearer));
}

fn idempotency_key() -> Parameter {
    ParameterBuilder::new()
        .name("Idempotency-Key")
        .parameter_in(ParameterIn::Header)
        .description(Some(
            "Makes repeating the request harmless: within 24 hours, the same key gets the first \
             answer again, with the header `Idempotent-Replayed: true`.",
        ))
        .schema(Some(Object::with_type(Type::String)))
        .build()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_document_is_openapi_3_1_and_describes_what_is_mounted() {
        let document = serde_json::to_value(document()).unwrap();
        assert_eq!(document["openapi"], "3.1.0");
        assert_eq!(document["info"]["title"], "Trunkline");
        assert!(document["paths"]["/api/v1/users/{id}"]["patch"].is_object());
        assert!(
            document["paths"]
                .as_object()
                .unwrap()
                .keys()
                .all(|path| path.starts_with(routes::V1))
        );
    }

    #[test]
    fn only_a_post_whose_answer_is_kept_takes_an_idempotency_key() {
        let document = serde_json::to_value(document()).unwrap();
        let takes_one = |path: &str| {
            let post = &document["paths"][format!("{}{path}", routes::V1)]["post"];
            assert!(post.is_object(), "{path}");
            post["parameters"].to_string().contains(IDEMPOTENCY_KEY)
        };
        assert!(takes_one("/users") && takes_one("/messages"));
        for path in [
            "/auth/login",
            "/auth/logout",
            "/channels/{id}/test",
            "/twilio/test",
        ] {
            assert!(!takes_one(path), "{path}");
        }
    }

    #[test]
    fn every_operation_has_a_name_of_its_own_and_a_summary() {
        let mut document = document();
        let mut names = BTreeSet::new();
        for (path, item) in &mut document.paths.paths {
            for (method, operation) in operations(item) {
                let name = operation.operation_id.clone().unwrap();
                assert!(
                    names.insert(name.clone()),
                    "{method} {path}: {name} is taken"
                );
                assert!(
                    operation.summary.is_some(),
                    "{method} {path} has no summary"
                );
            }
        }
    }

    #[test]
    fn the_document_in_the_repository_is_this_one() {
        let stored = include_str!("../../../openapi.json");
        let current = document().to_pretty_json().unwrap();
        assert!(
            stored.trim_end() == current,
            "`cargo xtask openapi` writes openapi.json anew"
        );
    }

    #[test]
    fn every_reference_leads_somewhere() {
        let document = serde_json::to_value(document()).unwrap();
        let mut stack = vec![&document];
        while let Some(value) = stack.pop() {
            match value {
                serde_json::Value::Object(fields) => {
                    if let Some(target) = fields.get("$ref").and_then(|target| target.as_str()) {
                        let pointer = target.trim_start_matches('#');
                        assert!(
                            document.pointer(pointer).is_some(),
                            "{target} leads nowhere"
                        );
                    }
                    stack.extend(fields.values());
                }
                serde_json::Value::Array(items) => stack.extend(items),
                _ => {}
            }
        }
    }
}

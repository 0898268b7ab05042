//! Query parameters, with an error that names the one that is wrong.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use serde::de::DeserializeOwned;

use crate::error::ApiError;

/// Query parameters. Unknown ones are ignored; an unknown word or a NUL is 422.
#[derive(Debug)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned + 'static> FromRequest for Query<T> {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(parse(request.query_string()).map(Self))
    }
}

pub(super) fn parse<T: DeserializeOwned>(query: &str) -> Result<T, ApiError> {
    let pairs = || form_urlencoded::parse(query.as_bytes());
    if let Some((name, _)) =
        pairs().find(|(name, value)| name.contains('\0') || value.contains('\0'))
    {
        return Err(ApiError::field(name, "must not contain a NUL character"));
    }
    let deserializer = serde_urlencoded::Deserializer::new(pairs());
    serde_path_to_error::deserialize(deserializer).map_err(|error| {
        let parameter = error
            .path()
            .iter()
            .next()
            .map(ToString::to_string)
            .unwrap_or_default();
        ApiError::field(parameter, error.into_inner().to_string())
    })
}

#[cfg(test)]
mod tests {
    use entity::value::ConversationStatus;
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    struct Filter {
        q: Option<String>,
        status: Option<ConversationStatus>,
        unread: Option<bool>,
    }

    fn fault(query: &str) -> String {
        match parse::<Filter>(query) {
            Err(ApiError::Invalid(errors)) => errors[0].pointer.clone(),
            other => panic!("not a parameter's fault: {other:?}"),
        }
    }

    #[test]
    fn parameters_are_read_and_unknown_ones_ignored() {
        let filter: Filter = parse("q=a%20b&status=open&unread=true&limit=7&x=1").unwrap();
        assert_eq!(filter.q.as_deref(), Some("a b"));
        assert_eq!(filter.status, Some(ConversationStatus::Open));
        assert_eq!(filter.unread, Some(true));
    }

    #[test]
    fn the_wrong_parameter_is_named() {
        assert_eq!(fault("q=a&status=ajar"), "status");
        assert_eq!(fault("unread=perhaps"), "unread");
        assert_eq!(fault("q=%00"), "q");
    }
}

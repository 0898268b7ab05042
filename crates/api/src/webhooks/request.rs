//! A webhook as it came, byte for byte: the signature is over that.

use actix_web::dev::Payload;
use actix_web::web::Bytes;
use actix_web::{FromRequest, HttpRequest};
use entity::id::ChannelId;
use routing::{Kind, Routed, Webhook};
use twilio::signature::{SETTINGS_HEADER, SIGNATURE_HEADER};

use super::Hint;
use crate::error::ApiError;
use crate::extract::Raw;
use crate::state::State;

/// A request that may be Twilio's: what is needed to find that out.
pub(super) struct Signed {
    request: HttpRequest,
    body: Bytes,
}

impl Signed {
    /// Proves that Twilio sent it, and for whom.
    pub(super) async fn route(&self, state: &State, kind: Kind) -> Result<Routed, ApiError> {
        // What is signed is what Twilio was told, so the URL is built from the settings; path and
        // query are those of the request line, before anything was decoded.
        let target = self
            .request
            .uri()
            .path_and_query()
            .map_or("/", |target| target.as_str());
        let url = format!(
            "{}{target}",
            state.settings.public_url.trim_end_matches('/')
        );
        let webhook = Webhook {
            kind,
            channel: self.channel()?,
            url: &url,
            body: &self.body,
            content_type: self.header("content-type")?,
            signature: self.header(SIGNATURE_HEADER)?,
            signature_settings: self.header(SETTINGS_HEADER)?,
        };
        let now = state.clock.now();
        Ok(routing::route(&state.door.directory, &state.keys, now, &webhook).await?)
    }

    /// What the query says of message and attempt. It is ours, so what can't be read is not there.
    pub(super) fn hint(&self) -> Hint {
        let pairs = form_urlencoded::parse(self.request.query_string().as_bytes());
        let mut hint = Hint::default();
        for (name, value) in pairs {
            match &*name {
                "message" => hint.message = value.parse().ok(),
                "attempt" => hint.attempt = value.parse().ok(),
                _ => {}
            }
        }
        hint
    }

    fn channel(&self) -> Result<Option<ChannelId>, ApiError> {
        match self.request.match_info().get("channel_id") {
            None => Ok(None),
            // The same answer as to an unknown channel.
            Some(id) => id
                .parse()
                .map(Some)
                .map_err(|_| routing::Error::Forbidden.into()),
        }
    }

    /// A header that is there once and is text. One that is there twice proves nothing.
    fn header(&self, name: &str) -> Result<Option<&str>, ApiError> {
        let mut values = self.request.headers().get_all(name);
        match (values.next(), values.next()) {
            (None, _) => Ok(None),
            (Some(value), None) => match value.to_str() {
                Ok(text) => Ok(Some(text)),
                Err(_) => Err(routing::Error::Forbidden.into()),
            },
            (Some(_), Some(_)) => Err(routing::Error::Forbidden.into()),
        }
    }
}

impl FromRequest for Signed {
    type Error = ApiError;
    type Future = std::pin::Pin<Box<dyn Future<Output = Result<Self, ApiError>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let body = Raw::from_request(request, payload);
        let request = request.clone();
        Box::pin(async move {
            Ok(Self {
                body: body.await?.0,
                request,
            })
        })
    }
}

//! What the page may do: load and ask what is ours, and nothing else.

use base64::Engine;
use base64::prelude::BASE64_STANDARD_NO_PAD as BASE64;
use entity::random;

/// A number for one answer. Style elements that the page makes must show it: the component library
/// writes its colours as one.
pub(crate) struct Nonce(String);

impl Nonce {
    pub(crate) fn fresh() -> Self {
        Self(BASE64.encode(random::bytes::<16>()))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// The policy to send with it. `blob:` is for files that are being attached.
    pub(crate) fn policy(&self) -> String {
        let nonce = &self.0;
        format!(
            "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-{nonce}'; \
             img-src 'self' blob: data:; media-src 'self' blob:; connect-src 'self'; \
             font-src 'self'; manifest-src 'self'; frame-ancestors 'none'; base-uri 'none'; \
             form-action 'self'"
        )
    }
}

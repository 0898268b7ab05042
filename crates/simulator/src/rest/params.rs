//! Parameters of a call: only those that Twilio's API description names, each as often as it says.

use actix_web::{HttpRequest, http::header};

use super::refusal::Refusal;

/// What a call accepts.
pub(crate) struct Allowed {
    pub(crate) once: &'static [&'static str],
    pub(crate) repeated: &'static [&'static str],
}

/// The checked parameters of a call.
#[derive(Debug)]
pub(crate) struct Params(Vec<(String, String)>);

impl Params {
    /// Of a POST: a form, and nothing in the query.
    pub(crate) fn of_form(
        request: &HttpRequest,
        body: &[u8],
        allowed: &Allowed,
    ) -> Result<Self, Refusal> {
        if !request.query_string().is_empty() {
            let message = "Parameters of a POST belong into its body, not into the query";
            return Err(Refusal::bad(20001, message));
        }
        if !body.is_empty() && !is_form(request) {
            let message = "The body must be of type application/x-www-form-urlencoded";
            return Err(Refusal::bad(20001, message));
        }
        Self::parse(body, allowed)
    }

    /// Of a GET: the query.
    pub(crate) fn of_query(request: &HttpRequest, allowed: &Allowed) -> Result<Self, Refusal> {
        Self::parse(request.query_string().as_bytes(), allowed)
    }

    fn parse(text: &[u8], allowed: &Allowed) -> Result<Self, Refusal> {
        let mut params: Vec<(String, String)> = Vec::new();
        for (name, value) in form_urlencoded::parse(text).into_owned() {
            let once = allowed.once.contains(&name.as_str());
            if !once && !allowed.repeated.contains(&name.as_str()) {
                let message = format!("Parameter '{name}' is not known to this call");
                return Err(Refusal::bad(20001, message));
            }
            if once && params.iter().any(|(known, _)| *known == name) {
                let message = format!("Parameter '{name}' may be given only once");
                return Err(Refusal::bad(20001, message));
            }
            // What can't be decoded becomes U+FFFD, which somebody may also have meant.
            if value.contains('\u{fffd}') && !text.windows(9).any(is_replacement) {
                let message = format!("Parameter '{name}' is not valid UTF-8");
                return Err(Refusal::bad(20001, message));
            }
            params.push((name, value));
        }
        Ok(Self(params))
    }

    /// A parameter as it was given, perhaps empty.
    pub(crate) fn given(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }

    /// A parameter that says something.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.given(name).filter(|value| !value.is_empty())
    }

    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0
            .iter()
            .filter(move |(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }

    /// A parameter that must be one of a few words, if given.
    pub(crate) fn one_of(&self, name: &str, words: &[&str]) -> Result<Option<&str>, Refusal> {
        match self.get(name) {
            Some(value) if !words.contains(&value) => {
                let message = format!("Parameter '{name}' must be one of {}", words.join(", "));
                Err(Refusal::bad(20001, message))
            }
            value => Ok(value),
        }
    }

    /// A parameter that must be a whole number in a range, if given.
    pub(crate) fn number(&self, name: &str, least: u64, most: u64) -> Result<Option<u64>, Refusal> {
        let Some(text) = self.get(name) else {
            return Ok(None);
        };
        let number = text
            .parse()
            .ok()
            .filter(|number| (least..=most).contains(number));
        number.map(Some).ok_or_else(|| {
            let message = format!("Parameter '{name}' must be a number from {least} to {most}");
            Refusal::bad(20001, message)
        })
    }

    pub(crate) fn pairs(&self) -> &[(String, String)] {
        &self.0
    }
}

fn is_replacement(window: &[u8]) -> bool {
    window.eq_ignore_ascii_case(b"%EF%BF%BD")
}

fn is_form(request: &HttpRequest) -> bool {
    request
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .is_some_and(|kind| {
            kind.trim()
                .eq_ignore_ascii_case("application/x-www-form-urlencoded")
        })
}

/// Whether Twilio would call this address: http or https, a host without `_`, at most 4000
/// characters. Unlike Twilio the simulator calls hosts on this machine: that is its purpose.
pub(crate) fn is_callable(text: &str) -> bool {
    let Ok(url) = url::Url::parse(text) else {
        return false;
    };
    text.chars().count() <= 4000
        && matches!(url.scheme(), "http" | "https")
        && url.host_str().is_some_and(|host| !host.contains('_'))
}

//! How Twilio signs a webhook, and which URL it signs.
//!
//! Written from Twilio's public description alone and shared with nothing: the service checks
//! signatures with code of its own, so that one misunderstanding can't pass on both sides.

use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;

/// The `X-Twilio-Signature` of a POST of `params` to `url` (of a GET: with no `params`).
///
/// Names are sorted by bytes. Of a repeated name the distinct values count, sorted as text.
pub(crate) fn sign(token: &str, url: &str, params: &[(String, String)]) -> String {
    let mut sorted: Vec<&(String, String)> = params.iter().collect();
    sorted.sort();
    sorted.dedup();
    let mut text = url.to_owned();
    for (name, value) in sorted {
        text.push_str(name);
        text.push_str(value);
    }
    mac(token, &text)
}

fn mac(token: &str, text: &str) -> String {
    // An HMAC takes a key of any length, so the error can't occur; an empty signature would be
    // refused by everybody, which is the honest outcome.
    let Ok(mut mac) = Hmac::<Sha1>::new_from_slice(token.as_bytes()) else {
        return String::new();
    };
    mac.update(text.as_bytes());
    STANDARD.encode(mac.finalize().into_bytes())
}

/// A configured webhook URL, taken apart textually: rebuilding it by a URL parser would change
/// escapes, and the signature is over the bytes as configured.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Target {
    /// What is requested and signed: no fragment, no user information.
    pub(crate) url: String,
    /// `user:password`, sent only to a server that asks for it.
    pub(crate) userinfo: Option<String>,
    /// The connection overrides after `#`.
    pub(crate) fragment: String,
}

impl Target {
    pub(crate) fn parse(configured: &str) -> Self {
        let (rest, fragment) = configured.split_once('#').unwrap_or((configured, ""));
        let start = rest.find("://").map_or(0, |at| at + 3);
        let end = rest[start..]
            .find(['/', '?'])
            .map_or(rest.len(), |at| start + at);
        let authority = &rest[start..end];
        let (userinfo, host) = match authority.rsplit_once('@') {
            Some((userinfo, host)) => (Some(userinfo.to_owned()), host),
            None => (None, authority),
        };
        Self {
            url: format!("{}{host}{}", &rest[..start], &rest[end..]),
            userinfo,
            fragment: fragment.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(list: &[(&str, &str)]) -> Vec<(String, String)> {
        list.iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect()
    }

    #[test]
    fn the_documented_example_gives_the_documented_signature() {
        let params = pairs(&[
            ("To", "+18005551212"),
            ("CallSid", "CA1234567890ABCDE"),
            ("From", "+14158675309"),
            ("Caller", "+14158675309"),
            ("Digits", "1234"),
        ]);
        let signature = sign(
            "12345",
            "https://mycompany.com/myapp.php?foo=1&bar=2",
            &params,
        );
        assert_eq!(signature, "RSOYDt4T1cUTdK1PDd93/VVr8B8=");
    }

    #[test]
    fn equal_values_of_a_repeated_name_count_once() {
        let url = "https://example.com/";
        let twice = sign("t", url, &pairs(&[("A", "9"), ("A", "10"), ("A", "9")]));
        assert_eq!(twice, sign("t", url, &pairs(&[("A", "10"), ("A", "9")])));
    }

    #[test]
    fn fragment_and_userinfo_are_cut_and_nothing_else_changes() {
        let target = Target::parse("https://me:p@ss@Host:8443/a%2Fb/../c?x='1'#rc=2&rp=all");
        assert_eq!(target.url, "https://Host:8443/a%2Fb/../c?x='1'");
        assert_eq!(target.userinfo.as_deref(), Some("me:p@ss"));
        assert_eq!(target.fragment, "rc=2&rp=all");
        assert_eq!(Target::parse("http://h?a=b@c").url, "http://h?a=b@c");
    }
}

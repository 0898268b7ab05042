//! What Twilio posts, and how it signs it; written from its public description.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use hmac::{Hmac, KeyInit, Mac};
use hyper::Method;
use hyper::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use sha1::Sha1;

use crate::data::{Tenant, customer};
use crate::load::Prepared;
use crate::outcome::Outcome;

/// Names and values of a form, in the order in which they are sent.
pub(crate) type Fields<'a> = Vec<(&'static str, &'a str)>;

const FORM: HeaderValue =
    HeaderValue::from_static("application/x-www-form-urlencoded; charset=UTF-8");
const SIGNATURE: HeaderName = HeaderName::from_static("x-twilio-signature");

/// `X-Twilio-Signature` of a POST of these fields to a URL: the URL without its fragment, then names
/// and values sorted by name. No name is there twice.
pub(crate) fn signature(token: &str, url: &str, fields: &Fields<'_>) -> Outcome<String> {
    let mut sorted = fields.clone();
    sorted.sort_unstable();
    let mut mac = Hmac::<Sha1>::new_from_slice(token.as_bytes())?;
    mac.update(url.split('#').next().unwrap_or(url).as_bytes());
    for (name, value) in sorted {
        mac.update(name.as_bytes());
        mac.update(value.as_bytes());
    }
    Ok(STANDARD.encode(mac.finalize().into_bytes()))
}

/// A request that waits to be sent: signed with the tenant's token for this URL.
pub(crate) fn prepare(
    public_url: &str,
    path: &str,
    tenant: &Tenant,
    fields: &Fields<'_>,
) -> Outcome<Prepared> {
    let signed = signature(&tenant.auth_token, &format!("{public_url}{path}"), fields)?;
    let mut form = form_urlencoded::Serializer::new(String::with_capacity(512));
    form.extend_pairs(fields);
    Ok(Prepared {
        method: Method::POST,
        target: path.parse()?,
        headers: vec![
            (CONTENT_TYPE, FORM),
            (SIGNATURE, HeaderValue::from_str(&signed)?),
        ],
        body: Bytes::from(form.finish()),
        expected: 200,
    })
}

/// A text came in.
pub(crate) fn inbound<'a>(
    tenant: &'a Tenant,
    sid: &'a str,
    from: &'a str,
    body: &'a str,
) -> Fields<'a> {
    vec![
        ("ToCountry", "US"),
        ("ToState", "NY"),
        ("SmsMessageSid", sid),
        ("NumMedia", "0"),
        ("ToCity", "NEW YORK"),
        ("FromZip", "94103"),
        ("SmsSid", sid),
        ("FromState", "CA"),
        ("SmsStatus", "received"),
        ("FromCity", "SAN FRANCISCO"),
        ("Body", body),
        ("FromCountry", "US"),
        ("To", &tenant.number),
        ("ToZip", "10001"),
        ("NumSegments", "1"),
        ("MessageSid", sid),
        ("AccountSid", &tenant.account_sid),
        ("From", from),
        ("ApiVersion", "2010-04-01"),
    ]
}

/// A text was delivered.
pub(crate) fn delivered<'a>(tenant: &'a Tenant, sid: &'a str, to: &'a str) -> Fields<'a> {
    vec![
        ("SmsSid", sid),
        ("SmsStatus", "delivered"),
        ("MessageStatus", "delivered"),
        ("To", to),
        ("MessageSid", sid),
        ("AccountSid", &tenant.account_sid),
        ("From", &tenant.number),
        ("ApiVersion", "2010-04-01"),
        ("RawDlrDoneDate", "2611301200"),
    ]
}

/// Who texts: mostly people who have done so before, and every tenth time somebody new.
pub(crate) fn sender(n: u64, conversation: u64, strangers_from: u64) -> String {
    if n % 10 == 9 {
        crate::data::stranger(strangers_from + n / 10)
    } else {
        customer(conversation)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of Twilio's documentation of webhook security.
    #[test]
    fn the_known_example_is_signed_as_twilio_does() {
        let fields = vec![
            ("CallSid", "CA1234567890ABCDE"),
            ("Caller", "+14158675309"),
            ("Digits", "1234"),
            ("From", "+14158675309"),
            ("To", "+18005551212"),
        ];
        let url = "https://mycompany.com/myapp.php?foo=1&bar=2";
        let signed = signature("12345", url, &fields).unwrap();
        assert_eq!(signed, "RSOYDt4T1cUTdK1PDd93/VVr8B8=");
    }

    #[test]
    fn the_order_of_fields_and_the_fragment_do_not_matter() {
        let (one, other) = (vec![("A", "1"), ("B", "2")], vec![("B", "2"), ("A", "1")]);
        let signed = signature("t", "https://example.com/x", &one).unwrap();
        let again = signature("t", "https://example.com/x#rc=5&rp=all", &other).unwrap();
        assert_eq!(signed, again);
        assert_ne!(
            signed,
            signature("u", "https://example.com/x", &one).unwrap()
        );
    }

    #[test]
    fn what_is_sent_is_what_was_signed() {
        let tenant = Tenant::nth(3);
        let fields = inbound(&tenant, "SM1", "+14155550100", "Fish & chips at 8+?");
        let prepared = prepare("https://example.com", "/sms", &tenant, &fields).unwrap();
        let mut sent: Vec<_> = form_urlencoded::parse(&prepared.body)
            .into_owned()
            .collect();
        sent.sort();
        let mut meant: Vec<_> = fields
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        meant.sort();
        assert_eq!(sent, meant);
    }
}

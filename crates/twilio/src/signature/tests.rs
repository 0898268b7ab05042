use std::collections::BTreeMap;

use form_urlencoded::Serializer;
use proptest::prelude::*;

use super::*;

const TOKEN: &str = "12345";
/// Twilio's documented example.
const URL: &str = "https://mycompany.com/myapp.php?foo=1&bar=2";
const FIELDS: &str = "CallSid=CA1234567890ABCDE&Caller=%2B14158675309&Digits=1234\
                      &From=%2B14158675309&To=%2B18005551212";
const SIGNATURE: &str = "RSOYDt4T1cUTdK1PDd93/VVr8B8=";

fn key(text: &str) -> SecretString {
    text.into()
}

fn form_holds(url: &str, fields: &str, signature: &str) -> bool {
    let form = Form::parse(fields.as_bytes()).unwrap();
    let body = Body::Form(&form);
    verify(
        &SignedRequest { url, body },
        signature,
        &key(TOKEN),
        Algorithm::HmacSha1,
    )
}

/// Made with Twilio's Python library, 9.13.0.
const SIGNED: &[(&str, &str, &str)] = &[
    (URL, FIELDS, SIGNATURE),
    // Repeated names: values once each, sorted as text.
    (
        "https://example.com/sms",
        "B=9&B=100&B=10&B=100&A=1&B=",
        "dR7M3GO41rSWcjKBw32sCjtVzDU=",
    ),
    // Names in byte order.
    (
        "https://example.com/sms",
        "_x=1&a=2&Z=3&A=4&aa=5&a.=6",
        "UdC18eWzN8rjLReRMM+0+tHrQWk=",
    ),
    // Empty values.
    (
        "https://example.com/sms",
        "Body=&FromCity=&NumMedia=0&FromZip",
        "zvAoufZ8nMe1mMQG7+lEhuSgAbY=",
    ),
    // Two spellings of an accent, an emoji, CR LF, a byte order mark, NUL, a blank at the end.
    (
        "https://example.com/sms",
        "Body=Gr%C3%BC%C3%9Fe+%F0%9F%98%80%0D%0A%2B1+e%CC%81+%EF%BB%BF%00+&From=%2B15551234567",
        "lzU0AYKBF4ouDudzf7oeBmA5FGE=",
    ),
    // A query that a URL parser would rewrite.
    (
        "https://example.com/sms?a=%7e%2F%20+b&c='x'&d=é&a=1&empty=",
        "Body=Hi",
        "HQsWvcBwcWacm53RBBZXViv7xAY=",
    ),
    (
        "https://example.com//a/../b/./c%2Fd/",
        "Body=Hi",
        "ztmaOlupAdA371yfQdnKnSpnk5g=",
    ),
    (
        "https://example.com/sms",
        "",
        "U4LDD0cAOPwkAgFQgqCAAG/S9Sw=",
    ),
    (
        "https://Example.COM/sms",
        "Body=Hi",
        "8pIrikHwHYPVmXoMfdgI1kfof+M=",
    ),
    (
        "https://example.com",
        "Body=Hi",
        "U1ImYcLAg1m1tC55WgvFBgh6U2k=",
    ),
    (
        "https://example.com?x=/a:1@b",
        "Body=Hi",
        "+d/ljfOV2+ScVCw+SOSx93NoMZM=",
    ),
    // A port: as it is, and dropped.
    (
        "https://example.com:8443/sms",
        "Body=Hi",
        "Q+vIellMa+sO/OR19BxhFkctav4=",
    ),
    (
        "https://example.com:8443/sms",
        "Body=Hi",
        "8hyGDGm5bCRd+wFhFQfzQuoYel4=",
    ),
    // No port: as it is, and the scheme's own added.
    (
        "https://example.com/sms",
        "Body=Hi",
        "8hyGDGm5bCRd+wFhFQfzQuoYel4=",
    ),
    (
        "https://example.com/sms",
        "Body=Hi",
        "aBae3hpfgLXrpCAWKpJWJsccCIs=",
    ),
    (
        "http://example.com/sms",
        "Body=Hi",
        "fWu7+YhA6Lp/K5Ycc4hytvkTAvY=",
    ),
    (
        "http://example.com/sms",
        "Body=Hi",
        "fGwdPWiBYIwjqVwGklC8a5v9eT8=",
    ),
    // IPv6, with userinfo and port, and a fragment.
    (
        "https://[2001:db8::1]:8443/sms",
        "Body=Hi",
        "brC4uesQbCHkO+zLZWk9aTo4XSQ=",
    ),
    (
        "https://[2001:db8::1]:8443/sms",
        "Body=Hi",
        "WPzr5mxIK8ZV8B2EhQQ3LheIlrs=",
    ),
    (
        "https://[2001:db8::1]/sms",
        "Body=Hi",
        "WPzr5mxIK8ZV8B2EhQQ3LheIlrs=",
    ),
    (
        "https://user:p@ss@[2001:db8::1]:8443/sms#rc=2",
        "Body=Hi",
        "brC4uesQbCHkO+zLZWk9aTo4XSQ=",
    ),
    (
        "https://user:pass@example.com:8443/sms",
        "Body=Hi",
        "Q+vIellMa+sO/OR19BxhFkctav4=",
    ),
    (
        "https://user:pass@example.com:8443/sms",
        "Body=Hi",
        "8hyGDGm5bCRd+wFhFQfzQuoYel4=",
    ),
    (
        "https://example.com/sms#rc=5&rp=all&rt=2500",
        "Body=Hi",
        "8hyGDGm5bCRd+wFhFQfzQuoYel4=",
    ),
];

#[test]
fn what_twilios_own_library_signs_is_accepted() {
    for (url, fields, signature) in SIGNED {
        assert!(form_holds(url, fields, signature), "{url} {fields}");
    }
}

#[test]
fn another_url_is_refused() {
    let signature = "8hyGDGm5bCRd+wFhFQfzQuoYel4=";
    for url in [
        "http://example.com/sms",
        "https://example.com/sms/",
        "https://example.com/SMS",
        "https://EXAMPLE.com/sms",
        "https://example.com/sms?",
        "https://example.com/s%6Ds",
        "example.com/sms",
        "",
    ] {
        assert!(!form_holds(url, "Body=Hi", signature), "{url}");
    }
    // Only the given port is tried, never the scheme's besides.
    let with_443 = "aBae3hpfgLXrpCAWKpJWJsccCIs=";
    assert!(!form_holds(
        "https://example.com:8443/sms",
        "Body=Hi",
        with_443
    ));
}

#[test]
fn other_spellings_of_the_right_signature_are_refused() {
    for signature in [
        "",
        "RSOYDt4T1cUTdK1PDd93/VVr8B8",
        "RSOYDt4T1cUTdK1PDd93_VVr8B8=",
        "rsoydt4t1cutdk1pdd93/vvr8b8=",
        "RSOYDt4T1cUTdK1PDd93/VVr8B9=",
        "RSOYDt4T1cUTdK1PDd93/VVr8B8=\n",
        " RSOYDt4T1cUTdK1PDd93/VVr8B8=",
        "RSOYDt4T1cUTdK1PDd93/VVr8B8==",
        "RSOYDt4T",
    ] {
        assert!(!form_holds(URL, FIELDS, signature), "{signature:?}");
    }
}

#[test]
fn another_key_or_algorithm_is_refused() {
    let form = Form::parse(FIELDS.as_bytes()).unwrap();
    let request = SignedRequest {
        url: URL,
        body: Body::Form(&form),
    };
    assert!(!verify(
        &request,
        SIGNATURE,
        &key("12346"),
        Algorithm::HmacSha1
    ));
    assert!(!verify(
        &request,
        SIGNATURE,
        &key(TOKEN),
        Algorithm::HmacSha256
    ));
    let empty = compute(URL, request.body, &key(""), Algorithm::HmacSha1);
    assert!(!verify(&request, &empty, &key(""), Algorithm::HmacSha1));
}

#[test]
fn a_shared_key_signs_with_sha_256() {
    let form = Form::parse(b"Body=Hi&From=%2B15551234567&B=2&B=1").unwrap();
    let request = SignedRequest {
        url: "https://example.com/sms",
        body: Body::Form(&form),
    };
    assert!(verify(
        &request,
        "sjPKbjS9GZZaR24nD2aWUDTUAyHVzHUE6AwZnVCk+BU=",
        &key("a shared key's secret"),
        Algorithm::HmacSha256
    ));
}

const JSON: &str = r#"{"a": 1, "b": "ü"}"#;
const JSON_URL: &str = "https://example.com/studio?x=1\
    &bodySHA256=47d50a2a574bc5394f613e0e9636aab0bf5ae6637cc1c276207e9b56744611c0";

fn json_holds(url: &str, json: &str, signature: &str, algorithm: Algorithm, key: &str) -> bool {
    let body = Body::Other(json.as_bytes());
    verify(
        &SignedRequest { url, body },
        signature,
        &key.into(),
        algorithm,
    )
}

#[test]
fn a_json_body_is_held_by_its_digest_in_the_signed_url() {
    let sha1 = "vQiLIm6dO0p6kEvjcolB6XX2D0g=";
    let sha256 = "w22hgAPaxbiJv30V+ZaiTQfE63r0gka4+8Pmnn/PcsY=";
    assert!(json_holds(JSON_URL, JSON, sha1, Algorithm::HmacSha1, TOKEN));
    assert!(json_holds(
        JSON_URL,
        JSON,
        sha256,
        Algorithm::HmacSha256,
        "shared"
    ));
    assert!(!json_holds(
        JSON_URL,
        "{}",
        sha1,
        Algorithm::HmacSha1,
        TOKEN
    ));
    assert!(!json_holds(
        JSON_URL,
        JSON,
        sha256,
        Algorithm::HmacSha1,
        TOKEN
    ));
}

#[test]
fn a_json_body_without_its_exact_digest_is_refused_however_well_the_url_is_signed() {
    let upper = JSON_URL.replace("47d50a2a574b", "47D50A2A574B");
    for url in [
        "https://example.com/studio",
        "https://example.com/studio?bodySHA256=",
        "https://example.com/studio?bodysha256=47d50a",
        upper.as_str(),
    ] {
        let signature = compute(url, Body::Empty, &key(TOKEN), Algorithm::HmacSha1);
        assert!(
            !json_holds(url, JSON, &signature, Algorithm::HmacSha1, TOKEN),
            "{url}"
        );
    }
}

#[test]
fn a_request_without_a_body_is_signed_by_its_url_alone() {
    let request = SignedRequest {
        url: "https://example.com/sms",
        body: Body::Empty,
    };
    let signature = "U4LDD0cAOPwkAgFQgqCAAG/S9Sw=";
    assert!(verify(
        &request,
        signature,
        &key(TOKEN),
        Algorithm::HmacSha1
    ));
}

#[test]
fn settings_name_a_key_and_an_algorithm() {
    let settings = |key_id: Option<&str>, algorithm| SignatureSettings {
        key_id: key_id.map(str::to_owned),
        algorithm,
    };
    for (header, expected) in [
        ("", settings(None, Algorithm::HmacSha1)),
        (
            "key=k1,algorithm=HMAC_SHA256",
            settings(Some("k1"), Algorithm::HmacSha256),
        ),
        (
            " algorithm = hmac_sha256 , key = k1 ",
            settings(Some("k1"), Algorithm::HmacSha256),
        ),
        ("key=k1", settings(Some("k1"), Algorithm::HmacSha1)),
        ("key=,algorithm=", settings(None, Algorithm::HmacSha1)),
        (
            "key=k=1,new=x,algorithm=HMAC_SHA1",
            settings(Some("k=1"), Algorithm::HmacSha1),
        ),
    ] {
        assert_eq!(SignatureSettings::parse(header), Ok(expected), "{header}");
    }
}

#[test]
fn an_unknown_algorithm_is_an_error() {
    for header in [
        "algorithm=HMAC_SHA512",
        "key=k,algorithm=none",
        "algorithm=HMAC-SHA256",
    ] {
        assert_eq!(
            SignatureSettings::parse(header),
            Err(SettingsError::UnknownAlgorithm),
            "{header}"
        );
    }
}

fn encode(fields: &[(String, String)]) -> String {
    Serializer::new(String::new()).extend_pairs(fields).finish()
}

fn fields() -> impl Strategy<Value = Vec<(String, String)>> {
    prop::collection::vec(("[A-Za-z_0-9]{1,6}", any::<String>()), 0..8)
}

/// The rule told a second way: sort the pairs, drop equal ones, write them out.
fn naive(url: &str, fields: &[(String, String)], token: &str) -> String {
    let mut pairs: Vec<_> = fields
        .iter()
        .map(|(n, v)| (n.as_bytes(), v.as_bytes()))
        .collect();
    pairs.sort_unstable();
    pairs.dedup();
    let mut text = url.as_bytes().to_vec();
    text.extend(pairs.into_iter().flat_map(|(n, v)| [n, v].concat()));
    STANDARD.encode(mac::<Hmac<Sha1>>(token.as_bytes(), &text))
}

proptest! {
    #[test]
    fn any_form_holds_under_the_rule_told_naively(fields in fields(), token in "[a-z0-9]{1,80}") {
        let form = Form::parse(encode(&fields).as_bytes()).unwrap();
        let request = SignedRequest { url: URL, body: Body::Form(&form) };
        let signature = naive(URL, &fields, &token);
        prop_assert!(verify(&request, &signature, &token.as_str().into(), Algorithm::HmacSha1));
    }

    #[test]
    fn the_order_of_fields_does_not_matter(fields in fields().prop_shuffle(), seed in fields()) {
        let mut all = fields;
        all.extend(seed);
        let sign = |fields: &[(String, String)]| {
            let form: Form = fields.iter().cloned().collect();
            compute(URL, Body::Form(&form), &key(TOKEN), Algorithm::HmacSha1)
        };
        let before = sign(&all);
        all.reverse();
        prop_assert_eq!(before, sign(&all));
    }

    #[test]
    fn a_changed_byte_of_url_value_or_signature_breaks_it(
        at in any::<prop::sample::Index>(),
        with in 1_u8..0x7f,
    ) {
        let change = |text: &str| {
            let mut bytes = text.as_bytes().to_vec();
            let at = at.index(bytes.len());
            bytes[at] ^= with & 0x7f;
            String::from_utf8(bytes).unwrap()
        };
        let form = Form::parse(FIELDS.as_bytes()).unwrap();
        let signature = change(SIGNATURE);
        let original = SignedRequest { url: URL, body: Body::Form(&form) };
        prop_assert!(!verify(&original, &signature, &key(TOKEN), Algorithm::HmacSha1));

        let changed = change(URL);
        // What stands before an `@` or behind a `#` is not signed.
        if !changed.contains(['@', '#']) {
            let request = SignedRequest { url: &changed, body: Body::Form(&form) };
            prop_assert!(!verify(&request, SIGNATURE, &key(TOKEN), Algorithm::HmacSha1));
        }

        let mut values: BTreeMap<String, String> =
            form.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        for value in values.values_mut() {
            *value = change(value);
        }
        let form: Form = values.into_iter().collect();
        let request = SignedRequest { url: URL, body: Body::Form(&form) };
        prop_assert!(!verify(&request, SIGNATURE, &key(TOKEN), Algorithm::HmacSha1));
    }

    #[test]
    fn no_text_whatever_makes_it_panic(url in ".*", signature in ".*", header in ".*", bytes: Vec<u8>) {
        let form = Form::parse(&bytes).unwrap();
        for body in [Body::Empty, Body::Form(&form), Body::Other(&bytes)] {
            let request = SignedRequest { url: &url, body };
            prop_assert!(!verify(&request, &signature, &key(TOKEN), Algorithm::HmacSha1));
        }
        let _ = SignatureSettings::parse(&header);
    }
}

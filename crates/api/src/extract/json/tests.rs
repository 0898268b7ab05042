use serde::Deserialize;

use super::*;

#[derive(Debug, Deserialize)]
struct Body {
    name: String,
    #[serde(default)]
    tags: Vec<String>,
    #[serde(default)]
    role: Option<entity::value::Role>,
    #[serde(default, deserialize_with = "nullable")]
    note: Option<Option<String>>,
}

fn field(body: &str) -> FieldError {
    match parse::<Body>(body.as_bytes()) {
        Err(ApiError::Invalid(errors)) => errors[0].clone(),
        other => panic!("not a field's fault: {other:?}"),
    }
}

#[test]
fn text_that_is_no_json_is_malformed() {
    for body in [
        "",
        "{",
        "name=Ann",
        "{\"name\":\"\\ud800\"}",
        "{\"name\":\"a\u{1}\"}",
    ] {
        assert!(
            matches!(parse::<Body>(body.as_bytes()), Err(ApiError::Malformed(_))),
            "{body}"
        );
    }
    assert!(matches!(
        parse::<Body>(b"{\"name\":\"\xff\"}"),
        Err(ApiError::Malformed(_))
    ));
}

#[test]
fn nesting_without_end_is_malformed() {
    let body = "[".repeat(100_000);
    assert!(matches!(
        parse::<Body>(body.as_bytes()),
        Err(ApiError::Malformed(_))
    ));
}

#[test]
fn a_field_of_the_wrong_type_is_pointed_at() {
    let error = field(r#"{"name":"Ann","tags":["a",5]}"#);
    assert_eq!(error.pointer, "/tags/1");
    assert_eq!(error.detail, "invalid type: integer `5`, expected a string");
}

#[test]
fn a_missing_field_is_pointed_at_where_it_should_be() {
    assert_eq!(field("{}"), FieldError::new("/name", "is missing"));
}

#[test]
fn an_unknown_word_is_told_the_known_ones() {
    let error = field(r#"{"name":"Ann","role":"king"}"#);
    assert_eq!(error.pointer, "/role");
    assert!(
        error.detail.contains("`viewer`, `agent`, `admin`, `owner`"),
        "{}",
        error.detail
    );
}

#[test]
fn a_nul_is_found_wherever_it_hides() {
    let pointer = |body| field(body).pointer;
    assert_eq!(pointer(r#"{"name":"A\u0000"}"#), "/name");
    assert_eq!(
        pointer(r#"{"name":"A","x":{"y~/z":["","\u0000"]}}"#),
        "/x/y~0~1z/1"
    );
    assert!(pointer(r#"{"name":"A","x\u0000":1}"#).starts_with("/x"));
}

#[test]
fn unknown_fields_are_ignored() {
    let body: Body = parse(br#"{"name":"Ann","later":true}"#).unwrap();
    assert_eq!(
        (body.name.as_str(), body.tags.len(), body.role),
        ("Ann", 0, None)
    );
}

#[test]
fn absent_null_and_given_are_three_things() {
    let note = |body: &str| parse::<Body>(body.as_bytes()).unwrap().note;
    assert_eq!(note(r#"{"name":"A"}"#), None);
    assert_eq!(note(r#"{"name":"A","note":null}"#), Some(None));
    assert_eq!(
        note(r#"{"name":"A","note":"n"}"#),
        Some(Some("n".to_owned()))
    );
}

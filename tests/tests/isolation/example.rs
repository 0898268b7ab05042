//! A value that a schema of the OpenAPI document allows: what is required and little else.

use serde_json::{Map, Value, json};

/// An example of what `schema` describes.
pub(super) fn of(document: &Value, schema: &Value) -> Value {
    if let Some(target) = schema["$ref"].as_str() {
        return of(
            document,
            document.pointer(target.trim_start_matches('#')).unwrap(),
        );
    }
    if let Some(example) = schema.get("example").or_else(|| schema["examples"].get(0)) {
        return example.clone();
    }
    if let Some(one) = schema["enum"].get(0) {
        return one.clone();
    }
    if let Some(parts) = schema["allOf"].as_array() {
        let parts = parts.iter().map(|part| of(document, part));
        return parts.fold(Value::Null, merged);
    }
    if let Some(choice) = choice(schema) {
        return of(document, choice);
    }
    match kind(schema) {
        Some("object") => object(document, schema),
        Some("array") => json!([]),
        Some("boolean") => json!(true),
        Some("integer" | "number") => schema.get("minimum").cloned().unwrap_or(json!(1)),
        Some("string") => text(schema),
        _ => Value::Null,
    }
}

/// The first alternative that is something.
fn choice(schema: &Value) -> Option<&Value> {
    let choices = schema["oneOf"].as_array().or(schema["anyOf"].as_array())?;
    choices.iter().find(|choice| choice["type"] != "null")
}

/// The type; of several, the first that is something.
fn kind(schema: &Value) -> Option<&str> {
    let listed = schema["type"]
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default();
    let some = listed
        .iter()
        .filter_map(Value::as_str)
        .find(|kind| *kind != "null");
    schema["type"].as_str().or(some)
}

fn object(document: &Value, schema: &Value) -> Value {
    let required = schema["required"]
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default();
    // A text needs a body unless it has media, which is more than a schema says.
    let body = schema["properties"].get("body").map(|_| "body");
    let fields = required.iter().filter_map(Value::as_str).chain(body);
    let fields = fields.map(|name| (name.to_owned(), of(document, &schema["properties"][name])));
    Value::Object(fields.collect::<Map<_, _>>())
}

fn text(schema: &Value) -> Value {
    match schema["format"].as_str() {
        Some("uuid") => json!("0192f000-0000-7000-8000-000000000001"),
        Some("date-time") => json!("2100-01-01T00:00:00Z"),
        _ => json!("a text of some length"),
    }
}

fn merged(one: Value, other: Value) -> Value {
    match (one, other) {
        (Value::Object(mut one), Value::Object(other)) => {
            one.extend(other);
            one.into()
        }
        (_, other) => other,
    }
}

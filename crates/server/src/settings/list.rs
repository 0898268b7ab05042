//! Lists: an array in a file, commas or JSON in the environment.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error, SeqAccess, Visitor};

/// The items of a list, as text; the setting's own type reads them.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct List(pub(crate) Vec<String>);

impl<'de> Deserialize<'de> for List {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ListVisitor)
    }
}

struct ListVisitor;

impl<'de> Visitor<'de> for ListVisitor {
    type Value = List;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<List, E> {
        let text = text.trim();
        if text.starts_with('[') {
            // The parser's message would quote the text, which may hold secrets.
            return from_json(text).ok_or_else(|| E::custom("this is no valid JSON array"));
        }
        let items = text
            .split(',')
            .map(str::trim)
            .filter(|item| !item.is_empty());
        Ok(List(items.map(str::to_owned).collect()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<List, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element::<String>()? {
            list.push(item);
        }
        Ok(List(list))
    }
}

fn from_json(text: &str) -> Option<List> {
    let items: Vec<serde_json::Value> = serde_json::from_str(text).ok()?;
    let items = items.into_iter().map(|item| match item {
        serde_json::Value::String(text) => Some(text),
        serde_json::Value::Number(number) => Some(number.to_string()),
        _ => None,
    });
    items.collect::<Option<_>>().map(List)
}

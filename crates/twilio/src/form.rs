//! The body of a webhook as Twilio sent it: ordered, with repeats and empties.
//!
//! A signature covers every field, so nothing may be lost on the way in; a
//! map or a struct of known fields would lose repeats and unknown names.

use thiserror::Error;

/// The most fields that one form may have.
///
/// Twilio sends a few dozen; the limit bounds the work that an unsigned body can cause.
pub const MAX_FIELDS: usize = 1_000;

/// Why a body could not be taken as a form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum FormError {
    /// More than [`MAX_FIELDS`] fields; refuse the body as too large.
    #[error("the form has more than {MAX_FIELDS} fields")]
    TooManyFields,
}

/// The decoded fields of an `application/x-www-form-urlencoded` body, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Form {
    pairs: Vec<(String, String)>,
}

impl Form {
    /// Decodes a raw body once: `+` is a space, invalid UTF-8 becomes U+FFFD,
    /// repeats and empty values stay.
    ///
    /// # Errors
    /// [`FormError::TooManyFields`] beyond [`MAX_FIELDS`] fields.
    pub fn parse(body: &[u8]) -> Result<Self, FormError> {
        let mut pairs = Vec::new();
        for (name, value) in form_urlencoded::parse(body) {
            if pairs.len() == MAX_FIELDS {
                return Err(FormError::TooManyFields);
            }
            pairs.push((name.into_owned(), value.into_owned()));
        }
        Ok(Self { pairs })
    }

    /// The first value of a field, names being case-sensitive.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.iter()
            .find_map(|(key, value)| (key == name).then_some(value))
    }

    /// All fields in the order received.
    #[must_use]
    pub fn pairs(&self) -> &[(String, String)] {
        &self.pairs
    }

    /// All fields in the order received, borrowed.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.pairs
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The first value of a field without NUL, which PostgreSQL can't store.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        self.get(name).map(without_nul)
    }

    /// Like [`Form::text`], but an empty value counts as absent.
    pub(crate) fn filled(&self, name: &str) -> Option<String> {
        self.text(name).filter(|value| !value.is_empty())
    }
}

impl<N: Into<String>, V: Into<String>> FromIterator<(N, V)> for Form {
    /// Builds a form from decoded fields, for callers that don't start from a body.
    fn from_iter<I: IntoIterator<Item = (N, V)>>(fields: I) -> Self {
        let pairs = fields
            .into_iter()
            .map(|(name, value)| (name.into(), value.into()))
            .collect();
        Self { pairs }
    }
}

fn without_nul(value: &str) -> String {
    if value.contains('\0') {
        value.replace('\0', "")
    } else {
        value.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(body: &[u8]) -> Vec<(String, String)> {
        Form::parse(body).unwrap().pairs().to_vec()
    }

    fn pair(name: &str, value: &str) -> (String, String) {
        (name.to_owned(), value.to_owned())
    }

    #[test]
    fn order_repeats_and_empty_values_are_kept() {
        assert_eq!(
            parsed(b"b=2&a=1&b=&b=2&c"),
            [
                pair("b", "2"),
                pair("a", "1"),
                pair("b", ""),
                pair("b", "2"),
                pair("c", "")
            ]
        );
    }

    #[test]
    fn values_are_decoded_once() {
        assert_eq!(
            parsed(b"Body=a+b%2Bc%2541&To=%2B1555&x=%"),
            [
                pair("Body", "a b+c%41"),
                pair("To", "+1555"),
                pair("x", "%")
            ]
        );
    }

    #[test]
    fn invalid_utf_8_becomes_the_replacement_character() {
        assert_eq!(
            parsed(b"Body=%FFx\xfe"),
            [pair("Body", "\u{fffd}x\u{fffd}")]
        );
    }

    #[test]
    fn a_name_is_found_by_its_first_value_and_exact_case() {
        let form = Form::parse(b"From=1&From=2").unwrap();
        assert_eq!(form.get("From"), Some("1"));
        assert_eq!(form.get("from"), None);
    }

    #[test]
    fn a_thousand_fields_are_taken_and_one_more_is_refused() {
        let body = vec!["a=1"; MAX_FIELDS].join("&");
        assert_eq!(parsed(body.as_bytes()).len(), MAX_FIELDS);
        assert_eq!(
            Form::parse(format!("{body}&a=1").as_bytes()),
            Err(FormError::TooManyFields)
        );
    }
}

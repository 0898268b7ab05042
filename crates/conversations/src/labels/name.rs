//! What a label may be called.

use entity::text::is_blank;
use unicase::UniCase;
use unicode_normalization::UnicodeNormalization;

/// The longest name, in characters.
const LONGEST: usize = 100;

/// What a label is called: one line of 1 to 100 characters, with single blanks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LabelName {
    text: String,
    folded: String,
}

/// Why a text can't be the name of a label.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LabelNameError {
    /// Nothing but blanks.
    #[error("must not be empty")]
    Empty,
    /// Too much of it.
    #[error("must have at most {LONGEST} characters")]
    TooLong,
    /// A line break or the like.
    #[error("must be one line without control characters")]
    Control,
}

impl LabelName {
    /// Reads what somebody typed.
    ///
    /// # Errors
    /// Why it can't be a name.
    pub fn parse(text: &str) -> Result<Self, LabelNameError> {
        let text = text.trim();
        if is_blank(text) {
            return Err(LabelNameError::Empty);
        }
        if text.contains(char::is_control) {
            return Err(LabelNameError::Control);
        }
        if text.chars().count() > LONGEST {
            return Err(LabelNameError::TooLong);
        }
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        Ok(Self {
            folded: fold(&text),
            text,
        })
    }

    /// The name as people read it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The name without regard to case and to how its characters are composed: what no two labels
    /// of a tenant have in common. Both databases compare it byte by byte.
    #[must_use]
    pub fn folded(&self) -> &str {
        &self.folded
    }
}

/// By Unicode's full case folding, between two normalisations: folding can undo the first.
fn fold(text: &str) -> String {
    let composed: String = text.nfkc().collect();
    UniCase::new(composed).to_folded_case().nfkc().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folded(text: &str) -> String {
        LabelName::parse(text).unwrap().folded().to_owned()
    }

    #[test]
    fn names_that_people_take_for_the_same_fold_alike() {
        for (one, other) in [
            ("VIP", "vip"),
            (" Big \u{a0} deal ", "big deal"),
            ("Straße", "STRASSE"),
            ("ÉTÉ", "e\u{301}te\u{301}"),
            ("ΟΔΟΣ", "οδος"),
            ("ﬁx", "FIX"),
        ] {
            assert_eq!(folded(one), folded(other), "{one}");
        }
        assert_ne!(folded("été"), folded("ete"));
    }

    #[test]
    fn a_name_is_kept_as_it_was_typed_but_for_blanks() {
        assert_eq!(
            LabelName::parse("  Big   Deal ").unwrap().as_str(),
            "Big Deal"
        );
    }

    #[test]
    fn what_is_no_name_is_refused_with_the_reason() {
        assert_eq!(LabelName::parse(" \n "), Err(LabelNameError::Empty));
        assert_eq!(LabelName::parse("a\nb"), Err(LabelNameError::Control));
        let longest = "é".repeat(LONGEST);
        assert!(LabelName::parse(&longest).is_ok());
        let longer = format!("{longest}é");
        assert_eq!(LabelName::parse(&longer), Err(LabelNameError::TooLong));
    }
}

//! Gathers what is wrong with a body, so that all of it is told at once.

use std::fmt::Display;

use entity::text::is_blank;

use crate::error::{ApiError, FieldError};

/// What has been found wrong so far.
#[derive(Debug, Default)]
#[must_use = "checks that are not finished refuse nothing"]
pub struct Checks(Vec<FieldError>);

impl Checks {
    /// Nothing found yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Something about a field has to be so; `detail` says what, like "must not be empty".
    pub fn require(&mut self, so: bool, pointer: &str, detail: impl Display) {
        if !so {
            self.0.push(FieldError::new(pointer, detail.to_string()));
        }
    }

    /// Takes the value, or notes why it can't be taken.
    pub fn take<T, E: Display>(&mut self, pointer: &str, parsed: Result<T, E>) -> Option<T> {
        parsed
            .map_err(|error| self.0.push(FieldError::new(pointer, error.to_string())))
            .ok()
    }

    /// A text that has to hold something but blanks, and no more than `max` characters.
    pub fn text(&mut self, pointer: &str, text: &str, max: usize) {
        self.require(!is_blank(text), pointer, "must not be empty");
        let fits = text.chars().count() <= max;
        self.require(
            fits,
            pointer,
            format_args!("must have at most {max} characters"),
        );
    }

    /// Goes on if nothing was wrong.
    ///
    /// # Errors
    /// [`ApiError::Invalid`] with all that was found.
    pub fn done(self) -> Result<(), ApiError> {
        if self.0.is_empty() {
            Ok(())
        } else {
            Err(ApiError::Invalid(self.0))
        }
    }
}

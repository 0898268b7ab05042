//! Checks of what people type, gathered so that all mistakes are told at once.

use entity::phone::CountryError;

use crate::Error;

/// The longest name of a person, a tenant or a key, in characters.
const NAME_MAX: usize = 200;

/// A field that can't be taken as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Invalid {
    /// Where it is in the body, as a JSON pointer without its first slash: `quiet_hours/start`.
    pub field: &'static str,
    /// What is wrong with it.
    pub problem: Problem,
}

/// What is wrong with a field, in words that stand behind its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// Nothing, or nothing but blanks.
    #[error("must not be empty")]
    Empty,
    /// Too few characters.
    #[error("must have at least {0} characters")]
    TooShort(usize),
    /// Too many characters.
    #[error("must have at most {0} characters")]
    TooLong(usize),
    /// Too many bytes in UTF-8.
    #[error("must have at most {0} bytes")]
    TooManyBytes(usize),
    /// A line break, a NUL or the like.
    #[error("must not contain control characters")]
    ControlCharacter,
    /// Not of the form `name@example.com`.
    #[error("is no e-mail address")]
    NoEmail,
    /// The password is the e-mail address.
    #[error("must not be the e-mail address")]
    SameAsEmail,
    /// Not a country.
    #[error(transparent)]
    Country(#[from] CountryError),
    /// Not in the IANA time zone database.
    #[error("is no time zone; write it like America/New_York")]
    TimeZone,
    /// Not of the form `HH:MM`.
    #[error("is no time of day; write it like 21:00")]
    TimeOfDay,
    /// A list of scopes with nothing in it.
    #[error("must name a scope, or be left out for all that you may do")]
    NoScope,
    /// A scope that the caller's own key does not have.
    #[error("must not name a scope that your own key lacks")]
    ScopeNotYours,
    /// A time that has passed.
    #[error("must be in the future")]
    Past,
}

/// Gathers the problems of a request.
#[derive(Debug, Default)]
pub(crate) struct Checks(Vec<Invalid>);

impl Checks {
    /// The value, or its problem noted under the field's name.
    pub(crate) fn take<T>(&mut self, field: &'static str, value: Result<T, Problem>) -> Option<T> {
        value
            .map_err(|problem| self.0.push(Invalid { field, problem }))
            .ok()
    }

    /// All problems as one error.
    pub(crate) fn into_error(self) -> Error {
        Error::Invalid(self.0)
    }

    /// Fails when there was any problem.
    pub(crate) fn finish(self) -> Result<(), Error> {
        if self.0.is_empty() {
            Ok(())
        } else {
            Err(self.into_error())
        }
    }
}

/// A name without blanks around it. PostgreSQL keeps no NUL, and no name needs a line break.
pub(crate) fn name(text: &str) -> Result<String, Problem> {
    let text = text.trim();
    if text.is_empty() {
        Err(Problem::Empty)
    } else if text.chars().any(char::is_control) {
        Err(Problem::ControlCharacter)
    } else if text.chars().count() > NAME_MAX {
        Err(Problem::TooLong(NAME_MAX))
    } else {
        Ok(text.to_owned())
    }
}

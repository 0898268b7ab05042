use std::fmt;

use crate::field::Problem;

/// The longest address that mail servers take (RFC 5321), in bytes.
const MAX: usize = 254;

/// An e-mail address in the form it is kept and compared: no blanks around it, lower case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Email(String);

impl Email {
    /// Reads what somebody typed. Only mail could tell whether the address exists, so this looks
    /// for slips: a missing `@` or domain, blanks, two addresses in one field.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let text = text.trim();
        if text.is_empty() {
            return Err(Problem::Empty);
        }
        let email = text.to_lowercase();
        if email.len() > MAX {
            return Err(Problem::TooManyBytes(MAX));
        }
        match email.split_once('@') {
            Some((mailbox, domain)) if is_mailbox(mailbox) && is_domain(domain) => Ok(Self(email)),
            _ => Err(Problem::NoEmail),
        }
    }

    /// The address.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What stands before the `@`: a name for somebody who gave none.
    pub(crate) fn mailbox(&self) -> &str {
        self.0
            .split_once('@')
            .map_or(&self.0, |(mailbox, _)| mailbox)
    }
}

impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn is_mailbox(text: &str) -> bool {
    let allowed = |c: char| !c.is_control() && !c.is_whitespace() && !"@()<>[],;:\\\"".contains(c);
    !text.is_empty() && text.chars().all(allowed)
}

fn is_domain(text: &str) -> bool {
    let is_label = |label: &str| {
        !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|c| c.is_alphanumeric() || c == '-')
    };
    text.contains('.') && text.split('.').all(is_label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_kept_trimmed_and_in_lower_case() {
        let email = Email::parse(" Ana.Silva+Demo@Example.COM\n").unwrap();
        assert_eq!(email.as_str(), "ana.silva+demo@example.com");
        assert_eq!(email.mailbox(), "ana.silva+demo");
    }

    #[test]
    fn slips_are_no_address() {
        for text in [
            "ana",
            "ana@",
            "@example.com",
            "ana@localhost",
            "ana@example..com",
            "ana@-example.com",
            "ana@b@example.com",
            "ana silva@example.com",
            "ana@example.com, bob@example.com",
            "Ana <ana@example.com>",
            "ana\0@example.com",
        ] {
            assert_eq!(Email::parse(text), Err(Problem::NoEmail), "{text:?}");
        }
        assert_eq!(Email::parse("  "), Err(Problem::Empty));
        let long = format!("{}@example.com", "a".repeat(243));
        assert_eq!(Email::parse(&long), Err(Problem::TooManyBytes(254)));
    }
}

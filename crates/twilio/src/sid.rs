//! The forms of Twilio's identifiers and tokens.
//!
//! A check of form catches a swapped or cut-off value where a person typed it,
//! before Twilio answers with an error that names nothing.

/// Whether the text is two letters of kind (`AC`, `SM`, …) followed by 32 hex digits.
#[must_use]
pub fn is_sid(kind: &str, text: &str) -> bool {
    text.strip_prefix(kind)
        .is_some_and(|rest| rest.len() == 32 && rest.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// Whether the text has the form of an account's SID, `AC…`.
#[must_use]
pub fn is_account_sid(text: &str) -> bool {
    is_sid("AC", text)
}

/// Whether the text has the form of a message's SID, `SM…` or `MM…`.
#[must_use]
pub fn is_message_sid(text: &str) -> bool {
    is_sid("SM", text) || is_sid("MM", text)
}

/// Whether the text has the form of an API key's SID, `SK…`.
#[must_use]
pub fn is_api_key_sid(text: &str) -> bool {
    is_sid("SK", text)
}

/// Whether the text has the form of a Messaging Service's SID, `MG…`.
#[must_use]
pub fn is_messaging_service_sid(text: &str) -> bool {
    is_sid("MG", text)
}

/// Whether the text can be an auth token: 32 ASCII letters and digits.
///
/// Twilio issues hex digits today but documents only the length.
#[must_use]
pub fn is_auth_token(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEX: &str = "0123456789abcdefABCDEF0123456789";

    #[test]
    fn a_sid_is_its_kind_and_32_hex_digits() {
        assert!(is_account_sid(&format!("AC{HEX}")));
        assert!(is_api_key_sid(&format!("SK{HEX}")));
        assert!(is_messaging_service_sid(&format!("MG{HEX}")));
        assert!(is_message_sid(&format!("SM{HEX}")));
        assert!(is_message_sid(&format!("MM{HEX}")));
    }

    #[test]
    fn other_kinds_lengths_letters_and_blanks_are_refused() {
        for text in [
            String::new(),
            "AC".to_owned(),
            format!("ac{HEX}"),
            format!("SK{HEX}"),
            format!("AC{HEX}0"),
            format!("AC{}", &HEX[1..]),
            format!(" AC{HEX}"),
            format!("AC{}g", &HEX[1..]),
            format!("AC{}é", &HEX[2..]),
        ] {
            assert!(!is_account_sid(&text), "{text:?}");
        }
    }

    #[test]
    fn an_auth_token_is_32_letters_and_digits() {
        assert!(is_auth_token(HEX));
        assert!(is_auth_token(&"z".repeat(32)));
        assert!(!is_auth_token(&HEX[1..]));
        assert!(!is_auth_token(&"*".repeat(32)));
        assert!(!is_auth_token(&"é".repeat(16)));
    }
}

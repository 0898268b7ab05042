//! TwiML, the XML that Twilio expects as the answer to a webhook.
//!
//! Answers are always XML: Twilio would text a `text/plain` answer to the person.

/// The content type under which TwiML is answered.
pub const CONTENT_TYPE: &str = "text/xml";

/// The document that asks Twilio to do nothing, and above all to send no reply.
#[must_use]
pub const fn empty_response() -> &'static str {
    r#"<?xml version="1.0" encoding="UTF-8"?><Response></Response>"#
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_empty_response_is_what_the_contract_says_byte_for_byte() {
        assert_eq!(
            super::empty_response(),
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Response></Response>"
        );
    }
}

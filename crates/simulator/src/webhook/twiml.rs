//! What an answer to an inbound webhook makes Twilio text back.

use quick_xml::{Reader, XmlVersion, escape::resolve_predefined_entity, events::Event};

/// A text that the answer asks for.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Reply {
    pub(crate) body: String,
    pub(crate) media: Vec<String>,
    /// `None`: back to who texted.
    pub(crate) to: Option<String>,
    pub(crate) status_callback: Option<String>,
}

/// The texts that an answer of this type asks for, or the code of Twilio's complaint about it.
///
/// A plain text *is* the reply, which surprises services that answer "OK".
pub(crate) fn replies(content_type: &str, body: &str) -> Result<Vec<Reply>, u32> {
    let kind = content_type
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    match kind.as_str() {
        _ if body.trim().is_empty() => Ok(Vec::new()),
        "text/plain" => Ok(vec![Reply {
            body: body.to_owned(),
            ..Reply::default()
        }]),
        "text/xml" | "application/xml" | "text/html" => parse(body).ok_or(12100),
        _ => Err(12300),
    }
}

fn parse(xml: &str) -> Option<Vec<Reply>> {
    let mut reader = Reader::from_str(xml);
    let mut replies: Vec<Reply> = Vec::new();
    let mut open: Vec<String> = Vec::new();
    loop {
        match reader.read_event().ok()? {
            Event::Start(tag) => {
                let name = tag.name().as_ref().to_owned();
                start(&open, &name, &tag, &mut replies)?;
                open.push(name);
            }
            Event::Empty(tag) => start(&open, tag.name().as_ref(), &tag, &mut replies)?,
            Event::End(_) => {
                open.pop();
            }
            Event::Text(text) => append(&open, &text.xml10_content(), &mut replies),
            Event::CData(text) => append(&open, &text.xml10_content(), &mut replies),
            Event::GeneralRef(entity) => {
                let text = match entity.resolve_char_ref().ok()? {
                    Some(letter) => letter.to_string(),
                    None => resolve_predefined_entity(&entity)?.to_owned(),
                };
                append(&open, &text, &mut replies);
            }
            Event::Eof if open.is_empty() => break,
            Event::Eof => return None,
            _ => {}
        }
    }
    for reply in &mut replies {
        reply.body = reply.body.trim().to_owned();
        for url in &mut reply.media {
            *url = url.trim().to_owned();
        }
    }
    replies.retain(|reply| !reply.body.is_empty() || !reply.media.is_empty());
    Some(replies)
}

/// `None` when the document is not TwiML.
fn start(
    open: &[String],
    name: &str,
    tag: &quick_xml::events::BytesStart<'_>,
    replies: &mut Vec<Reply>,
) -> Option<()> {
    match (open, name) {
        ([], "Response") => {}
        ([], _) => return None,
        ([_], "Message" | "Sms") => replies.push(Reply {
            to: attribute(tag, "to"),
            status_callback: attribute(tag, "statusCallback"),
            ..Reply::default()
        }),
        ([_, _], "Media") => replies.last_mut()?.media.push(String::new()),
        _ => {}
    }
    Some(())
}

fn attribute(tag: &quick_xml::events::BytesStart<'_>, name: &str) -> Option<String> {
    let attribute = tag.try_get_attribute(name).ok()??;
    let value = attribute.normalized_value(XmlVersion::Explicit1_0).ok()?;
    Some(value.into_owned())
}

fn append(open: &[String], text: &str, replies: &mut [Reply]) {
    let Some(reply) = replies.last_mut() else {
        return;
    };
    let path: Vec<&str> = open.iter().map(String::as_str).collect();
    match path.as_slice() {
        [_, "Message" | "Sms"] | [_, _, "Body"] => reply.body.push_str(text),
        [_, _, "Media"] => {
            if let Some(url) = reply.media.last_mut() {
                url.push_str(text);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bodies(xml: &str) -> Vec<String> {
        replies("text/xml; charset=utf-8", xml)
            .unwrap_or_default()
            .into_iter()
            .map(|reply| reply.body)
            .collect()
    }

    #[test]
    fn messages_are_replies_in_either_notation() {
        let xml = "<?xml version=\"1.0\"?><Response><Message>Tom &amp; &#74;erry</Message>\
            <Message to=\"+1\"><Body>two</Body><Media>http://x/?a=1&amp;b=2</Media></Message></Response>";
        assert_eq!(bodies(xml), ["Tom & Jerry", "two"]);
        let all = replies("text/xml", xml).unwrap_or_default();
        assert_eq!(all[1].media, ["http://x/?a=1&b=2"]);
        assert_eq!(all[1].to.as_deref(), Some("+1"));
    }

    #[test]
    fn an_empty_response_says_nothing() {
        assert!(bodies("<Response/>").is_empty());
        assert!(bodies("<Response></Response>").is_empty());
        assert_eq!(replies("application/json", ""), Ok(Vec::new()));
    }

    #[test]
    fn plain_text_is_texted_and_json_is_a_mistake() {
        assert_eq!(
            replies("text/plain", "OK").map(|all| all[0].body.clone()),
            Ok("OK".to_owned())
        );
        assert_eq!(replies("application/json", "{}"), Err(12300));
        assert_eq!(replies("text/xml", "<Response><Message>"), Err(12100));
        assert_eq!(replies("text/xml", "<html/>"), Err(12100));
    }
}

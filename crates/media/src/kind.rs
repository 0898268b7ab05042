//! What a file is, by its content.
//!
//! What can be sent is on a list. What comes in is kept whatever it is, as bytes that nothing runs.

/// How a file is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// A picture.
    Image,
    /// A film.
    Video,
    /// A sound.
    Audio,
    /// Anything else.
    Document,
}

/// A type of file that can be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kind {
    /// Its media type, as browsers and Twilio know it.
    pub content_type: &'static str,
    /// How it is shown.
    pub family: Family,
    /// How its names end.
    pub extension: &'static str,
    /// Whether Twilio takes it for an MMS.
    pub by_mms: bool,
    /// Whether a browser may show it within a page: then it can't run anything.
    pub inline: bool,
}

/// What bytes are that none of the types fits.
pub const UNKNOWN: &str = "application/octet-stream";

/// How much of a file has to be known to tell what it is.
pub const HEAD: usize = 16 * 1024;

const fn kind(
    content_type: &'static str,
    family: Family,
    extension: &'static str,
    by_mms: bool,
    inline: bool,
) -> Kind {
    Kind {
        content_type,
        family,
        extension,
        by_mms,
        inline,
    }
}

/// The list. What Twilio takes: <https://www.twilio.com/docs/messaging/guides/accepted-mime-types>.
const KINDS: &[Kind] = &[
    kind("image/jpeg", Family::Image, "jpg", true, true),
    kind("image/png", Family::Image, "png", true, true),
    kind("image/gif", Family::Image, "gif", true, true),
    kind("image/webp", Family::Image, "webp", false, true),
    kind("image/avif", Family::Image, "avif", false, true),
    kind("image/heif", Family::Image, "heic", false, true),
    kind("video/mp4", Family::Video, "mp4", true, true),
    kind("video/quicktime", Family::Video, "mov", true, true),
    kind("video/webm", Family::Video, "webm", true, true),
    kind("video/mpeg", Family::Video, "mpg", true, true),
    kind("video/3gpp", Family::Video, "3gp", true, true),
    kind("audio/mpeg", Family::Audio, "mp3", true, true),
    kind("audio/mp4", Family::Audio, "m4a", true, true),
    kind("audio/aac", Family::Audio, "aac", false, true),
    kind("audio/ogg", Family::Audio, "ogg", true, true),
    kind("audio/wav", Family::Audio, "wav", false, true),
    kind("audio/amr", Family::Audio, "amr", true, true),
    kind("application/pdf", Family::Document, "pdf", true, true),
    kind("text/vcard", Family::Document, "vcf", true, false),
    kind("text/calendar", Family::Document, "ics", true, false),
    kind("text/csv", Family::Document, "csv", true, false),
    kind("text/plain", Family::Document, "txt", false, false),
    kind("application/rtf", Family::Document, "rtf", false, false),
    kind("application/msword", Family::Document, "doc", false, false),
    kind(
        "application/vnd.ms-excel",
        Family::Document,
        "xls",
        false,
        false,
    ),
    kind(
        "application/vnd.ms-powerpoint",
        Family::Document,
        "ppt",
        false,
        false,
    ),
    kind(
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        Family::Document,
        "docx",
        false,
        false,
    ),
    kind(
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        Family::Document,
        "xlsx",
        false,
        false,
    ),
    kind(
        "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        Family::Document,
        "pptx",
        false,
        false,
    ),
    kind(
        "application/vnd.oasis.opendocument.text",
        Family::Document,
        "odt",
        false,
        false,
    ),
    kind(
        "application/vnd.oasis.opendocument.spreadsheet",
        Family::Document,
        "ods",
        false,
        false,
    ),
    kind(
        "application/vnd.oasis.opendocument.presentation",
        Family::Document,
        "odp",
        false,
        false,
    ),
];

/// What the library that knows the first bytes calls some of them.
const ALSO: &[(&str, &str)] = &[
    ("audio/m4a", "audio/mp4"),
    ("audio/x-wav", "audio/wav"),
    ("application/ogg", "audio/ogg"),
    ("video/x-m4v", "video/mp4"),
    ("video/3gpp2", "video/3gpp"),
    ("image/heic", "image/heif"),
    ("text/rtf", "application/rtf"),
];

/// The type by its name, if it is on the list.
#[must_use]
pub fn named(content_type: &str) -> Option<Kind> {
    KINDS
        .iter()
        .find(|kind| kind.content_type == content_type)
        .copied()
}

/// What a file is that begins with `head` ([`HEAD`] bytes or all there are); `name` decides between
/// kinds of plain text only. Nothing when it is none of the list.
#[must_use]
pub fn of(head: &[u8], name: Option<&str>) -> Option<Kind> {
    if let Some(found) = infer::get(head) {
        let name = found.mime_type();
        let ours = ALSO.iter().find(|(theirs, _)| *theirs == name);
        return named(ours.map_or(name, |(_, ours)| ours));
    }
    text(head, name)
}

/// What kind of plain text it is. Markup is none: a browser would run it.
fn text(head: &[u8], name: Option<&str>) -> Option<Kind> {
    let text = match std::str::from_utf8(head) {
        Ok(text) => text,
        // A sign may be cut in two at the end of the head.
        Err(error) if error.error_len().is_none() => {
            std::str::from_utf8(&head[..error.valid_up_to()]).ok()?
        }
        Err(_) => return None,
    };
    let start = text.trim_start_matches('\u{FEFF}').trim_start();
    let strange = |c: char| c.is_control() && !matches!(c, '\t' | '\r' | '\n' | '\u{c}');
    if start.is_empty() || start.starts_with('<') || text.chars().any(strange) {
        return None;
    }
    let begins = |word: &str| {
        start
            .get(..word.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(word))
    };
    let ends = |ending: &str| {
        let extension = name.and_then(|name| name.rsplit_once('.'));
        extension.is_some_and(|(_, extension)| extension.eq_ignore_ascii_case(ending))
    };
    let content_type = if begins("BEGIN:VCARD") {
        "text/vcard"
    } else if begins("BEGIN:VCALENDAR") {
        "text/calendar"
    } else if ends("csv") {
        "text/csv"
    } else {
        "text/plain"
    };
    named(content_type)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(head: &[u8]) -> Option<&'static str> {
        of(head, None).map(|kind| kind.content_type)
    }

    #[test]
    fn files_are_told_by_their_first_bytes() {
        assert_eq!(told(b"\xFF\xD8\xFF\xE0\0\x10JFIF"), Some("image/jpeg"));
        assert_eq!(told(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"), Some("image/png"));
        assert_eq!(told(b"GIF89a\x01\0\x01\0"), Some("image/gif"));
        assert_eq!(told(b"RIFF\x24\0\0\0WEBPVP8 "), Some("image/webp"));
        assert_eq!(told(b"\0\0\0\x18ftypmp42\0\0\0\0"), Some("video/mp4"));
        assert_eq!(told(b"\0\0\0\x14ftypqt  \0\0\0\0"), Some("video/quicktime"));
        assert_eq!(told(b"%PDF-1.7\n"), Some("application/pdf"));
        assert_eq!(told(b"ID3\x04\0\0\0\0\0\0"), Some("audio/mpeg"));
        assert_eq!(told(b"#!AMR\n\x3c\0\0\0\0\0"), Some("audio/amr"));
        assert_eq!(told(b"OggS\0\x02\0\0"), Some("audio/ogg"));
        assert_eq!(told(b"RIFF\x24\0\0\0WAVEfmt "), Some("audio/wav"));
    }

    #[test]
    fn plain_text_is_told_by_its_words() {
        assert_eq!(told(b"BEGIN:VCARD\r\nVERSION:3.0\r\n"), Some("text/vcard"));
        assert_eq!(
            told(b"\xEF\xBB\xBFbegin:vcalendar\n"),
            Some("text/calendar")
        );
        assert_eq!(told("Grüße".as_bytes()), Some("text/plain"));
        // A sign that is cut in two.
        assert_eq!(told(&"Grüße".as_bytes()[..3]), Some("text/plain"));
        let table = of(b"name;phone\n", Some("leads.CSV")).unwrap();
        assert_eq!(table.content_type, "text/csv");
    }

    #[test]
    fn what_could_run_or_hides_something_is_not_on_the_list() {
        for bad in [
            &b"<!DOCTYPE html><script>"[..],
            b"  <svg xmlns='http://www.w3.org/2000/svg'>",
            b"<?xml version='1.0'?><svg>",
            b"PK\x03\x04\x14\0\0\0\x08\0",
            b"MZ\x90\0\x03",
            b"\x7FELF\x02\x01",
            b"#!/bin/sh\nrm -r /\n",
            b"\x1f\x8b\x08\0",
            b"",
            b"\n\n",
            b"\0\0\0\0",
            b"text with\0a null",
            b"\xFF\xFE\xFA\xFB",
        ] {
            assert_eq!(told(bad), None, "{:?}", String::from_utf8_lossy(bad));
        }
    }

    #[test]
    fn every_name_of_the_library_that_is_ours_is_known() {
        for (_, ours) in ALSO {
            assert!(named(ours).is_some(), "{ours}");
        }
    }
}

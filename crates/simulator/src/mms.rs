//! What Twilio and the carriers take of media: where, how much, and of which types.

/// No MMS in the recipient's country, or with its carrier.
pub(crate) const NOT_THERE: u32 = 30011;
/// A file can't be had.
pub(crate) const NOT_FETCHED: u32 = 11200;
/// A file is of a type that Twilio does not take.
pub(crate) const WRONG_TYPE: u32 = 12300;
/// More than a carrier takes.
pub(crate) const TOO_LARGE: u32 = 30019;

/// The most bytes that all media of a message may have.
const ALL: usize = 5_000_000;

/// The most bytes of a file that is passed on as it is.
const PASSED_ON: usize = 500_000;

/// Made smaller for the carrier.
const RESIZED: [&str; 4] = ["image/jpeg", "image/jpg", "image/png", "image/gif"];

/// Passed on as they are. <https://www.twilio.com/docs/messaging/guides/accepted-mime-types>
const ACCEPTED: [&str; 36] = [
    "audio/basic",
    "audio/L24",
    "audio/mp4",
    "audio/mpeg",
    "audio/ogg",
    "audio/vnd.rn-realaudio",
    "audio/vnd.wave",
    "audio/3gpp",
    "audio/3gpp2",
    "audio/ac3",
    "audio/webm",
    "audio/amr-nb",
    "audio/amr",
    "video/mpeg",
    "video/mp4",
    "video/quicktime",
    "video/webm",
    "video/3gpp",
    "video/3gpp2",
    "video/3gpp-tt",
    "video/H261",
    "video/H263",
    "video/H263-1998",
    "video/H263-2000",
    "video/H264",
    "image/bmp",
    "image/tiff",
    "text/vcard",
    "text/x-vcard",
    "text/csv",
    "text/rtf",
    "text/richtext",
    "text/calendar",
    "text/directory",
    "application/pdf",
    "application/vcard",
];

/// Whether MMS reach this number: those of the numbering plan of the USA and Canada.
pub(crate) fn reaches(to: &str) -> bool {
    to.starts_with("+1")
}

/// Adds up the media of a message.
#[derive(Debug, Default)]
pub(crate) struct Scales {
    bytes: usize,
}

impl Scales {
    /// One more file.
    ///
    /// # Errors
    /// The code with which the message fails.
    pub(crate) fn add(&mut self, content_type: &str, bytes: usize) -> Result<(), u32> {
        let name = content_type.split(';').next().unwrap_or_default().trim();
        let is = |known: &&str| known.eq_ignore_ascii_case(name);
        let is_resized = RESIZED.iter().any(&is);
        if !is_resized && !ACCEPTED.iter().any(is) {
            return Err(WRONG_TYPE);
        }
        self.bytes += bytes;
        if self.bytes > ALL || (!is_resized && bytes > PASSED_ON) {
            return Err(TOO_LARGE);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_carrier_takes_is_refused() {
        let add = |files: &[(&str, usize)]| {
            let mut scales = Scales::default();
            files
                .iter()
                .try_for_each(|(name, bytes)| scales.add(name, *bytes))
        };
        assert_eq!(
            add(&[
                ("image/png", 4_000_000),
                ("text/vcard; charset=utf-8", 500_000)
            ]),
            Ok(())
        );
        assert_eq!(add(&[("image/jpeg", 500_000); 10]), Ok(()));
        assert_eq!(add(&[("image/jpeg", 5_000_001)]), Err(TOO_LARGE));
        assert_eq!(add(&[("image/jpeg", 2_500_001); 2]), Err(TOO_LARGE));
        assert_eq!(add(&[("video/mp4", 500_001)]), Err(TOO_LARGE));
        assert_eq!(add(&[("text/html", 1)]), Err(WRONG_TYPE));
        assert_eq!(add(&[("image/webp", 1)]), Err(WRONG_TYPE));
        assert!(reaches("+14155550100") && !reaches("+4915112345678"));
    }
}

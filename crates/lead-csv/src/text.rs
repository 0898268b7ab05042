//! How a file is encoded, and reading it as UTF-8.

use std::io::{self, BufReader, Read};

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};
use encoding_rs_io::{DecodeReaderBytes, DecodeReaderBytesBuilder};

/// How much of a file is looked at to tell UTF-16 without a mark.
const HEAD: usize = 4096;

/// Reads a file as UTF-8 without a mark, as it comes.
pub(crate) type Utf8<R> = BufReader<DecodeReaderBytes<R, Vec<u8>>>;

/// Tells how a file is encoded; reads it to its end.
///
/// The mark at its beginning says so. Without one it is UTF-16 where every other byte is 0, UTF-8 if
/// it can be, and else Windows-1252, which is what spreadsheets write that do not write UTF-8.
///
/// # Errors
/// When it can't be read.
pub(crate) fn encoding(mut file: impl Read) -> io::Result<&'static Encoding> {
    let mut head = Vec::with_capacity(HEAD);
    file.by_ref().take(HEAD as u64).read_to_end(&mut head)?;
    if let Some((encoding, _)) = Encoding::for_bom(&head) {
        return Ok(encoding);
    }
    if let Some(encoding) = by_zeros(&head) {
        return Ok(encoding);
    }
    Ok(if is_utf8(head, file)? {
        UTF_8
    } else {
        WINDOWS_1252
    })
}

/// Texts of western languages have a 0 in every character of UTF-16.
fn by_zeros(head: &[u8]) -> Option<&'static Encoding> {
    let zeros = |odd: usize| {
        let bytes = head.iter().skip(odd).step_by(2);
        bytes.filter(|byte| **byte == 0).count()
    };
    let (even, odd) = (zeros(0), zeros(1));
    let many = head.len() / 8;
    match (even > many, odd > many) {
        (true, false) => Some(UTF_16BE),
        (false, true) => Some(UTF_16LE),
        _ => None,
    }
}

fn is_utf8(mut bytes: Vec<u8>, mut file: impl Read) -> io::Result<bool> {
    loop {
        let rest = match std::str::from_utf8(&bytes) {
            Ok(_) => 0,
            // A character may go on in the next piece.
            Err(error) if error.error_len().is_none() => bytes.len() - error.valid_up_to(),
            Err(_) => return Ok(false),
        };
        bytes.drain(..bytes.len() - rest);
        let read = file.by_ref().take(64 * 1024).read_to_end(&mut bytes)?;
        if read == 0 {
            return Ok(bytes.is_empty());
        }
    }
}

/// The file as UTF-8, without a mark; what can't be read becomes U+FFFD.
pub(crate) fn utf8<R: Read>(file: R, encoding: &'static Encoding) -> Utf8<R> {
    let decoder = DecodeReaderBytesBuilder::new()
        .encoding(Some(encoding))
        .bom_override(true)
        .strip_bom(true)
        .build(file);
    BufReader::with_capacity(64 * 1024, decoder)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> (String, &'static str) {
        let encoding = encoding(bytes).unwrap();
        let mut text = String::new();
        utf8(bytes, encoding).read_to_string(&mut text).unwrap();
        (text, encoding.name())
    }

    fn utf16(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(bytes).collect()
    }

    #[test]
    fn what_spreadsheets_write_is_read() {
        let text = "Naïve;João;€\n";
        assert_eq!(read(text.as_bytes()), (text.to_owned(), "UTF-8"));
        let marked = format!("\u{feff}{text}");
        assert_eq!(read(marked.as_bytes()), (text.to_owned(), "UTF-8"));
        let windows = b"Na\xefve;Jo\xe3o;\x80\n";
        assert_eq!(read(windows), (text.to_owned(), "windows-1252"));
        for text_in in [text, &marked] {
            let (le, be) = (
                utf16(text_in, u16::to_le_bytes),
                utf16(text_in, u16::to_be_bytes),
            );
            assert_eq!(read(&le), (text.to_owned(), "UTF-16LE"));
            assert_eq!(read(&be), (text.to_owned(), "UTF-16BE"));
        }
        assert_eq!(read(b""), (String::new(), "UTF-8"));
    }

    #[test]
    fn a_character_across_two_pieces_is_whole() {
        for before in HEAD - 3..=HEAD {
            let text = format!("{}€uro", "x".repeat(before));
            assert_eq!(read(text.as_bytes()), (text, "UTF-8"));
        }
        let mut broken = vec![b'x'; HEAD + 10];
        broken.push(0xe2);
        assert_eq!(read(&broken).1, "windows-1252");
    }
}

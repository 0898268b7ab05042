//! Whether a file tells nothing but its picture.
//!
//! Telephones write down where a photo was taken, in several ways: EXIF, XMP, comments, even a whole
//! film behind the picture. Only what is known to be needed to show it counts as harmless.

use image::ImageFormat;

/// Whether there is nothing in a file but what is needed to show it. What can't be read tells more.
pub(super) fn is_bare(bytes: &[u8], format: ImageFormat) -> bool {
    match format {
        ImageFormat::Jpeg => jpeg(bytes).is_some(),
        ImageFormat::Png => png(bytes).is_some(),
        // A GIF has no place for it that any camera or program is known to use.
        _ => true,
    }
}

const START: u8 = 0xD8;
const END: u8 = 0xD9;
const SCAN: u8 = 0xDA;

fn jpeg(bytes: &[u8]) -> Option<()> {
    let mut rest = bytes.strip_prefix(&[0xFF, START])?;
    loop {
        let (marker, after) = marker(rest)?;
        if marker == END {
            return after.is_empty().then_some(());
        }
        let length = usize::from(u16::from_be_bytes(*after.first_chunk()?));
        let (segment, after) = after.split_at_checked(length)?;
        if !is_needed(marker, segment.get(2..)?) {
            return None;
        }
        rest = if marker == SCAN {
            behind_scan(after)?
        } else {
            after
        };
    }
}

/// The next marker and what stands behind it. Any number of fill bytes may stand before it.
fn marker(bytes: &[u8]) -> Option<(u8, &[u8])> {
    let start = bytes.iter().position(|byte| *byte != 0xFF)?;
    (start > 0).then(|| (bytes[start], &bytes[start + 1..]))
}

/// Where the next marker stands that is no part of the pixels: zero and restarts are.
fn behind_scan(bytes: &[u8]) -> Option<&[u8]> {
    let is_marker = |two: &[u8]| two[0] == 0xFF && !matches!(two[1], 0x00 | 0xD0..=0xD7 | 0xFF);
    let at = bytes.windows(2).position(is_marker)?;
    Some(&bytes[at..])
}

/// Tables, frames and scans; the colours; whose the file format is.
fn is_needed(marker: u8, content: &[u8]) -> bool {
    match marker {
        0xC0..=0xCF | SCAN..=0xDF => true,
        0xE0 => content.starts_with(b"JFIF\0") && content.len() == 14,
        0xE2 => content.starts_with(b"ICC_PROFILE\0"),
        0xEE => content.starts_with(b"Adobe"),
        _ => false,
    }
}

/// The chunks of a PNG that have to do with what is seen.
const CHUNKS: [&[u8; 4]; 19] = [
    b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"cICP",
    b"mDCV", b"cLLI", b"sBIT", b"bKGD", b"pHYs", b"sPLT", b"acTL", b"fcTL", b"fdAT",
];

fn png(bytes: &[u8]) -> Option<()> {
    let mut rest = bytes.strip_prefix(b"\x89PNG\r\n\x1a\n")?;
    loop {
        let length = usize::try_from(u32::from_be_bytes(*rest.first_chunk()?)).ok()?;
        let name: &[u8; 4] = rest.get(4..)?.first_chunk()?;
        if !CHUNKS.contains(&name) {
            return None;
        }
        // The check sum stands at its end.
        rest = rest.get(length.checked_add(12)?..)?;
        if name == b"IEND" {
            return rest.is_empty().then_some(());
        }
    }
}

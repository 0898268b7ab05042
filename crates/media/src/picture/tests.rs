use std::io::{Seek, Write};

use image::metadata::Orientation;
use image::{ImageEncoder, Rgba, RgbaImage};

use super::*;
use crate::kind;

fn file(bytes: &[u8]) -> File {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(bytes).unwrap();
    file.rewind().unwrap();
    file
}

fn look_at(bytes: &[u8]) -> Result<Picture, PictureError> {
    let kind = kind::of(bytes, None).unwrap();
    look(file(bytes), bytes.len() as u64, kind)
}

/// A picture that does not compress: every pixel another.
fn noise(width: u32, height: u32) -> RgbImage {
    let mut state = 1_u32;
    RgbImage::from_fn(width, height, |_, _| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        image::Rgb([(state >> 24) as u8, (state >> 16) as u8, (state >> 8) as u8])
    })
}

fn as_jpeg(picture: &RgbImage, quality: u8, exif: Option<Vec<u8>>) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = JpegEncoder::new_with_quality(&mut bytes, quality);
    if let Some(exif) = exif {
        encoder.set_exif_metadata(exif).unwrap();
    }
    picture.write_with_encoder(encoder).unwrap();
    bytes
}

fn as_png(picture: &RgbaImage) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, ImageFormat::Png).unwrap();
    bytes.into_inner()
}

/// EXIF with one entry: how the picture is to be turned.
fn turned(orientation: u8) -> Vec<u8> {
    let mut exif = b"MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0".to_vec();
    exif.extend([orientation, 0, 0, 0, 0, 0, 0]);
    exif
}

fn decoded(bytes: &[u8]) -> RgbImage {
    image::load_from_memory(bytes).unwrap().into_rgb8()
}

#[test]
fn a_small_picture_goes_as_it_is() {
    let bytes = as_jpeg(&noise(60, 40), 80, None);
    let picture = look_at(&bytes).unwrap();
    assert_eq!((picture.width, picture.height), (60, 40));
    assert_eq!(picture.fitted, None);
    assert_eq!(decoded(&picture.thumbnail).dimensions(), (60, 40));
}

#[test]
fn a_large_one_is_made_to_fit() {
    let bytes = as_jpeg(&noise(3000, 2000), 95, None);
    assert!(bytes.len() as u64 > 10 * FITS);
    let picture = look_at(&bytes).unwrap();
    assert_eq!((picture.width, picture.height), (3000, 2000));
    let fitted = picture.fitted.unwrap();
    assert!(fitted.len() as u64 <= FITS, "{}", fitted.len());
    let (width, height) = decoded(&fitted).dimensions();
    assert!(
        width >= 640 && (width * 2).abs_diff(height * 3) <= 3,
        "{width} x {height}"
    );
    assert_eq!(decoded(&picture.thumbnail).dimensions(), (480, 320));
}

#[test]
fn what_a_photo_tells_of_itself_is_not_passed_on_but_it_stands_upright() {
    // Left half black; turned by 90 degrees, that is the upper half.
    let half = RgbImage::from_fn(80, 40, |x, _| image::Rgb([if x < 40 { 0 } else { 255 }; 3]));
    let bytes = as_jpeg(&half, 90, Some(turned(6)));
    assert!(bytes.windows(4).any(|four| four == b"Exif"));
    let picture = look_at(&bytes).unwrap();
    assert_eq!((picture.width, picture.height), (40, 80));
    for made in [picture.fitted.unwrap(), picture.thumbnail] {
        assert!(!made.windows(4).any(|four| four == b"Exif"));
        let made = decoded(&made);
        assert_eq!(made.dimensions(), (40, 80));
        assert!(made.get_pixel(20, 10).0[0] < 40);
        assert!(made.get_pixel(20, 70).0[0] > 215);
    }
    let mut decoder = image::codecs::jpeg::JpegDecoder::new(Cursor::new(&bytes)).unwrap();
    assert_eq!(decoder.orientation().unwrap(), Orientation::Rotate90);
}

/// A JPEG's segment.
fn segment(marker: u8, content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len() + 2).unwrap().to_be_bytes();
    [&[0xFF, marker], length.as_slice(), content].concat()
}

/// A PNG's chunk.
fn chunk(name: &[u8; 4], content: &[u8]) -> Vec<u8> {
    let length = u32::try_from(content.len()).unwrap().to_be_bytes();
    let named = [name.as_slice(), content].concat();
    let check = crc(&named).to_be_bytes();
    [length.as_slice(), &named, &check].concat()
}

#[test]
fn wherever_a_photo_tells_of_itself_that_is_not_passed_on() {
    const SECRET: &[u8] = b"51.5074 N 0.1278 W";
    let jpeg = as_jpeg(&noise(60, 40), 80, None);
    let png = as_png(&RgbaImage::from_pixel(20, 10, Rgba([9, 9, 9, 255])));
    let with = |bytes: &[u8], at: usize, more: Vec<u8>| {
        [&bytes[..at], more.as_slice(), &bytes[at..]].concat()
    };
    let xmp = [b"http://ns.adobe.com/xap/1.0/\0".as_slice(), SECRET].concat();
    let iptc = [b"Photoshop 3.0\0".as_slice(), SECRET].concat();
    let (in_png, end) = (png.len() - 12, jpeg.len());
    let files = [
        with(&jpeg, 2, segment(0xE1, &xmp)),
        with(&jpeg, 2, segment(0xED, &iptc)),
        with(&jpeg, 2, segment(0xFE, SECRET)),
        with(&jpeg, 2, segment(0xE5, SECRET)),
        with(&jpeg, end - 2, segment(0xE1, &xmp)),
        with(&jpeg, end, SECRET.to_vec()),
        with(&png, 33, chunk(b"eXIf", SECRET)),
        with(&png, in_png, chunk(b"eXIf", SECRET)),
        with(&png, in_png, chunk(b"iTXt", SECRET)),
        with(&png, in_png, chunk(b"tEXt", SECRET)),
        with(&png, in_png, chunk(b"zTXt", SECRET)),
        with(&png, in_png, chunk(b"prVt", SECRET)),
        with(&png, png.len(), SECRET.to_vec()),
    ];
    for (n, file) in files.iter().enumerate() {
        assert!(file.windows(SECRET.len()).any(|part| part == SECRET));
        let fitted = look_at(file).unwrap().fitted;
        let fitted = fitted.unwrap_or_else(|| panic!("file {n} goes as it is"));
        assert!(
            !fitted.windows(SECRET.len()).any(|part| part == SECRET),
            "{n}"
        );
    }
    // What it takes to show it stays.
    for file in [
        with(&jpeg, 2, segment(0xE2, b"ICC_PROFILE\0\x01\x01...")),
        with(&png, 33, chunk(b"pHYs", &[0; 9])),
        png.clone(),
    ] {
        assert_eq!(look_at(&file).unwrap().fitted, None);
    }
}

#[test]
fn what_shows_through_becomes_white() {
    let glass = RgbaImage::from_pixel(10, 10, Rgba([200, 0, 0, 0]));
    let picture = look_at(&as_png(&glass)).unwrap();
    assert_eq!(
        decoded(&picture.thumbnail).get_pixel(5, 5).0,
        [255, 255, 255]
    );
}

#[test]
fn what_moves_is_not_made_to_stand_still() {
    let mut bytes = Vec::new();
    let mut encoder = image::codecs::gif::GifEncoder::new(&mut bytes);
    for shade in [0, 255] {
        let frame = RgbaImage::from_pixel(8, 8, Rgba([shade, shade, shade, 255]));
        encoder.encode_frame(image::Frame::new(frame)).unwrap();
    }
    drop(encoder);
    let picture = look_at(&bytes).unwrap();
    assert_eq!((picture.width, picture.fitted), (8, None));
}

#[test]
fn one_that_twilio_does_not_take_becomes_one_that_it_does() {
    let mut bytes = Vec::new();
    image::codecs::webp::WebPEncoder::new_lossless(&mut bytes)
        .write_image(&[9; 300], 10, 10, image::ExtendedColorType::Rgb8)
        .unwrap();
    let fitted = look_at(&bytes).unwrap().fitted.unwrap();
    assert_eq!(kind::of(&fitted, None).unwrap().content_type, "image/jpeg");
}

#[test]
fn a_picture_that_would_fill_the_memory_is_refused_by_its_size_alone() {
    // The beginning of a PNG that says it has 30,000 by 30,000 pixels.
    let mut bytes = as_png(&RgbaImage::new(1, 1));
    bytes[16..20].copy_from_slice(&30_000_u32.to_be_bytes());
    bytes[20..24].copy_from_slice(&30_000_u32.to_be_bytes());
    let check = crc(&bytes[12..29]);
    bytes[29..33].copy_from_slice(&check.to_be_bytes());
    let error = look_at(&bytes).unwrap_err();
    assert!(
        matches!(
            error,
            PictureError::TooManyPixels {
                pixels: 900_000_000
            }
        ),
        "{error:?}"
    );
    assert!(error.to_string().contains("900 megapixels"));
}

#[test]
fn fewer_pixels_of_finer_shades_fill_the_memory_as_well() {
    // 30 megapixels of 16 bits for each of four colours.
    let mut bytes = as_png(&RgbaImage::new(1, 1));
    bytes[16..20].copy_from_slice(&6_000_u32.to_be_bytes());
    bytes[20..24].copy_from_slice(&5_000_u32.to_be_bytes());
    bytes[24] = 16;
    let check = crc(&bytes[12..29]);
    bytes[29..33].copy_from_slice(&check.to_be_bytes());
    let error = look_at(&bytes).unwrap_err();
    let is_it = matches!(error, PictureError::TooManyBytes { bytes: 240_000_000 });
    assert!(is_it, "{error:?}");
    assert!(error.to_string().contains("at most 160 MB"), "{error}");
}

/// As PNG checks its chunks.
fn crc(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            (crc >> 1) ^ (0xEDB8_8320 & 0_u32.wrapping_sub(crc & 1))
        })
    })
}

#[test]
fn what_only_begins_like_a_picture_is_refused() {
    let whole = as_jpeg(&noise(60, 40), 80, None);
    for bad in [
        b"GIF89a\x10\0\x10\0;<script>alert(1)</script>".to_vec(),
        b"\xFF\xD8\xFF\xE0PK\x03\x04 not a picture".to_vec(),
        b"\x89PNG\r\n\x1a\nnonsense".to_vec(),
        whole[..40].to_vec(),
    ] {
        let error = look_at(&bad).unwrap_err();
        assert!(matches!(error, PictureError::Damaged(_)), "{error:?}");
    }
}

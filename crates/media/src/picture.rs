//! Pictures: whether they can be shown, how large they are, and made smaller.
//!
//! Decoding takes memory by the pixel, whatever the file's length, so what a picture says of its size
//! is read first, and only one is decoded at a time.

use std::fs::File;
use std::io::{BufReader, Cursor, Read, Seek};
use std::sync::mpsc;

use image::codecs::jpeg::JpegEncoder;
use image::{DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits, RgbImage};
use tokio::sync::oneshot;

mod bare;

use crate::kind::Kind;

/// What Twilio takes of a picture is 5 MB, but ten of them together may not have more.
pub const FITS: u64 = 500_000;

/// The most pixels that are decoded: the largest photo of most telephones.
const MOST_PIXELS: u64 = 52_000_000;

/// The most memory that the pixels may take: those of the largest photo, or fewer that have a colour
/// more or finer shades.
const MOST_BYTES: u64 = 160_000_000;

/// The longest side and the quality of pictures that are made to fit, best first.
const FITTED: [(u32, u8); 7] = [
    (2048, 82),
    (1600, 80),
    (1600, 70),
    (1280, 70),
    (1024, 65),
    (800, 60),
    (640, 50),
];

/// The longest side and the quality of small ones.
const SMALL: (u32, u8) = (480, 75);

/// Why a picture is of no use.
#[derive(Debug, thiserror::Error)]
pub enum PictureError {
    /// It would take too much memory.
    #[error(
        "the picture has {} megapixels; at most {} can be taken",
        .pixels.div_ceil(1_000_000),
        MOST_PIXELS / 1_000_000
    )]
    TooManyPixels {
        /// How many it says it has.
        pixels: u64,
    },
    /// It would take too much memory, though it has not that many pixels.
    #[error(
        "the picture's pixels take {} MB; at most {} MB can be taken",
        .bytes.div_ceil(1_000_000),
        MOST_BYTES / 1_000_000
    )]
    TooManyBytes {
        /// How many it says they take.
        bytes: u64,
    },
    /// It is no picture, or only the beginning of one.
    #[error("the picture is damaged, or is no {0} although it begins like one")]
    Damaged(&'static str),
    /// The file can't be read.
    #[error("the file can't be read")]
    Io(#[from] std::io::Error),
}

/// What is known of a picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// Pixels, as it is to be shown.
    pub width: u32,
    /// Pixels, as it is to be shown.
    pub height: u32,
    /// A JPEG that fits into an MMS and tells nothing but what is seen; none where the file itself is
    /// such a one.
    pub fitted: Option<Vec<u8>>,
    /// A small JPEG.
    pub thumbnail: Vec<u8>,
}

/// Looks at pictures, one at a time, on a thread of its own. Clones share it.
///
/// One thread for all of them: allocators keep for each thread some of what it had, and a picture has
/// a hundred megabytes.
#[derive(Clone, Debug)]
pub struct Studio {
    orders: mpsc::Sender<Order>,
}

#[derive(Debug)]
struct Order {
    file: File,
    size: u64,
    kind: Kind,
    tell: oneshot::Sender<Result<Picture, PictureError>>,
}

fn work(orders: &mpsc::Receiver<Order>) {
    while let Ok(Order {
        file,
        size,
        kind,
        tell,
    }) = orders.recv()
    {
        if tell.is_closed() {
            continue;
        }
        // A decoder that panics has met a picture that nobody can show.
        let looked = std::panic::catch_unwind(|| look(file, size, kind));
        let looked = looked.unwrap_or(Err(PictureError::Damaged(kind.extension)));
        // Who has left is not told.
        let _ = tell.send(looked);
    }
}

impl Studio {
    /// Begins its thread, which ends with the last clone.
    ///
    /// # Errors
    /// When the operating system gives no thread.
    pub fn open() -> std::io::Result<Self> {
        let (orders, taken) = mpsc::channel();
        std::thread::Builder::new()
            .name("pictures".to_owned())
            .spawn(move || work(&taken))?;
        Ok(Self { orders })
    }

    /// Whether pictures of a kind can be looked at.
    #[must_use]
    pub fn knows(kind: &Kind) -> bool {
        format(kind).is_some()
    }

    /// Decodes the picture in `file`, of `size` bytes, and makes others of it.
    ///
    /// # Errors
    /// [`PictureError`].
    pub async fn look(&self, file: File, size: u64, kind: Kind) -> Result<Picture, PictureError> {
        let (tell, told) = oneshot::channel();
        let order = Order {
            file,
            size,
            kind,
            tell,
        };
        let gone = || PictureError::Io(std::io::Error::other("the thread for pictures has ended"));
        self.orders.send(order).map_err(|_| gone())?;
        told.await.map_err(|_| gone())?
    }
}

fn format(kind: &Kind) -> Option<ImageFormat> {
    match kind.content_type {
        "image/jpeg" => Some(ImageFormat::Jpeg),
        "image/png" => Some(ImageFormat::Png),
        "image/gif" => Some(ImageFormat::Gif),
        "image/webp" => Some(ImageFormat::WebP),
        _ => None,
    }
}

fn look(file: File, size: u64, kind: Kind) -> Result<Picture, PictureError> {
    let damaged = || PictureError::Damaged(kind.extension);
    let wrong = |error| match error {
        ImageError::IoError(error) if error.kind() != std::io::ErrorKind::UnexpectedEof => {
            PictureError::Io(error)
        }
        _ => PictureError::Damaged(kind.extension),
    };
    let format = format(&kind).ok_or_else(damaged)?;
    let mut file = file;
    let as_it_is = goes_as_it_is(&mut file, size, &kind, format)?;
    file.rewind()?;
    let mut reader = ImageReader::with_format(BufReader::new(file), format);
    reader.limits(limits());
    let mut decoder = reader.into_decoder().map_err(wrong)?;
    let (width, height) = decoder.dimensions();
    let pixels = u64::from(width) * u64::from(height);
    if pixels > MOST_PIXELS {
        return Err(PictureError::TooManyPixels { pixels });
    }
    if decoder.total_bytes() > MOST_BYTES {
        let bytes = decoder.total_bytes();
        return Err(PictureError::TooManyBytes { bytes });
    }
    let orientation = decoder.orientation().map_err(wrong)?;
    let whole = DynamicImage::from_decoder(decoder).map_err(wrong)?;
    // Turned only when it is small.
    let mut picture = shrunk(whole, FITTED[0].0);
    picture.apply_orientation(orientation);
    let turned = matches!(
        orientation,
        image::metadata::Orientation::Rotate90
            | image::metadata::Orientation::Rotate270
            | image::metadata::Orientation::Rotate90FlipH
            | image::metadata::Orientation::Rotate270FlipH
    );
    let (width, height) = if turned {
        (height, width)
    } else {
        (width, height)
    };
    let picture = on_white(picture);
    Ok(Picture {
        width,
        height,
        fitted: if as_it_is { None } else { fitted(&picture) },
        thumbnail: jpeg(&picture, SMALL).ok_or_else(damaged)?,
    })
}

/// Whether the file itself can go with an MMS. Asked before the picture is decoded: then there is
/// nothing yet in memory.
fn goes_as_it_is(
    file: &mut File,
    size: u64,
    kind: &Kind,
    format: ImageFormat,
) -> Result<bool, PictureError> {
    if format == ImageFormat::Gif && is_animated(file)? {
        return Ok(true);
    }
    if !kind.by_mms || size > FITS {
        return Ok(false);
    }
    file.rewind()?;
    let mut bytes = Vec::new();
    file.take(FITS).read_to_end(&mut bytes)?;
    Ok(bare::is_bare(&bytes, format))
}

/// Whether there is more than one picture in it: made to fit, it would stand still.
fn is_animated(file: &mut File) -> Result<bool, PictureError> {
    file.rewind()?;
    let mut options = gif::DecodeOptions::new();
    // What the pictures show does not matter, and takes memory.
    options.skip_frame_decoding(true);
    let Ok(mut decoder) = options.read_info(BufReader::new(file)) else {
        return Ok(false);
    };
    let mut is_next = || matches!(decoder.next_frame_info(), Ok(Some(_)));
    Ok(is_next() && is_next())
}

/// What decoders may take beside the pixels, in bytes: some make them once more.
fn limits() -> Limits {
    let mut limits = Limits::default();
    limits.max_alloc = Some(MOST_BYTES * 2);
    limits
}

/// The picture with no side longer than `longest`.
fn shrunk(picture: DynamicImage, longest: u32) -> DynamicImage {
    if picture.width().max(picture.height()) <= longest {
        return picture;
    }
    // It takes averages and no memory beside the result, unlike better filters.
    picture.thumbnail(longest, longest)
}

/// Without transparency, which a JPEG has not.
fn on_white(picture: DynamicImage) -> RgbImage {
    if !picture.color().has_alpha() {
        return picture.into_rgb8();
    }
    let picture = picture.into_rgba8();
    RgbImage::from_fn(picture.width(), picture.height(), |x, y| {
        let [red, green, blue, alpha] = picture.get_pixel(x, y).0;
        let over = |part: u8| {
            let (part, alpha) = (u32::from(part), u32::from(alpha));
            u8::try_from((part * alpha + 255 * (255 - alpha)) / 255).unwrap_or(u8::MAX)
        };
        image::Rgb([over(red), over(green), over(blue)])
    })
}

fn fitted(picture: &RgbImage) -> Option<Vec<u8>> {
    let mut made = FITTED.iter().filter_map(|how| jpeg(picture, *how));
    made.find(|bytes| bytes.len() as u64 <= FITS)
}

fn jpeg(picture: &RgbImage, (longest, quality): (u32, u8)) -> Option<Vec<u8>> {
    let mut bytes = Cursor::new(Vec::new());
    let encoder = JpegEncoder::new_with_quality(&mut bytes, quality);
    let side = picture.width().max(picture.height());
    let made = if side > longest {
        let scaled = |length: u32| {
            let (length, side) = (u64::from(length), u64::from(side));
            let length = (length * u64::from(longest) + side / 2) / side;
            u32::try_from(length).unwrap_or(longest).max(1)
        };
        image::imageops::thumbnail(picture, scaled(picture.width()), scaled(picture.height()))
            .write_with_encoder(encoder)
    } else {
        picture.write_with_encoder(encoder)
    };
    made.ok()?;
    Some(bytes.into_inner())
}

#[cfg(test)]
mod tests;

//! Pictures: whether they can be shown, how large they are, and made smaller.
//!
//! Decoding takes memory by the pixel, whatever the file's length, so what a picture says of its size
//! is read first, and only one is decoded at a time.

use std::fs::File;
use std::io::{BufReader, Cursor, Seek};
use std::sync::mpsc;

use image::codecs::gif::GifDecoder;
use image::codecs::jpeg::JpegEncoder;
use image::{
    AnimationDecoder, DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits,
    RgbImage,
};
use tokio::sync::oneshot;

use crate::kind::Kind;

/// What Twilio takes of a picture is 5 MB, but ten of them together may not have more.
pub const FITS: u64 = 500_000;

/// The most pixels that are decoded: the largest photo of most telephones.
const MOST_PIXELS: u64 = 52_000_000;

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
    let again = file.try_clone()?;
    let mut reader = ImageReader::with_format(BufReader::new(file), format);
    reader.limits(limits());
    let mut decoder = reader.into_decoder().map_err(wrong)?;
    let (width, height) = decoder.dimensions();
    let pixels = u64::from(width) * u64::from(height);
    if pixels > MOST_PIXELS {
        return Err(PictureError::TooManyPixels { pixels });
    }
    let tells_more = decoder.exif_metadata().ok().flatten().is_some();
    let orientation = decoder.orientation().map_err(wrong)?;
    let whole = DynamicImage::from_decoder(decoder).map_err(wrong)?;
    let moves = format == ImageFormat::Gif && is_animated(again)?;
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
    let as_it_is = moves || (kind.by_mms && size <= FITS && !tells_more);
    Ok(Picture {
        width,
        height,
        fitted: if as_it_is { None } else { fitted(&picture) },
        thumbnail: jpeg(&picture, SMALL).ok_or_else(damaged)?,
    })
}

/// Whether there is more than one picture in it: made to fit, it would stand still.
fn is_animated(file: File) -> Result<bool, PictureError> {
    let mut file = file;
    file.rewind()?;
    let Ok(mut decoder) = GifDecoder::new(BufReader::new(file)) else {
        return Ok(false);
    };
    if decoder.set_limits(limits()).is_err() {
        return Ok(false);
    }
    Ok(decoder.into_frames().take(2).filter(Result::is_ok).count() == 2)
}

/// What decoding may take, in bytes: of the largest picture that is taken, twice four for a pixel.
fn limits() -> Limits {
    let mut limits = Limits::default();
    limits.max_alloc = Some(MOST_PIXELS * 8);
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

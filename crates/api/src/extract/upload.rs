//! A file out of a form, written to disk as it comes.

use std::collections::BTreeMap;
use std::time::Duration;

use actix_multipart::{Field, Multipart, MultipartError};
use actix_web::error::PayloadError;
use actix_web::{HttpMessage, HttpRequest, web};
use futures_util::TryStreamExt;
use media::Spooled;
use tokio::time::sleep;

use crate::error::ApiError;
use crate::state::State;

/// The form's one field.
const FIELD: &str = "file";

/// How much more than the file a form may have.
const AROUND: u64 = 64 * 1024;

/// The longest name that is kept, in characters.
const LONGEST_NAME: usize = 200;

/// The most that another field may hold, in bytes.
const LARGEST_FIELD: usize = 256;

/// How long it is waited for the next piece: a file may take long, but it has to go on.
const PATIENCE: Duration = Duration::from_secs(30);

/// The same once the service has been told to stop.
const LAST_PATIENCE: Duration = Duration::from_secs(2);

/// A form with a file.
#[derive(Debug)]
pub struct Upload {
    /// The file.
    pub file: Spooled,
    /// What its owner calls it.
    pub filename: Option<String>,
    /// The form's other fields.
    pub fields: BTreeMap<&'static str, String>,
}

/// Reads the form to its end: its file, of at most `limit` bytes, and what it has of `fields`.
///
/// # Errors
/// 408 when nothing more comes; 413, 415; 422 for a field that is not known, or there twice; 507.
pub async fn receive(
    state: &State,
    request: &HttpRequest,
    payload: web::Payload,
    limit: u64,
    fields: &[&'static str],
) -> Result<Upload, ApiError> {
    let is_form = request
        .content_type()
        .eq_ignore_ascii_case("multipart/form-data");
    if !is_form {
        let detail = "a file is sent as multipart/form-data, in the field `file`";
        return Err(ApiError::UnsupportedMediaType(detail.into()));
    }
    let length = request.headers().get("content-length");
    let length = length.and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if length.is_some_and(|length| length > limit + AROUND) {
        return Err(too_large(limit));
    }
    let mut form = Multipart::new(request.headers(), payload);
    let (mut file, mut filename, mut others) = (None, None, BTreeMap::new());
    loop {
        let mut field = match in_time(state, form.try_next()).await? {
            Ok(Some(field)) => field,
            Ok(None) => break,
            // A form without any field is told to be incomplete too.
            Err(MultipartError::Incomplete) if file.is_none() => break,
            Err(error) => return Err(broken(error)),
        };
        let name = field.name().unwrap_or_default().to_owned();
        if name == FIELD {
            if file.is_some() {
                let detail = "is there twice; send one file at a time";
                return Err(ApiError::field("/file", detail));
            }
            filename = field
                .content_disposition()
                .and_then(|disposition| disposition.get_filename())
                .and_then(last_part);
            file = Some(spool(state, &mut field, limit).await?);
        } else {
            let known = fields.iter().find(|known| **known == name);
            let Some(known) = known.filter(|known| !others.contains_key(*known)) else {
                let detail =
                    "is not known here, or there twice; the file is sent in the field `file`";
                return Err(ApiError::field(format!("/{name}"), detail));
            };
            others.insert(*known, word(state, &mut field, known).await?);
        }
    }
    Ok(Upload {
        file: file.ok_or_else(|| ApiError::field("/file", "is missing"))?,
        filename,
        fields: others,
    })
}

/// A field that holds a word.
async fn word(state: &State, field: &mut Field, name: &str) -> Result<String, ApiError> {
    let refused = |detail| ApiError::field(format!("/{name}"), detail);
    let mut bytes = Vec::new();
    while let Some(piece) = in_time(state, field.try_next()).await?.map_err(broken)? {
        if bytes.len() + piece.len() > LARGEST_FIELD {
            return Err(refused("is too long"));
        }
        bytes.extend_from_slice(&piece);
    }
    let word = String::from_utf8(bytes).map_err(|_| refused("is not UTF-8"))?;
    Ok(word.trim().to_owned())
}

async fn spool(state: &State, field: &mut Field, limit: u64) -> Result<Spooled, ApiError> {
    let mut spool = state.store.spool(limit)?;
    while let Some(piece) = in_time(state, field.try_next()).await?.map_err(broken)? {
        spool.write(&piece).await?;
    }
    Ok(spool.finish().await?)
}

/// Waits for the next piece, but not for ever: who sends no more would hold a file open, and the whole
/// service up when it is to stop.
async fn in_time<T>(state: &State, next: impl Future<Output = T>) -> Result<T, ApiError> {
    let at_the_end = async {
        state.closing.cancelled().await;
        sleep(LAST_PATIENCE).await;
    };
    let waited = tokio::select! {
        biased;
        piece = next => return Ok(piece),
        () = at_the_end => LAST_PATIENCE,
        () = sleep(PATIENCE) => PATIENCE,
    };
    Err(ApiError::Stalled { waited })
}

fn too_large(limit: u64) -> ApiError {
    ApiError::TooLarge {
        limit: usize::try_from(limit).unwrap_or(usize::MAX),
    }
}

/// What is wrong with the form, or with the connection that it comes by.
fn broken(error: MultipartError) -> ApiError {
    match error {
        MultipartError::Incomplete
        | MultipartError::Payload(PayloadError::Incomplete(_) | PayloadError::Io(_)) => {
            ApiError::Malformed("the upload broke off before its end; send it again".into())
        }
        MultipartError::ContentTypeMissing
        | MultipartError::ContentTypeParse
        | MultipartError::BoundaryMissing => {
            let detail = "the header Content-Type of a form names its boundary";
            ApiError::Malformed(detail.into())
        }
        _ => ApiError::Malformed("the form can't be read as multipart/form-data".into()),
    }
}

/// The name without the folders before it, and without signs that nobody sees. It is only shown:
/// nothing is ever stored under it.
fn last_part(name: &str) -> Option<String> {
    let name = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let seen = |c: &char| {
        !c.is_control() && !matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
    };
    let name: String = name.chars().filter(seen).collect();
    let name = name.trim().trim_start_matches('.');
    let short = match name.rsplit_once('.') {
        // What kind it is stands at the end.
        Some((stem, ending)) if name.chars().count() > LONGEST_NAME => {
            let ending: String = ending.chars().take(20).collect();
            let room = LONGEST_NAME - 1 - ending.chars().count();
            format!("{}.{ending}", stem.chars().take(room).collect::<String>())
        }
        _ => name.chars().take(LONGEST_NAME).collect(),
    };
    (!short.is_empty()).then_some(short)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(name: &str) -> Option<String> {
        last_part(name)
    }

    #[test]
    fn a_name_is_no_path() {
        for name in [
            "photo.jpg",
            "/etc/photo.jpg",
            "..\\..\\photo.jpg",
            "a/../photo.jpg",
        ] {
            assert_eq!(read(name).as_deref(), Some("photo.jpg"), "{name}");
        }
        assert_eq!(read(".hidden").as_deref(), Some("hidden"));
        for name in ["", "/", "..", "a/..", "  ", "\u{202E}\n"] {
            assert_eq!(read(name), None, "{name:?}");
        }
        assert_eq!(read("Ünï cödé.png").as_deref(), Some("Ünï cödé.png"));
        assert_eq!(read("a\r\nb\0.png").as_deref(), Some("ab.png"));
    }

    #[test]
    fn a_long_name_keeps_its_ending() {
        let name = read(&format!("{}.jpeg", "x".repeat(5000))).unwrap();
        assert_eq!(name.chars().count(), LONGEST_NAME);
        assert!(name.ends_with("x.jpeg"));
        assert_eq!(read(&"y".repeat(5000)).unwrap().len(), LONGEST_NAME);
    }
}

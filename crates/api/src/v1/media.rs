//! `media`: files that go with messages.

use actix_web::{HttpRequest, HttpResponse, get, http::header, post, web, web::Data};
use auth::permission::{ReadMessages, SendMessages};
use conversations::{attachments, outbound};
use entity::id::MediaId;
use entity::media as row;
use events::Outbox;
use media::picture::{PictureError, Studio};
use media::{Spooled, StoreError, Variant, kind};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::conditional::read;
use crate::error::ApiError;
use crate::extract::{Allowed, Path, Query, Upload, receive};
use crate::files;
use crate::state::{Shown, State};

/// The largest file that is taken, in bytes.
const LARGEST: u64 = 20 * 1024 * 1024;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(upload).service(usage).service(show);
}

/// A file that is here, for a message to come.
#[derive(Debug, Serialize, ToSchema)]
pub struct UploadedMedia {
    /// What `media_ids` of a message names.
    pub id: MediaId,
    /// What it is, by its content.
    #[schema(example = "image/jpeg")]
    pub content_type: String,
    /// Bytes.
    pub size: i64,
    /// What its owner calls it.
    pub filename: Option<String>,
    /// Pixels, of a picture.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub width: Option<i32>,
    /// Pixels, of a picture.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub height: Option<i32>,
    /// Whether it can go with a message, where sender and recipient have MMS. Else it goes as a link
    /// in the text.
    pub mms: MmsFit,
    /// Where to see it, for an hour at least.
    pub url: String,
    /// A small picture of it.
    pub thumbnail_url: Option<String>,
}

/// Whether a file can be an MMS.
#[derive(Debug, Serialize, ToSchema)]
pub struct MmsFit {
    /// Whether it can.
    pub fits: bool,
    /// Why it can't.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl UploadedMedia {
    fn new(row: row::Model, shown: &Shown<'_>) -> Self {
        let fit = outbound::fits(&row);
        Self {
            id: row.id,
            mms: MmsFit {
                fits: fit.is_ok(),
                reason: fit.err(),
            },
            url: shown.link(&row, Variant::Original),
            thumbnail_url: shown.thumbnail(&row),
            content_type: row.content_type,
            size: row.size.unwrap_or(0),
            filename: row.filename,
            width: row.width,
            height: row.height,
        }
    }
}

/// A file in a form.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "only described: the form is read as it comes")]
struct UploadForm {
    /// The file, at most 20 MB.
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
}

/// Upload a file, for `media_ids` of a message. What is not used within a day is removed.
///
/// What a photo tells of place and camera is not passed on where it is a JPEG, PNG or WebP. HEIC, AVIF,
/// moving GIFs, films and sound leave as they came.
#[utoipa::path(
    tag = "Media",
    operation_id = "upload_media",
    request_body(content = UploadForm, content_type = "multipart/form-data"),
    responses((status = 201, body = UploadedMedia)),
)]
#[post("/media")]
async fn upload(
    state: Data<State>,
    caller: Allowed<SendMessages>,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, ApiError> {
    let Upload { file, filename, .. } = receive(&state, &request, payload, LARGEST, &[]).await?;
    let kind = kind::of(&file.head, filename.as_deref()).ok_or_else(|| not_taken(&file))?;
    let picture = if Studio::knows(&kind) {
        let source = file.rewound().map_err(StoreError::from)?;
        let looked = state.studio.look(source, file.size, kind).await;
        Some(looked.map_err(unfit)?)
    } else {
        None
    };
    let (conn, clock, tenant) = (state.db.writer(), &state.clock, caller.tenant_id);
    let kept = attachments::keep(
        conn,
        clock,
        &state.store,
        tenant,
        &file,
        Some(kind),
        picture,
    );
    let kept = kept.await?;
    let tx = state.db.write_tx().await?;
    let row = attachments::add(&tx, clock, tenant, kept, filename).await?;
    let mut outbox = Outbox::new();
    outbox.touch(tenant);
    outbox.commit(tx, clock.now(), &state.bell).await?;
    let location = format!("/api/v1/media/{}", row.id);
    Ok(HttpResponse::Created()
        .insert_header((header::LOCATION, location))
        .json(UploadedMedia::new(row, &state.shown())))
}

fn unfit(error: PictureError) -> ApiError {
    match error {
        // Ours, not the picture's.
        PictureError::Io(_) => ApiError::internal(error),
        _ => ApiError::field("/file", error.to_string()),
    }
}

fn not_taken(file: &Spooled) -> ApiError {
    let detail = if file.size == 0 {
        "is empty"
    } else {
        "is none of the files that can be sent, whatever its name says: pictures (JPEG, PNG, GIF, \
         WebP, HEIC, AVIF), video (MP4, MOV, WebM, MPEG, 3GP), sound (MP3, M4A, AAC, OGG, WAV, AMR), \
         PDF, office documents, vCard, calendar, CSV and plain text"
    };
    ApiError::field("/file", detail)
}

/// What a tenant has in the store.
#[derive(Debug, Serialize, ToSchema)]
pub struct MediaUsage {
    /// How many files, each content counted once.
    pub files: i64,
    /// How many bytes they have together.
    pub bytes: i64,
}

/// How much the tenant's files take.
#[utoipa::path(
    tag = "Media",
    operation_id = "get_media_usage",
    responses((status = 200, body = MediaUsage)),
)]
#[get("/media/usage")]
async fn usage(
    state: Data<State>,
    caller: Allowed<ReadMessages>,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    let tenant = caller.tenant_id;
    read(&state, &caller, &request, async |conn| {
        let usage = attachments::usage(conn, tenant).await?;
        Ok(MediaUsage {
            files: usage.files,
            bytes: usage.bytes,
        })
    })
    .await
}

/// In which form a file is wanted.
#[derive(Clone, Copy, Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MediaForm {
    /// As it came.
    #[default]
    Original,
    /// A small picture of it.
    Thumbnail,
}

/// Which form to give.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct MediaQuery {
    /// In which form.
    #[serde(default)]
    #[param(inline)]
    form: MediaForm,
}

/// The bytes of a file; `Range` asks for a part of them.
#[utoipa::path(
    tag = "Media",
    operation_id = "get_media",
    params(("id" = MediaId, Path), MediaQuery),
    responses((status = 200, content_type = "application/octet-stream", body = Vec<u8>)),
)]
#[get("/media/{id}")]
async fn show(
    state: Data<State>,
    caller: Allowed<ReadMessages>,
    request: HttpRequest,
    Path(id): Path<MediaId>,
    Query(query): Query<MediaQuery>,
) -> Result<HttpResponse, ApiError> {
    let variant = match query.form {
        MediaForm::Original => Variant::Original,
        MediaForm::Thumbnail => Variant::Thumbnail,
    };
    let found = attachments::find(state.db.read(), caller.tenant_id, id, variant).await?;
    files::answer(&state, &request, found, "private, no-cache").await
}

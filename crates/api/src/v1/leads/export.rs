//! `leads/export`: leads as a CSV file, however many there are.

use std::borrow::Cow;
use std::future::Future;

use actix_web::http::header;
use actix_web::web::Bytes;
use actix_web::{HttpResponse, get, web::Data};
use auth::permission::ReadLeads;
use chrono::{DateTime, SecondsFormat, Utc};
use conversations::leads::{self, LeadFilter};
use entity::lead;
use futures_util::stream;
use lead_csv::write::{MARK, line, phone, safe};

use super::LeadQuery;
use crate::error::ApiError;
use crate::extract::{Allowed, Query};
use crate::state::State;
use crate::v1::search::index_turn;

/// How many leads are read at once.
const PAGE: usize = 1000;

const HEADERS: [&str; 14] = [
    "id",
    "name",
    "phone",
    "email",
    "status",
    "source",
    "tags",
    "country",
    "timezone",
    "sms_opt_out",
    "last_sms_at",
    "last_contact_at",
    "created_at",
    "updated_at",
];

/// Leads as a CSV file, newest first, with the filters of the list. It begins with a mark, so that
/// Excel reads it as UTF-8, and no cell of it is run as a formula.
#[utoipa::path(
    tag = "Leads",
    operation_id = "export_leads",
    params(LeadQuery),
    responses((status = 200, content_type = "text/csv", body = String)),
)]
#[get("/leads/export")]
pub(super) async fn export(
    state: Data<State>,
    caller: Allowed<ReadLeads>,
    Query(query): Query<LeadQuery>,
) -> Result<HttpResponse, ApiError> {
    let tenant = caller.tenant_id;
    let filter = std::sync::Arc::new(LeadFilter::from(query));
    // Asked for its check, and so that a database that is away is told of before the file begins.
    index_turn(&state, tenant, filter.q.as_deref()).await?;
    let sheet = Sheet {
        name: "leads.csv",
        headers: &HEADERS,
    };
    let answer = sheet.answer(move |before| {
        let (state, filter) = (state.clone(), filter.clone());
        async move {
            let listed = leads::list(state.db.read(), tenant, &filter, before, PAGE).await?;
            let lines = listed.rows.iter().flat_map(row).collect();
            Ok((lines, listed.next))
        }
    });
    Ok(answer)
}

fn row(lead: &lead::Model) -> Vec<u8> {
    let text = |text: &Option<String>| owned(safe(text.as_deref().unwrap_or_default()));
    let time = |time: Option<DateTime<Utc>>| {
        let time = time.map(|time| time.to_rfc3339_opts(SecondsFormat::Secs, true));
        Cow::from(time.unwrap_or_default())
    };
    line([
        lead.id.to_string().into(),
        text(&lead.name),
        owned(phone(lead.phone.as_deref().unwrap_or_default())),
        text(&lead.email),
        lead.status.as_str().into(),
        lead.source.as_str().into(),
        owned(safe(&lead.tags.0.join("; "))),
        text(&lead.country),
        text(&lead.timezone),
        lead.sms_opt_out.to_string().into(),
        time(lead.last_sms_at),
        time(lead.last_contact_at),
        time(Some(lead.created_at)),
        time(Some(lead.updated_at)),
    ])
}

fn owned(cell: Cow<'_, str>) -> Cow<'static, str> {
    Cow::Owned(cell.into_owned())
}

/// A CSV file that is written while it is sent.
pub(super) struct Sheet {
    /// What it is called.
    pub(super) name: &'static str,
    pub(super) headers: &'static [&'static str],
}

/// How far a file has been written.
enum At<K> {
    Headers,
    Rows(Option<K>),
    End,
}

impl Sheet {
    /// Answers with the file. `rows` gives lines that go on after a key, from none on, and the key after
    /// which the next ones go on, if there are any. Only one page of it is in memory at a time, and no
    /// connection is held while the client takes its time.
    pub(super) fn answer<K, F>(self, rows: impl Fn(Option<K>) -> F + 'static) -> HttpResponse
    where
        K: 'static,
        F: Future<Output = Result<(Vec<u8>, Option<K>), ApiError>> + 'static,
    {
        let headers = self.headers;
        let body = stream::try_unfold((At::Headers, rows), move |(at, rows)| async move {
            match at {
                At::End => Ok(None),
                At::Headers => {
                    let mut lines = MARK.as_bytes().to_vec();
                    lines.extend(line(headers.iter().map(|header| Cow::from(*header))));
                    Ok::<_, ApiError>(Some((Bytes::from(lines), (At::Rows(None), rows))))
                }
                At::Rows(after) => {
                    let (lines, next) = rows(after).await?;
                    let at = next.map_or(At::End, |next| At::Rows(Some(next)));
                    Ok(Some((Bytes::from(lines), (at, rows))))
                }
            }
        });
        let disposition = format!("attachment; filename=\"{}\"", self.name);
        HttpResponse::Ok()
            .insert_header((header::CONTENT_TYPE, "text/csv; charset=utf-8"))
            .insert_header((header::CONTENT_DISPOSITION, disposition))
            .insert_header((header::CACHE_CONTROL, "private, no-store"))
            .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
            .streaming(body)
    }
}

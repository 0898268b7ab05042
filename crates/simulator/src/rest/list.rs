//! `GET Messages.json`: filters, newest first, and pages that are followed, not counted.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, Path},
};
use chrono::{DateTime, NaiveDate};
use serde_json::json;

use super::{
    admit::enter,
    params::{Allowed, Params},
    refusal::Refusal,
    shape,
};
use crate::{app::App, faults::Operation, message::Message};

const ALLOWED: Allowed = Allowed {
    once: &[
        "To",
        "From",
        "DateSent",
        "DateSent>",
        "DateSent<",
        "PageSize",
        "Page",
        "PageToken",
    ],
    repeated: &[],
};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

pub(super) async fn list(
    app: Data<App>,
    request: HttpRequest,
    path: Path<String>,
) -> Result<HttpResponse, Refusal> {
    let account = enter(&app, &request, &path, Operation::List).await?;
    let params = Params::of_query(&request, &ALLOWED)?;
    let filter = Filter::new(&account.sid, &params)?;
    let cursor = Cursor::new(&params)?;
    let state = app.state();
    let mut found = state
        .messages()
        .iter()
        .rev()
        .filter(|message| filter.accepts(message));
    if let Some(after) = &cursor.after {
        found
            .by_ref()
            .find(|message| message.sid == *after)
            .ok_or_else(|| Refusal::bad(20006, "The page token is not valid"))?;
    }
    let page: Vec<&Message> = found.by_ref().take(cursor.size).collect();
    let base = format!("{}/Messages.json", shape::account_path(&account.sid));
    let uri = |page: usize, after: Option<&str>| cursor.uri(&base, &params, page, after);
    let next = found
        .next()
        .and(page.last())
        .map(|last| uri(cursor.page + 1, Some(&last.sid)));
    let start = cursor.page * cursor.size;
    Ok(HttpResponse::Ok().json(json!({
        "end": (start + page.len()).saturating_sub(1),
        "first_page_uri": uri(0, None),
        "messages": page.iter().map(|message| shape::message(message)).collect::<Vec<_>>(),
        "next_page_uri": next,
        "page": cursor.page,
        "page_size": cursor.size,
        "previous_page_uri": (cursor.page > 0).then(|| uri(0, None)),
        "start": start,
        "uri": uri(cursor.page, cursor.after.as_deref()),
    })))
}

/// Where in the list a page is. Its token names the last message of the page before, so that
/// messages that arrive meanwhile shift nothing.
struct Cursor {
    size: usize,
    page: usize,
    after: Option<String>,
}

impl Cursor {
    fn new(params: &Params) -> Result<Self, Refusal> {
        let size = params.number("PageSize", 1, 1000)?.unwrap_or(50);
        let page = params.number("Page", 0, u64::from(u32::MAX))?.unwrap_or(0);
        let after = params.get("PageToken").map(|token| {
            let sid = token.strip_prefix("PA").unwrap_or(token);
            sid.to_owned()
        });
        if page > 0 && after.is_none() {
            let message = "A page needs its token: follow next_page_uri instead of counting";
            return Err(Refusal::bad(20006, message));
        }
        Ok(Self {
            size: size as usize,
            page: page as usize,
            after,
        })
    }

    fn uri(&self, base: &str, params: &Params, page: usize, after: Option<&str>) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        let own = ["PageSize", "Page", "PageToken"];
        query.extend_pairs(
            params
                .pairs()
                .iter()
                .filter(|(name, _)| !own.contains(&name.as_str())),
        );
        query.append_pair("PageSize", &self.size.to_string());
        query.append_pair("Page", &page.to_string());
        if let Some(sid) = after {
            query.append_pair("PageToken", &format!("PA{sid}"));
        }
        format!("{base}?{}", query.finish())
    }
}

struct Filter {
    account_sid: String,
    to: Option<String>,
    from: Option<String>,
    /// Sent at or after, and before, in milliseconds.
    since: Option<i64>,
    until: Option<i64>,
}

impl Filter {
    fn new(account_sid: &str, params: &Params) -> Result<Self, Refusal> {
        let mut filter = Self {
            account_sid: account_sid.to_owned(),
            to: params.get("To").map(str::to_owned),
            from: params.get("From").map(str::to_owned),
            since: None,
            until: None,
        };
        if let Some(text) = params.get("DateSent") {
            let (start, length) = date(text)?;
            filter.since = Some(start);
            filter.until = Some(start + length);
        }
        if let Some(text) = params.get("DateSent>") {
            filter.since = Some(date(text)?.0);
        }
        if let Some(text) = params.get("DateSent<") {
            let (start, length) = date(text)?;
            filter.until = Some(start + length);
        }
        Ok(filter)
    }

    fn accepts(&self, message: &Message) -> bool {
        let by_date = |sent: i64| {
            self.since.is_none_or(|since| sent >= since)
                && self.until.is_none_or(|until| sent < until)
        };
        message.account_sid == self.account_sid
            && !message.deleted
            && self.to.as_ref().is_none_or(|to| *to == message.to)
            && (self.from.is_none() || self.from == message.from)
            // What has not been sent has no date to compare.
            && (self.since.or(self.until).is_none() || message.sent_ms.is_some_and(by_date))
    }
}

/// The start of a day or of a moment, and how long it lasts, in milliseconds.
fn date(text: &str) -> Result<(i64, i64), Refusal> {
    if let Ok(moment) = DateTime::parse_from_rfc3339(text) {
        return Ok((moment.timestamp_millis(), 1000));
    }
    let day = NaiveDate::parse_from_str(text, "%Y-%m-%d")
        .ok()
        .and_then(|day| day.and_hms_opt(0, 0, 0))
        .ok_or_else(|| Refusal::bad(20001, format!("'{text}' is not a date (YYYY-MM-DD)")))?;
    Ok((day.and_utc().timestamp_millis(), DAY_MS))
}

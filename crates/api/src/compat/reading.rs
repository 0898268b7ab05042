//! Seeing what was sent, what became of it, and what was said with a number.

use std::borrow::Cow;

use actix_web::{HttpRequest, HttpResponse, get, web::Data};
use auth::permission::ReadMessages;
use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use conversations::by_number;
use conversations::figures::{self, Outcomes};
use conversations::messages::{self, MessageFilter, MessageOrder, MessageView};
use entity::id::MessageId;
use entity::value::{Direction, MessageStatus};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::conditional::{read, read_beside};
use crate::error::ApiError;
use crate::extract::{Allowed, Page, Path, Query, unversioned};
use crate::state::State;
use crate::v1::messages::Message;

/// How much of what was said with a number is given at most, since it knows no pages, and unless
/// less is asked for: the latest.
const THREAD: u64 = 1000;

/// What is counted unless something else is asked for. Counting reads every text of the time, so
/// all of them at every poll would be too much for who has many.
const USUAL_WINDOW: TimeDelta = TimeDelta::days(30);

/// How long the history is to be.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct HistoryQuery {
    /// How many to return.
    #[expect(dead_code, reason = "read as `Page`; here to be described")]
    #[param(value_type = Option<u64>, minimum = 1, maximum = 200, default = 50)]
    limit: Option<String>,
}

/// A text that was to go out.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct HistoryEntry {
    /// To which number.
    pub to: String,
    /// The text.
    pub message: String,
    /// False once it is certain that it was not sent or did not arrive; true before that, as long
    /// as it is under way.
    pub success: bool,
    /// The message, as `GET messages/{id}` knows it.
    pub message_id: MessageId,
    /// When it was written.
    pub timestamp: DateTime<Utc>,
    /// Where it is on its way.
    pub status: MessageStatus,
}

impl From<MessageView> for HistoryEntry {
    fn from(view: MessageView) -> Self {
        let row = view.message;
        Self {
            to: row.to_number,
            message: row.body,
            success: !matches!(
                row.status,
                MessageStatus::Failed | MessageStatus::Undelivered | MessageStatus::Canceled
            ),
            message_id: row.id,
            timestamp: row.created_at,
            status: row.status,
        }
    }
}

/// The latest texts that were to go out, newest first. `GET messages` has pages.
#[utoipa::path(
    tag = "Existing clients",
    operation_id = "twilio_sms_history",
    params(HistoryQuery),
    responses((status = 200, body = Vec<HistoryEntry>)),
)]
#[get("/twilio/sms/history")]
pub(super) async fn history(
    state: Data<State>,
    caller: Allowed<ReadMessages>,
    request: HttpRequest,
    page: Page,
) -> Result<HttpResponse, ApiError> {
    let filter = MessageFilter {
        direction: Some(Direction::Outbound),
        ..MessageFilter::default()
    };
    let newest = MessageOrder::Newest(None);
    read(&state, &caller, &request, async |conn| {
        let rows = messages::list(conn, caller.tenant_id, &filter, newest, page.limit).await?;
        let rows = rows.into_iter().map(HistoryEntry::from);
        Ok(rows.collect::<Vec<_>>())
    })
    .await
}

/// Which texts to count.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct StatsQuery {
    /// Those written at this time or later; without it, those of the last 30 days.
    since: Option<DateTime<Utc>>,
    /// Those written before this time.
    until: Option<DateTime<Utc>>,
}

/// What became of the texts that were to go out: `total` is `pending`, `sent` and `failed`.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DeliveryStats {
    /// All but those that were taken back.
    pub total: i64,
    /// Waiting, or on their way to Twilio.
    pub pending: i64,
    /// At Twilio, delivered, or read.
    pub sent: i64,
    /// Of `sent`, those of which the carrier says that they arrived.
    pub delivered: i64,
    /// Of `delivered`, those that were opened.
    pub read: i64,
    /// Not sent, or not delivered.
    pub failed: i64,
    /// Of `failed`, those of which the carrier says that they did not arrive.
    pub undelivered: i64,
    /// Taken back before they left.
    pub canceled: i64,
    /// `delivered` by `delivered` and `failed`, from 0 to 1; 0 while there are none.
    pub delivery_rate: f64,
    /// Counted are those written at this time or later,
    pub since: DateTime<Utc>,
    /// and before this one, if one was given.
    #[schema(required = true)]
    pub until: Option<DateTime<Utc>>,
}

impl DeliveryStats {
    fn new(outcomes: Outcomes, since: DateTime<Utc>, until: Option<DateTime<Utc>>) -> Self {
        Self {
            total: outcomes.counts.total(),
            pending: outcomes.counts.pending,
            sent: outcomes.counts.sent,
            delivered: outcomes.delivered,
            read: outcomes.read,
            failed: outcomes.counts.failed,
            undelivered: outcomes.undelivered,
            canceled: outcomes.canceled,
            delivery_rate: outcomes.delivery_rate(),
            since,
            until,
        }
    }
}

/// The start of a day about a month ago: a time that stays the same for a day, so that an
/// unchanged answer is known as such.
fn usual_since(now: DateTime<Utc>) -> DateTime<Utc> {
    let since = now - USUAL_WINDOW;
    since.duration_trunc(TimeDelta::days(1)).unwrap_or(since)
}

/// What became of the texts of some time.
///
/// It costs as much as there are texts in that time; nothing while nothing has changed
/// (`If-None-Match`).
#[utoipa::path(
    tag = "Existing clients",
    operation_id = "sms_delivery_stats",
    params(StatsQuery),
    responses((status = 200, body = DeliveryStats)),
)]
#[get("/sms/delivery-stats")]
pub(super) async fn delivery_stats(
    state: Data<State>,
    caller: Allowed<ReadMessages>,
    request: HttpRequest,
    Query(query): Query<StatsQuery>,
) -> Result<HttpResponse, ApiError> {
    let since = query
        .since
        .unwrap_or_else(|| usual_since(state.clock.now()));
    let until = query.until;
    if until.is_some_and(|until| until <= since) {
        return Err(ApiError::field("until", "must be later than `since`"));
    }
    let beside = since.to_rfc3339();
    read_beside(&state, &caller, &request, &beside, async |conn| {
        let outcomes = figures::outcomes(conn, caller.tenant_id, since, until).await?;
        Ok(DeliveryStats::new(outcomes, since, until))
    })
    .await
}

/// How much of what was said to give.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ConversationQuery {
    /// How many of the latest to return.
    #[param(minimum = 1, maximum = 1000, default = 1000)]
    limit: Option<u64>,
}

impl ConversationQuery {
    fn limit(&self) -> Result<u64, ApiError> {
        match self.limit.unwrap_or(THREAD) {
            limit @ 1..=THREAD => Ok(limit),
            _ => Err(ApiError::field(
                "limit",
                format!("must be from 1 to {THREAD}"),
            )),
        }
    }
}

/// The texts with a number, over all of the tenant's numbers: the latest 1000, oldest first.
///
/// The number may have any usual form. Without any text with it the list is empty.
#[utoipa::path(
    tag = "Existing clients",
    operation_id = "sms_conversation",
    params(("phoneNumber" = String, Path, example = "+15551234567"), ConversationQuery),
    responses((status = 200, body = Vec<Message>)),
)]
#[get("/sms/conversation/{phoneNumber}")]
pub(super) async fn conversation(
    state: Data<State>,
    caller: Allowed<ReadMessages>,
    request: HttpRequest,
    Path(number): Path<String>,
    Query(query): Query<ConversationQuery>,
) -> Result<HttpResponse, ApiError> {
    let (tenant, limit) = (caller.tenant_id, query.limit()?);
    read(&state, &caller, &request, async |conn| {
        let number = by_number::parse(conn, tenant, &number, "phoneNumber").await?;
        let rows = by_number::messages(conn, tenant, number, limit).await?;
        let shown = state.shown();
        let rows = rows.into_iter().map(|row| Message::new(row, &shown));
        Ok(rows.collect::<Vec<_>>())
    })
    .await
}

/// A path as it may stand in a log: without a customer's number.
pub(crate) fn loggable(path: &str) -> Cow<'_, str> {
    const BEFORE: &str = "/sms/conversation/";
    if !unversioned(path).starts_with(BEFORE) {
        return path.into();
    }
    let kept = path.find(BEFORE).map_or(0, |start| start + BEFORE.len());
    format!("{}…", &path[..kept]).into()
}

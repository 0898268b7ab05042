//! `admin/sms-queue`: how the tenant's queue is doing.

use std::sync::atomic::Ordering;

use actix_web::{HttpRequest, HttpResponse, get, web::Data};
use auth::permission::ReadQueue;
use chrono::{DateTime, Utc};
use conversations::figures::{self, Counts};
use entity::id::ChannelId;
use entity::phone::NumberKind;
use entity::value::ChannelStatus;
use queue::Standstill;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::conditional::read_beside;
use crate::error::ApiError;
use crate::extract::Allowed;
use crate::state::State;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(show);
}

/// How many texts wait, went out and failed. Those that were taken back are in none of these.
#[derive(Debug, Serialize, ToSchema)]
pub struct QueueCounts {
    /// Waiting, or on their way to Twilio.
    pub pending: i64,
    /// At Twilio, delivered, or read.
    pub sent: i64,
    /// Not sent, or not delivered.
    pub failed: i64,
    /// All of them.
    pub total: i64,
}

impl From<Counts> for QueueCounts {
    fn from(counts: Counts) -> Self {
        Self {
            pending: counts.pending,
            sent: counts.sent,
            failed: counts.failed,
            total: counts.total(),
        }
    }
}

/// The tenant's queue.
#[derive(Debug, Serialize, ToSchema)]
pub struct Queue {
    /// Over all channels, removed ones too.
    #[serde(flatten)]
    pub counts: QueueCounts,
    /// Whether something is pending and a worker is at it.
    #[serde(rename = "isProcessing")]
    pub is_processing: bool,
    /// The pace of the default channel, in segments.
    #[serde(rename = "messagesPerSecond")]
    pub messages_per_second: f64,
    /// The same for each channel.
    pub per_channel: Vec<ChannelQueue>,
}

/// One channel's queue.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChannelQueue {
    /// The channel.
    pub channel_id: ChannelId,
    /// What people call it.
    pub name: String,
    /// Its texts.
    #[serde(flatten)]
    pub counts: QueueCounts,
    /// Its pace, in segments.
    #[serde(rename = "messagesPerSecond")]
    pub messages_per_second: f64,
    /// Why nothing is sent at the moment; nothing while it is.
    pub standstill: Option<ChannelStandstill>,
}

/// Why a channel sends nothing.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChannelStandstill {
    /// For people.
    pub reason: String,
    /// When it goes on by itself; nothing where somebody has to do something.
    pub until: Option<DateTime<Utc>>,
}

impl From<Standstill> for ChannelStandstill {
    fn from(standstill: Standstill) -> Self {
        Self {
            reason: standstill.reason,
            until: DateTime::from_timestamp_millis(standstill.until_ms),
        }
    }
}

impl ChannelStandstill {
    /// What a channel's own status says.
    fn of(status: ChannelStatus) -> Option<Self> {
        (!status.takes_part()).then(|| Self {
            reason: "The channel is inactive. Make it active to send what waits.".to_owned(),
            until: None,
        })
    }
}

/// How the queue is doing.
#[utoipa::path(
    tag = "Queue",
    operation_id = "get_sms_queue",
    responses((status = 200, body = Queue)),
)]
#[get("/admin/sms-queue")]
async fn show(
    state: Data<State>,
    caller: Allowed<ReadQueue>,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    let conn = state.db.read();
    let alive = match queue::anybody_works(conn, &state.clock).await? {
        Some(alive) => alive,
        None => state.worker_alive.load(Ordering::Relaxed),
    };
    let beside = if alive { "alive" } else { "still" };
    read_beside(&state, &caller, &request, beside, async |conn| {
        let tenant = caller.tenant_id;
        let figures = figures::queue(conn, tenant).await?;
        let now_ms = queue::now_ms(conn, &state.clock).await?;
        let mut standstills = queue::standstills(conn, tenant, now_ms).await?;
        let default = figures
            .per_channel
            .iter()
            .find(|(channel, _)| channel.is_default);
        Ok(Queue {
            is_processing: alive && figures.all.pending > 0,
            messages_per_second: default.map_or(
                channels::usual_pace(NumberKind::LongCodeNanp),
                |(channel, _)| channels::pace(channel),
            ),
            counts: figures.all.into(),
            per_channel: figures
                .per_channel
                .into_iter()
                .map(|(channel, counts)| ChannelQueue {
                    messages_per_second: channels::pace(&channel),
                    standstill: ChannelStandstill::of(channel.status)
                        .or_else(|| standstills.remove(&channel.id).map(Into::into)),
                    channel_id: channel.id,
                    name: channel.name,
                    counts: counts.into(),
                })
                .collect(),
        })
    })
    .await
}

//! `admin/sms-queue`: how the tenant's queue is doing.

use std::sync::atomic::Ordering;

use actix_web::{HttpRequest, HttpResponse, get, web::Data};
use auth::permission::ReadQueue;
use conversations::figures::{self, Counts};
use entity::channel;
use entity::id::ChannelId;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::conditional::read_beside;
use crate::error::ApiError;
use crate::extract::Allowed;
use crate::state::State;

/// The pace of a number that has none set, in segments per second.
const DEFAULT_PACE: f64 = 1.0;

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
    /// Whether something is pending and the worker is at it.
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
}

fn pace(channel: &channel::Model) -> f64 {
    channel.settings.messages_per_second.unwrap_or(DEFAULT_PACE)
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
    let worker_alive = state.worker_alive.load(Ordering::Relaxed);
    let beside = if worker_alive { "alive" } else { "still" };
    read_beside(&state, &caller, &request, beside, async |conn| {
        let figures = figures::queue(conn, caller.tenant_id).await?;
        let default = figures
            .per_channel
            .iter()
            .find(|(channel, _)| channel.is_default);
        Ok(Queue {
            is_processing: worker_alive && figures.all.pending > 0,
            messages_per_second: default.map_or(DEFAULT_PACE, |(channel, _)| pace(channel)),
            counts: figures.all.into(),
            per_channel: figures
                .per_channel
                .into_iter()
                .map(|(channel, counts)| ChannelQueue {
                    messages_per_second: pace(&channel),
                    channel_id: channel.id,
                    name: channel.name,
                    counts: counts.into(),
                })
                .collect(),
        })
    })
    .await
}

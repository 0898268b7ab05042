//! Asking Twilio where a text is, before any transaction begins: Twilio may take seconds.

use std::time::Duration;

use conversations::delivery::StatusUpdate;
use conversations::messages;
use entity::id::{MessageId, TenantId};
use tokio::time::timeout;

use crate::error::ApiError;
use crate::state::State;

/// How long Twilio is waited for: within the time that an answer of ours may take.
const PATIENCE: Duration = Duration::from_millis(3500);

/// What Twilio says of the latest attempt; nothing when it says no status.
pub(super) async fn ask(
    state: &State,
    tenant: TenantId,
    id: MessageId,
) -> Result<Option<StatusUpdate>, ApiError> {
    let conn = state.db.read();
    let message = messages::get(conn, tenant, id).await?.message;
    let sid = message
        .external_id
        .filter(|_| !message.direction.is_inbound())
        .ok_or_else(|| {
            ApiError::conflict(
                "not_at_twilio",
                "Twilio does not have this text, so there is no status",
            )
        })?;
    let channel = channels::get(conn, tenant, message.channel_id)
        .await
        .map_err(|error| match error {
            channels::Error::NotFound => ApiError::conflict(
                "channel_removed",
                "the channel of this text was removed, so Twilio can't be asked about it",
            ),
            other => other.into(),
        })?;
    let credentials = channels::open(&state.keys, &channel)
        .map_err(ApiError::internal)?
        .twilio();
    let asked = timeout(PATIENCE, state.twilio.fetch_message(&credentials, &sid)).await;
    let told = asked.map_err(|_| ApiError::TwilioUnavailable)??;
    Ok(StatusUpdate::asked(channel, told))
}

//! `channels`: numbers and the Twilio accounts they belong to.
//!
//! A channel becomes `connected` only after Twilio has agreed and was told where we listen; see
//! `connecting`.

mod connecting;
mod view;

use actix_web::{HttpRequest, HttpResponse, delete, get, patch, post, web::Data};
use auth::permission::{ManageChannels, ReadChannels};
use channels::{ChannelPatch, Health, NewChannel};
use conversations::{attachments, outbound};
use entity::channel;
use entity::id::ChannelId;
use events::{Kind, Outbox};
use serde_json::json;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::conditional::read;
use crate::error::ApiError;
use crate::extract::{Allowed, Bare, Command, Page, Path};
use crate::state::State;
use crate::write::{Answer, write, write_after};

pub(crate) use connecting::{check, in_sentences};
pub use view::{Channel, ChannelPage};

/// The list that cursors belong to.
const LIST: &str = "channels";

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list)
        .service(create)
        .service(show)
        .service(change)
        .service(remove)
        .service(ask_twilio);
}

/// The channels of the tenant, oldest first.
#[utoipa::path(
    tag = "Channels",
    operation_id = "list_channels",
    params(crate::extract::PageParameters),
    responses((status = 200, body = ChannelPage)),
)]
#[get("/channels")]
async fn list(
    state: Data<State>,
    caller: Allowed<ReadChannels>,
    request: HttpRequest,
    page: Page,
) -> Result<HttpResponse, ApiError> {
    let (tenant, key) = (caller.tenant_id, &state.cursor_key);
    let after = page.after(key, tenant, LIST)?;
    read(&state, &caller, &request, async |conn| {
        let rows = channels::list(conn, tenant, after, page.fetch()).await?;
        let (rows, next_cursor) = page.cut(rows, key, tenant, LIST, |row| row.id);
        let data = rows
            .into_iter()
            .map(|row| Channel::of(&state, row))
            .collect::<Result<_, _>>()?;
        Ok(ChannelPage { data, next_cursor })
    })
    .await
}

/// Add a number.
///
/// With the status `connected` Twilio is asked about the account and the number first, and told
/// where to report texts to; what stands in the way is told in `errors` and `twilio`.
#[utoipa::path(
    tag = "Channels",
    operation_id = "create_channel",
    request_body = NewChannel,
    responses((status = 201, body = Channel)),
)]
#[post("/channels")]
async fn create(
    state: Data<State>,
    caller: Allowed<ManageChannels>,
    command: Command<NewChannel>,
) -> Result<HttpResponse, ApiError> {
    let Command { body: new, meta } = command;
    let (tenant, user) = (caller.tenant_id, caller.user_id());
    let connected = async || connecting::before_creating(&state, tenant, new).await;
    write_after(
        &state,
        &caller,
        &meta,
        connected,
        async |tx, outbox, (new, mms)| {
            let (ring, clock) = (&state.keys, &state.clock);
            let row = channels::create(tx, ring, clock, outbox, tenant, Some(user), new).await?;
            if let Some(mms) = mms {
                channels::note_mms(tx, tenant, row.id, mms).await?;
            }
            // It may be one that was removed and comes back.
            attachments::ask_again(tx, clock, &row).await?;
            tell(outbox, &row);
            let path = format!("/channels/{}", row.id);
            Answer::created(&path, &Channel::of(&state, row)?)
        },
    )
    .await
}

/// One channel.
#[utoipa::path(
    tag = "Channels",
    operation_id = "get_channel",
    params(("id" = ChannelId, Path)),
    responses((status = 200, body = Channel)),
)]
#[get("/channels/{id}")]
async fn show(
    state: Data<State>,
    caller: Allowed<ReadChannels>,
    request: HttpRequest,
    Path(id): Path<ChannelId>,
) -> Result<HttpResponse, ApiError> {
    read(&state, &caller, &request, async |conn| {
        Channel::of(&state, channels::get(conn, caller.tenant_id, id).await?)
    })
    .await
}

/// Change a channel; what is left out stays, and so does a secret that comes back masked.
///
/// Twilio is asked as when a channel is added, if it is to be `connected` and was not, or if its
/// credentials change while it is.
#[utoipa::path(
    tag = "Channels",
    operation_id = "update_channel",
    params(("id" = ChannelId, Path)),
    request_body = ChannelPatch,
    responses((status = 200, body = Channel)),
)]
#[patch("/channels/{id}")]
async fn change(
    state: Data<State>,
    caller: Allowed<ManageChannels>,
    Path(id): Path<ChannelId>,
    command: Command<ChannelPatch>,
) -> Result<HttpResponse, ApiError> {
    let Command { body: patch, meta } = command;
    let tenant = caller.tenant_id;
    let connected = async || connecting::before_updating(&state, tenant, id, patch).await;
    write_after(
        &state,
        &caller,
        &meta,
        connected,
        async |tx, outbox, (patch, mms)| {
            let before = channels::get(tx, tenant, id).await?;
            let (ring, clock) = (&state.keys, &state.clock);
            let row = channels::update(tx, ring, clock, outbox, tenant, id, patch).await?;
            if let Some(mms) = mms {
                channels::note_mms(tx, tenant, id, mms).await?;
            }
            outbound::follow_channel(tx, clock, before.status, &row).await?;
            if row.credentials != before.credentials {
                attachments::ask_again(tx, clock, &row).await?;
            }
            if row.version != before.version {
                tell(outbox, &row);
            }
            Answer::ok(&Channel::of(&state, row)?)
        },
    )
    .await
}

/// Remove a channel: it neither receives nor sends any more, and what waits in its queue is taken
/// back. Its history stays.
#[utoipa::path(
    tag = "Channels",
    operation_id = "delete_channel",
    params(("id" = ChannelId, Path)),
    responses((status = 204)),
)]
#[delete("/channels/{id}")]
async fn remove(
    state: Data<State>,
    caller: Allowed<ManageChannels>,
    Path(id): Path<ChannelId>,
    Bare(meta): Bare,
) -> Result<HttpResponse, ApiError> {
    let (tenant, clock) = (caller.tenant_id, &state.clock);
    write(&state, &caller, &meta, async |tx, outbox| {
        let row = channels::delete(tx, clock, outbox, tenant, id).await?;
        outbound::cancel_channel(tx, clock, outbox, tenant, id).await?;
        tell(outbox, &row);
        Ok(Answer::no_content())
    })
    .await
}

/// Ask Twilio about a channel's account and number: what was looked at, what stands in the way,
/// and what to do about it. Changes nothing.
#[utoipa::path(
    tag = "Channels",
    operation_id = "test_channel",
    params(("id" = ChannelId, Path)),
    responses((status = 200, body = Health)),
)]
#[post("/channels/{id}/test")]
async fn ask_twilio(
    state: Data<State>,
    caller: Allowed<ManageChannels>,
    Path(id): Path<ChannelId>,
) -> Result<HttpResponse, ApiError> {
    let row = channels::get(state.db.read(), caller.tenant_id, id).await?;
    let opened = channels::open(&state.keys, &row)?;
    let health = connecting::check(&state, &opened, row.mode).await;
    if let Some(number) = &health.number {
        let conn = state.db.writer();
        channels::note_mms(conn, row.tenant_id, row.id, number.capabilities.mms).await?;
    }
    Ok(HttpResponse::Ok().json(health))
}

fn tell(outbox: &mut Outbox, row: &channel::Model) {
    let data = json!({
        "channel_id": row.id,
        "status": row.status,
        "mode": row.mode,
        "deleted": row.deleted_at.is_some(),
    });
    outbox.push(row.tenant_id, Kind::ChannelHealth, data);
}

#[cfg(test)]
mod tests;

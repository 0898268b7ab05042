//! What there is with one phone number, whoever of the tenant's numbers it was with.
//!
//! The conversations tell that, not the lead: a lead's number can be changed, and what was said
//! with the old one stays said with the old one.

use entity::id::{ChannelId, TenantId};
use entity::phone::{PhoneNumber, Sender, remote_jid};
use entity::{TenantScoped, channel, conversation};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, QueryFilter, QuerySelect};

use crate::messages::{self, MessageFilter, MessageOrder, MessageView};
use crate::{Error, leads, threads};

/// Reads a number as the tenant's people type it; `pointer` is where it stands in the request.
///
/// # Errors
/// [`Error::Invalid`]; when the database is away.
pub async fn parse(
    conn: &impl ConnectionTrait,
    tenant: TenantId,
    text: &str,
    pointer: &str,
) -> Result<PhoneNumber, Error> {
    let row = threads::tenant(conn, tenant).await?;
    PhoneNumber::parse(text, &leads::default_country(&row)?)
        .map_err(|error| Error::invalid(pointer, error.to_string()))
}

/// The latest texts with a number, at most `limit`, oldest first.
///
/// Each conversation is asked for by itself: of several at once a database may think that going
/// through all of the tenant's messages is cheaper. There are no more of them than channels.
///
/// # Errors
/// When the database is away.
pub async fn messages(
    conn: &impl ConnectionTrait,
    tenant: TenantId,
    number: PhoneNumber,
    limit: u64,
) -> Result<Vec<MessageView>, DbErr> {
    let mut found = Vec::new();
    for conversation in threads_with(conn, tenant, number).await? {
        let filter = MessageFilter {
            conversation: Some(conversation.id),
            ..MessageFilter::default()
        };
        let newest = MessageOrder::Newest(None);
        found.extend(messages::list(conn, tenant, &filter, newest, limit).await?);
    }
    found.sort_unstable_by_key(|view| view.message.id);
    let too_many = found
        .len()
        .saturating_sub(usize::try_from(limit).unwrap_or(usize::MAX));
    found.drain(..too_many);
    Ok(found)
}

/// The conversations with a number, by channels that were removed too.
async fn threads_with(
    conn: &impl ConnectionTrait,
    tenant: TenantId,
    number: PhoneNumber,
) -> Result<Vec<conversation::Model>, DbErr> {
    let channels: Vec<ChannelId> = channel::Entity::of(tenant)
        .select_only()
        .column(channel::Column::Id)
        .into_tuple()
        .all(conn)
        .await?;
    conversation::Entity::of(tenant)
        .filter(conversation::Column::ChannelId.is_in(channels))
        .filter(conversation::Column::RemoteJid.eq(remote_jid(&Sender::Number(number))))
        .all(conn)
        .await
}

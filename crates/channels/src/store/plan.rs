//! What a request would make of a channel, worked out without writing anything.
//!
//! Twilio is asked before a channel counts as connected, and no transaction may stay open
//! meanwhile. So such a request is worked out twice: here, for what Twilio is to be asked, and
//! again by [`create`](super::create()) or [`update`](super::update()), which rely on nothing that
//! was found here but the id.

use entity::channel;
use entity::clock::Clock;
use entity::id::{ChannelId, TenantId};
use entity::value::{ChannelMode, ChannelStatus};
use sea_orm::ConnectionTrait;

use super::create::{Parsed, with_number};
use super::update::changed;
use super::{ChannelPatch, NewChannel, claims, country_of, get};
use crate::credentials::{CredentialsInput, Opened, open};
use crate::{Error, KeyRing};

/// A channel as it would be after a request, with all that Twilio has to be asked by.
#[derive(Debug, Clone)]
pub struct Planned {
    /// Its id, which stands in the URLs that Twilio is told.
    pub id: ChannelId,
    /// How its account would be used.
    pub mode: ChannelMode,
    /// Its account, number and secrets.
    pub credentials: Opened,
}

/// The channel that a request would make.
///
/// # Errors
/// As [`create`](super::create()).
pub async fn plan_create(
    conn: &impl ConnectionTrait,
    ring: &KeyRing,
    clock: &Clock,
    tenant: TenantId,
    new: &NewChannel,
) -> Result<Planned, Error> {
    let country = country_of(conn, tenant).await?;
    let Parsed { credentials, .. } = new.parse(&country)?;
    let former = with_number(conn, tenant, &credentials).await?;
    if former
        .as_ref()
        .is_some_and(|former| former.deleted_at.is_none())
    {
        return Err(Error::Duplicate);
    }
    claims::refuse_claimed(conn, ring, tenant, &credentials).await?;
    let id = former.map_or_else(|| ChannelId::new(clock), |former| former.id);
    Ok(Planned {
        id,
        mode: new.mode,
        credentials,
    })
}

/// The connected channel that a change would make; `None` if Twilio need not be asked: it would
/// not be connected, or is so already and nothing changes that Twilio knows of.
///
/// # Errors
/// As [`update`](super::update()).
pub async fn plan_update(
    conn: &impl ConnectionTrait,
    ring: &KeyRing,
    tenant: TenantId,
    id: ChannelId,
    patch: &ChannelPatch,
) -> Result<Option<Planned>, Error> {
    let current = get(conn, tenant, id).await?;
    if patch.status.unwrap_or(current.status) != ChannelStatus::Connected {
        return Ok(None);
    }
    let country = country_of(conn, tenant).await?;
    let mut errors = Vec::new();
    let change = match &patch.credentials {
        Some(input) => changed(ring, &current, input, &country, &mut errors)?,
        None => None,
    };
    if !errors.is_empty() {
        return Err(Error::Invalid(errors));
    }
    let mode = patch.mode.unwrap_or(current.mode);
    let is_so_already = current.status == ChannelStatus::Connected && current.mode == mode;
    let credentials = match change {
        Some(change) => change.into_new(),
        None if is_so_already => return Ok(None),
        None => open(ring, &current)?,
    };
    Ok(Some(Planned {
        id,
        mode,
        credentials,
    }))
}

/// Credentials that somebody wants to try out and not to keep. What is left out, or is the mask, is
/// taken from the channel `like`, as far as that is of the same account.
///
/// # Errors
/// [`Error::Invalid`] where something is missing or has not the form; [`Error::Open`] when those
/// of `like` don't open; when the database is away.
pub async fn credentials_to_try(
    conn: &impl ConnectionTrait,
    ring: &KeyRing,
    tenant: TenantId,
    given: &CredentialsInput,
    like: Option<&channel::Model>,
) -> Result<Opened, Error> {
    let country = country_of(conn, tenant).await?;
    let account = given.account_sid.value().map(|sid| sid.trim());
    let like = like.filter(|like| account.is_none_or(|account| account == like.account_sid));
    let kept = like.map(|like| open(ring, like)).transpose()?;
    let mut errors = Vec::new();
    match given.apply(kept.as_ref(), &country, &mut errors) {
        Some(credentials) if errors.is_empty() => Ok(credentials),
        _ => Err(Error::Invalid(errors)),
    }
}

//! Changing a channel in place.

use chrono::TimeDelta;
use entity::channel;
use entity::clock::Clock;
use entity::happening::Happening;
use entity::id::{ChannelId, TenantId};
use entity::phone::Country;
use entity::value::{ChannelMode, ChannelStatus};
use events::Outbox;
use sea_orm::{ActiveModelTrait, ConnectionTrait, IntoActiveModel, Set};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{checked_name, claims, clear_other_defaults, lock_tenant, locked, told};
use crate::credentials::{CredentialsInput, Opened, Stored, open};
use crate::{Error, FieldError, KeyRing, OpenError, SettingsPatch};

/// How long an auth token that was replaced still opens webhooks: long enough to promote the new
/// one at Twilio, and for what was signed with the old one to arrive.
pub const OLD_TOKEN_VALID_FOR: TimeDelta = TimeDelta::hours(24);

/// A change of a channel; what is absent stays.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
pub struct ChannelPatch {
    /// What people call it.
    #[serde(default)]
    pub name: Option<String>,
    /// Whether it takes part.
    #[serde(default)]
    pub status: Option<ChannelStatus>,
    /// How its account may be used.
    #[serde(default)]
    pub mode: Option<ChannelMode>,
    /// Whether sends without a channel go by this one; `true` takes it from the one that had it.
    #[serde(default)]
    pub is_default: Option<bool>,
    /// Pace and the like.
    #[serde(default)]
    pub settings: Option<SettingsPatch>,
    /// Account, number and secrets; the mask or an absent secret leaves the secret as it is.
    #[serde(default)]
    pub credentials: Option<CredentialsInput>,
}

/// Changes a tenant's channel. A patch that changes nothing writes nothing.
///
/// An auth token that is replaced still opens webhooks for [`OLD_TOKEN_VALID_FOR`].
///
/// # Errors
/// As [`create`](super::create()), [`Error::NotFound`] if there is no such channel, and
/// [`Error::Open`] if the secrets that stay can't be opened.
pub async fn update(
    conn: &impl ConnectionTrait,
    ring: &KeyRing,
    clock: &Clock,
    outbox: &mut Outbox,
    tenant: TenantId,
    id: ChannelId,
    patch: ChannelPatch,
) -> Result<channel::Model, Error> {
    let country = lock_tenant(conn, tenant).await?;
    let current = locked(conn, tenant, id).await?;
    let mut row = current.clone().into_active_model();
    let mut errors = Vec::new();
    let credentials = match &patch.credentials {
        Some(input) => changed(ring, &current, input, &country, &mut errors)?,
        None => None,
    };
    if let Some(name) = &patch.name {
        row.name.set_if_not_equals(checked_name(name, &mut errors));
    }
    if let Some(settings) = patch.settings {
        row.settings
            .set_if_not_equals(settings.apply(&current.settings, &mut errors));
    }
    if let Some(status) = patch.status {
        row.status.set_if_not_equals(status);
    }
    if let Some(mode) = patch.mode {
        row.mode.set_if_not_equals(mode);
    }
    if let Some(is_default) = patch.is_default {
        row.is_default.set_if_not_equals(is_default);
    }
    if !errors.is_empty() {
        return Err(Error::Invalid(errors));
    }
    if let Some(change) = credentials {
        claims::refuse_claimed(conn, ring, tenant, &change.new).await?;
        change.write(ring, clock, &current, &mut row)?;
    }
    if !row.is_changed() {
        return Ok(current);
    }
    if patch.is_default == Some(true) {
        clear_other_defaults(conn, clock, tenant, id).await?;
    }
    row.version = Set(current.version + 1);
    row.updated_at = Set(clock.now());
    let fields = changed_fields(&row);
    let channel = row.update(conn).await?;
    let name = channel.name.clone();
    outbox.record(
        clock,
        told(&channel, Happening::ChannelChanged { name, fields }),
    );
    Ok(channel)
}

/// What of a channel is about to change, by the names that a patch has for it.
fn changed_fields(row: &channel::ActiveModel) -> Vec<String> {
    let fields = [
        ("name", row.name.is_set()),
        ("status", row.status.is_set()),
        ("mode", row.mode.is_set()),
        ("is_default", row.is_default.is_set()),
        ("settings", row.settings.is_set()),
        ("credentials", row.credentials.is_set()),
    ];
    let changed = fields.into_iter().filter(|(_, is_changed)| *is_changed);
    changed.map(|(name, _)| name.to_owned()).collect()
}

/// Credentials that differ from those that are stored.
pub(super) struct Change {
    old: Opened,
    new: Opened,
}

/// The credentials after a change; `None` when they are the same, or when `errors` was added to.
pub(super) fn changed(
    ring: &KeyRing,
    current: &channel::Model,
    input: &CredentialsInput,
    country: &Country,
    errors: &mut Vec<FieldError>,
) -> Result<Option<Change>, OpenError> {
    let old = open(ring, current)?;
    let new = input.apply(Some(&old), country, errors);
    Ok(new
        .filter(|new| !new.same_as(&old))
        .map(|new| Change { old, new }))
}

impl Change {
    pub(super) fn into_new(self) -> Opened {
        self.new
    }

    /// Seals everything anew under the current key, since a row names one key for all of it.
    fn write(
        mut self,
        ring: &KeyRing,
        clock: &Clock,
        current: &channel::Model,
        row: &mut channel::ActiveModel,
    ) -> Result<(), OpenError> {
        self.new
            .succeed(&self.old, clock.now(), OLD_TOKEN_VALID_FOR);
        let stored = Stored::seal(&self.new, ring.current(), current.tenant_id, current.id)?;
        row.credentials = Set(serde_json::to_value(stored)?);
        row.key_id = Set(ring.current().id().to_owned());
        row.account_sid.set_if_not_equals(self.new.account_sid);
        row.phone_number.set_if_not_equals(self.new.phone_number);
        if row.account_sid.is_set() || row.phone_number.is_set() {
            // That was said of another number.
            row.mms = Set(None);
        }
        Ok(())
    }
}

//! Connecting a number.

use entity::clock::Clock;
use entity::happening::Happening;
use entity::id::{ChannelId, TenantId, UserId};
use entity::json::ChannelSettings;
use entity::phone::Country;
use entity::value::{ChannelMode, ChannelStatus, ChannelType};
use entity::{TenantScoped, channel};
use events::Outbox;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbErr, NotSet, PaginatorTrait, QueryFilter, Set,
};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{checked_name, claims, clear_other_defaults, live, lock_tenant, told};
use crate::credentials::{CredentialsInput, Opened, Stored};
use crate::{Error, KeyRing, OpenError, SettingsPatch};

/// A channel to be made, as it arrives.
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub struct NewChannel {
    /// What kind it is.
    pub r#type: ChannelType,
    /// What people call it.
    pub name: String,
    /// Whether it takes part; active unless told otherwise.
    #[serde(default = "active")]
    #[schema(default = "active")]
    pub status: ChannelStatus,
    /// How its account may be used.
    #[serde(default = "production")]
    #[schema(default = "production")]
    pub mode: ChannelMode,
    /// Whether sends without a channel go by this one. A tenant's first channel is it anyway.
    #[serde(default)]
    pub is_default: bool,
    /// Pace and the like.
    #[serde(default)]
    pub settings: SettingsPatch,
    /// Account, number and secrets.
    #[serde(default)]
    #[schema(required)]
    pub credentials: CredentialsInput,
    /// Its id, where [`plan_create`](super::plan_create()) has settled it before.
    #[serde(skip)]
    pub id: Option<ChannelId>,
}

/// What a request for a channel says, checked.
pub(super) struct Parsed {
    name: String,
    settings: ChannelSettings,
    pub(super) credentials: Opened,
}

impl NewChannel {
    /// Reads all of it, numbers as `country` writes them.
    pub(super) fn parse(&self, country: &Country) -> Result<Parsed, Error> {
        let mut errors = Vec::new();
        let name = checked_name(&self.name, &mut errors);
        let settings = self
            .settings
            .clone()
            .apply(&ChannelSettings::default(), &mut errors);
        let credentials = self.credentials.apply(None, country, &mut errors);
        match credentials {
            Some(credentials) if errors.is_empty() => Ok(Parsed {
                name,
                settings,
                credentials,
            }),
            _ => Err(Error::Invalid(errors)),
        }
    }
}

const fn active() -> ChannelStatus {
    ChannelStatus::Active
}

const fn production() -> ChannelMode {
    ChannelMode::Production
}

/// Makes a channel for a tenant; numbers are read as its country writes them.
///
/// An account and number that the tenant had deleted come back under their old id, with their
/// history.
///
/// # Errors
/// [`Error::Invalid`] with every mistake, [`Error::Duplicate`] if the tenant has that account and
/// number, [`Error::ClaimedElsewhere`] if another tenant has them with the same token,
/// [`Error::NotFound`] if there is no such tenant.
pub async fn create(
    conn: &impl ConnectionTrait,
    ring: &KeyRing,
    clock: &Clock,
    outbox: &mut Outbox,
    tenant: TenantId,
    user: Option<UserId>,
    new: NewChannel,
) -> Result<channel::Model, Error> {
    let country = lock_tenant(conn, tenant).await?;
    let Parsed {
        name,
        settings,
        credentials,
    } = new.parse(&country)?;
    let former = with_number(conn, tenant, &credentials).await?;
    if former
        .as_ref()
        .is_some_and(|former| former.deleted_at.is_none())
    {
        return Err(Error::Duplicate);
    }
    claims::refuse_claimed(conn, ring, tenant, &credentials).await?;

    let is_first = live(tenant).count(conn).await? == 0;
    let id = former.as_ref().map(|former| former.id).or(new.id);
    let id = id.unwrap_or_else(|| ChannelId::new(clock));
    let stored = Stored::seal(&credentials, ring.current(), tenant, id)?;
    let now = clock.now();
    let row = channel::ActiveModel {
        id: Set(id),
        tenant_id: Set(tenant),
        user_id: Set(user),
        r#type: Set(new.r#type),
        name: Set(name),
        status: Set(new.status),
        mode: Set(new.mode),
        is_default: Set(new.is_default || is_first),
        phone_number: Set(credentials.phone_number.clone()),
        account_sid: Set(credentials.account_sid.clone()),
        credentials: Set(serde_json::to_value(stored).map_err(OpenError::from)?),
        key_id: Set(ring.current().id().to_owned()),
        settings: Set(settings),
        mms: Set(None),
        version: Set(former.as_ref().map_or(1, |former| former.version + 1)),
        deleted_at: Set(None),
        created_at: if former.is_some() { NotSet } else { Set(now) },
        updated_at: Set(now),
    };
    if new.is_default {
        clear_other_defaults(conn, clock, tenant, id).await?;
    }
    let channel = if former.is_some() {
        row.update(conn).await?
    } else {
        row.insert(conn).await?
    };
    let name = channel.name.clone();
    outbox.record(clock, told(&channel, Happening::ChannelCreated { name }));
    Ok(channel)
}

/// The tenant's row for an account and number, deleted or not.
pub(super) async fn with_number(
    conn: &impl ConnectionTrait,
    tenant: TenantId,
    credentials: &Opened,
) -> Result<Option<channel::Model>, DbErr> {
    channel::Entity::of(tenant)
        .filter(channel::Column::AccountSid.eq(credentials.account_sid()))
        .filter(channel::Column::PhoneNumber.eq(credentials.phone_number().clone()))
        .one(conn)
        .await
}

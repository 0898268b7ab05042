//! The Twilio account in the environment, as a channel of the first tenant. Development only.

use channels::{CredentialsInput, KeyRing, NewChannel, Patch, SettingsPatch};
use db::Db;
use entity::clock::Clock;
use entity::tenant;
use entity::value::{ChannelMode, ChannelStatus, ChannelType};
use events::{Bell, Outbox};
use sea_orm::{EntityTrait, QueryOrder};

use crate::error::Error;
use crate::settings::ForeignChannel;

/// Makes the channel unless it is there. That it can't be made is no reason not to start.
///
/// # Errors
/// When the database is away.
pub(crate) async fn ensure(
    db: &Db,
    keys: &KeyRing,
    clock: &Clock,
    wanted: &ForeignChannel,
) -> Result<(), Error> {
    let tx = db.write_tx().await?;
    let first = tenant::Entity::find()
        .order_by_asc(tenant::Column::Id)
        .one(&tx)
        .await?;
    let Some(tenant) = first else {
        tracing::warn!("TWILIO_…: there is no tenant yet; the channel is made at the next start");
        return Ok(());
    };
    let (mut outbox, new) = (Outbox::new(), described(wanted));
    match channels::create(&tx, keys, clock, &mut outbox, tenant.id, None, new).await {
        Ok(channel) => {
            outbox.commit(tx, clock.now(), &Bell::default()).await?;
            tracing::info!(channel.id = %channel.id, "TWILIO_…: a channel was made for the first tenant");
            Ok(())
        }
        Err(channels::Error::Duplicate) => Ok(()),
        Err(channels::Error::Database(error)) => Err(error.into()),
        Err(error) => {
            tracing::warn!(%error, "TWILIO_…: no channel can be made of these variables");
            Ok(())
        }
    }
}

fn described(wanted: &ForeignChannel) -> NewChannel {
    NewChannel {
        id: None,
        r#type: ChannelType::TwilioSms,
        name: "From the environment".to_owned(),
        status: ChannelStatus::Active,
        mode: if wanted.test_mode {
            ChannelMode::Trial
        } else {
            ChannelMode::Production
        },
        is_default: false,
        settings: SettingsPatch::default(),
        credentials: CredentialsInput {
            account_sid: Patch::Set(wanted.account_sid.clone()),
            auth_token: Patch::Set(wanted.auth_token.clone()),
            phone_number: Patch::Set(wanted.phone_number.clone()),
            ..CredentialsInput::default()
        },
    }
}

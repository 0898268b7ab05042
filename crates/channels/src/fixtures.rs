//! What the tests of this crate begin with.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::DateTime;
use entity::clock::Clock;
use entity::id::TenantId;
use entity::json::QuietHours;
use entity::phone::Country;
use entity::tenant;
use entity::value::{ChannelMode, ChannelStatus, ChannelType};
use sea_orm::{ActiveModelTrait, ConnectionTrait, Set};

use crate::{CredentialsInput, KeyRing, MasterKey, NewChannel, Patch, SettingsPatch};

pub(crate) const ACCOUNT: &str = "AC0123456789abcdef0123456789abcdef";
pub(crate) const OTHER_ACCOUNT: &str = "ACffffffffffffffffffffffffffffffff";
pub(crate) const TOKEN: &str = "9f86d081884c7d659a2feaa0c55ad015";
pub(crate) const OTHER_TOKEN: &str = "60303ae22b998861bce3b28f33eec1be";
pub(crate) const API_KEY: &str = "SK0123456789abcdef0123456789abcdef";
pub(crate) const SERVICE: &str = "MG0123456789abcdef0123456789abcdef";
pub(crate) const NUMBER: &str = "+15551234567";
pub(crate) const OTHER_NUMBER: &str = "+15551234568";

pub(crate) fn key(id: &str, byte: u8) -> MasterKey {
    MasterKey::parse(&format!("{id}:{}", STANDARD.encode([byte; 32]))).unwrap()
}

/// A ring whose keys are named by letters; the first seals.
pub(crate) fn ring(ids: &str) -> KeyRing {
    let key = |id: char| key(&id.to_string(), u8::try_from(id).unwrap());
    KeyRing::new(ids.chars().map(key).collect()).unwrap()
}

pub(crate) fn clock() -> Clock {
    Clock::manual(DateTime::from_timestamp(1_790_000_000, 0).unwrap())
}

pub(crate) fn us() -> Country {
    Country::parse("US").unwrap()
}

pub(crate) fn text(text: &str) -> Patch<String> {
    Patch::Set(text.to_owned())
}

/// The least that a channel needs.
pub(crate) fn input() -> CredentialsInput {
    CredentialsInput {
        account_sid: text(ACCOUNT),
        auth_token: Patch::Set(TOKEN.into()),
        phone_number: text(NUMBER),
        ..CredentialsInput::default()
    }
}

pub(crate) fn with_number(number: &str) -> NewChannel {
    new(CredentialsInput {
        phone_number: text(number),
        ..input()
    })
}

pub(crate) fn new(credentials: CredentialsInput) -> NewChannel {
    NewChannel {
        r#type: ChannelType::TwilioSms,
        name: "Front desk".to_owned(),
        status: ChannelStatus::Active,
        mode: ChannelMode::Production,
        is_default: false,
        settings: SettingsPatch::default(),
        id: None,
        credentials,
    }
}

pub(crate) async fn tenant(conn: &impl ConnectionTrait, clock: &Clock) -> TenantId {
    let id = TenantId::new(clock);
    let row = tenant::ActiveModel {
        id: Set(id),
        name: Set("Dental practice".to_owned()),
        default_country: Set("US".to_owned()),
        timezone: Set("America/New_York".to_owned()),
        quiet_hours: Set(QuietHours::default()),
        created_at: Set(clock.now()),
        updated_at: Set(clock.now()),
    };
    row.insert(conn).await.unwrap();
    id
}

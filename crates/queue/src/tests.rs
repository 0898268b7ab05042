//! What every test begins with; the tests stand in the modules.

mod claiming;
mod concurrent;
mod cost;
mod hastening;
mod moderation;
mod moving;
mod running;

use std::collections::HashMap;

use chrono::DateTime;
use db::Db;
use entity::clock::Clock;
use entity::id::{ChannelId, LaneEntryId, TenantId};
use entity::json::{ChannelSettings, QuietHours};
use entity::phone::PhoneNumber;
use entity::value::{ChannelMode, ChannelStatus, ChannelType};
use entity::{channel, lane, tenant};
use sea_orm::{ActiveModelTrait, DbErr, EntityTrait, IntoActiveModel};
use uuid::Uuid;

use crate::{Claim, Class, NewEntry, Want};

/// A Saturday in November.
const NOW_MS: i64 = 1_795_248_000_000;
/// How long the claims of these tests last.
const LEASE_MS: i64 = 45_000;
/// As fast as one segment a second.
const SECOND: i64 = 1000;
/// Who claims, unless a test says otherwise.
const WORKER: Uuid = Uuid::from_u128(1);

fn clock() -> Clock {
    Clock::manual(DateTime::from_timestamp_millis(NOW_MS).unwrap())
}

/// Does something in a transaction of its own.
macro_rules! commit {
    ($db:expr, |$tx:ident| $do:expr) => {{
        let $tx = $db.write_tx().await.unwrap();
        let done = $do.await.unwrap();
        $tx.commit().await.unwrap();
        done
    }};
}
use commit;

/// A tenant with one channel, whose lane the tests fill.
async fn some_channel(db: &Db, number: u32) -> channel::Model {
    let clock = clock();
    let tenant = tenant::Model {
        id: TenantId::new(&clock),
        name: "Casa Verde".to_owned(),
        default_country: "US".to_owned(),
        timezone: "UTC".to_owned(),
        quiet_hours: QuietHours::default(),
        created_at: clock.now(),
        updated_at: clock.now(),
    };
    let channel = channel::Model {
        id: ChannelId::new(&clock),
        tenant_id: tenant.id,
        user_id: None,
        r#type: ChannelType::TwilioSms,
        name: "Front desk".to_owned(),
        status: ChannelStatus::Active,
        mode: ChannelMode::Production,
        is_default: true,
        phone_number: PhoneNumber::from_e164(&format!("+1555123{number:04}")).unwrap(),
        account_sid: "AC1".to_owned(),
        credentials: serde_json::json!({}),
        key_id: String::new(),
        settings: ChannelSettings::default(),
        mms: None,
        version: 1,
        deleted_at: None,
        created_at: clock.now(),
        updated_at: clock.now(),
    };
    commit!(db, |tx| async {
        tenant.into_active_model().insert(&tx).await?;
        channel.clone().into_active_model().insert(&tx).await
    })
}

fn entry(channel: &channel::Model, class: Class, weight: i32, due_at_ms: i64) -> NewEntry {
    NewEntry {
        id: LaneEntryId::new(&clock()),
        tenant: channel.tenant_id,
        lane: channel.id,
        group: channel.account_sid.clone(),
        gap_us: SECOND * 1000,
        payload: clock().uuid(),
        class,
        weight,
        due_at_ms,
    }
}

/// Queues a text of one segment, due now, and gives its payload.
async fn queue_one(db: &Db, channel: &channel::Model) -> Uuid {
    let new = entry(channel, Class::Normal, 1, NOW_MS);
    enqueue(db, &new).await;
    new.payload
}

async fn enqueue(db: &Db, new: &NewEntry) {
    commit!(db, |tx| crate::enqueue(&tx, new));
}

async fn claim_at(db: &Db, now_ms: i64) -> Vec<Claim> {
    try_claim(db, now_ms, 100).await.unwrap()
}

async fn try_claim(db: &Db, now_ms: i64, most: usize) -> Result<Vec<Claim>, DbErr> {
    claim_as(db, Want { most, ..want() }, now_ms).await
}

async fn claim_as(db: &Db, want: Want, now_ms: i64) -> Result<Vec<Claim>, DbErr> {
    let tx = db.write_tx().await?;
    let claims = crate::claim(&tx, &want, now_ms).await?;
    tx.commit().await?;
    Ok(claims)
}

fn want() -> Want {
    Want {
        worker: WORKER,
        lease: Clock::System.uuid(),
        lease_ms: LEASE_MS,
        lanes: 16,
        most: 100,
        for_replies: 0,
        of_group: 100,
        in_hand: HashMap::new(),
    }
}

async fn lane_of(db: &Db, channel: &channel::Model) -> lane::Model {
    let row = lane::Entity::find_by_id(channel.id).one(db.read()).await;
    row.unwrap().unwrap()
}

fn payloads(claims: &[Claim]) -> Vec<Uuid> {
    claims.iter().map(|claim| claim.payload).collect()
}

fn starts(claims: &[Claim]) -> Vec<i64> {
    claims
        .iter()
        .map(|claim| claim.start_at_us / 1000 - NOW_MS)
        .collect()
}

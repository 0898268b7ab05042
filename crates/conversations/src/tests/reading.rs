//! Lists read rows in a way of their own: it finds what sea-orm does.

use std::fmt::Debug;

use entity::id::{LeadId, UserId};
use entity::row::TableRow;
use entity::value::{Control, MediaReason, SentAs};
use entity::{conversation, media};
use sea_orm::QuerySelect;
use test_db::on_both_databases;

use super::*;

on_both_databases! {
    async fn lists_read_whole_rows_with_and_without_what_may_be_missing(db: TestDb) {
        let world = World::new(&db).await;
        two_of_each(&world).await;
        fill(&world).await;
        same::<conversation::Entity>(&world, conversation::Column::Id).await;
        same::<lead::Entity>(&world, lead::Column::Id).await;
        same::<message::Entity>(&world, message::Column::Id).await;
        same::<media::Entity>(&world, media::Column::Id).await;
    }

    async fn a_row_with_other_columns_is_refused(db: TestDb) {
        let world = World::new(&db).await;
        world.texts("SM1", "Hello").await;
        let fewer = message::Entity::rows_of(world.tenant)
            .select_only()
            .column(message::Column::Id);
        assert!(fewer.all(db.db().read()).await.is_err());
        let mistaken = message::Entity::rows_of(world.tenant)
            .select_only()
            .columns([message::Column::Body; 39]);
        assert!(mistaken.all(db.db().read()).await.is_err());
    }

    async fn one_of_many_is_found_and_none_of_none(db: TestDb) {
        let world = World::new(&db).await;
        two_of_each(&world).await;
        let read = db.db().read();
        let find = async |ids: Vec<LeadId>| {
            let backend = db.db().backend();
            let these = lead::Entity::rows_among(backend, world.tenant, lead::Column::Id, ids);
            these.all(read).await.unwrap()
        };
        let all = lead::Entity::rows_of(world.tenant).all(read).await.unwrap();
        assert_eq!(all.len(), 2);
        assert_eq!(find(vec![all[1].id, LeadId::new(&world.clock)]).await, [all[1].clone()]);
        assert_eq!(find(Vec::new()).await, []);
    }
}

async fn two_of_each(world: &World<'_>) {
    let media = [
        ("NumMedia", "1"),
        (
            "MediaUrl0",
            "https://api.twilio.com/2010-04-01/Accounts/AC0/Messages/MM1/Media/ME1",
        ),
        ("MediaContentType0", "image/jpeg"),
    ];
    for (sid, from) in [("MM1", CUSTOMER), ("MM2", "+15557654322")] {
        let inbound = world.inbound(sid, from, "Olá \"você\" 👋", &media).await;
        world.receive(&[inbound]).await;
    }
}

/// Gives one of each all that may be missing.
async fn fill(world: &World<'_>) {
    let (tenant, db) = (world.tenant, world.db.db().writer());
    let at = Some(world.clock.now() + TimeDelta::microseconds(123_456));
    let (text, user) = (Some("text".to_owned()), Some(UserId::new(&world.clock)));

    let row = conversation::Entity::of(tenant).one(db).await.unwrap();
    let row = conversation::Model {
        snoozed_until: at,
        assigned_user_id: user,
        control: Control::Human,
        control_since: at,
        control_user_id: user,
        waiting_since: at,
        ..row.unwrap()
    };
    let row = row.into_active_model().reset_all();
    row.update(db).await.unwrap();

    let row = lead::Entity::of(tenant).one(db).await.unwrap();
    let row = lead::Model {
        name: text.clone(),
        email: text.clone(),
        tags: entity::json::Texts(vec!["a".to_owned(), "b".to_owned()]),
        sms_opt_out: true,
        sms_opt_out_number: text.clone(),
        sms_opt_out_source: Some(OptOutSource::Keyword),
        timezone: text.clone(),
        ..row.unwrap()
    };
    let row = row.into_active_model().reset_all();
    row.update(db).await.unwrap();

    let row = message::Entity::of(tenant).one(db).await.unwrap();
    let row = message::Model {
        error_code: Some(30003),
        error_message: text.clone(),
        reason: Some(MessageReason::QuietHours),
        held_reason: text.clone(),
        sent_by_user_id: user,
        scheduled_at: at,
        next_attempt_at: at,
        valid_until: at,
        cancel_on_reply: true,
        caught_up: true,
        delivered_at: at,
        from_city: text.clone(),
        from_state: text.clone(),
        from_zip: text.clone(),
        from_country: text.clone(),
        ..row.unwrap()
    };
    let row = row.into_active_model().reset_all();
    row.update(db).await.unwrap();

    let row = media::Entity::of(tenant).one(db).await.unwrap();
    let row = media::Model {
        filename: text.clone(),
        size: Some(1 << 40),
        digest: text.clone(),
        width: Some(640),
        height: Some(480),
        fitted_digest: text.clone(),
        fitted_size: Some(7),
        thumbnail_digest: text,
        sent_as: Some(SentAs::Link),
        reason: Some(MediaReason::Gone),
        ..row.unwrap()
    };
    let row = row.into_active_model().reset_all();
    row.update(db).await.unwrap();
}

async fn same<E: TenantScoped>(world: &World<'_>, id: E::Column)
where
    E::Model: TableRow + PartialEq + Debug,
{
    let read = world.db.db().read();
    let usual = E::of(world.tenant)
        .order_by_asc(id)
        .all(read)
        .await
        .unwrap();
    let fast = E::rows_of(world.tenant)
        .order_by_asc(id)
        .all(read)
        .await
        .unwrap();
    assert_eq!(usual.len(), 2);
    assert_eq!(fast, usual);
}

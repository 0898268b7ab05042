//! Many at once come out as one after the other.

use db::each::Rows;
use entity::value::ConversationStatus;
use entity::{conversation, event, message_attempt};
use sea_orm::{ColumnTrait, ConnectionTrait, DbBackend, QueryFilter, Statement};
use test_db::{Backend, on_both_databases};

use super::*;

/// What Twilio may tell of a text, with an error code.
const TOLD: [(&str, &str); 8] = [
    ("queued", ""),
    ("sending", ""),
    ("sent", ""),
    ("delivered", ""),
    ("read", ""),
    ("undelivered", "30003"),
    ("failed", "30007"),
    ("canceled", ""),
];

/// What is left of a text: its own state, and the state of each attempt.
type Left = (
    MessageStatus,
    Option<i32>,
    Vec<(Option<String>, Option<i32>)>,
);

async fn left(world: &World<'_>, outgoing: &Outgoing) -> Left {
    let message = world.message(outgoing.message.id).await;
    let attempts = message_attempt::Entity::of(world.tenant)
        .filter(message_attempt::Column::MessageId.eq(message.id))
        .order_by_asc(message_attempt::Column::Number)
        .all(world.db.db().read())
        .await
        .unwrap();
    let attempts = attempts.into_iter().map(|row| (row.status, row.error_code));
    (message.status, message.error_code, attempts.collect())
}

/// What else a webhook says.
type Fields = &'static [(&'static str, &'static str)];

/// What customers may write, and what Twilio may say of it.
const WRITTEN: [(&str, Fields); 8] = [
    ("Hello", &[]),
    ("Is the boiler there?", &[("ProfileName", "Ann")]),
    ("STOP", &[]),
    ("START", &[]),
    ("yes", &[]),
    ("no more", &[("OptOutType", "STOP")]),
    (
        "A picture",
        &[
            ("NumMedia", "1"),
            ("MediaUrl0", "https://api.twilio.com/x"),
            ("MediaContentType0", "image/png"),
        ],
    ),
    ("Thanks", &[]),
];

/// What is left of a customer: the lead, the conversation, and the texts.
#[derive(Debug, PartialEq)]
struct Person {
    lead: (bool, bool, Option<String>, Option<DateTime<Utc>>),
    thread: (ConversationStatus, i32, Option<DateTime<Utc>>),
    texts: Vec<(String, MessageStatus, i32)>,
    latest: Option<String>,
}

async fn person(world: &World<'_>, number: &str) -> Person {
    let read = world.db.db().read();
    let lead = entity::lead::Entity::of(world.tenant)
        .filter(entity::lead::Column::Phone.eq(number))
        .one(read)
        .await
        .unwrap()
        .unwrap();
    let thread = conversation::Entity::of(world.tenant)
        .filter(conversation::Column::LeadId.eq(lead.id))
        .one(read)
        .await
        .unwrap()
        .unwrap();
    let texts = entity::message::Entity::of(world.tenant)
        .filter(entity::message::Column::ConversationId.eq(thread.id))
        .order_by_asc(entity::message::Column::Id)
        .all(read)
        .await
        .unwrap();
    let latest = texts
        .iter()
        .find(|text| Some(text.id) == thread.last_message_id)
        .map(|text| text.body.clone());
    let texts = texts
        .into_iter()
        .map(|text| (text.body, text.status, text.num_media));
    Person {
        lead: (
            lead.sms_enabled,
            lead.sms_opt_out,
            lead.name,
            lead.last_sms_at,
        ),
        thread: (thread.status, thread.unread_count, thread.waiting_since),
        texts: texts.collect(),
        latest,
    }
}

on_both_databases! {
    async fn a_batch_of_texts_ends_as_if_each_came_by_itself(db: TestDb) {
        let world = World::new(&db).await;
        for round in 0..12_u32 {
            let mut dice = round;
            let number = |set: u8, n: usize| format!("+1415555{round:02}{set}{n}");
            // Two sets of people, of whom the first two have written before, and wait for something.
            for set in [0, 1] {
                for n in 0..2 {
                    let sid = format!("SM{round}-{set}{n}");
                    let first = world.inbound(&sid, &number(set, n), "Hi", &[]).await;
                    world.receive(&[first]).await;
                    let to = Recipient::Number(number(set, n));
                    let reminder = Draft {
                        to,
                        send_at: Some(world.clock.now() + TimeDelta::days(1)),
                        cancel_on_reply: n == 1,
                        ..draft("Tomorrow at nine")
                    };
                    world.submit(reminder).await.unwrap();
                }
            }
            let mut batch = Vec::new();
            for _ in 0..10 {
                dice = dice.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                let [who, what, sid, _] = dice.to_be_bytes();
                let n = usize::from(who) % 4;
                let (body, more) = WRITTEN[usize::from(what) % WRITTEN.len()];
                // Some come twice.
                let sid = format!("SM{round}x{n}x{}", sid % 8);
                batch.push(world.inbound(&format!("{sid}a"), &number(0, n), body, more).await);
                let alone = world.inbound(&format!("{sid}b"), &number(1, n), body, more).await;
                world.receive(&[alone]).await;
            }
            assert_eq!(world.receive(&batch).await.len(), batch.len());
            for n in 0..4 {
                let wrote = batch.iter().any(|text| text.sender().as_str() == number(0, n));
                if n < 2 || wrote {
                    let (together, apart) = (number(0, n), number(1, n));
                    let together = person(&world, &together).await;
                    assert_eq!(together, person(&world, &apart).await, "round {round}");
                }
            }
        }
    }

    async fn a_batch_of_callbacks_ends_as_if_each_came_by_itself(db: TestDb) {
        let world = World::new(&db).await;
        for round in 0..12_u32 {
            let mut dice = round;
            // The same callbacks for two sets of texts, of which some have had no answer yet.
            let mut texts = Vec::new();
            for n in 0..8 {
                let sid = format!("SM{round}x{n}");
                let id = world.submit(draft("Hello")).await.unwrap().message.id;
                let outgoing = world.leaves(id).await;
                if n % 4 != 3 {
                    world.answer(&outgoing, accepted(&sid)).await;
                }
                texts.push((sid, outgoing));
            }
            let (together, apart) = texts.split_at(4);
            let mut batch = Vec::new();
            for _ in 0..14 {
                dice = dice.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                let [text, told, named, _] = dice.to_be_bytes();
                let (n, (status, code)) = (usize::from(text) % 4, TOLD[usize::from(told) % TOLD.len()]);
                let hint = |outgoing| (named % 2 == 0 || n == 3).then_some(outgoing);
                let (sid, outgoing) = &together[n];
                batch.push(world.update(sid, status, hint(outgoing), code).await);
                let (sid, outgoing) = &apart[n];
                world.status(sid, status, hint(outgoing), code).await;
            }
            let tracked = world.record(&batch).await;
            assert_eq!(tracked.len(), batch.len());
            assert!(tracked.iter().all(|one| *one != Tracked::Foreign));
            for (one, other) in together.iter().zip(apart) {
                let (one, other) = (left(&world, &one.1).await, left(&world, &other.1).await);
                assert_eq!(one, other, "round {round}");
            }
        }
    }

    async fn a_batch_keeps_every_callback_and_tells_of_each_change_once(db: TestDb) {
        let world = World::new(&db).await;
        let first = world.sent("SM1").await;
        let second = world.sent("SM2").await;
        let events = world.count::<event::Entity>().await;
        let batch = [
            world.update("SM1", "sent", Some(&first), "").await,
            world.update("SM404", "delivered", None, "").await,
            world.update("SM1", "delivered", Some(&first), "").await,
            world.update("SM2", "delivered", None, "").await,
            world.update("SM1", "delivered", Some(&first), "").await,
        ];
        let tracked = world.record(&batch).await;
        let (one, two) = (Tracked::Message(first.message.id), Tracked::Message(second.message.id));
        assert_eq!(tracked, [one, Tracked::Foreign, one, two, one]);
        assert_eq!(world.count::<entity::message_event::Entity>().await, 5);
        assert_eq!(world.count::<event::Entity>().await, events + 2);
    }

    async fn texts_of_one_batch_are_stored_once_and_in_order(db: TestDb) {
        let world = World::new(&db).await;
        let (other, third) = ("+14155550101", "+14155550099");
        let batch = [
            world.inbound("SM1", CUSTOMER, "one", &[]).await,
            world.inbound("SM2", other, "STOP", &[]).await,
            world.inbound("SM3", CUSTOMER, "two", &[]).await,
            world.inbound("SM1", CUSTOMER, "one", &[]).await,
            world.inbound("SM4", third, "three", &[]).await,
            world.inbound("SM5", other, "START", &[]).await,
        ];
        let received = world.receive(&batch).await;
        assert_eq!(received[3], Received::Duplicate);
        assert_eq!(received.iter().filter(|one| **one == Received::Duplicate).count(), 1);
        let thread = conversation::Entity::of(world.tenant)
            .filter(conversation::Column::RemoteAddress.eq(CUSTOMER))
            .one(db.db().read())
            .await
            .unwrap()
            .unwrap();
        assert_eq!(thread.unread_count, 2);
        assert_eq!(Received::Stored(thread.last_message_id.unwrap()), received[2]);
        let draft = Draft { to: Recipient::Number(other.to_owned()), ..draft("Welcome back") };
        world.submit(draft).await.unwrap();
        assert_eq!(world.receive(&batch).await, [Received::Duplicate; 6]);
    }

    async fn what_is_looked_up_for_many_tenants_is_found_by_an_index(db: TestDb) {
        let world = World::new(&db).await;
        if db.backend() == Backend::Postgres {
            // Its plans depend on the size of tables; the condition is the same.
            return;
        }
        for (table, columns) in [
            ("leads", ["tenant_id", "phone"]),
            ("conversations", ["tenant_id", "id"]),
            ("messages", ["tenant_id", "id"]),
            ("message_attempts", ["tenant_id", "sid"]),
            ("message_attempts", ["tenant_id", "message_id"]),
            ("lane_entries", ["id", "lease_id"]),
            ("opt_outs", ["tenant_id", "phone"]),
            ("channels", ["account_sid", "phone_number"]),
        ] {
            for keys in [1, 3, 64] {
                let key = || [world.tenant.into(), sea_orm::Value::from("x")];
                let keys: Vec<_> = (0..keys).map(|_| key()).collect();
                let among = Rows::among(DbBackend::Sqlite, columns, &keys);
                let sql = format!("EXPLAIN QUERY PLAN SELECT * FROM {table} WHERE {}", among.sql);
                let query = Statement::from_sql_and_values(DbBackend::Sqlite, sql, among.values);
                for row in db.db().read().query_all_raw(query).await.unwrap() {
                    let line: String = row.try_get("", "detail").unwrap();
                    assert!(!line.starts_with("SCAN"), "{table}: {line}");
                }
            }
        }
    }
}

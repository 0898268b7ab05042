//! Texts begun and recorded many at once end as if each was alone.

use entity::value::AttemptOutcome;
use entity::{message_attempt, opt_out};
use sea_orm::{ColumnTrait, QueryFilter};
use test_db::{Backend, on_both_databases};
use twilio::error_codes::Class;

use super::*;
use crate::sending::{Accepted, Due, begin_each, record_each};

/// What has become of a text by the time that its turn comes.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Case {
    Plain,
    /// It was scheduled for now.
    Scheduled,
    /// It is scheduled for later.
    Early,
    Canceled,
    /// Its recipient wants none, of which it has not heard.
    OptedOut,
    Expired,
    /// It had its turn, and Twilio was out of reach.
    Postponed,
    /// It was refused once, and is tried again.
    Retried,
    /// Nobody has answered what became of it.
    Unsettled,
    /// It is one of many, and it is day at the recipient.
    Day,
    /// It is one of many, and it is night.
    Night,
}

use Case::*;

const CASES: [(Case, bool); 11] = [
    (Plain, true),
    (Scheduled, true),
    (Early, false),
    (Canceled, false),
    (OptedOut, false),
    (Expired, false),
    (Postponed, true),
    (Retried, false),
    (Unsettled, false),
    (Day, true),
    (Night, false),
];

/// What is left of a text: itself, its attempts, and what was told of it.
type Remains = (
    String,
    Vec<(i32, AttemptOutcome, Option<String>, Option<i32>, bool)>,
    Vec<String>,
);

impl World<'_> {
    /// A text whose turn comes in a minute.
    async fn prepare(&self, case: Case, number: &str) -> message::Model {
        let now = self.clock.now();
        let draft = Draft {
            to: Recipient::Number(number.to_owned()),
            priority: match case {
                Day | Night => SendPriority::Bulk,
                _ => SendPriority::Normal,
            },
            send_at: match case {
                Scheduled => Some(now + TimeDelta::seconds(30)),
                Early => Some(now + TimeDelta::minutes(5)),
                _ => None,
            },
            valid_for_seconds: (case == Expired).then_some(1),
            ..draft("Hello")
        };
        let row = self.queued(draft).await;
        match case {
            Canceled => {
                let (tx, mut outbox) = (self.tx().await, Outbox::new());
                outbound::cancel(&tx, &self.clock, &mut outbox, self.tenant, row.id)
                    .await
                    .unwrap();
                self.finish(tx, outbox).await;
            }
            OptedOut => {
                let row = opt_out::Model {
                    tenant_id: self.tenant,
                    phone: number.to_owned(),
                    source: OptOutSource::Manual,
                    our_number: None,
                    channel_id: None,
                    created_at: now,
                };
                let tx = self.tx().await;
                row.into_active_model().insert(&tx).await.unwrap();
                tx.commit().await.unwrap();
            }
            Postponed => {
                let outgoing = self.leaves(row.id).await;
                self.answer(&outgoing, Answer::NotSent).await;
            }
            Retried => {
                let outgoing = self.leaves(row.id).await;
                self.answer(&outgoing, outgoing::refused(30001, Class::Retry))
                    .await;
            }
            Unsettled => {
                self.leaves(row.id).await;
            }
            _ => {}
        }
        row
    }

    async fn begin_each(&self, ids: &[MessageId]) -> Vec<Option<Begin>> {
        let (tx, mut outbox) = (self.tx().await, Outbox::new());
        let due = ids.iter().map(|id| Due {
            tenant: self.tenant,
            id: *id,
            turn: self.clock.now(),
        });
        let due: Vec<_> = due.collect();
        let begun = begin_each(&tx, &self.clock, &mut outbox, &due).await;
        self.finish(tx, outbox).await;
        begun.unwrap()
    }

    async fn record_each(&self, accepted: &[Accepted<'_>]) -> Vec<bool> {
        let (tx, mut outbox) = (self.tx().await, Outbox::new());
        let done = record_each(&tx, &self.clock, &mut outbox, accepted).await;
        self.finish(tx, outbox).await;
        done.unwrap()
    }

    /// Without what differs by nature.
    async fn remains(&self, id: MessageId) -> Remains {
        let attempts = message_attempt::Entity::of(self.tenant)
            .filter(message_attempt::Column::MessageId.eq(id))
            .order_by_asc(message_attempt::Column::Number)
            .all(self.db.db().read())
            .await
            .unwrap();
        let blank = self.message(id).await;
        let alike = message::Model {
            id,
            conversation_id: entity::id::ConversationId(id.0),
            lead_id: entity::id::LeadId(id.0),
            to_number: String::new(),
            external_id: None,
            ..blank.clone()
        };
        let attempts = attempts.into_iter().map(|row| {
            let named = row.sid.is_some() && row.sid == blank.external_id;
            (row.number, row.outcome, row.status, row.error_code, named)
        });
        let attempts: Vec<_> = attempts.collect();
        // The id is put aside last.
        let alike = format!("{alike:?}").replace(&id.to_string(), "id");
        (alike, attempts, self.told(id).await)
    }
}

fn name(begin: &Begin) -> String {
    match begin {
        Begin::Send(outgoing) => format!("send {}", outgoing.attempt.number),
        Begin::Settle(_) => "settle".to_owned(),
        Begin::Later(at) => format!("later {at}"),
        Begin::Drop => "drop".to_owned(),
        Begin::Expired => "expired".to_owned(),
    }
}

fn number(set: usize, n: usize, case: Case) -> String {
    // 10:13 in New York, 7:13 in San Francisco.
    let area = if case == Night { "415" } else { "212" };
    format!("+1{area}5550{set}{n:02}")
}

on_both_databases! {
    async fn texts_begun_together_are_begun_as_each_would_be(db: TestDb) {
        let world = World::new(&db).await;
        let mut sets: [Vec<MessageId>; 2] = Default::default();
        for (set, ids) in sets.iter_mut().enumerate() {
            for (n, (case, _)) in CASES.into_iter().enumerate() {
                ids.push(world.prepare(case, &number(set, n, case)).await.id);
            }
        }
        world.clock.advance(TimeDelta::minutes(2));
        let [together, alone] = &sets;
        let begun = world.begin_each(together).await;
        for (n, (case, usual)) in CASES.into_iter().enumerate() {
            assert_eq!(begun[n].is_some(), usual, "{case:?}");
            let one = match &begun[n] {
                Some(begun) => begun.clone(),
                None => world.begin(together[n]).await,
            };
            let other = world.begin(alone[n]).await;
            assert_eq!(name(&one), name(&other), "{case:?}");
            let (one, other) = (world.remains(together[n]).await, world.remains(alone[n]).await);
            assert_eq!(one, other, "{case:?}");
        }
        // Once more, nothing is begun.
        assert!(world.begin_each(together).await.iter().all(Option::is_none));
    }

    async fn answers_recorded_together_are_recorded_as_each_would_be(db: TestDb) {
        let world = World::new(&db).await;
        let mut sets: [Vec<Outgoing>; 2] = Default::default();
        for (set, texts) in sets.iter_mut().enumerate() {
            for n in 0..4 {
                let id = world.prepare(Plain, &number(set, n, Plain)).await.id;
                texts.push(world.leaves(id).await);
            }
            // A receipt was faster than the answer; the connection broke and mended; it was given up.
            world.status(&format!("SM{set}1"), "delivered", Some(&texts[1]), "").await;
            world.answer(&texts[2], Answer::Unknown).await;
            world.settle(&texts[3], None).await;
        }
        world.clock.advance(TimeDelta::minutes(1));
        for texts in &sets {
            world.settle(&texts[3], None).await;
        }
        let [together, alone] = &sets;
        let sids: Vec<_> = (0..4).map(|n| format!("SM0{n}")).collect();
        let accepted: Vec<_> = together
            .iter()
            .zip(&sids)
            .map(|(outgoing, sid)| Accepted { outgoing, sid, status: Some("queued") })
            .collect();
        assert_eq!(world.record_each(&accepted).await, [true, true, true, false]);
        for n in 0..3 {
            world.answer(&alone[n], super::accepted(&format!("SM1{n}"))).await;
            let (one, other) = (together[n].message.id, alone[n].message.id);
            assert_eq!(world.remains(one).await, world.remains(other).await, "{n}");
        }
        assert_eq!(world.message(together[0].message.id).await.status, MessageStatus::Sent);
        assert_eq!(world.message(together[1].message.id).await.status, MessageStatus::Delivered);
        // Told a second time, nothing changes.
        let before = world.remains(together[0].message.id).await;
        world.record_each(&accepted[..1]).await;
        assert_eq!(world.remains(together[0].message.id).await, before);
    }

    async fn whom_somebody_else_has_locked_is_not_waited_for(db: TestDb) {
        let world = World::new(&db).await;
        if db.backend() == Backend::Sqlite {
            // Who writes has the database.
            return;
        }
        let first = world.prepare(Plain, &number(0, 0, Plain)).await;
        let second = world.prepare(Plain, &number(0, 1, Plain)).await;
        let busy = world.tx().await;
        leads::lock(&busy, world.tenant, first.lead_id).await.unwrap();
        let begun = world.begin_each(&[first.id, second.id]).await;
        assert!(begun[0].is_none() && begun[1].is_some(), "{begun:?}");
        busy.commit().await.unwrap();
        assert!(world.begin_each(&[first.id]).await[0].is_some());
    }
}

impl World<'_> {
    async fn settle(&self, outgoing: &Outgoing, found: Option<&str>) {
        let (tx, mut outbox) = (self.tx().await, Outbox::new());
        let (clock, policy) = (&self.clock, &self.policy);
        sending::settle(&tx, clock, &mut outbox, policy, outgoing, found)
            .await
            .unwrap();
        self.finish(tx, outbox).await;
        let outcome = message_attempt::Entity::of(self.tenant)
            .filter(message_attempt::Column::MessageId.eq(outgoing.message.id))
            .one(self.db.db().read())
            .await
            .unwrap()
            .unwrap()
            .outcome;
        assert_ne!(outcome, AttemptOutcome::Sending);
    }
}

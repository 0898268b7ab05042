//! Nights at the recipient.

use test_db::on_both_databases;

use super::*;

/// 22:00 in New York, 19:00 in Los Angeles.
const NIGHT: &str = "2026-09-22T02:00:00Z";
/// 8:00 in New York.
const MORNING: &str = "2026-09-22T12:00:00Z";

fn instant(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn bulk(body: &str) -> Draft {
    Draft {
        priority: SendPriority::Bulk,
        ..draft(body)
    }
}

fn to(number: &str) -> Draft {
    Draft {
        to: Recipient::Number(number.to_owned()),
        ..bulk("Sale!")
    }
}

impl World<'_> {
    async fn set_time(&self, text: &str) {
        self.clock.advance(instant(text) - self.clock.now());
    }

    async fn set_quiet_hours(&self, enabled: bool, start: &str, end: &str) {
        let row = tenant::Entity::find_by_id(self.tenant);
        let row = row.one(self.db.db().read()).await.unwrap().unwrap();
        let mut row: tenant::ActiveModel = row.into();
        row.quiet_hours = Set(QuietHours {
            enabled,
            start: start.to_owned(),
            end: end.to_owned(),
        });
        let tx = self.tx().await;
        row.update(&tx).await.unwrap();
        outbound::recheck_quiet_hours(&tx, &self.clock, self.tenant, None)
            .await
            .unwrap();
        tx.commit().await.unwrap();
    }

    async fn is_held_until(&self, id: MessageId) -> Option<DateTime<Utc>> {
        match self.begin(id).await {
            Begin::Later(at) => {
                assert_eq!(self.message(id).await.next_attempt_at, Some(at));
                Some(at)
            }
            Begin::Send(_) => None,
            other => panic!("neither sent nor held: {other:?}"),
        }
    }
}

on_both_databases! {
    async fn bulk_waits_for_the_morning_and_says_so(db: TestDb) {
        let world = World::new(&db).await;
        world.set_time(NIGHT).await;
        let held = world.queued(bulk("Sale!")).await;
        assert_eq!(held.status, MessageStatus::Queued);
        assert_eq!(held.next_attempt_at, Some(instant(MORNING)));
        assert_eq!(held.reason, Some(MessageReason::QuietHours));
        assert_eq!(
            held.held_reason.as_deref(),
            Some("Quiet hours at the recipient, from 21:00 to 08:00 (America/New_York).")
        );
        assert_eq!(held.valid_until, Some(instant(MORNING) + TimeDelta::hours(72)));
        assert_eq!(world.due().await, [instant(MORNING)]);
        assert_eq!(world.is_held_until(held.id).await, Some(instant(MORNING)));
        assert_eq!(world.message(held.id).await, held, "nothing has changed");

        world.set_time(MORNING).await;
        let outgoing = world.leaves(held.id).await;
        let sent = world.message(outgoing.message.id).await;
        assert_eq!((sent.reason, sent.held_reason, sent.next_attempt_at), (None, None, None));
    }

    async fn what_somebody_waits_for_goes_at_any_hour(db: TestDb) {
        let world = World::new(&db).await;
        world.set_time(NIGHT).await;
        for source in [MessageSource::Api, MessageSource::Agent, MessageSource::Assistant] {
            for priority in [SendPriority::Reply, SendPriority::Normal] {
                let text = world.queued(Draft { priority, source, ..draft("Yes?") }).await;
                assert_eq!((text.next_attempt_at, text.reason), (None, None));
                world.leaves(text.id).await;
            }
        }
        for source in [MessageSource::Campaign, MessageSource::Notification] {
            let text = world.queued(Draft { source, ..draft("Sale!") }).await;
            assert_eq!(text.next_attempt_at, Some(instant(MORNING)), "{source}");
        }
    }

    async fn a_backlog_is_not_carried_into_the_night(db: TestDb) {
        let world = World::new(&db).await;
        world.set_time("2026-09-22T00:59:00Z").await;
        let text = world.queued(Draft { valid_for_seconds: Some(3600), ..bulk("Sale!") }).await;
        assert_eq!(text.next_attempt_at, None);
        world.set_time("2026-09-22T01:30:00Z").await;
        assert_eq!(world.is_held_until(text.id).await, Some(instant(MORNING)));
        // Half an hour was left of its validity, and still is.
        let held = world.message(text.id).await;
        assert_eq!(held.valid_until, Some(instant(MORNING) + TimeDelta::minutes(29)));
        world.set_time("2026-09-22T12:29:00Z").await;
        world.leaves(text.id).await;
    }

    async fn the_clock_is_the_recipients(db: TestDb) {
        let world = World::new(&db).await;
        world.set_time(NIGHT).await;
        // By number: day in Los Angeles and in Tokyo, night in Chicago and in Berlin.
        let cases = [
            ("+14155550100", None),
            ("+81312345678", None),
            ("+13125550100", Some("2026-09-22T13:00:00Z")),
            ("+4915112345678", Some("2026-09-22T06:00:00Z")),
            // Eastern and Central: the later morning counts.
            ("+18505550100", Some("2026-09-22T13:00:00Z")),
        ];
        for (number, until) in cases {
            let text = world.queued(to(number)).await;
            assert_eq!(text.next_attempt_at, until.map(instant), "{number}");
        }
    }

    async fn where_their_last_text_came_from_counts_for_more_than_the_number(db: TestDb) {
        let world = World::new(&db).await;
        world.set_time(NIGHT).await;
        let californian = [("FromState", "CA"), ("FromCountry", "US")];
        let text = world.inbound("SM1", CUSTOMER, "Hi", &californian).await;
        world.receive(&[text]).await;
        assert_eq!(world.queued(bulk("Sale!")).await.next_attempt_at, None);
        // A later one that doesn't say leaves it at that.
        world.texts("SM2", "Hello?").await;
        assert_eq!(world.queued(bulk("Sale!")).await.next_attempt_at, None);
        // What the lead says counts for more.
        let timezone = Some(Some("America/Chicago".to_owned()));
        world.change_lead(LeadChange { timezone, ..LeadChange::default() }).await.unwrap();
        let held = world.queued(bulk("Sale!")).await;
        assert_eq!(held.next_attempt_at, Some(instant("2026-09-22T13:00:00Z")));
    }

    async fn a_time_in_the_night_moves_to_the_morning(db: TestDb) {
        let world = World::new(&db).await;
        let send_at = Some(instant(NIGHT));
        let text = world.queued(Draft { send_at, ..bulk("Sale!") }).await;
        assert_eq!(text.status, MessageStatus::Scheduled);
        assert_eq!((text.scheduled_at, text.next_attempt_at), (send_at, Some(instant(MORNING))));
        assert_eq!(world.due().await, [instant(MORNING)]);

        let noon = Some(instant("2026-09-22T16:00:00Z"));
        let edit = Edit { send_at: noon, ..Edit::default() };
        let by_day = world.edit(text.id, edit).await.unwrap();
        assert_eq!((by_day.scheduled_at, by_day.next_attempt_at, by_day.reason), (noon, None, None));
        assert_eq!(by_day.valid_until, noon.map(|at| at + TimeDelta::hours(72)));
        let edit = Edit { send_at, ..Edit::default() };
        let by_night = world.edit(text.id, edit).await.unwrap();
        assert_eq!(by_night, message::Model { updated_at: by_night.updated_at, ..text.clone() });
        assert_eq!(world.is_held_until(text.id).await, Some(instant(MORNING)));
        world.set_time(MORNING).await;
        world.leaves(text.id).await;
    }

    async fn when_the_hours_change_what_is_held_follows(db: TestDb) {
        let world = World::new(&db).await;
        world.set_time(NIGHT).await;
        let id = world.queued(bulk("Sale!")).await.id;
        let send_at = Some(instant("2026-09-22T04:00:00Z"));
        let scheduled = world.queued(Draft { send_at, ..bulk("Sale!") }).await.id;

        world.set_quiet_hours(true, "20:00", "10:00").await;
        assert_eq!(world.due().await, [instant(NIGHT), instant(NIGHT)], "both are looked at");
        for (id, words) in [(id, "from 20:00 to 10:00"), (scheduled, "from 20:00 to 10:00")] {
            assert_eq!(world.is_held_until(id).await, Some(instant("2026-09-22T14:00:00Z")));
            assert!(world.message(id).await.held_reason.unwrap().contains(words));
        }
        world.set_quiet_hours(false, "20:00", "10:00").await;
        let now = world.clock.now();
        let outgoing = world.leaves(id).await;
        assert_eq!(outgoing.message.valid_until, Some(now + TimeDelta::hours(72)));
        assert!(matches!(world.begin(scheduled).await, Begin::Later(at) if Some(at) == send_at));
        let message = world.message(scheduled).await;
        assert_eq!((message.status, message.reason), (MessageStatus::Scheduled, None));
        assert_eq!(message.valid_until, send_at.map(|at| at + TimeDelta::hours(72)));
    }

    async fn when_the_leads_zone_is_known_what_is_held_follows(db: TestDb) {
        let world = World::new(&db).await;
        world.set_time(NIGHT).await;
        let id = world.queued(bulk("Sale!")).await.id;
        let timezone = Some(Some("America/Los_Angeles".to_owned()));
        world.change_lead(LeadChange { timezone, ..LeadChange::default() }).await.unwrap();
        assert_eq!(world.due().await, [instant(NIGHT)]);
        world.leaves(id).await;
    }

    async fn tries_after_the_first_wait_for_the_morning_too(db: TestDb) {
        let world = World::new(&db).await;
        world.set_time("2026-09-22T00:59:30Z").await;
        let id = world.queued(bulk("Sale!")).await.id;
        let outgoing = world.leaves(id).await;
        let refusal = outgoing::refused(30022, twilio::error_codes::Class::Retry);
        let after = world.answer(&outgoing, refusal).await;
        world.clock.advance(after.again_at.unwrap() - world.clock.now());
        assert_eq!(world.is_held_until(id).await, Some(instant(MORNING)));
        world.set_time(MORNING).await;
        let outgoing = world.leaves(id).await;
        world.answer(&outgoing, outgoing::refused(21211, twilio::error_codes::Class::Recipient)).await;

        world.set_time("2026-09-23T03:00:00Z").await;
        let retried = world.retry(id).await.unwrap();
        assert_eq!(retried.next_attempt_at, Some(instant("2026-09-23T12:00:00Z")));
        assert_eq!(retried.reason, Some(MessageReason::QuietHours));
    }

    async fn what_is_held_can_be_taken_back(db: TestDb) {
        let world = World::new(&db).await;
        world.set_time(NIGHT).await;
        let id = world.queued(bulk("Sale!")).await.id;
        world.texts("SM1", "STOP").await;
        let message = world.message(id).await;
        assert_eq!((message.status, message.held_reason), (MessageStatus::Canceled, None));
        assert_eq!(message.reason, Some(MessageReason::OptedOut));
        world.set_quiet_hours(false, "21:00", "08:00").await;
        assert!(!world.is_queued().await);
    }
}

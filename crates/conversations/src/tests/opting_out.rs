//! Those who want no texts.

use entity::opt_out;
use sea_orm::{ColumnTrait, QueryFilter};
use test_db::on_both_databases;
use twilio::error_codes::Class;

use super::*;

const SECOND: &str = "+15551230002";

impl World<'_> {
    async fn opt_out(&self) -> Option<opt_out::Model> {
        crate::opt_out::find(self.db.db().read(), self.tenant, CUSTOMER)
            .await
            .unwrap()
    }

    /// A text is taken and Twilio says that the recipient has opted out.
    async fn is_refused(&self, channel: Option<ChannelId>) -> MessageId {
        let id = self
            .queued(Draft {
                channel,
                ..draft("Hello")
            })
            .await
            .id;
        let outgoing = self.leaves(id).await;
        self.answer(&outgoing, outgoing::refused(21610, Class::Recipient))
            .await;
        id
    }

    async fn refusal(&self) -> String {
        match self.submit(draft("Hello?")).await {
            Err(error @ Error::OptedOut(_)) => error.to_string(),
            other => panic!("it should be refused: {other:?}"),
        }
    }

    async fn mark_by_hand(&self, opted_out: bool) -> Result<lead::Model, Error> {
        self.change_lead(LeadChange {
            sms_opt_out: Some(opted_out),
            ..LeadChange::default()
        })
        .await
    }
}

on_both_databases! {
    async fn stop_holds_for_all_our_numbers_and_takes_back_what_waits_at_any(db: TestDb) {
        let world = World::new(&db).await;
        let second = world.second_channel(SECOND).await;
        let later = Some(world.clock.now() + TimeDelta::days(2));
        let waiting = [
            world.queued(draft("Hello")).await.id,
            world.queued(Draft { channel: Some(second), ..draft("Hello") }).await.id,
            world.queued(Draft { channel: Some(second), send_at: later, ..draft("Hello") }).await.id,
        ];
        let somebody_else = to("+14155550100");
        let other = world.queued(somebody_else).await.id;
        world.texts("SM1", "STOP").await;
        for id in waiting {
            let message = world.message(id).await;
            assert_eq!(message.status, MessageStatus::Canceled);
            assert_eq!(message.reason, Some(MessageReason::OptedOut));
            let words = "The recipient opted out by texting STOP to +15551230000.";
            assert_eq!(message.error_message.as_deref(), Some(words));
            assert!(matches!(world.retry(id).await, Err(Error::OptedOut(_))));
        }
        assert_eq!(world.message(other).await.status, MessageStatus::Queued);
        for channel in [None, Some(second)] {
            let refused = world.submit(Draft { channel, ..draft("Hello") }).await;
            assert!(matches!(refused, Err(Error::OptedOut(_))));
        }
        assert_eq!(
            world.refusal().await,
            "+15557654321 opted out by texting STOP to +15551230000; \
             only they can change that, by texting START to +15551230000"
        );
        let lead = lead::Entity::of(world.tenant)
            .filter(lead::Column::Phone.eq(CUSTOMER))
            .one(db.db().read()).await.unwrap().unwrap();
        assert!(lead.sms_opt_out);
        assert_eq!(lead.sms_opt_out_number.as_deref(), Some(OURS));
        assert_eq!(lead.sms_opt_out_source, Some(OptOutSource::Keyword));
    }

    async fn who_has_opted_out_since_is_not_texted(db: TestDb) {
        let world = World::new(&db).await;
        let id = world.queued(draft("Hello")).await.id;
        let tx = world.tx().await;
        let by = None;
        let source = OptOutSource::Manual;
        let (lead, mut outbox) = (world.lead().await.id, Outbox::new());
        let whose = crate::opt_out::Whose { tenant: world.tenant, lead, phone: CUSTOMER };
        crate::opt_out::add(&tx, &world.clock, &mut outbox, whose, source, by).await.unwrap();
        world.finish(tx, outbox).await;
        assert!(matches!(world.begin(id).await, Begin::Drop));
        let message = world.message(id).await;
        assert_eq!((message.status, message.reason), (MessageStatus::Canceled, Some(MessageReason::OptedOut)));
    }

    async fn twilios_refusal_marks_the_lead_and_names_our_number(db: TestDb) {
        let world = World::new(&db).await;
        let second = world.second_channel(SECOND).await;
        let later = Some(world.clock.now() + TimeDelta::days(2));
        let waiting = world.queued(Draft { send_at: later, ..draft("Hello") }).await.id;
        let id = world.is_refused(Some(second)).await;
        let message = world.message(id).await;
        assert_eq!((message.status, message.error_code), (MessageStatus::Failed, Some(21610)));
        let words = "The recipient has opted out of texts from +15551230002.";
        assert_eq!(message.error_message.as_deref(), Some(words));
        let canceled = world.message(waiting).await;
        assert_eq!(canceled.status, MessageStatus::Canceled);
        assert!(canceled.error_message.unwrap().contains(SECOND));
        let lead = world.lead().await;
        assert_eq!(lead.sms_opt_out_number.as_deref(), Some(SECOND));
        assert_eq!(lead.sms_opt_out_source, Some(OptOutSource::Carrier));
        assert!(world.refusal().await.ends_with("by texting START to +15551230002"));
    }

    async fn start_opens_ours_until_twilio_refuses_for_another_number(db: TestDb) {
        let world = World::new(&db).await;
        let second = world.second_channel(SECOND).await;
        world.texts("SM1", "STOP").await;
        world.texts("SM2", "START").await;
        assert_eq!(world.opt_out().await, None);
        let lead = world.lead().await;
        assert_eq!((lead.sms_opt_out, lead.sms_opt_out_number, lead.sms_opt_out_source), (false, None, None));
        // At Twilio they had said STOP to the other number once, which START here did not undo.
        world.is_refused(Some(second)).await;
        assert_eq!(world.opt_out().await.unwrap().our_number.as_deref(), Some(SECOND));
        assert!(world.lead().await.sms_opt_out);
        world.texts("SM3", "START").await;
        assert!(world.submit(draft("Hello")).await.is_ok());
    }

    async fn a_receipt_that_tells_of_an_opt_out_counts_whatever_became_of_the_text(db: TestDb) {
        let world = World::new(&db).await;
        // The latest attempt, an earlier one, and one of a text that has arrived.
        let latest = world.sent("SM1").await;
        world.status("SM1", "failed", Some(&latest), "21610").await;
        assert_eq!(world.message(latest.message.id).await.error_code, Some(21610));
        assert_eq!(world.opt_out().await.unwrap().our_number.as_deref(), Some(OURS));
        world.texts("SM2", "START").await;

        let first = world.sent("SM3").await;
        world.status("SM3", "undelivered", Some(&first), "30003").await;
        world.clock.advance(TimeDelta::minutes(2));
        let second = world.leaves(first.message.id).await;
        world.answer(&second, accepted("SM4")).await;
        world.status("SM3", "undelivered", Some(&first), "21610").await;
        assert_eq!(world.opt_out().await, None, "within an attempt the first end stays");
        world.status("SM4", "failed", Some(&second), "21610").await;
        assert!(world.opt_out().await.is_some());
    }

    async fn what_the_customer_said_weighs_more_than_a_mark(db: TestDb) {
        let world = World::new(&db).await;
        world.texts("SM1", "Hi").await;
        world.mark_by_hand(true).await.unwrap();
        let lead = world.lead().await;
        assert_eq!(lead.sms_opt_out_source, Some(OptOutSource::Manual));
        assert_eq!(lead.sms_opt_out_number, None);
        assert!(world.refusal().await.contains("was marked by your team"));
        world.mark_by_hand(false).await.unwrap();
        world.mark_by_hand(true).await.unwrap();
        world.texts("SM2", "STOP").await;
        assert_eq!(world.lead().await.sms_opt_out_number.as_deref(), Some(OURS));
        assert!(matches!(world.mark_by_hand(false).await, Err(Error::OptedOut(_))));
        // A mark on top changes nothing.
        world.mark_by_hand(true).await.unwrap();
        assert_eq!(world.opt_out().await.unwrap().source, OptOutSource::Keyword);
    }

    async fn yes_is_start_for_who_said_stop_though_twilio_said_so_first(db: TestDb) {
        let world = World::new(&db).await;
        world.is_refused(None).await;
        world.texts("SM1", "YES").await;
        assert!(world.opt_out().await.is_some(), "an answer to something else");
        world.texts("SM2", "STOP").await;
        assert_eq!(world.opt_out().await.unwrap().source, OptOutSource::Keyword);
        world.texts("SM3", "YES").await;
        assert_eq!(world.opt_out().await, None);
    }

    async fn a_lead_that_comes_back_bears_its_mark(db: TestDb) {
        let world = World::new(&db).await;
        world.texts("SM1", "STOP").await;
        let (tx, mut outbox) = (world.tx().await, Outbox::new());
        leads::delete(&tx, &world.clock, &mut outbox, world.tenant, world.lead().await.id).await.unwrap();
        world.finish(tx, outbox).await;
        assert!(world.refusal().await.contains(OURS));
        world.texts("SM2", "Hi").await;
        let lead = world.lead().await;
        assert!(lead.sms_opt_out);
        assert_eq!(lead.sms_opt_out_number.as_deref(), Some(OURS));
        assert_eq!(lead.sms_opt_out_source, Some(OptOutSource::Keyword));
    }
}

fn to(number: &str) -> Draft {
    Draft {
        to: Recipient::Number(number.to_owned()),
        ..draft("Hello")
    }
}

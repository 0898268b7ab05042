//! Notes, labels, counts, and what is told of what people do.

use entity::happening::Happening;
use entity::id::UserId;
use entity::value::{
    Control, ConversationPriority, ConversationStatus, LabelColor, LeadSource, Role,
};
use entity::{activity as entries, conversation, event, note, user};
use sea_orm::{ColumnTrait, QueryFilter};
use test_db::on_both_databases;

use super::*;
use crate::activity::{self, ActivityFilter};
use crate::labels::{self, LabelChange, LabelName};
use crate::notes::{self, Editor};
use crate::threads::{self, Assigned, Sort, ThreadChange, ThreadFilter, ThreadOrder};
use crate::{assignment, timeline};

impl World<'_> {
    /// Somebody of the team.
    async fn colleague(&self, name: &str) -> UserId {
        self.member(name, Role::Agent).await
    }

    async fn member(&self, name: &str, role: Role) -> UserId {
        let (id, now) = (UserId::new(&self.clock), self.clock.now());
        let row = user::ActiveModel {
            id: Set(id),
            email: Set(format!("{id}@example.com")),
            name: Set(name.to_owned()),
            password_hash: Set(String::new()),
            created_at: Set(now),
            updated_at: Set(now),
        };
        row.insert(self.db.db().writer()).await.unwrap();
        let row = entity::membership::ActiveModel {
            tenant_id: Set(self.tenant),
            user_id: Set(id),
            role: Set(role),
            created_at: Set(now),
            updated_at: Set(now),
        };
        row.insert(self.db.db().writer()).await.unwrap();
        id
    }

    pub(super) async fn conversation(&self) -> conversation::Model {
        conversation::Entity::of(self.tenant)
            .one(self.db.db().read())
            .await
            .unwrap()
            .unwrap()
    }

    /// What somebody does to the conversation; gives what programs are told.
    async fn change(&self, by: UserId, change: ThreadChange) -> Vec<String> {
        let before = self.told_last().await;
        let (tx, mut outbox) = (self.tx().await, Outbox::by(by));
        let (clock, tenant, id) = (&self.clock, self.tenant, self.conversation().await.id);
        threads::update(&tx, clock, &mut outbox, tenant, Some(by), id, change)
            .await
            .unwrap();
        self.finish(tx, outbox).await;
        self.told_since(before).await
    }

    async fn told_last(&self) -> i64 {
        events::current(self.db.db().read(), self.tenant)
            .await
            .unwrap()
    }

    async fn told_since(&self, seq: i64) -> Vec<String> {
        let rows = event::Entity::of(self.tenant)
            .filter(event::Column::Seq.gt(seq))
            .order_by_asc(event::Column::Seq)
            .all(self.db.db().read())
            .await
            .unwrap();
        rows.into_iter().map(|row| row.kind).collect()
    }

    /// All activity, oldest first.
    async fn done(&self) -> Vec<Happening> {
        let filter = ActivityFilter::default();
        let read = self.db.db().read();
        let rows = activity::list(read, self.tenant, &filter, None, 100)
            .await
            .unwrap();
        let views = activity::views(read, rows).await.unwrap();
        views.into_iter().rev().map(|view| view.happening).collect()
    }

    async fn write_note(&self, author: UserId, body: &str) -> Result<note::Model, Error> {
        let (tx, mut outbox) = (self.tx().await, Outbox::by(author));
        let (clock, id) = (&self.clock, self.conversation().await.id);
        let body = body.to_owned();
        let view = notes::create(&tx, clock, &mut outbox, self.tenant, author, id, body).await?;
        self.finish(tx, outbox).await;
        Ok(view.note)
    }

    pub(super) async fn make_label(&self, name: &str) -> Result<entity::label::Model, Error> {
        let (tx, mut outbox) = (self.tx().await, Outbox::new());
        let (clock, name) = (&self.clock, label(name));
        let view =
            labels::create(&tx, clock, &mut outbox, self.tenant, &name, LabelColor::Red).await?;
        self.finish(tx, outbox).await;
        Ok(view.label)
    }

    async fn found(&self, filter: &ThreadFilter) -> usize {
        let order = ThreadOrder::Inbox(Sort::Newest, None);
        threads::list(self.db.db().read(), self.tenant, filter, order, 50)
            .await
            .unwrap()
            .rows
            .len()
    }
}

pub(super) fn label(name: &str) -> LabelName {
    LabelName::parse(name).unwrap()
}

fn labelled(names: &[&str]) -> ThreadChange {
    ThreadChange {
        labels: Some(names.iter().map(|name| label(name)).collect()),
        ..ThreadChange::default()
    }
}

on_both_databases! {
    async fn a_change_is_told_once_and_the_same_again_not_at_all(db: TestDb) {
        let world = World::new(&db).await;
        world.texts("SM1", "Hello").await;
        let ann = world.colleague("Ann").await;
        let change = ThreadChange {
            status: Some(ConversationStatus::Pending),
            assigned_user_id: Some(Some(ann)),
            control: Some(Control::Human),
            priority: Some(ConversationPriority::High),
            ..ThreadChange::default()
        };
        world.clock.advance(TimeDelta::seconds(1));
        let told = world.change(ann, change.clone()).await;
        assert_eq!(told, ["human_control_started", "conversation_updated"]);
        let done = world.done().await;
        assert_eq!(done[2..], [
            Happening::ConversationAssigned { assigned_user: Some(entity::json::Person { id: ann, name: "Ann".to_owned() }) },
            Happening::ConversationStatusChanged { from: ConversationStatus::Open, to: ConversationStatus::Pending, snoozed_until: None },
            Happening::ControlStarted {},
            Happening::PriorityChanged { from: ConversationPriority::Normal, to: ConversationPriority::High },
        ]);
        let before = world.conversation().await;
        world.clock.advance(TimeDelta::seconds(1));
        assert_eq!(world.change(ann, change).await, [] as [&str; 0]);
        assert_eq!(world.conversation().await, before);
        assert_eq!(world.done().await, done);
    }

    async fn a_snooze_that_is_over_is_told_as_nobodys_doing(db: TestDb) {
        let world = World::new(&db).await;
        world.texts("SM1", "Hello").await;
        let ann = world.colleague("Ann").await;
        let until = world.clock.now() + TimeDelta::hours(1);
        let snooze = ThreadChange {
            status: Some(ConversationStatus::Snoozed),
            snoozed_until: Some(Some(until)),
            ..ThreadChange::default()
        };
        world.change(ann, snooze).await;
        world.clock.advance(TimeDelta::hours(2));
        for woken in [1, 0] {
            let (tx, mut outbox) = (world.tx().await, Outbox::new());
            assert_eq!(threads::wake_snoozed(&tx, &world.clock, &mut outbox, 10).await.unwrap(), woken);
            world.finish(tx, outbox).await;
        }
        let rows = entries::Entity::of(world.tenant).order_by_asc(entries::Column::Id);
        let rows = rows.all(db.db().read()).await.unwrap();
        let told: Vec<_> = rows[2..].iter().map(|row| (row.kind.as_str(), row.actor_id)).collect();
        assert_eq!(told, [("conversation_status_changed", Some(ann)), ("conversation_status_changed", None)]);
        assert_eq!(rows[3].data, serde_json::json!({"from": "snoozed", "to": "open"}));
    }

    async fn an_opt_out_is_told_when_it_comes_about_or_weighs_more(db: TestDb) {
        let world = World::new(&db).await;
        world.texts("SM1", "Hello").await;
        for opted_out in [true, true] {
            let by_hand = LeadChange { sms_opt_out: Some(opted_out), ..LeadChange::default() };
            world.change_lead(by_hand).await.unwrap();
        }
        let before = world.told_last().await;
        world.texts("SM2", "STOP").await;
        assert_eq!(world.told_since(before).await, ["lead_updated", "sms_received"]);
        for (sid, text) in [("SM3", "stop"), ("SM4", "START"), ("SM5", "START")] {
            world.texts(sid, text).await;
        }
        let number = || Some(OURS.to_owned());
        assert_eq!(world.done().await[1..], [
            Happening::LeadCreated { source: LeadSource::Sms },
            Happening::OptedOut { number: None, source: OptOutSource::Manual },
            Happening::OptedOut { number: number(), source: OptOutSource::Keyword },
            Happening::OptedIn { number: number(), source: OptOutSource::Keyword },
        ]);
    }

    async fn twilios_word_on_an_opt_out_is_told(db: TestDb) {
        let world = World::new(&db).await;
        let outgoing = world.sent("SM1").await;
        for _ in 0..2 {
            world.status("SM1", "failed", Some(&outgoing), "21610").await;
        }
        assert_eq!(world.done().await[1..], [
            Happening::LeadCreated { source: LeadSource::Api },
            Happening::OptedOut { number: Some(OURS.to_owned()), source: OptOutSource::Carrier },
        ]);
    }

    async fn a_batch_of_texts_tells_of_each_new_lead(db: TestDb) {
        let world = World::new(&db).await;
        let mut batch = Vec::new();
        for n in 0..3 {
            let from = format!("+1555765432{n}");
            batch.push(world.inbound(&format!("SM{n}"), &from, "Hello", &[]).await);
            batch.push(world.inbound(&format!("SM{n}b"), &from, "Hello?", &[]).await);
        }
        let before = world.told_last().await;
        world.receive(&batch).await;
        let told = world.told_since(before).await;
        assert_eq!(told.iter().filter(|kind| *kind == "lead_updated").count(), 3);
        assert_eq!(world.done().await[1..], vec![Happening::LeadCreated { source: LeadSource::Sms }; 3]);
    }

    async fn a_lead_is_told_of_when_something_of_it_changes(db: TestDb) {
        let world = World::new(&db).await;
        world.texts("SM1", "Hello").await;
        let change = LeadChange { name: Some(Some("Ann".to_owned())), ..LeadChange::default() };
        let mut told = Vec::new();
        for _ in 0..2 {
            let before = world.told_last().await;
            world.change_lead(change.clone()).await.unwrap();
            told.push(world.told_since(before).await);
        }
        assert_eq!(told[0], ["conversation_updated", "lead_updated"]);
        assert_eq!(told[1], [] as [&str; 0]);
    }

    async fn a_note_is_told_of_and_an_unchanged_one_is_not(db: TestDb) {
        let world = World::new(&db).await;
        world.texts("SM1", "Hello").await;
        let (ann, bob) = (world.colleague("Ann").await, world.colleague("Bob").await);
        let before = world.told_last().await;
        let note = world.write_note(ann, "Be kind").await.unwrap();
        assert_eq!(world.told_since(before).await, ["note_changed"]);
        let change = async |user, any, body: &str| {
            let (tx, mut outbox) = (world.tx().await, Outbox::by(user));
            let (clock, editor) = (&world.clock, Editor { user, any });
            let view = notes::change(&tx, clock, &mut outbox, world.tenant, editor, note.id, body.to_owned()).await?;
            world.finish(tx, outbox).await;
            Ok::<_, Error>(view)
        };
        assert!(matches!(change(bob, false, "Be rude").await, Err(Error::NotYours)));
        let before = world.told_last().await;
        assert_eq!(change(ann, false, "Be kind").await.unwrap().note, note);
        assert_eq!(world.told_since(before).await, [] as [&str; 0]);
        world.clock.advance(TimeDelta::seconds(1));
        let changed = change(bob, true, "Be brief").await.unwrap();
        assert_eq!(changed.author.unwrap().name, "Ann");
        assert_eq!(changed.note.updated_at, world.clock.now());
        assert_eq!(world.told_since(before).await, ["note_changed"]);
        let long = "x".repeat(notes::LONGEST + 1);
        assert!(matches!(world.write_note(ann, &long).await, Err(Error::Invalid(_))));
    }

    async fn an_erased_lead_leaves_no_note_label_or_word_behind(db: TestDb) {
        let world = World::new(&db).await;
        world.texts("SM1", "Hello").await;
        let ann = world.colleague("Ann").await;
        world.write_note(ann, "Owes money").await.unwrap();
        world.change(ann, labelled(&["debtor"])).await;
        let (tx, mut outbox) = (world.tx().await, Outbox::by(ann));
        let (lead, before) = (world.lead().await.id, world.told_last().await);
        leads::delete(&tx, &world.clock, &mut outbox, world.tenant, lead).await.unwrap();
        world.finish(tx, outbox).await;
        assert_eq!(world.count::<note::Entity>().await, 0);
        assert_eq!(world.count::<entity::conversation_label::Entity>().await, 0);
        assert_eq!(world.done().await[1..], [
            Happening::LeadCreated { source: LeadSource::Sms },
            Happening::LeadDeleted {},
        ]);
        assert_eq!(world.told_since(before).await, ["lead_updated"]);
    }

    async fn a_label_is_one_whoever_makes_it_and_goes_from_all_at_once(db: TestDb) {
        let world = World::new(&db).await;
        world.texts("SM1", "Hello").await;
        let ann = world.colleague("Ann").await;
        let told = world.change(ann, labelled(&["VIP", "vip", "New"])).await;
        assert_eq!(told, ["label_changed", "label_changed", "conversation_updated"]);
        assert!(matches!(world.make_label("Vip").await, Err(Error::LabelTaken)));
        let told = world.change(ann, labelled(&["new", "vip"])).await;
        assert_eq!(told, [] as [&str; 0]);
        let carried = ThreadFilter { label: Some(label("NEW")), ..ThreadFilter::default() };
        assert_eq!(world.found(&carried).await, 1);

        let all = labels::list(db.db().read(), world.tenant).await.unwrap();
        let names: Vec<_> = all.iter().map(|view| (view.label.name.as_str(), view.conversations)).collect();
        assert_eq!(names, [("New", 1), ("VIP", 1)]);
        let (tx, mut outbox) = (world.tx().await, Outbox::new());
        let (clock, id) = (&world.clock, all[0].label.id);
        let taken = LabelChange { name: Some(label("vip")), color: None };
        let taken = labels::update(&tx, clock, &mut outbox, world.tenant, id, taken).await;
        assert!(matches!(taken, Err(Error::LabelTaken)));
        labels::delete(&tx, &mut outbox, world.tenant, id).await.unwrap();
        world.finish(tx, outbox).await;
        assert_eq!(world.count::<entity::conversation_label::Entity>().await, 1);
        assert_eq!(world.found(&carried).await, 0);
    }

    async fn there_are_only_so_many_labels(db: TestDb) {
        let world = World::new(&db).await;
        world.texts("SM1", "Hello").await;
        for n in 0..labels::MOST {
            world.make_label(&format!("{n}")).await.unwrap();
        }
        assert!(matches!(world.make_label("one more").await, Err(Error::TooManyLabels)));
        let (tx, mut outbox) = (world.tx().await, Outbox::new());
        let (clock, id) = (&world.clock, world.conversation().await.id);
        let more = labelled(&["0", "one more"]);
        let more = threads::update(&tx, clock, &mut outbox, world.tenant, None, id, more).await;
        assert!(matches!(more, Err(Error::TooManyLabels)));
    }

    async fn conversations_of_who_leaves_are_told_of(db: TestDb) {
        let world = World::new(&db).await;
        world.texts("SM1", "Hello").await;
        let ann = world.colleague("Ann").await;
        let assign = ThreadChange { assigned_user_id: Some(Some(ann)), ..ThreadChange::default() };
        world.change(ann, assign).await;
        let (tx, mut outbox) = (world.tx().await, Outbox::new());
        let before = world.told_last().await;
        assignment::unassign(&tx, &world.clock, &mut outbox, world.tenant, ann).await.unwrap();
        world.finish(tx, outbox).await;
        assert_eq!(world.told_since(before).await, ["conversation_updated"]);
        let nobodys = ThreadFilter { assigned: Some(Assigned::Nobody), ..ThreadFilter::default() };
        assert_eq!(world.found(&nobodys).await, 1);
    }

    async fn who_may_only_read_is_given_none(db: TestDb) {
        let world = World::new(&db).await;
        world.texts("SM1", "Hello").await;
        let vic = world.member("Vic", Role::Viewer).await;
        let assign = ThreadChange { assigned_user_id: Some(Some(vic)), ..ThreadChange::default() };
        let (clock, id) = (&world.clock, world.conversation().await.id);
        let (tx, mut outbox) = (world.tx().await, Outbox::new());
        let given = threads::update(&tx, clock, &mut outbox, world.tenant, None, id, assign).await;
        assert!(matches!(given, Err(Error::Invalid(_))), "{given:?}");
    }

    async fn what_another_release_wrote_is_left_out_and_does_not_end_a_page(db: TestDb) {
        let world = World::new(&db).await;
        world.texts("SM1", "Hello").await;
        let conversation = world.conversation().await;
        let strange = entries::Model {
            tenant_id: world.tenant,
            id: entity::id::ActivityId::new(&world.clock),
            kind: "moon_landed".to_owned(),
            actor_id: None,
            conversation_id: Some(conversation.id),
            lead_id: None,
            channel_id: None,
            data: serde_json::json!({}),
            created_at: world.clock.now(),
        };
        let strange = sea_orm::IntoActiveModel::into_active_model(strange);
        entries::Entity::insert(strange).exec_without_returning(db.db().writer()).await.unwrap();
        let read = db.db().read();
        let rows = timeline::list(read, world.tenant, conversation.id, None, 2).await.unwrap();
        assert_eq!(rows.len(), 2);
        let items = timeline::items(read, world.tenant, rows).await.unwrap();
        assert!(matches!(items[..], [timeline::Item { entry: timeline::Entry::Message(_), .. }]));
    }
}

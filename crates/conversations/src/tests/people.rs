//! Leads: by which tags they are found, and what is left of one who is erased.

use entity::id::LeadId;
use entity::value::{LeadStatus, MessageStatus};
use entity::{lead_tag, media, message, message_attempt};
use test_db::{TestDb, on_both_databases};

use super::*;
use crate::leads::{LeadFilter, NewLead};

impl World<'_> {
    async fn add_lead(&self, name: &str, tags: &[&str]) -> LeadId {
        let tenant = tenant::Entity::find_by_id(self.tenant);
        let tenant = tenant.one(self.db.db().read()).await.unwrap().unwrap();
        let new = NewLead {
            name: Some(name.to_owned()),
            tags: tags.iter().map(|tag| (*tag).to_owned()).collect(),
            ..NewLead::default()
        };
        let (tx, mut outbox) = (self.tx().await, Outbox::new());
        let lead = leads::create(&tx, &self.clock, &mut outbox, &tenant, new).await;
        self.finish(tx, outbox).await;
        lead.unwrap().id
    }

    /// All who have a tag, page by page.
    async fn tagged(&self, filter: &LeadFilter, limit: usize) -> Vec<LeadId> {
        let (mut all, mut before) = (Vec::new(), None);
        loop {
            let page = leads::list(self.db.db().read(), self.tenant, filter, before, limit).await;
            let page = page.unwrap();
            assert!(page.rows.len() <= limit);
            all.extend(page.rows.iter().map(|lead| lead.id));
            before = page.next;
            if before.is_none() {
                return all;
            }
        }
    }
}

fn by_tag(tag: &str) -> LeadFilter {
    LeadFilter {
        tag: Some(tag.to_owned()),
        ..LeadFilter::default()
    }
}

on_both_databases! {
    async fn leads_are_found_by_the_tags_they_have_now(db: TestDb) {
        let world = World::new(&db).await;
        world.texts("SM1", "Hello").await;
        let first = world.lead().await.id;
        let tags = |tags: &[&str]| LeadChange {
            tags: Some(tags.iter().map(|tag| (*tag).to_owned()).collect()),
            ..LeadChange::default()
        };
        world.change_lead(tags(&["vip", "new", "vip"])).await.unwrap();
        assert_eq!(world.tagged(&by_tag("vip"), 2).await, [first]);
        let change = LeadChange { status: Some(LeadStatus::Converted), ..tags(&["new"]) };
        world.change_lead(change).await.unwrap();
        assert_eq!(world.tagged(&by_tag("vip"), 2).await, []);
        let mut expected = vec![first];
        for n in 0..7 {
            let tags: &[&str] = if n % 2 == 0 { &["vip", "new"] } else { &["New"] };
            let lead = world.add_lead(&format!("Ann {n}"), tags).await;
            expected.extend(Some(lead).filter(|_| n % 2 == 0));
        }
        expected.reverse();
        for limit in 1..=6 {
            assert_eq!(world.tagged(&by_tag("new"), limit).await, expected, "by {limit}");
        }
        assert_eq!(world.tagged(&by_tag("vip"), 2).await, expected[..4]);
        let converted = LeadFilter { status: Some(LeadStatus::Converted), ..by_tag("new") };
        assert_eq!(world.tagged(&converted, 2).await, [first]);
    }

    async fn an_erased_lead_leaves_no_text_try_file_or_tag_behind(db: TestDb) {
        let world = World::new(&db).await;
        let picture = [("NumMedia", "1"), ("MediaUrl0", "https://api.twilio.com/a"), ("MediaContentType0", "image/png")];
        let inbound = world.inbound("SM1", CUSTOMER, "Look", &picture).await;
        world.receive(&[inbound]).await;
        world.sent("SM2").await;
        let tagged = LeadChange { tags: Some(vec!["vip".to_owned()]), ..LeadChange::default() };
        world.change_lead(tagged).await.unwrap();
        for (rows, of) in [
            (world.count::<message::Entity>().await, "texts"),
            (world.count::<message_attempt::Entity>().await, "tries"),
            (world.count::<media::Entity>().await, "files"),
            (world.count::<lead_tag::Entity>().await, "tags"),
        ] {
            assert!(rows > 0, "there are {of} to erase");
        }
        let (tx, mut outbox) = (world.tx().await, Outbox::new());
        let lead = world.lead().await.id;
        leads::delete(&tx, &world.clock, &mut outbox, world.tenant, lead).await.unwrap();
        world.finish(tx, outbox).await;
        assert_eq!(world.count::<message::Entity>().await, 0);
        assert_eq!(world.count::<message_attempt::Entity>().await, 0);
        assert_eq!(world.count::<media::Entity>().await, 0);
        assert_eq!(world.count::<lead_tag::Entity>().await, 0);
    }

    async fn what_waits_for_an_erased_lead_is_taken_back_where_another_has_the_thread(db: TestDb) {
        let world = World::new(&db).await;
        world.texts("SM1", "Hello").await;
        let first = world.lead().await.id;
        let waiting = world.queued(draft("See you on Monday")).await;
        let change = LeadChange { phone: Some(Some("+15557650000".to_owned())), ..LeadChange::default() };
        world.change_lead(change).await.unwrap();
        let Received::Stored(second) = world.texts("SM2", "Who is this?").await else {
            panic!("it is new");
        };
        let message = world.message(second).await;
        assert_eq!(message.conversation_id, waiting.conversation_id);
        assert_ne!(message.lead_id, first);
        let erase = async |lead| {
            let (tx, mut outbox) = (world.tx().await, Outbox::new());
            leads::delete(&tx, &world.clock, &mut outbox, world.tenant, lead).await.unwrap();
            world.finish(tx, outbox).await;
        };
        erase(first).await;
        assert_eq!(world.message(waiting.id).await.status, MessageStatus::Canceled);
        assert!(!world.is_queued().await);
        erase(message.lead_id).await;
        assert_eq!(world.count::<message::Entity>().await, 0);
    }
}

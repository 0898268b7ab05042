//! The index on both databases.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use db::each::Rows;
use entity::clock::Clock;
use entity::id::{LeadId, TenantId};
use entity::json::QuietHours;
use entity::{TenantScoped, event, search_entry, search_progress, tenant, tenant_seq};
use sea_orm::{
    ActiveModelTrait, ConnectionTrait, DbBackend, EntityTrait, IntoActiveModel, PaginatorTrait,
    Statement, Value,
};
use test_db::{TestDb, on_both_databases};
use uuid::Uuid;

use crate::find::newest;
use crate::progress::{self, Among, Behind, Filling, News};
use crate::terms::{Need, Way};
use crate::{Document, Kind, Query, entry};

mod paths;

/// A tenant with an index.
struct Desk {
    db: TestDb,
    clock: Clock,
    tenant: TenantId,
}

impl Desk {
    async fn new(db: TestDb) -> Self {
        let clock = Clock::System;
        let tenant = some_tenant(&db, &clock).await;
        Self { db, clock, tenant }
    }

    fn document(&self, kind: Kind, text: &str) -> Document {
        let id = self.clock.uuid();
        Document {
            tenant: self.tenant,
            kind,
            id,
            lead: LeadId(id),
            texts: vec![text.to_owned()],
        }
    }

    async fn put(&self, documents: &[Document]) {
        let tx = self.db.db().write_tx().await.unwrap();
        entry::put(&tx, documents).await.unwrap();
        tx.commit().await.unwrap();
    }

    async fn add(&self, kind: Kind, texts: &[&str]) -> Vec<Document> {
        let documents: Vec<_> = texts.iter().map(|text| self.document(kind, text)).collect();
        self.put(&documents).await;
        documents
    }

    /// All that is found, by pages of `limit`.
    async fn found(&self, kind: Kind, q: &str, limit: usize) -> Vec<Uuid> {
        let (mut all, mut before) = (Vec::new(), None);
        let query = Query::parse(q);
        loop {
            let conn = self.db.db().read();
            let found = newest(conn, self.tenant, kind, &query, before, limit)
                .await
                .unwrap();
            assert!(found.hits.len() <= limit);
            all.extend(found.hits.iter().map(|hit| hit.id));
            before = found.through;
            if before.is_none() {
                return all;
            }
        }
    }

    async fn rows(&self, table: &str) -> i64 {
        let conn = self.db.db().read();
        let sql = format!("SELECT COUNT(*) FROM {table}");
        let statement = Statement::from_string(conn.get_database_backend(), sql);
        let row = conn.query_one_raw(statement).await.unwrap().unwrap();
        row.try_get_by_index(0).unwrap()
    }
}

async fn some_tenant(db: &TestDb, clock: &Clock) -> TenantId {
    let row = tenant::Model {
        id: TenantId::new(clock),
        name: "Casa Verde".to_owned(),
        default_country: "US".to_owned(),
        timezone: "UTC".to_owned(),
        quiet_hours: QuietHours::default(),
        created_at: clock.now(),
        updated_at: clock.now(),
    };
    let row = row.into_active_model().insert(db.db().writer()).await;
    row.unwrap().id
}

fn ids(documents: &[&Document]) -> Vec<Uuid> {
    documents.iter().map(|document| document.id).collect()
}

on_both_databases! {
    async fn what_is_there_is_found_newest_first_and_by_kind(db: TestDb) {
        let desk = Desk::new(db).await;
        let texts = desk.add(Kind::Message, &["a boiler", "two boilers", "Boy, oh boy", "東京都"]).await;
        let leads = desk.add(Kind::Lead, &["Boris +14155550199"]).await;
        for (q, expected) in [
            ("boiler", vec![&texts[1], &texts[0]]),
            ("boi", vec![&texts[1], &texts[0]]),
            ("bo", vec![&texts[2], &texts[1], &texts[0]]),
            ("b", vec![&texts[2], &texts[1], &texts[0]]),
            ("boilers two", vec![&texts[1]]),
            ("boiler boy", vec![]),
            ("京都", vec![&texts[3]]),
            ("京", vec![&texts[3]]),
            ("nowhere", vec![]),
        ] {
            for limit in [1, 50] {
                assert_eq!(desk.found(Kind::Message, q, limit).await, ids(&expected), "{q}");
            }
        }
        assert_eq!(desk.found(Kind::Lead, "bo", 50).await, ids(&[&leads[0]]));
        assert_eq!(desk.found(Kind::Lead, "5550199", 50).await, ids(&[&leads[0]]));
        let other = Desk { tenant: some_tenant(&desk.db, &desk.clock).await, ..desk };
        assert_eq!(other.found(Kind::Message, "boiler", 50).await, [] as [Uuid; 0]);
    }

    async fn a_beginning_that_very_many_words_share_finds_all_of_them(db: TestDb) {
        let desk = Desk::new(db).await;
        let texts: Vec<_> = (0..700).map(|n| format!("kinvoicex{n:04} for you")).collect();
        let texts: Vec<_> = texts.iter().map(String::as_str).collect();
        let made = desk.add(Kind::Message, &texts).await;
        desk.add(Kind::Message, &["invention", "invoke"]).await;
        let mut newest: Vec<_> = made.iter().map(|document| document.id).collect();
        newest.reverse();
        for q in ["k", "ki", "kin", "kinv", "kinvoicex", "kinvoi you"] {
            assert_eq!(desk.found(Kind::Message, q, 200).await, newest, "{q}");
        }
        assert_eq!(desk.found(Kind::Message, "kinvoicex001", 200).await.len(), 10);
        assert_eq!(desk.found(Kind::Message, "0345", 200).await, ids(&[&made[345]]));
    }

    async fn rare_hits_among_many_are_found_page_by_page(db: TestDb) {
        let desk = Desk::new(db).await;
        let rare = desk.add(Kind::Message, &["common rarely"]).await;
        // Words that look alike to the index, and more of them than one search looks at.
        for _ in 0..10 {
            let texts: Vec<_> = (0..500).map(|n| format!("common rarx{n}")).collect();
            let texts: Vec<_> = texts.iter().map(String::as_str).collect();
            desk.add(Kind::Message, &texts).await;
        }
        let query = Query::parse("rar common");
        let conn = desk.db.db().read();
        let page = newest(conn, desk.tenant, Kind::Message, &query, None, 50).await.unwrap();
        assert_eq!(page.hits.len(), 50);
        assert_eq!(desk.found(Kind::Message, "rarely common", 50).await, ids(&[&rare[0]]));
    }

    async fn what_changes_or_goes_leaves_nothing_behind(db: TestDb) {
        let desk = Desk::new(db).await;
        let mut texts = desk.add(Kind::Message, &["old words 4711", "stay"]).await;
        texts[0].texts = vec!["new words".to_owned()];
        desk.put(&texts).await;
        desk.put(&texts).await;
        assert_eq!(desk.found(Kind::Message, "old", 9).await, [] as [Uuid; 0]);
        assert_eq!(desk.found(Kind::Message, "471", 9).await, [] as [Uuid; 0]);
        assert_eq!(desk.found(Kind::Message, "new", 9).await, ids(&[&texts[0]]));
        let tx = desk.db.db().write_tx().await.unwrap();
        entry::forget_lead(&tx, desk.tenant, texts[0].lead, desk.clock.now()).await.unwrap();
        entry::remove(&tx, &[(desk.tenant, Kind::Message, texts[1].id)]).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(desk.rows("search_terms").await, 0);
        let left = search_entry::Entity::of(desk.tenant).count(desk.db.db().read()).await;
        assert_eq!(left.unwrap(), 0);
    }

    async fn terms_that_are_left_of_something_keep_nothing_from_being_indexed(db: TestDb) {
        let desk = Desk::new(db).await;
        let texts = desk.add(Kind::Message, &["a boiler leaks"]).await;
        let tx = desk.db.db().write_tx().await.unwrap();
        search_entry::Entity::delete_many().exec(&tx).await.unwrap();
        let (fresh, twice) = (desk.document(Kind::Message, "a table"), texts[0].clone());
        entry::put(&tx, &[twice.clone(), fresh.clone(), twice]).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(desk.found(Kind::Message, "boiler", 9).await, ids(&[&texts[0]]));
        assert_eq!(desk.found(Kind::Message, "a", 9).await, ids(&[&fresh, &texts[0]]));
    }

    async fn entries_are_looked_up_by_their_key(db: TestDb) {
        let desk = Desk::new(db).await;
        let conn = desk.db.db().read();
        if conn.get_database_backend() != DbBackend::Sqlite {
            // PostgreSQL's plans depend on the size of tables; the conditions are the same.
            return;
        }
        let key = [desk.tenant.into(), Kind::Message.number().into(), Value::from(Uuid::nil())];
        let among = Rows::among(DbBackend::Sqlite, entry::ENTRY, &vec![key; 64]);
        let newest = "tenant_id = $1 AND kind = $2 AND doc < $3 ORDER BY doc DESC LIMIT 9";
        for condition in [&among.sql, newest] {
            let sql = format!("EXPLAIN QUERY PLAN SELECT * FROM search_entries WHERE {condition}");
            let query = Statement::from_sql_and_values(DbBackend::Sqlite, sql, among.values.clone());
            for row in conn.query_all_raw(query).await.unwrap() {
                let line: String = row.try_get("", "detail").unwrap();
                assert!(!line.starts_with("SCAN") && !line.contains("TEMP"), "{line}");
            }
        }
    }

    async fn of_two_who_index_one_starts_over(db: TestDb) {
        let desk = Desk::new(db).await;
        let (conn, now) = (desk.db.db().writer(), desk.clock.now());
        let behind = Behind { tenant_id: desk.tenant, content_seq: 7 };
        let state = || async {
            let states = progress::of_each(conn, std::slice::from_ref(&behind), now).await;
            states.unwrap().remove(0).1
        };
        let progress = state().await;
        assert_eq!((progress.seq, Filling::of(&progress).unwrap().kind), (7, Kind::Lead));
        let news = News { seqs: [(desk.tenant, 9)].into(), ..News::default() };
        let advance = |progress: search_progress::Model| {
            let news = &news;
            async move {
                let ours = progress::advance(conn, &[progress], news, None, now).await.unwrap();
                ours.len() == 1
            }
        };
        assert!(advance(progress.clone()).await);
        assert!(!advance(progress).await);
        let progress = state().await;
        assert_eq!((progress.seq, Filling::of(&progress)), (9, None));
        // Who is erased meanwhile must not come back.
        let tx = desk.db.db().write_tx().await.unwrap();
        let lead = LeadId::new(&desk.clock);
        entry::forget_lead(&tx, desk.tenant, lead, now).await.unwrap();
        tx.commit().await.unwrap();
        assert!(!advance(progress).await);
    }

    async fn of_many_tenants_each_goes_its_own_way(db: TestDb) {
        let desk = Desk::new(db).await;
        let (conn, now) = (desk.db.db().writer(), desk.clock.now());
        let other = some_tenant(&desk.db, &desk.clock).await;
        let behind = [(desk.tenant, 0), (other, 0)];
        let behind = behind.map(|(tenant_id, seq)| Behind { tenant_id, content_seq: seq });
        let begun = progress::of_each(conn, &behind, now).await.unwrap();
        for (tenant, seqs) in [(desk.tenant, 1..=9), (other, 1..=2)] {
            for seq in seqs {
                let row = event::Model {
                    tenant_id: tenant,
                    seq,
                    kind: if seq == 1 { "another" } else { "sms_received" }.to_owned(),
                    data: serde_json::json!({ "n": seq }),
                    occurred_at: now,
                };
                row.into_active_model().insert(conn).await.unwrap();
            }
        }
        let ahead = |(behind, state): &(Behind, search_progress::Model), seq| {
            (Behind { content_seq: seq, ..behind.clone() }, state.clone())
        };
        let states = [ahead(&begun[0], 9), ahead(&begun[1], 2)];
        // Of six events each has a share of three.
        let news = progress::news(conn, &states, &["sms_received"], 6).await.unwrap();
        assert!(news.more);
        assert_eq!(news.seqs, [(states[0].0.tenant_id, 3), (states[1].0.tenant_id, 2)].into());
        let mut told: Vec<_> = news.events.iter().map(|row| (row.tenant_id, row.seq)).collect();
        told.sort_by_key(|(tenant, seq)| (*tenant != desk.tenant, *seq));
        assert_eq!(told, [(desk.tenant, 2), (desk.tenant, 3), (other, 2)]);
        // Somebody else has been at one of them.
        let tx = desk.db.db().write_tx().await.unwrap();
        progress::interrupt(&tx, other, now).await.unwrap();
        tx.commit().await.unwrap();
        let progress: Vec<_> = states.iter().map(|(_, state)| state.clone()).collect();
        let ours = progress::advance(conn, &progress, &news, None, now).await.unwrap();
        assert_eq!(ours, [desk.tenant].into());
        let after = progress::of_each(conn, &behind, now).await.unwrap();
        let seq_of = |tenant| after.iter().find(|(of, _)| of.tenant_id == tenant).unwrap().1.seq;
        assert_eq!((seq_of(desk.tenant), seq_of(other)), (3, 0));
    }

    async fn who_is_behind_is_found_by_news_or_among_all(db: TestDb) {
        let clock = Clock::System;
        let (now, conn) = (clock.now(), db.db().writer());
        let mut tenants = Vec::new();
        for _ in 0..5 {
            tenants.push(some_tenant(&db, &clock).await);
        }
        let &[late, fresh, filling, changed, whole] = &tenants[..] else {
            unreachable!()
        };
        for (tenant, minutes_ago, content_seq) in [
            (late, 5, 2),
            (fresh, 0, 2),
            (filling, 5, 1),
            (changed, 5, 1),
            (whole, 0, 1),
        ] {
            let counter = tenant_seq::Model {
                tenant_id: tenant,
                seq: content_seq,
                content_seq,
                content_minute: tenant_seq::minute(now - TimeDelta::minutes(minutes_ago)),
                forgotten: 0,
            };
            counter.into_active_model().insert(conn).await.unwrap();
            let progress = search_progress::Model {
                tenant_id: tenant,
                seq: 1,
                turn: 0,
                filling_kind: (tenant == filling).then(|| Kind::Lead.number()),
                filled_from: None,
                updated_at: now,
            };
            progress.into_active_model().insert(conn).await.unwrap();
        }
        entry::changed(conn, &clock, changed, Kind::Lead, &[clock.uuid()])
            .await
            .unwrap();
        let never = some_tenant(&db, &clock).await;
        let counter = tenant_seq::Model {
            tenant_id: never,
            seq: 0,
            content_seq: 0,
            content_minute: tenant_seq::minute(now),
            forgotten: 0,
        };
        counter.into_active_model().insert(conn).await.unwrap();
        let since = Among::NewsSince(now - TimeDelta::minutes(1));
        for (among, expected) in [
            (since, vec![fresh, filling, changed, never]),
            (Among::All, vec![late, fresh, filling, changed, never]),
        ] {
            let behind = progress::behind(conn, among, 10).await.unwrap();
            let behind: BTreeSet<_> = behind.into_iter().map(|behind| behind.tenant_id).collect();
            assert_eq!(behind, BTreeSet::from_iter(expected), "{among:?}");
        }
    }
}

proptest::proptest! {
    #[test]
    fn whatever_a_text_has_is_found_by_its_words(text in "[a-zé0-9 '.東京-]{0,40}") {
        let words = crate::words::words(&text);
        let all: Vec<_> = words.iter().cloned().collect();
        let all = all.join(" ");
        let terms = crate::terms::terms(words.iter().map(String::as_str));
        for word in text.split_whitespace() {
            let query = Query::parse(word);
            if query.is_empty() {
                continue;
            }
            proptest::prop_assert!(query.is_met_by(&all), "{word} in {text}: {all}");
            // And each way leads there.
            for way in query.needs().iter().flat_map(Need::ways) {
                proptest::prop_assert!(leads_to(&way, &terms), "{way:?} to {text}");
            }
        }
    }
}

fn leads_to(way: &Way, terms: &BTreeSet<String>) -> bool {
    match way {
        Way::Term(term) => terms.contains(term),
        Way::Beginning(with) => terms.iter().any(|term| term.starts_with(with.as_str())),
    }
}

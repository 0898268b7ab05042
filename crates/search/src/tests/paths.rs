//! Whichever path a search takes, it finds what the words say, and all of it.

use std::collections::{BTreeMap, HashSet};
use std::mem::discriminant;

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use super::*;
use crate::find::{Bounds, within};
use crate::lookup::Index;
use crate::path::{Path, choose};
use crate::words::words;

/// So small that a few dozen texts lead down every path and take many pages.
const TIGHT: Bounds = Bounds {
    words: 3,
    counted: 8,
    looked_at: 12,
    read: (2, 5),
};

impl Desk {
    async fn path(&self, bounds: &Bounds, kind: Kind, query: &Query) -> Option<Path> {
        let (conn, tenant) = (self.db.db().read(), self.tenant);
        let index = Index { conn, tenant, kind };
        choose(&index, query, bounds).await.unwrap()
    }

    async fn found_within(&self, bounds: &Bounds, kind: Kind, query: &Query) -> Vec<Uuid> {
        let (mut all, mut before) = (Vec::new(), None);
        loop {
            let conn = self.db.db().read();
            let found = within(bounds, conn, self.tenant, kind, query, before, 4);
            let found = found.await.unwrap();
            assert!(
                found
                    .through
                    .is_none_or(|through| before.is_none_or(|before| through < before))
            );
            all.extend(found.hits.iter().map(|hit| hit.id));
            before = found.through;
            if before.is_none() {
                return all;
            }
        }
    }
}

/// Words of few letters, so that many begin alike, numbers and stretches.
fn some_text() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        4 => "[ab]{1,5}",
        2 => "c[ab]?",
        1 => "[aé]{1,2}'[ab]{2}",
        1 => "[0-2]{1,6}",
        1 => "[東京都]{1,3}",
    ];
    prop::collection::vec(word, 1..5).prop_map(|words| words.join(" "))
}

fn some<S: Strategy>(runner: &mut TestRunner, strategy: S) -> S::Value {
    strategy.new_tree(runner).unwrap().current()
}

/// What is meant, by the words alone.
fn meant(documents: &BTreeMap<Uuid, Document>, kind: Kind, query: &Query) -> Vec<Uuid> {
    let is_meant = |document: &&Document| {
        let words = document.texts.iter().flat_map(|text| words(text));
        let words: Vec<_> = words.collect();
        document.kind == kind && query.is_met_by(&words.join(" "))
    };
    let these = documents.values().rev().filter(is_meant);
    these.map(|document| document.id).collect()
}

/// A word of letters for each number, all of the same length.
fn lettered(mut number: usize) -> String {
    let mut word = String::new();
    for _ in 0..3 {
        word.push(char::from(b'a' + u8::try_from(number % 26).unwrap()));
        number /= 26;
    }
    word
}

on_both_databases! {
    async fn on_every_path_what_the_words_say_is_found(db: TestDb) {
        let desk = Desk::new(db).await;
        let mut runner = TestRunner::deterministic();
        let mut documents = BTreeMap::new();
        for n in 0..200 {
            let kind = if n % 4 == 0 { Kind::Lead } else { Kind::Message };
            let document = desk.document(kind, &some(&mut runner, some_text()));
            documents.insert(document.id, document);
        }
        desk.put(&documents.values().cloned().collect::<Vec<_>>()).await;
        // Some change, others go.
        let ids: Vec<_> = documents.keys().copied().collect();
        for id in ids.iter().step_by(5) {
            let text = some(&mut runner, some_text());
            documents.get_mut(id).unwrap().texts = vec![text];
        }
        desk.put(&documents.values().cloned().collect::<Vec<_>>()).await;
        let gone = ids.iter().step_by(7).filter_map(|id| documents.remove(id));
        let gone: Vec<_> = gone.map(|document| (document.tenant, document.kind, document.id)).collect();
        let tx = desk.db.db().write_tx().await.unwrap();
        entry::remove(&tx, &gone).await.unwrap();
        tx.commit().await.unwrap();

        let beginnings = ["a", "b", "ab", "ba", "aba", "abab", "babab", "a b", "bb aa ab", "a 東", "012 b", "c", "c a"];
        let mut queries = beginnings.map(str::to_owned).to_vec();
        queries.extend((0..40).map(|_| some(&mut runner, some_text())));
        let (mut paths, mut hits) = (HashSet::new(), 0);
        for q in &queries {
            let query = Query::parse(q);
            for kind in [Kind::Lead, Kind::Message] {
                let expected = meant(&documents, kind, &query);
                assert_eq!(desk.found(kind, q, 50).await, expected, "{q}");
                assert_eq!(desk.found_within(&TIGHT, kind, &query).await, expected, "{q}");
                let path = desk.path(&TIGHT, kind, &query).await;
                paths.extend(path.map(|path| (discriminant(&path), path.lists() > 1)));
                hits += expected.len();
            }
        }
        assert_eq!(paths.len(), 4, "each path, and by several terms");
        assert!(hits > 500, "{hits}");
    }

    async fn what_very_many_words_begin_with_is_found_in_everything(db: TestDb) {
        let desk = Desk::new(db).await;
        let mut expected = Vec::new();
        for _ in 0..9 {
            let texts: Vec<_> = (0..500).map(|n| format!("order inv{}", lettered(n % 300))).collect();
            let texts: Vec<_> = texts.iter().map(String::as_str).collect();
            expected.extend(desk.add(Kind::Message, &texts).await);
        }
        desk.add(Kind::Lead, &["Ingrid"]).await;
        let expected: Vec<_> = expected.iter().rev().collect();
        for q in ["i", "in", "inv"] {
            let path = desk.path(&Bounds::REAL, Kind::Message, &Query::parse(q)).await;
            assert_eq!(path, Some(Path::Everything), "{q}");
            assert_eq!(desk.found(Kind::Message, q, 700).await, ids(&expected), "{q}");
        }
        // Anything else leads better.
        let q = "inv order";
        let path = desk.path(&Bounds::REAL, Kind::Message, &Query::parse(q)).await;
        assert_eq!(path, Some(Path::Terms(vec!["=order".to_owned()])));
        assert_eq!(desk.found(Kind::Message, q, 1000).await, ids(&expected));
        let first = lettered(7);
        let few = desk.found(Kind::Message, &format!("inv{first}"), 50).await;
        assert_eq!(few.len(), 18);
    }
}

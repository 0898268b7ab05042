use db::Db;
use secrecy::ExposeSecret;
use test_db::{TestDb, on_both_databases};

use super::*;
use crate::permission::{ManageChannels, ReadMessages, SendMessages};
use crate::testing::{assert_matches, clock, colleague, principal, signer, tenant_of};
use crate::{AuthError, Denied, Who, authenticate, team};

fn new_key(scopes: Option<Vec<Scope>>) -> NewKey {
    NewKey::parse("script", scopes, None, clock().now()).unwrap()
}

async fn made(db: &Db, clock: &Clock, by: &Principal, new: NewKey) -> Created {
    create(db.writer(), clock, &mut Outbox::new(), by, new)
        .await
        .unwrap()
}

async fn who(db: &Db, clock: &Clock, key: &SecretString) -> Result<Principal, AuthError> {
    authenticate(db.read(), &signer(), clock.now(), key.expose_secret()).await
}

fn mistakes(result: Result<impl std::fmt::Debug, Error>) -> Vec<(&'static str, Problem)> {
    match result {
        Err(Error::Invalid(mistakes)) => mistakes
            .into_iter()
            .map(|one| (one.field, one.problem))
            .collect(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_key_needs_a_name_a_scope_if_any_and_a_future() {
    let now = clock().now();
    assert_eq!(
        mistakes(NewKey::parse("", Some(vec![]), Some(now), now)),
        [
            ("name", Problem::Empty),
            ("scopes", Problem::NoScope),
            ("expires_at", Problem::Past)
        ]
    );
}

#[test]
fn keys_of_different_scopes_are_narrowed_and_never_widened() {
    let one = BTreeSet::from([Scope::KeysWrite]);
    let two = BTreeSet::from([Scope::KeysWrite, Scope::MessagesRead]);
    assert_eq!(within(None, None).unwrap(), None);
    assert_eq!(within(None, Some(one.clone())).unwrap(), Some(one.clone()));
    assert_eq!(
        within(Some(&two), Some(one.clone())).unwrap(),
        Some(one.clone())
    );
    assert_eq!(within(Some(&one), None).unwrap(), Some(one.clone()));
    assert_eq!(
        mistakes(within(Some(&one), Some(two))),
        [("scopes", Problem::ScopeNotYours)]
    );
}

on_both_databases! {
    async fn a_key_is_shown_once_and_only_its_hash_is_kept(db: TestDb) {
        let (db, clock) = (db.db(), clock());
        let owner = tenant_of(db, &clock, "ana@example.com").await.owner;
        let by = principal(db, &clock, &owner).await;
        let created = made(db, &clock, &by, new_key(None)).await;
        let key = created.key.expose_secret();
        assert_eq!((key.len(), &key[..4]), (47, "tlk_"));
        assert_eq!(created.row.prefix, key[..12]);
        assert!(!format!("{created:?}").contains(key));

        let listed = list(db.read(), owner.tenant_id, None, 10).await.unwrap();
        assert_eq!(listed, [created.row]);
        assert!(!format!("{listed:?}").contains(key));
    }

    async fn a_key_without_scopes_may_what_its_creator_may_at_the_time(db: TestDb) {
        let (db, clock) = (db.db(), clock());
        let owner = tenant_of(db, &clock, "ana@example.com").await.owner;
        let second = colleague(db, &clock, &owner, Role::Owner).await;
        let by = principal(db, &clock, &second).await;
        let created = made(db, &clock, &by, new_key(None)).await;
        let key = who(db, &clock, &created.key).await.unwrap();
        assert_eq!(key.tenant_id, owner.tenant_id);
        assert_eq!(key.who, Who::ApiKey { key_id: created.row.id, created_by: second.user_id });
        assert_eq!(key.allows::<ManageChannels>(), Ok(()));

        let actor = (owner.tenant_id, owner.role);
        team::change_role(db.writer(), &clock, &mut Outbox::new(), actor, second.user_id, Role::Viewer).await.unwrap();
        let key = who(db, &clock, &created.key).await.unwrap();
        assert_eq!(key.allows::<SendMessages>(), Err(Denied::Role { needed: Role::Agent }));
        assert_eq!(key.allows::<ReadMessages>(), Ok(()));
    }

    async fn scopes_narrow_a_key_down(db: TestDb) {
        let (db, clock) = (db.db(), clock());
        let owner = tenant_of(db, &clock, "ana@example.com").await.owner;
        let by = principal(db, &clock, &owner).await;
        let new = new_key(Some(vec![Scope::MessagesWrite, Scope::MessagesWrite]));
        let created = made(db, &clock, &by, new).await;
        assert_eq!(created.row.scopes, Some(Texts(vec!["messages:write".to_owned()])));
        let key = who(db, &clock, &created.key).await.unwrap();
        assert_eq!(key.allows::<SendMessages>(), Ok(()));
        let needed = Scope::MessagesRead;
        assert_eq!(key.allows::<ReadMessages>(), Err(Denied::Scope { needed }));
    }

    async fn an_unknown_scope_in_the_database_allows_nothing(db: TestDb) {
        let (db, clock) = (db.db(), clock());
        let owner = tenant_of(db, &clock, "ana@example.com").await.owner;
        let by = principal(db, &clock, &owner).await;
        let created = made(db, &clock, &by, new_key(Some(vec![Scope::MessagesRead]))).await;
        let future = ActiveModel {
            scopes: Set(Some(Texts(vec!["everything:write".to_owned()]))),
            ..Default::default()
        };
        Entity::update_many().set(future).exec(db.writer()).await.unwrap();
        let key = who(db, &clock, &created.key).await.unwrap();
        assert_eq!(key.scopes, Some(BTreeSet::new()));
        assert_matches!(key.allows::<ReadMessages>(), Err(Denied::Scope { .. }));
    }

    async fn a_revoked_an_expired_and_an_unknown_key_open_nothing(db: TestDb) {
        let (db, clock) = (db.db(), clock());
        let owner = tenant_of(db, &clock, "ana@example.com").await.owner;
        let stranger = tenant_of(db, &clock, "bob@example.com").await.owner;
        let by = principal(db, &clock, &owner).await;
        let created = made(db, &clock, &by, new_key(None)).await;
        let id = created.row.id;

        let foreign = revoke(db.writer(), &clock, &mut Outbox::new(), stranger.tenant_id, id).await;
        assert_matches!(foreign, Err(Error::NotFound));
        assert!(who(db, &clock, &created.key).await.is_ok());
        revoke(db.writer(), &clock, &mut Outbox::new(), owner.tenant_id, id).await.unwrap();
        assert_matches!(who(db, &clock, &created.key).await, Err(AuthError::Invalid));
        let again = revoke(db.writer(), &clock, &mut Outbox::new(), owner.tenant_id, id).await;
        assert_matches!(again, Err(Error::NotFound));
        assert_eq!(list(db.read(), owner.tenant_id, None, 10).await.unwrap(), []);

        let end = Some(clock.now() + TimeDelta::hours(1));
        let short = NewKey::parse("short", None, end, clock.now()).unwrap();
        let short = made(db, &clock, &by, short).await.key;
        assert_eq!(who(db, &clock, &short).await.unwrap().expires_at, end);
        clock.advance(TimeDelta::hours(1));
        assert_matches!(who(db, &clock, &short).await, Err(AuthError::Expired));
        for text in ["tlk_", "tlk_\0", "tlk_AAAA", "tlk_ä"] {
            assert_matches!(who(db, &clock, &text.into()).await, Err(AuthError::Invalid));
        }
    }

    async fn keys_are_listed_in_pages(db: TestDb) {
        let (db, clock) = (db.db(), clock());
        let owner = tenant_of(db, &clock, "ana@example.com").await.owner;
        let by = principal(db, &clock, &owner).await;
        let mut rows = Vec::new();
        for _ in 0..3 {
            clock.advance(TimeDelta::seconds(1));
            rows.push(made(db, &clock, &by, new_key(None)).await.row);
        }
        let page = async |after| list(db.read(), owner.tenant_id, after, 2).await.unwrap();
        assert_eq!(page(None).await, rows[..2]);
        assert_eq!(page(Some(rows[1].id)).await, rows[2..]);
    }

    async fn use_is_noted_once_a_minute_and_changes_nothing_else(db: TestDb) {
        let (db, clock) = (db.db(), clock());
        let owner = tenant_of(db, &clock, "ana@example.com").await.owner;
        let by = principal(db, &clock, &owner).await;
        let created = made(db, &clock, &by, new_key(None)).await;
        let id = created.row.id;
        let kept = async || list(db.read(), owner.tenant_id, None, 1).await.unwrap().remove(0);
        let due = async || who(db, &clock, &created.key).await.unwrap().key_use_to_note();

        let first = clock.now();
        assert_eq!(due().await, Some(id));
        note_use(db.writer(), id, clock.now()).await.unwrap();
        clock.advance(TimeDelta::seconds(59));
        assert_eq!(due().await, None);
        note_use(db.writer(), id, clock.now()).await.unwrap();
        let row = Model { last_used_at: Some(first), ..created.row.clone() };
        assert_eq!(kept().await, row);

        clock.advance(TimeDelta::seconds(1));
        assert_eq!(due().await, Some(id));
        note_use(db.writer(), id, clock.now()).await.unwrap();
        assert_eq!(kept().await.last_used_at, Some(clock.now()));
    }
}

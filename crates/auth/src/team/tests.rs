use chrono::TimeDelta;
use db::Db;
use secrecy::ExposeSecret;
use test_db::{TestDb, on_both_databases};

use super::*;
use crate::api_key::NewKey;
use crate::testing::{
    assert_matches, clock, colleague, log_in, principal, signer, some_hash, tenant_of,
};
use crate::{AuthError, authenticate};

#[test]
fn nobody_gives_more_than_they_have_or_touches_those_above() {
    use Role::{Admin, Agent, Owner, Viewer};
    assert!(may_manage(Owner, Owner, Viewer));
    assert!(may_manage(Owner, Viewer, Owner));
    assert!(may_manage(Admin, Admin, Agent));
    assert!(may_manage(Admin, Viewer, Admin));
    assert!(!may_manage(Admin, Agent, Owner));
    assert!(!may_manage(Admin, Owner, Viewer));
    assert!(!may_manage(Viewer, Viewer, Agent));
}

async fn roles(db: &Db, tenant: TenantId) -> Vec<Role> {
    let members = list_users(db.read(), tenant, None, 200).await.unwrap();
    members.into_iter().map(|member| member.role).collect()
}

on_both_databases! {
    async fn members_are_listed_in_pages_and_by_tenant(db: TestDb) {
        let (db, clock) = (db.db(), clock());
        let owner = tenant_of(db, &clock, "ana@example.com").await.owner;
        let stranger = tenant_of(db, &clock, "bob@example.com").await.owner;
        let mut all = vec![owner.clone()];
        for role in [Role::Agent, Role::Viewer] {
            clock.advance(TimeDelta::seconds(1));
            all.push(colleague(db, &clock, &owner, role).await);
        }
        let page = async |after| list_users(db.read(), owner.tenant_id, after, 2).await.unwrap();
        assert_eq!(page(None).await, all[..2]);
        assert_eq!(page(Some(all[1].user_id)).await, all[2..]);
        assert_eq!(page(Some(all[2].user_id)).await, []);

        let result = get_user(db.read(), owner.tenant_id, stranger.user_id).await;
        assert_matches!(result, Err(Error::NotFound));
    }

    async fn an_address_of_any_tenant_is_taken(db: TestDb) {
        let (db, clock) = (db.db(), clock());
        let owner = tenant_of(db, &clock, "ana@example.com").await.owner;
        tenant_of(db, &clock, "bob@example.com").await;
        let new = NewUser::parse("Bob@example.com", None, Role::Agent, None).unwrap();
        let by = (owner.tenant_id, owner.role);
        let result = create_user(db.writer(), &clock, &mut Outbox::new(), by, new, some_hash()).await;
        assert_matches!(result, Err(Error::EmailTaken));
        assert_eq!(roles(db, owner.tenant_id).await, [Role::Owner]);
    }

    async fn an_admin_makes_no_owner_and_unmakes_none(db: TestDb) {
        let (db, clock) = (db.db(), clock());
        let owner = tenant_of(db, &clock, "ana@example.com").await.owner;
        let agent = colleague(db, &clock, &owner, Role::Agent).await;
        let by = (owner.tenant_id, Role::Admin);
        let change = async |user, role| change_role(db.writer(), &clock, &mut Outbox::new(), by, user, role).await;
        assert_matches!(change(agent.user_id, Role::Owner).await, Err(Error::AboveYou));
        assert_matches!(change(owner.user_id, Role::Agent).await, Err(Error::AboveYou));
        let result = remove_user(db.writer(), &clock, &mut Outbox::new(), by, owner.user_id).await;
        assert_matches!(result, Err(Error::AboveYou));
        let new = NewUser::parse("eve@example.com", None, Role::Owner, None).unwrap();
        let result = create_user(db.writer(), &clock, &mut Outbox::new(), by, new, some_hash()).await;
        assert_matches!(result, Err(Error::AboveYou));

        clock.advance(TimeDelta::seconds(1));
        let admin = change(agent.user_id, Role::Admin).await.unwrap();
        assert_eq!((admin.role, admin.updated_at), (Role::Admin, clock.now()));
        let kept = get_user(db.read(), owner.tenant_id, agent.user_id).await.unwrap();
        assert_eq!(kept, admin);
    }

    async fn the_last_owner_stays(db: TestDb) {
        let (db, clock) = (db.db(), clock());
        let owner = tenant_of(db, &clock, "ana@example.com").await.owner;
        tenant_of(db, &clock, "bob@example.com").await;
        let by = (owner.tenant_id, Role::Owner);
        let demote = async |user| change_role(db.writer(), &clock, &mut Outbox::new(), by, user, Role::Admin).await;
        assert_matches!(demote(owner.user_id).await, Err(Error::LastOwner));
        let result = remove_user(db.writer(), &clock, &mut Outbox::new(), by, owner.user_id).await;
        assert_matches!(result, Err(Error::LastOwner));
        change_role(db.writer(), &clock, &mut Outbox::new(), by, owner.user_id, Role::Owner).await.unwrap();

        let second = colleague(db, &clock, &owner, Role::Owner).await;
        demote(owner.user_id).await.unwrap();
        assert_matches!(demote(second.user_id).await, Err(Error::LastOwner));
    }

    async fn of_two_owners_who_demote_each_other_at_once_one_stays(db: TestDb) {
        let (db, clock) = (db.db(), clock());
        let owner = tenant_of(db, &clock, "ana@example.com").await.owner;
        let second = colleague(db, &clock, &owner, Role::Owner).await;
        let by = (owner.tenant_id, Role::Owner);
        let demote = async |user| {
            let tx = db.write_tx().await.unwrap();
            let result = change_role(&tx, &clock, &mut Outbox::new(), by, user, Role::Viewer).await;
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            tx.commit().await.unwrap();
            result
        };
        let (a, b) = tokio::join!(demote(owner.user_id), demote(second.user_id));
        assert!(a.is_ok() != b.is_ok(), "{a:?} {b:?}");
        assert!(roles(db, owner.tenant_id).await.contains(&Role::Owner));
    }

    async fn who_is_removed_is_out_at_once_with_their_keys(db: TestDb) {
        let (db, clock) = (db.db(), clock());
        let owner = tenant_of(db, &clock, "ana@example.com").await.owner;
        let second = colleague(db, &clock, &owner, Role::Owner).await;
        let login = log_in(db, &clock, &second).await;
        let by = principal(db, &clock, &second).await;
        let new = NewKey::parse("script", None, None, clock.now()).unwrap();
        let key = api_key::create(db.writer(), &clock, &mut Outbox::new(), &by, new).await.unwrap().key;

        let tx = db.write_tx().await.unwrap();
        let actor = (owner.tenant_id, owner.role);
        remove_user(&tx, &clock, &mut Outbox::new(), actor, second.user_id).await.unwrap();
        tx.commit().await.unwrap();

        for bearer in [&login.access, &key] {
            let bearer = bearer.expose_secret();
            let who = authenticate(db.read(), &signer(), clock.now(), bearer).await;
            assert_matches!(who, Err(AuthError::Invalid));
        }
        let refreshed = db.write_tx().await.unwrap();
        let refreshed = session::refresh(refreshed, &clock, &signer(), &login.refresh, None).await;
        assert_matches!(refreshed, Err(crate::RefreshError::Invalid));
        assert_eq!(account::find_user(db.read(), &second.email).await.unwrap(), None);
        let listed = api_key::list(db.read(), owner.tenant_id, None, 10).await.unwrap();
        assert_eq!(listed, []);
        let again = remove_user(db.writer(), &clock, &mut Outbox::new(), actor, second.user_id).await;
        assert_matches!(again, Err(Error::NotFound));
    }

    async fn who_is_in_another_tenant_too_is_kept_there(db: TestDb) {
        let (db, clock) = (db.db(), clock());
        let owner = tenant_of(db, &clock, "ana@example.com").await.owner;
        let agent = colleague(db, &clock, &owner, Role::Agent).await;
        let other = tenant_of(db, &clock, "bob@example.com").await.owner;
        let user = account::find_user(db.read(), &agent.email).await.unwrap().unwrap();
        let there = join(db.writer(), other.tenant_id, user, Role::Viewer).await.unwrap();
        let login = log_in(db, &clock, &there).await;

        let actor = (owner.tenant_id, owner.role);
        remove_user(db.writer(), &clock, &mut Outbox::new(), actor, agent.user_id).await.unwrap();
        let bearer = login.access.expose_secret();
        let who = authenticate(db.read(), &signer(), clock.now(), bearer).await.unwrap();
        assert_eq!((who.tenant_id, who.role), (other.tenant_id, Role::Viewer));
    }
}

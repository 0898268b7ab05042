use chrono::TimeDelta;
use entity::clock::Clock;
use events::Outbox;
use secrecy::ExposeSecret;
use test_db::{TestDb, on_both_databases};

use super::*;
use crate::permission::{AnyMember, ManageKeys, ReadLeads, SendMessages};
use crate::testing::{assert_matches, clock, colleague, log_in, principal, signer, tenant_of};
use crate::{session, team};

fn holder(clock: &Clock, role: Role, scopes: Option<&[Scope]>) -> Principal {
    let user_id = UserId::new(clock);
    Principal {
        tenant_id: TenantId::new(clock),
        who: match scopes {
            None => Who::User {
                user_id,
                session_id: SessionId::new(clock),
            },
            Some(_) => Who::ApiKey {
                key_id: ApiKeyId::new(clock),
                created_by: user_id,
            },
        },
        role,
        scopes: scopes.map(|scopes| scopes.iter().copied().collect()),
        expires_at: None,
        counter: None,
        use_to_note: None,
    }
}

#[test]
fn a_permission_needs_its_role_and_of_a_key_its_scope() {
    let clock = clock();
    let viewer = holder(&clock, Role::Viewer, None);
    assert_eq!(viewer.allows::<ReadLeads>(), Ok(()));
    assert_eq!(viewer.allows::<AnyMember>(), Ok(()));
    assert_eq!(
        viewer.allows::<SendMessages>(),
        Err(Denied::Role {
            needed: Role::Agent
        })
    );
    let admin = holder(&clock, Role::Admin, None);
    assert_eq!(
        admin.allows::<ManageKeys>(),
        Err(Denied::Role {
            needed: Role::Owner
        })
    );
    assert_eq!(
        holder(&clock, Role::Owner, None).allows::<ManageKeys>(),
        Ok(())
    );

    let key = holder(&clock, Role::Owner, Some(&[Scope::LeadsWrite]));
    let needed = Scope::LeadsRead;
    assert_eq!(key.allows::<ReadLeads>(), Err(Denied::Scope { needed }));
    assert_eq!(key.allows::<AnyMember>(), Err(Denied::Login));
    let key = holder(&clock, Role::Viewer, Some(Scope::ALL));
    assert_eq!(
        key.allows::<SendMessages>(),
        Err(Denied::Role {
            needed: Role::Agent
        })
    );
}

on_both_databases! {
    async fn a_token_counts_with_the_role_of_the_moment(db: TestDb) {
        let (db, clock) = (db.db(), clock());
        let owner = tenant_of(db, &clock, "ana@example.com").await.owner;
        let agent = colleague(db, &clock, &owner, Role::Agent).await;
        let tokens = log_in(db, &clock, &agent).await;
        let now = clock.now();
        let bearer = tokens.access.expose_secret();
        let before = authenticate(db.read(), &signer(), now, bearer).await.unwrap();
        assert_eq!(before.tenant_id, owner.tenant_id);
        assert_eq!(before.user_id(), agent.user_id);
        assert_eq!(before.session_id(), Some(tokens.session_id));
        assert_eq!(before.role, Role::Agent);

        let actor = (owner.tenant_id, owner.role);
        team::change_role(db.writer(), &clock, &mut Outbox::new(), actor, agent.user_id, Role::Viewer).await.unwrap();
        let after = authenticate(db.read(), &signer(), now, bearer).await.unwrap();
        assert_eq!(after.role, Role::Viewer);
        assert_ne!(after.id_for_etag(), before.id_for_etag());
        assert_eq!(after.limiter_key(), before.limiter_key());
    }

    async fn a_token_ends_after_a_quarter_of_an_hour_or_with_its_login(db: TestDb) {
        let (db, clock) = (db.db(), clock());
        let owner = tenant_of(db, &clock, "ana@example.com").await.owner;
        let tokens = log_in(db, &clock, &owner).await;
        let bearer = tokens.access.expose_secret();
        let later = clock.now() + TimeDelta::minutes(15);
        let who = authenticate(db.read(), &signer(), later, bearer).await;
        assert_matches!(who, Err(AuthError::Expired));
        session::end(db.writer(), &clock, tokens.session_id).await.unwrap();
        let who = authenticate(db.read(), &signer(), clock.now(), bearer).await;
        assert_matches!(who, Err(AuthError::Invalid));
    }

    async fn a_genuine_token_for_another_tenant_than_its_login_s_opens_nothing(db: TestDb) {
        let (db, clock) = (db.db(), clock());
        let owner = tenant_of(db, &clock, "ana@example.com").await.owner;
        let other = tenant_of(db, &clock, "bob@example.com").await.owner;
        let session = log_in(db, &clock, &owner).await.session_id;
        for (tenant, user) in [
            (other.tenant_id, owner.user_id),
            (owner.tenant_id, other.user_id),
            (other.tenant_id, other.user_id),
        ] {
            let token = signer().sign(session, (tenant, user, Role::Owner), clock.now()).unwrap();
            let bearer = token.expose_secret();
            let who = authenticate(db.read(), &signer(), clock.now(), bearer).await;
            assert_matches!(who, Err(AuthError::Invalid));
        }
    }

    async fn two_logins_of_a_person_share_limits_and_etags(db: TestDb) {
        let (db, clock) = (db.db(), clock());
        let owner = tenant_of(db, &clock, "ana@example.com").await.owner;
        let other = tenant_of(db, &clock, "bob@example.com").await.owner;
        let one = principal(db, &clock, &owner).await;
        let two = principal(db, &clock, &owner).await;
        let stranger = principal(db, &clock, &other).await;
        assert_eq!(one.limiter_key(), two.limiter_key());
        assert_eq!(one.id_for_etag(), two.id_for_etag());
        assert_ne!(one.limiter_key(), stranger.limiter_key());
    }
}

use db::Db;
use test_db::{TestDb, on_both_databases};

use super::*;
use crate::testing::{assert_matches, clock, colleague, log_in, signer, tenant_of};
use crate::{AuthError, authenticate};

async fn renew(db: &Db, clock: &Clock, tokens: &Tokens) -> Result<Tokens, RefreshError> {
    let tx = db.write_tx().await.unwrap();
    refresh(tx, clock, &signer(), &tokens.refresh, None).await
}

async fn attempt(
    db: &Db,
    clock: &Clock,
    tokens: &Tokens,
    attempt: &str,
) -> Result<Tokens, RefreshError> {
    let tx = db.write_tx().await.unwrap();
    refresh(tx, clock, &signer(), &tokens.refresh, Some(&attempt.into())).await
}

async fn is_in(db: &Db, clock: &Clock, tokens: &Tokens) -> bool {
    let access = tokens.access.expose_secret();
    match authenticate(db.read(), &signer(), clock.now(), access).await {
        Ok(_) => true,
        Err(AuthError::Invalid) => false,
        Err(error) => panic!("{error:?}"),
    }
}

on_both_databases! {
    async fn a_login_is_renewed_again_and_again(db: TestDb) {
        let (db, clock) = (db.db(), clock());
        let owner = tenant_of(db, &clock, "ana@example.com").await.owner;
        let mut tokens = log_in(db, &clock, &owner).await;
        for _ in 0..3 {
            clock.advance(TimeDelta::days(29));
            let next = renew(db, &clock, &tokens).await.unwrap();
            assert_eq!(next.session_id, tokens.session_id);
            assert_eq!((next.tenant_id, next.user_id), (owner.tenant_id, owner.user_id));
            assert_eq!(next.expires_in, 900);
            assert!(is_in(db, &clock, &next).await);
            tokens = next;
        }
        clock.advance(TimeDelta::days(30));
        assert_matches!(renew(db, &clock, &tokens).await, Err(RefreshError::Expired));
    }

    async fn the_second_of_two_tabs_is_refused_and_nothing_else(db: TestDb) {
        let (db, clock) = (db.db(), clock());
        let owner = tenant_of(db, &clock, "ana@example.com").await.owner;
        let first = log_in(db, &clock, &owner).await;
        clock.advance(TimeDelta::minutes(15));
        let second = renew(db, &clock, &first).await.unwrap();
        clock.advance(TimeDelta::seconds(10));
        assert_matches!(renew(db, &clock, &first).await, Err(RefreshError::JustRotated));
        renew(db, &clock, &second).await.unwrap();
    }

    async fn the_previous_token_ends_the_login_after_ten_seconds(db: TestDb) {
        let (db, clock) = (db.db(), clock());
        let owner = tenant_of(db, &clock, "ana@example.com").await.owner;
        let elsewhere = log_in(db, &clock, &owner).await;
        let first = log_in(db, &clock, &owner).await;
        let second = renew(db, &clock, &first).await.unwrap();
        clock.advance(TimeDelta::milliseconds(10_001));
        assert_matches!(renew(db, &clock, &first).await, Err(RefreshError::Reused));

        assert!(!is_in(db, &clock, &second).await, "the login is over for everybody");
        assert_matches!(renew(db, &clock, &second).await, Err(RefreshError::Invalid));
        assert_matches!(renew(db, &clock, &first).await, Err(RefreshError::Invalid));
        assert!(is_in(db, &clock, &elsewhere).await, "other logins are not");
    }

    async fn who_has_lost_the_answer_gets_it_once_more(db: TestDb) {
        let (db, clock) = (db.db(), clock());
        let owner = tenant_of(db, &clock, "ana@example.com").await.owner;
        let first = log_in(db, &clock, &owner).await;
        let second = attempt(db, &clock, &first, "made up").await.unwrap();
        clock.advance(TimeDelta::seconds(60));
        let again = attempt(db, &clock, &first, "made up").await.unwrap();
        assert_eq!(again.refresh.expose_secret(), second.refresh.expose_secret());
        assert!(is_in(db, &clock, &again).await);
        // The next renewal is one of its own.
        let third = attempt(db, &clock, &again, "another").await.unwrap();
        assert!(is_in(db, &clock, &third).await);
        assert_matches!(attempt(db, &clock, &first, "made up").await, Err(RefreshError::Reused));
        assert!(!is_in(db, &clock, &third).await);
    }

    async fn nobody_else_gets_a_lost_answer(db: TestDb) {
        let (db, clock) = (db.db(), clock());
        let owner = tenant_of(db, &clock, "ana@example.com").await.owner;
        for (named, guess, seconds) in [(Some("a"), "b", 11), (None, "a", 11), (Some("a"), "a", 61)] {
            let first = log_in(db, &clock, &owner).await;
            let second = match named {
                Some(name) => attempt(db, &clock, &first, name).await.unwrap(),
                None => renew(db, &clock, &first).await.unwrap(),
            };
            clock.advance(TimeDelta::seconds(seconds));
            assert_matches!(attempt(db, &clock, &first, guess).await, Err(RefreshError::Reused));
            assert!(!is_in(db, &clock, &second).await);
        }
    }

    async fn an_older_token_ends_the_login_at_once(db: TestDb) {
        let (db, clock) = (db.db(), clock());
        let owner = tenant_of(db, &clock, "ana@example.com").await.owner;
        let first = log_in(db, &clock, &owner).await;
        let second = renew(db, &clock, &first).await.unwrap();
        let third = renew(db, &clock, &second).await.unwrap();
        assert_matches!(renew(db, &clock, &first).await, Err(RefreshError::Reused));
        assert!(!is_in(db, &clock, &third).await);
    }

    async fn of_many_renewals_at_once_one_wins_and_the_login_lives(db: TestDb) {
        let (db, clock) = (db.db(), clock());
        let owner = tenant_of(db, &clock, "ana@example.com").await.owner;
        let tokens = log_in(db, &clock, &owner).await;
        let (a, b, c, d) = tokio::join!(
            renew(db, &clock, &tokens),
            renew(db, &clock, &tokens),
            renew(db, &clock, &tokens),
            renew(db, &clock, &tokens),
        );
        let (won, lost): (Vec<_>, Vec<_>) = [a, b, c, d].into_iter().partition(Result::is_ok);
        assert_eq!(won.len(), 1);
        for refused in lost {
            assert_matches!(refused, Err(RefreshError::JustRotated));
        }
        renew(db, &clock, won[0].as_ref().unwrap()).await.unwrap();
    }

    async fn an_attempt_sent_several_times_at_once_has_one_answer(db: TestDb) {
        let (db, clock) = (db.db(), clock());
        let owner = tenant_of(db, &clock, "ana@example.com").await.owner;
        let tokens = log_in(db, &clock, &owner).await;
        let (a, b, c) = tokio::join!(
            attempt(db, &clock, &tokens, "the same"),
            attempt(db, &clock, &tokens, "the same"),
            attempt(db, &clock, &tokens, "the same"),
        );
        let [a, b, c] = [a, b, c].map(|tokens| tokens.unwrap().refresh.expose_secret().to_owned());
        assert!(a == b && b == c);
    }

    async fn a_token_that_is_none_of_ours_is_invalid(db: TestDb) {
        let (db, clock) = (db.db(), clock());
        let owner = tenant_of(db, &clock, "ana@example.com").await.owner;
        let mut tokens = log_in(db, &clock, &owner).await;
        let unknown = RefreshToken { session_id: SessionId(clock.uuid()), generation: 0 };
        let future = RefreshToken { session_id: tokens.session_id, generation: 1 };
        let key = signer().refresh_key().clone();
        for text in [tokens.access.clone(), "".into(), key.seal(unknown), key.seal(future)] {
            tokens.refresh = text;
            assert_matches!(renew(db, &clock, &tokens).await, Err(RefreshError::Invalid));
        }
        assert!(is_in(db, &clock, &tokens).await);
    }

    async fn logging_out_ends_one_login(db: TestDb) {
        let (db, clock) = (db.db(), clock());
        let owner = tenant_of(db, &clock, "ana@example.com").await.owner;
        let (here, there) = (log_in(db, &clock, &owner).await, log_in(db, &clock, &owner).await);
        end(db.writer(), &clock, here.session_id).await.unwrap();
        end(db.writer(), &clock, here.session_id).await.unwrap();
        assert!(!is_in(db, &clock, &here).await);
        assert_matches!(renew(db, &clock, &here).await, Err(RefreshError::Invalid));
        assert!(is_in(db, &clock, &there).await);
    }

    async fn all_logins_but_one_end_and_nobody_else_s(db: TestDb) {
        let (db, clock) = (db.db(), clock());
        let owner = tenant_of(db, &clock, "ana@example.com").await.owner;
        let agent = colleague(db, &clock, &owner, Role::Agent).await;
        let (here, there) = (log_in(db, &clock, &owner).await, log_in(db, &clock, &owner).await);
        let agent = log_in(db, &clock, &agent).await;
        end_all(db.writer(), &clock, owner.user_id, Some(here.session_id)).await.unwrap();
        assert!(is_in(db, &clock, &here).await);
        assert!(!is_in(db, &clock, &there).await);
        assert!(is_in(db, &clock, &agent).await);
        end_all(db.writer(), &clock, owner.user_id, None).await.unwrap();
        assert!(!is_in(db, &clock, &here).await);
    }
}

#[test]
fn tokens_are_not_shown_by_debug() {
    let clock = clock();
    let login = Model {
        id: SessionId::new(&clock),
        tenant_id: TenantId::new(&clock),
        user_id: UserId::new(&clock),
        generation: 0,
        rotated_at: clock.now(),
        attempt_digest: None,
        expires_at: clock.now(),
        revoked_at: None,
        created_at: clock.now(),
    };
    let tokens = tokens(&signer(), &login, Role::Owner, clock.now()).unwrap();
    let shown = format!("{tokens:?}");
    assert!(!shown.contains("tlr_") && !shown.contains("eyJ"), "{shown}");
}

use sea_orm::PaginatorTrait;
use test_db::{TestDb, on_both_databases};

use super::*;
use crate::field::{Invalid, Problem};
use crate::testing::{assert_matches, clock, log_in as session_of, some_hash, tenant_of, typed};
use crate::{AuthError, authenticate, testing};
use secrecy::ExposeSecret;

fn invalid(field: &'static str, problem: Problem) -> Invalid {
    Invalid { field, problem }
}

#[test]
fn every_mistake_is_told_at_once() {
    let password = SecretString::from("short");
    let signup = Signup {
        tenant_name: " ",
        name: Some("Ana\0"),
        default_country: Some("XX"),
        timezone: Some("Mars/Olympus"),
        ..typed("ana@example.com", &password)
    };
    let Err(Error::Invalid(mistakes)) = NewTenant::parse(signup) else {
        panic!("it was taken");
    };
    let country = Problem::Country(entity::phone::CountryError::Unknown);
    assert_eq!(
        mistakes,
        [
            invalid("tenant_name", Problem::Empty),
            invalid("name", Problem::ControlCharacter),
            invalid("default_country", country),
            invalid("timezone", Problem::TimeZone),
            invalid("password", Problem::TooShort(8)),
        ]
    );
}

#[test]
fn an_e_mail_address_is_asked_for_and_no_password_of_that_name() {
    let password = SecretString::from("ana@example.com");
    let parse = |email| NewTenant::parse(typed(email, &password));
    let Err(Error::Invalid(mistakes)) = parse("ana") else {
        panic!("it was taken");
    };
    assert_eq!(mistakes, [invalid("email", Problem::NoEmail)]);
    let Err(Error::Invalid(mistakes)) = parse("Ana@example.com") else {
        panic!("it was taken");
    };
    assert_eq!(mistakes, [invalid("password", Problem::SameAsEmail)]);
}

on_both_databases! {
    async fn registering_makes_a_tenant_its_counter_and_its_owner(db: TestDb) {
        let (db, clock) = (db.db(), clock());
        let registered = tenant_of(db, &clock, " Ana@Example.com").await;
        let tenant = &registered.tenant;
        assert_eq!(tenant.name, "Casa Verde");
        assert_eq!((tenant.default_country.as_str(), tenant.timezone.as_str()), ("US", "UTC"));
        assert_eq!(tenant.quiet_hours.start, "21:00");
        assert_eq!(registered.owner.role, Role::Owner);
        assert_eq!(registered.owner.email, "ana@example.com");
        assert_eq!(registered.owner.name, "ana");

        let kept = crate::tenant::get(db.read(), tenant.id).await.unwrap();
        assert_eq!(&kept, tenant);
        let owner = team::get_user(db.read(), tenant.id, registered.owner.user_id).await.unwrap();
        assert_eq!(owner, registered.owner);
        let counter = tenant_seq::Entity::find_by_id(tenant.id).one(db.read()).await.unwrap();
        assert_eq!(counter.unwrap().seq, 0);
    }

    async fn an_e_mail_address_is_taken_once_and_nothing_is_left_of_the_second(db: TestDb) {
        let (db, clock) = (db.db(), clock());
        tenant_of(db, &clock, "ana@example.com").await;
        let password = SecretString::from("correct horse");
        let again = NewTenant::parse(typed("ANA@example.com", &password)).unwrap();
        let tx = db.write_tx().await.unwrap();
        let result = register(&tx, &clock, again, some_hash()).await;
        assert_matches!(result, Err(Error::EmailTaken));
        // The caller may keep the answer of an idempotent request in the same transaction.
        tx.commit().await.unwrap();
        assert_eq!(entity::tenant::Entity::find().count(db.read()).await.unwrap(), 1);
        assert_eq!(user::Entity::find().count(db.read()).await.unwrap(), 1);
    }

    async fn the_right_password_logs_in_and_nothing_else_does(db: TestDb) {
        let (db, clock, hasher) = (db.db(), clock(), Hasher::default());
        let owner = tenant_of(db, &clock, "ana@example.com").await.owner;
        let password = SecretString::from("correct horse");
        let hash = hasher.hash(password.clone()).await.unwrap();
        change_password(db.writer(), &clock, owner.user_id, hash, None).await.unwrap();

        let member = log_in(db.read(), &hasher, "Ana@example.com ", &password).await.unwrap();
        assert_eq!((member.tenant_id, member.user_id), (owner.tenant_id, owner.user_id));
        for (email, password) in [
            ("ana@example.com", "correct horsE"),
            ("ana@example.com", ""),
            ("bob@example.com", "correct horse"),
            ("ana\0@example.com", "correct horse"),
            ("", "correct horse"),
        ] {
            let result = log_in(db.read(), &hasher, email, &password.into()).await;
            assert_matches!(result, Err(Error::WrongLogin), "{email:?}");
        }
        let long = "x".repeat(2000).into();
        let result = log_in(db.read(), &hasher, "ana@example.com", &long).await;
        assert_matches!(result, Err(Error::WrongLogin));
    }

    async fn a_changed_password_ends_the_other_logins(db: TestDb) {
        let (db, clock, hasher) = (db.db(), clock(), Hasher::default());
        let owner = tenant_of(db, &clock, "ana@example.com").await.owner;
        let hash = hasher.hash("correct horse".into()).await.unwrap();
        change_password(db.writer(), &clock, owner.user_id, hash, None).await.unwrap();
        let (here, there) = (session_of(db, &clock, &owner).await, session_of(db, &clock, &owner).await);

        let check = async |current: &str, new: &str| {
            let (current, new) = (current.into(), new.into());
            check_password_change(db.read(), &hasher, owner.user_id, &current, &new).await
        };
        assert_matches!(check("wrong horse", "battery staple").await, Err(Error::WrongPassword));
        let Err(Error::Invalid(mistakes)) = check("correct horse", "short").await else {
            panic!("it was taken");
        };
        assert_eq!(mistakes, [invalid("new", Problem::TooShort(8))]);
        check("correct horse", "battery staple").await.unwrap();

        let hash = hasher.hash("battery staple".into()).await.unwrap();
        let keep = Some(here.session_id);
        change_password(db.writer(), &clock, owner.user_id, hash, keep).await.unwrap();
        let who = async |tokens: &crate::Tokens| {
            let access = tokens.access.expose_secret();
            authenticate(db.read(), &testing::signer(), clock.now(), access).await
        };
        assert_matches!(who(&here).await, Ok(_));
        assert_matches!(who(&there).await, Err(AuthError::Invalid));
        assert!(log_in(db.read(), &hasher, "ana@example.com", &"battery staple".into()).await.is_ok());
    }

    async fn nobody_s_password_is_changed(db: TestDb) {
        let (db, clock) = (db.db(), clock());
        let nobody = UserId::new(&clock);
        let result = change_password(db.writer(), &clock, nobody, some_hash(), None).await;
        assert_matches!(result, Err(Error::NotFound));
    }
}

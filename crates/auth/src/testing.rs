//! What the tests of this crate begin with.

use chrono::DateTime;
use db::Db;
use entity::clock::Clock;
use entity::value::Role;
use events::Outbox;
use secrecy::{ExposeSecret, SecretString};

use crate::account::{self, NewTenant, Registered, Signup};
use crate::team::{self, NewUser};
use crate::{Member, PasswordHash, Principal, Signer, Tokens, authenticate, session};

/// A Saturday in November.
pub(crate) fn clock() -> Clock {
    Clock::manual(DateTime::from_timestamp(1_795_248_000, 123_456_000).unwrap())
}

pub(crate) fn signer() -> Signer {
    Signer::new(&SecretString::from("0123456789abcdef0123456789abcdef")).unwrap()
}

/// Hashing takes time, and most tests need no password.
pub(crate) fn some_hash() -> PasswordHash {
    PasswordHash::stored("$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHQ$aGFzaA".to_owned())
}

pub(crate) fn typed<'a>(email: &'a str, password: &'a SecretString) -> Signup<'a> {
    Signup {
        tenant_name: "Casa Verde",
        email,
        name: None,
        password,
        default_country: None,
        timezone: None,
    }
}

pub(crate) async fn tenant_of(db: &Db, clock: &Clock, email: &str) -> Registered {
    let new = NewTenant::parse(typed(email, &"correct horse".into())).unwrap();
    let tx = db.write_tx().await.unwrap();
    let registered = account::register(&tx, clock, new, some_hash())
        .await
        .unwrap();
    tx.commit().await.unwrap();
    registered
}

pub(crate) async fn colleague(db: &Db, clock: &Clock, of: &Member, role: Role) -> Member {
    let email = format!("{role}-{}@example.com", clock.uuid());
    let new = NewUser::parse(&email, None, role, None).unwrap();
    let tx = db.write_tx().await.unwrap();
    let member = team::create_user(
        &tx,
        clock,
        &mut Outbox::new(),
        (of.tenant_id, Role::Owner),
        new,
        some_hash(),
    )
    .await
    .unwrap();
    tx.commit().await.unwrap();
    member
}

pub(crate) async fn log_in(db: &Db, clock: &Clock, member: &Member) -> Tokens {
    let tx = db.write_tx().await.unwrap();
    let tokens = session::start(&tx, clock, &signer(), member).await.unwrap();
    tx.commit().await.unwrap();
    tokens
}

pub(crate) async fn principal(db: &Db, clock: &Clock, member: &Member) -> Principal {
    let tokens = log_in(db, clock, member).await;
    authenticate(
        db.read(),
        &signer(),
        clock.now(),
        tokens.access.expose_secret(),
    )
    .await
    .unwrap()
}

/// Fails unless the value is as the pattern says, and shows it.
macro_rules! assert_matches {
    ($value:expr, $pattern:pat $(, $($told:tt)+)?) => {
        match $value {
            $pattern => {}
            other => {
                $(eprintln!($($told)+);)?
                panic!("{other:?} is no {}", stringify!($pattern))
            }
        }
    };
}
pub(crate) use assert_matches;

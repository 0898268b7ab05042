use std::collections::BTreeSet;

use super::*;

fn email() -> Email {
    Email::parse("ana@example.com").unwrap()
}

fn secret(text: &str) -> SecretString {
    text.into()
}

#[tokio::test]
async fn a_password_matches_its_own_hash_and_no_other() {
    let hasher = Hasher::default();
    let hash = hasher.hash(secret("correct horse")).await.unwrap();
    assert!(hash.0.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));

    let verify = |text| hasher.verify(secret(text), Some(hash.clone()));
    assert!(verify("correct horse").await.unwrap());
    assert!(!verify("correct horse ").await.unwrap());
    assert!(!verify("").await.unwrap());
}

#[tokio::test]
async fn the_same_password_hashed_twice_looks_different() {
    let hasher = Hasher::default();
    let one = hasher.hash(secret("correct horse")).await.unwrap();
    let two = hasher.hash(secret("correct horse")).await.unwrap();
    assert_ne!(one.0, two.0);
}

#[tokio::test]
async fn nobody_s_password_is_never_right() {
    let hasher = Hasher::default();
    assert!(!hasher.verify(secret("correct horse"), None).await.unwrap());
}

#[tokio::test]
async fn a_stored_hash_that_is_none_is_an_error_and_no_wrong_password() {
    let broken = PasswordHash::stored("plain".to_owned());
    let result = Hasher::default()
        .verify(secret("plain"), Some(broken))
        .await;
    assert!(matches!(result, Err(HashError::Function(_))), "{result:?}");
}

#[tokio::test]
async fn a_caller_who_goes_away_makes_no_room_until_the_work_is_done() {
    let hasher = Hasher::new(1);
    let (go_on, told) = std::sync::mpsc::channel::<()>();
    let (begin, begun) = oneshot::channel::<()>();
    let done = Arc::new(std::sync::atomic::AtomicBool::new(false));
    let first = Arc::clone(&done);
    let slow = hasher.run(move |_| {
        let _ = begin.send(());
        let _ = told.recv();
        first.store(true, std::sync::atomic::Ordering::SeqCst);
        Ok(())
    });
    tokio::select! {
        _ = slow => panic!("it waits for us"),
        begun = begun => begun.unwrap(),
    }
    // Nobody waits for this one when its turn comes.
    let never = hasher.run(|_| -> Result<(), _> { panic!("it was not to be done") });
    let gone = tokio::time::timeout(std::time::Duration::from_millis(1), never).await;
    assert!(gone.is_err(), "it waits for the first");
    let second = hasher.run(move |_| Ok(done.load(std::sync::atomic::Ordering::SeqCst)));
    go_on.send(()).unwrap();
    assert!(second.await.unwrap());
}

#[tokio::test]
async fn work_that_panics_is_told_and_the_next_is_done() {
    let hasher = Hasher::new(1);
    let died = hasher
        .run(|_| -> Result<(), _> { panic!("as the test asked") })
        .await;
    assert!(matches!(died, Err(HashError::Ended)), "{died:?}");
    hasher.hash(secret("battery staple")).await.unwrap();
}

#[test]
fn rules_are_length_and_not_the_address() {
    let check = |text: &str| check(&secret(text), &email());
    assert_eq!(check("1234567"), Err(Problem::TooShort(8)));
    assert_eq!(check("ééééééé"), Err(Problem::TooShort(8)));
    assert_eq!(check("éééééééé"), Ok(()));
    assert_eq!(check(&"x".repeat(1024)), Ok(()));
    assert_eq!(check(&"x".repeat(1025)), Err(Problem::TooManyBytes(1024)));
    assert_eq!(check("Ana@Example.com"), Err(Problem::SameAsEmail));
}

#[test]
fn one_time_passwords_are_readable_and_obey_the_rules() {
    let passwords: Vec<_> = (0..50).map(|_| one_time()).collect();
    for password in &passwords {
        let text = password.expose_secret();
        assert_eq!(text.len(), 23);
        assert!(text.split('-').all(|group| group.len() == 5), "{text}");
        assert!(!text.contains(['i', 'l', 'o', '1']), "{text}");
        assert_eq!(check(password, &email()), Ok(()));
    }
    let different: BTreeSet<_> = passwords.iter().map(ExposeSecret::expose_secret).collect();
    assert_eq!(different.len(), 50);
}

#[test]
fn a_hash_is_not_shown_by_debug() {
    let hash = PasswordHash::stored("$argon2id$secret".to_owned());
    assert!(!format!("{hash:?}").contains("argon2id"));
}

#[test]
fn a_hash_is_what_the_library_makes_of_it() {
    use argon2::{PasswordHasher, PasswordVerifier};
    let (password, salt) = (secret("correct horse"), [7; 16]);
    let mut memory = Memory::new();
    let ours = hash_with_salt(&mut memory, &password, &salt).unwrap();
    let theirs: Phc = Argon2::default()
        .hash_password_with_salt(password.expose_secret().as_bytes(), &salt)
        .unwrap();
    assert_eq!(ours.0, theirs.to_string());
    // Another cost, as an older release may have stored.
    let params = Params::new(512, 1, 1, None).unwrap();
    let cheap: Phc = Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_with_salt(b"correct horse", &salt)
        .unwrap();
    let cheap = PasswordHash::stored(cheap.to_string());
    assert!(matches_hash(&mut memory, &password, &cheap).unwrap());
    assert!(!matches_hash(&mut memory, &secret("wrong"), &cheap).unwrap());
    assert!(matches_hash(&mut memory, &password, &ours).unwrap());
    let verified = Argon2::default().verify_password(b"correct horse", ours.0.as_str());
    verified.unwrap();
}

use proptest::prelude::*;

use super::*;
use crate::testing::{clock, signer};

fn token(signer: &Signer) -> (String, Access) {
    let clock = clock();
    let (tenant, user) = (TenantId::new(&clock), UserId::new(&clock));
    let session = SessionId::new(&clock);
    let token = signer
        .sign(session, (tenant, user, Role::Agent), clock.now())
        .unwrap();
    let access = Access {
        session_id: session,
        user_id: user,
        tenant_id: tenant,
        role: Role::Agent,
        expires_at: DateTime::from_timestamp(clock.now().timestamp() + 900, 0).unwrap(),
    };
    (token.expose_secret().to_owned(), access)
}

#[test]
fn what_was_signed_is_read_for_a_quarter_of_an_hour() {
    let (token, access) = token(&signer());
    let clock = clock();
    assert_eq!(signer().read(&token, clock.now()), Ok(access));

    clock.advance(TimeDelta::seconds(899));
    assert_eq!(signer().read(&token, clock.now()), Ok(access));
    clock.advance(TimeDelta::seconds(1));
    assert_eq!(signer().read(&token, clock.now()), Err(TokenError::Expired));
}

#[test]
fn another_secret_opens_nothing_and_has_another_key_id() {
    let other = Signer::new(&"0123456789abcdef0123456789abcdeF".into()).unwrap();
    let (token, _) = token(&signer());
    assert_eq!(other.read(&token, clock().now()), Err(TokenError::Invalid));
    assert_ne!(other.header.kid, signer().header.kid);
}

#[test]
fn an_expired_token_that_was_changed_is_invalid_and_not_expired() {
    let (mut token, _) = token(&signer());
    token.pop();
    let later = clock().now() + TimeDelta::days(1);
    assert_eq!(signer().read(&token, later), Err(TokenError::Invalid));
}

#[test]
fn no_algorithm_but_ours_is_taken() {
    let secret = b"0123456789abcdef0123456789abcdef";
    let claims = |iss: &str| Claims {
        iss: iss.to_owned(),
        sub: UserId(clock().uuid()),
        tid: TenantId(clock().uuid()),
        sid: SessionId(clock().uuid()),
        role: Role::Owner,
        iat: 0,
        exp: 4_102_444_800,
    };
    let sign = |algorithm, iss| {
        encode(
            &Header::new(algorithm),
            &claims(iss),
            &EncodingKey::from_secret(secret),
        )
        .unwrap()
    };
    let read = |token: &str| signer().read(token, clock().now());
    assert!(read(&sign(Algorithm::HS256, ISSUER)).is_ok());
    assert_eq!(
        read(&sign(Algorithm::HS512, ISSUER)),
        Err(TokenError::Invalid)
    );
    assert_eq!(
        read(&sign(Algorithm::HS256, "somebody")),
        Err(TokenError::Invalid)
    );

    // {"alg":"none"} and no signature.
    let signed = sign(Algorithm::HS256, ISSUER);
    let claims = signed.split('.').nth(1).unwrap();
    let unsigned = format!("eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.{claims}.");
    assert_eq!(read(&unsigned), Err(TokenError::Invalid));
}

#[test]
fn a_refresh_token_is_no_access_token() {
    let session_id = SessionId(clock().uuid());
    let refresh = crate::refresh_token::RefreshToken {
        session_id,
        generation: 0,
    };
    let refresh = signer().refresh_key().seal(refresh);
    let read = signer().read(refresh.expose_secret(), clock().now());
    assert_eq!(read, Err(TokenError::Invalid));
}

#[test]
fn a_secret_has_32_bytes_at_least() {
    assert_eq!(Signer::new(&"x".repeat(31).into()).unwrap_err(), WeakSecret);
    assert!(Signer::new(&"x".repeat(32).into()).is_ok());
}

#[test]
fn debug_shows_the_key_id_and_no_key() {
    let shown = format!("{:?}", signer());
    assert!(shown.starts_with("Signer { kid: Some("), "{shown}");
    assert!(!shown.contains("0123456789abcdef"), "{shown}");
    assert!(shown.len() < 60, "{shown}");
}

proptest! {
    #[test]
    fn no_text_makes_reading_panic(text in ".*") {
        prop_assert_eq!(signer().read(&text, clock().now()), Err(TokenError::Invalid));
    }

    #[test]
    fn a_token_with_one_character_changed_is_refused(
        at in any::<prop::sample::Index>(),
        by in "[A-Za-z0-9_.=-]",
    ) {
        let (mut token, _) = token(&signer());
        let at = at.index(token.len());
        prop_assume!(token[at..=at] != by);
        token.replace_range(at..=at, &by);
        prop_assert_eq!(signer().read(&token, clock().now()), Err(TokenError::Invalid));
    }
}

use proptest::prelude::*;
use secrecy::ExposeSecret;

use super::*;

fn key() -> RefreshKey {
    RefreshKey::new([7; 32])
}

fn any_token() -> impl Strategy<Value = RefreshToken> {
    (any::<[u8; 16]>(), 0..i32::MAX).prop_map(|(id, generation)| RefreshToken {
        session_id: SessionId(Uuid::from_bytes(id)),
        generation,
    })
}

#[test]
fn the_form_stays_as_it_is_documented() {
    let token = RefreshToken {
        session_id: SessionId(Uuid::from_bytes([0xab; 16])),
        generation: 258,
    };
    let sealed = key().seal(token);
    let bytes = URL_SAFE_NO_PAD.decode(sealed.expose_secret().strip_prefix("tlr_").unwrap());
    let bytes = bytes.unwrap();
    assert_eq!(bytes.len(), 52);
    assert_eq!(bytes[..16], [0xab; 16]);
    assert_eq!(bytes[16..20], [0, 0, 1, 2]);
}

proptest! {
    #[test]
    fn what_was_sealed_opens(token in any_token()) {
        prop_assert_eq!(key().open(key().seal(token).expose_secret()), Some(token));
    }

    #[test]
    fn another_key_opens_nothing(token in any_token()) {
        let other = RefreshKey::new([8; 32]);
        prop_assert_eq!(other.open(key().seal(token).expose_secret()), None);
    }

    #[test]
    fn a_token_with_one_character_changed_does_not_open(
        token in any_token(),
        at in any::<prop::sample::Index>(),
        by in "[A-Za-z0-9_=-]",
    ) {
        let mut sealed = key().seal(token).expose_secret().to_owned();
        let at = at.index(sealed.len());
        prop_assume!(sealed[at..=at] != by);
        sealed.replace_range(at..=at, &by);
        prop_assert_eq!(key().open(&sealed), None);
    }

    #[test]
    fn a_token_cut_short_or_drawn_out_does_not_open(token in any_token(), cut in 1_usize..70) {
        let sealed = key().seal(token).expose_secret().to_owned();
        prop_assert_eq!(key().open(&sealed[..sealed.len() - cut]), None);
        prop_assert_eq!(key().open(&format!("{sealed}{}", "A".repeat(cut))), None);
    }

    #[test]
    fn no_text_makes_opening_panic(text in "(tlr_)?.*") {
        prop_assert_eq!(key().open(&text), None);
    }
}

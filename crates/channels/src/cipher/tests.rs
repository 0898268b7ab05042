use entity::clock::Clock;
use proptest::prelude::*;

use super::*;

/// Key `2026-11` of 32 bytes 0x01, nonce 0 to 11.
const FIXED: &str =
    "AQABAgMEBQYHCAkKC4LArRBEzj5IxlLTpxcN/paXp1lskPAkMBL/DeHFtwyHiRnGjUobINQyKp7M+wEGJg==";

fn key(id: &str, byte: u8) -> MasterKey {
    MasterKey::parse(&format!("{id}:{}", STANDARD.encode([byte; 32]))).unwrap()
}

fn place(field: &str) -> Place<'_> {
    Place {
        tenant: TenantId::new(&Clock::System),
        channel: ChannelId::new(&Clock::System),
        field,
    }
}

fn secret() -> SecretString {
    "9f86d081884c7d659a2feaa0c55ad015".into()
}

#[test]
fn what_is_sealed_opens_in_its_place() {
    let (key, place) = (key("a", 1), place("authToken"));
    let sealed = seal(&key, place, &secret()).unwrap();
    assert_eq!(
        open(&key, place, &sealed).unwrap().expose_secret(),
        secret().expose_secret()
    );
}

#[test]
fn the_format_is_version_nonce_ciphertext_tag() {
    let sealed = seal(&key("a", 1), place("authToken"), &secret()).unwrap();
    let bytes = STANDARD.decode(&sealed.0).unwrap();
    assert_eq!(bytes.len(), 1 + 12 + 32 + 16);
    assert_eq!(bytes[0], 1);
}

#[test]
fn a_text_sealed_by_an_earlier_build_still_opens() {
    // Made with another implementation of AES-GCM from the layout in the module's documentation.
    let place = Place {
        tenant: "0192f000-0000-7000-8000-000000000001".parse().unwrap(),
        channel: "0192f000-0000-7000-8000-000000000002".parse().unwrap(),
        field: "authToken",
    };
    let sealed = Sealed(FIXED.to_owned());
    assert_eq!(
        open(&key("2026-11", 1), place, &sealed)
            .unwrap()
            .expose_secret(),
        secret().expose_secret()
    );
}

#[test]
fn another_key_opens_nothing_whatever_its_id() {
    let place = place("authToken");
    let sealed = seal(&key("a", 1), place, &secret()).unwrap();
    assert_eq!(
        open(&key("a", 2), place, &sealed).unwrap_err(),
        CipherError::Refused
    );
    assert_eq!(
        open(&key("b", 1), place, &sealed).unwrap_err(),
        CipherError::Refused
    );
}

#[test]
fn a_secret_moved_to_another_tenant_channel_or_field_does_not_open() {
    let (key, home) = (key("a", 1), place("authToken"));
    let sealed = seal(&key, home, &secret()).unwrap();
    let elsewhere = place("authToken");
    for moved in [
        Place {
            tenant: elsewhere.tenant,
            ..home
        },
        Place {
            channel: elsewhere.channel,
            ..home
        },
        Place {
            field: "apiKeySecret",
            ..home
        },
        Place {
            tenant: TenantId(home.channel.0),
            channel: ChannelId(home.tenant.0),
            ..home
        },
    ] {
        assert_eq!(
            open(&key, moved, &sealed).unwrap_err(),
            CipherError::Refused
        );
    }
}

#[test]
fn a_changed_byte_anywhere_does_not_open() {
    let (key, place) = (key("a", 1), place("authToken"));
    let bytes = STANDARD
        .decode(&seal(&key, place, &secret()).unwrap().0)
        .unwrap();
    for position in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[position] ^= 1;
        assert!(
            open(&key, place, &Sealed(STANDARD.encode(changed))).is_err(),
            "{position}"
        );
    }
}

#[test]
fn a_short_or_foreign_text_has_the_wrong_form() {
    let (key, place) = (key("a", 1), place("authToken"));
    let long = STANDARD.encode([1; 28]);
    for text in ["", "AQ==", "not base64!", &long, &STANDARD.encode([2; 60])] {
        let error = open(&key, place, &Sealed(text.to_owned())).unwrap_err();
        assert_eq!(error, CipherError::Form, "{text}");
    }
}

#[test]
fn every_sealing_has_a_fresh_nonce() {
    let (key, place) = (key("a", 1), place("authToken"));
    let nonces: std::collections::HashSet<_> = (0..500)
        .map(|_| {
            let sealed = seal(&key, place, &secret()).unwrap();
            STANDARD.decode(sealed.0).unwrap()[1..13].to_vec()
        })
        .collect();
    assert_eq!(nonces.len(), 500);
}

#[test]
fn debug_shows_nothing() {
    let key = key("a", 1);
    let place = place("authToken");
    let sealed = seal(&key, place, &secret()).unwrap();
    assert_eq!(format!("{sealed:?}"), "Sealed");
    assert!(!format!("{:?}", open(&key, place, &sealed).unwrap()).contains("9f86"));
}

proptest! {
    #[test]
    fn any_text_survives_the_round_trip(text in any::<String>(), field in "[a-zA-Z/]{0,40}") {
        let (key, place) = (key("a", 1), place(&field));
        let sealed = seal(&key, place, &text.clone().into()).unwrap();
        prop_assert!(text.len() < 8 || !sealed.0.contains(&text));
        let opened = open(&key, place, &sealed).unwrap();
        prop_assert_eq!(opened.expose_secret(), text.as_str());
    }

    #[test]
    fn no_text_made_up_opens(bytes in prop::collection::vec(any::<u8>(), 0..120)) {
        let sealed = Sealed(STANDARD.encode(bytes));
        prop_assert!(open(&key("a", 1), place("authToken"), &sealed).is_err());
    }
}

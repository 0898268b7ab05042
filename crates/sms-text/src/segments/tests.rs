//! Against the answers of Twilio's calculator, and what must hold for any text.

mod vectors;

use proptest::prelude::*;

use super::*;

fn segments(text: &str) -> usize {
    count(text).segments
}

#[test]
fn the_answers_are_those_of_twilios_calculator() {
    for (name, parts, encoding, characters, units, segments) in vectors::VECTORS {
        let text: String = parts
            .iter()
            .map(|(text, times)| text.repeat(*times))
            .collect();
        let expected = Segments {
            encoding: *encoding,
            characters: *characters,
            units: *units,
            segments: *segments,
        };
        assert_eq!(count(&text), expected, "{name}");
    }
}

#[test]
fn the_alphabet_has_127_basic_and_10_extended_characters() {
    let all = || (0..=0x10_ffff).filter_map(char::from_u32);
    assert_eq!(all().filter(|c| is_basic(*c)).count(), 127);
    assert_eq!(all().filter(|c| is_extended(*c)).count(), 10);
    assert!(all().all(|c| !(is_basic(c) && is_extended(c))));
}

#[test]
fn the_characters_that_force_ucs_2_are_named_with_their_place() {
    let found: Vec<_> = forcing("Olá 😀, ça\u{301} [ok]\r\n`")
        .map(|f| (f.index, f.text))
        .collect();
    assert_eq!(
        found,
        [(2, "á"), (4, "😀"), (8, "ç"), (9, "a\u{301}"), (18, "`")]
    );
    assert_eq!(forcing("Grüße, {Ç}\r\n").count(), 0);
}

#[test]
fn a_grapheme_longer_than_a_segment_is_divided_but_no_surrogate_pair() {
    let heap = format!("a{}", "\u{301}".repeat(200));
    assert_eq!(count(&heap).characters, 1);
    assert_eq!(segments(&heap), 3);
    let family = "👩".to_owned() + &"\u{200d}👩".repeat(30);
    assert_eq!((count(&family).characters, count(&family).units), (1, 92));
    assert_eq!(segments(&family), 2);
    // 68 units make a grapheme too long for a part, yet it fits a message of one segment.
    assert_eq!(segments(&format!("a{}", "\u{301}".repeat(67))), 1);
}

#[test]
fn newer_unicode_keeps_more_together_than_the_calculator() {
    // Two characters for the calculator, one since Unicode 15.1.
    assert_eq!(count("क्ष").characters, 1);
}

#[test]
fn answers_are_written_by_the_names_that_people_know() {
    let json = serde_json::to_string(&count("Olá")).unwrap();
    assert_eq!(
        json,
        r#"{"encoding":"UCS-2","characters":3,"units":3,"segments":1}"#
    );
    assert_eq!(
        serde_json::to_value(Encoding::Gsm7).unwrap(),
        Encoding::Gsm7.as_str()
    );
}

fn bodies() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        r"[a-zA-Z0-9 .,\r\n\[\]{}€^~|]{0,700}",
        r"[a-zé ж😀👍🏽🇧🇷\u{200d}\u{301}\r\n€]{0,300}",
    ]
}

proptest! {
    #[test]
    fn no_text_has_fewer_segments_than_its_units_need(body in bodies()) {
        let Segments { encoding, characters, units, segments } = count(&body);
        prop_assert!(characters <= units);
        if units <= encoding.single_capacity() {
            prop_assert_eq!(segments, 1);
        } else {
            prop_assert!(segments > 1);
            prop_assert!(units <= segments * encoding.part_capacity());
        }
    }

    #[test]
    fn appending_never_takes_fewer_segments(body in bodies(), more in bodies()) {
        let longer = format!("{body}{more}");
        prop_assert!(segments(&longer) >= segments(&body));
    }

    #[test]
    fn a_text_is_gsm_7_exactly_if_nothing_forces_it(body in bodies()) {
        let gsm = count(&body).encoding == Encoding::Gsm7;
        prop_assert_eq!(gsm, forcing(&body).next().is_none());
        let utf16: Vec<u16> = body.encode_utf16().collect();
        for Forcing { index, text } in forcing(&body) {
            let there: Vec<u16> = text.encode_utf16().collect();
            prop_assert!(utf16[index..].starts_with(&there));
        }
    }

    #[test]
    fn ucs_2_units_are_utf_16(body in bodies()) {
        let counted = count(&format!("ж{body}"));
        prop_assert_eq!(counted.encoding, Encoding::Ucs2);
        prop_assert_eq!(counted.units, body.encode_utf16().count() + 1);
    }
}

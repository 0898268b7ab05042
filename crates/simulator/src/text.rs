//! What a text and a number are to a carrier: segments, and where a number is from.

use rlibphonenumber::PHONE_NUMBER_UTIL;

const GSM: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?\
    ¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
const GSM_EXTENDED: &str = "^{}[]~\\|€\u{c}";

/// How many segments a body is billed as; an empty one is one segment.
pub(crate) fn segments(body: &str) -> u32 {
    let widths: Option<Vec<usize>> = body.chars().map(gsm_width).collect();
    match widths {
        Some(widths) => pack(&widths, 160, 153),
        None => pack(
            &body.chars().map(char::len_utf16).collect::<Vec<_>>(),
            70,
            67,
        ),
    }
}

fn gsm_width(letter: char) -> Option<usize> {
    if GSM.contains(letter) {
        Some(1)
    } else {
        GSM_EXTENDED.contains(letter).then_some(2)
    }
}

/// A letter of two units never straddles two segments.
fn pack(widths: &[usize], alone: usize, split: usize) -> u32 {
    if widths.iter().sum::<usize>() <= alone {
        return 1;
    }
    let (mut count, mut used) = (1, 0);
    for width in widths {
        if used + width > split {
            count += 1;
            used = 0;
        }
        used += width;
    }
    count
}

/// Whether Twilio would take this as a recipient: E.164 with its plus, of a possible length.
pub(crate) fn is_phone_number(text: &str) -> bool {
    let digits = text.strip_prefix('+').unwrap_or_default();
    (8..=15).contains(&digits.len())
        && digits.bytes().all(|byte| byte.is_ascii_digit())
        && PHONE_NUMBER_UTIL
            .parse(text, None)
            .is_ok_and(|number| number.is_possible_with_reason().is_ok())
}

/// The geography that webhooks carry for a number. Parts that are unknown are empty.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) city: &'static str,
    pub(crate) state: &'static str,
    pub(crate) zip: &'static str,
    pub(crate) country: String,
}

/// The cities of a few well-known area codes: enough for a demonstration to look alive.
const CITIES: [(&str, &str, &str, &str); 14] = [
    ("+1206", "SEATTLE", "WA", "98101"),
    ("+1212", "NEW YORK", "NY", "10001"),
    ("+1213", "LOS ANGELES", "CA", "90012"),
    ("+1303", "DENVER", "CO", "80202"),
    ("+1305", "MIAMI", "FL", "33101"),
    ("+1312", "CHICAGO", "IL", "60601"),
    ("+1404", "ATLANTA", "GA", "30303"),
    ("+1415", "SAN FRANCISCO", "CA", "94105"),
    ("+1416", "TORONTO", "ON", ""),
    ("+1503", "PORTLAND", "OR", "97201"),
    ("+1512", "AUSTIN", "TX", "78701"),
    ("+1617", "BOSTON", "MA", "02108"),
    ("+1650", "PALO ALTO", "CA", "94301"),
    ("+1702", "LAS VEGAS", "NV", "89101"),
];

/// Where a number is from, as far as its digits tell.
pub(crate) fn place(number: &str) -> Place {
    let country = PHONE_NUMBER_UTIL
        .parse(number, None)
        .ok()
        .and_then(|parsed| parsed.get_region_code())
        .map(|region| region.to_string())
        // Fictional American numbers have no region of their own.
        .or_else(|| number.starts_with("+1").then(|| "US".to_owned()))
        .unwrap_or_default();
    CITIES
        .iter()
        .find(|(prefix, ..)| number.starts_with(prefix))
        .map(|&(_, city, state, zip)| (city, state, zip))
        .map_or_else(
            || Place {
                country: country.clone(),
                ..Place::default()
            },
            |(city, state, zip)| Place {
                city,
                state,
                zip,
                country: country.clone(),
            },
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_are_counted_as_carriers_count() {
        assert_eq!(segments(""), 1);
        assert_eq!(segments(&"a".repeat(160)), 1);
        assert_eq!(segments(&"a".repeat(161)), 2);
        assert_eq!(segments(&"€".repeat(80)), 1);
        assert_eq!(segments(&"€".repeat(81)), 2);
        assert_eq!(segments(&"ç".repeat(70)), 1);
        assert_eq!(segments(&"ç".repeat(71)), 2);
        assert_eq!(segments(&"😀".repeat(36)), 2);
    }

    #[test]
    fn only_e164_is_a_phone_number() {
        assert!(is_phone_number("+14155550100"));
        assert!(is_phone_number("+15005550006"));
        assert!(is_phone_number("+4915112345678"));
        for bad in [
            "",
            "14155550100",
            " 14155550100",
            "+1415555",
            "+1 415 555 0100",
            "+0123456789",
        ] {
            assert!(!is_phone_number(bad), "{bad}");
        }
    }

    #[test]
    fn a_known_area_code_has_a_city_and_an_unknown_one_a_country() {
        assert_eq!(place("+14155550100").city, "SAN FRANCISCO");
        assert_eq!(place("+4915112345678").country, "DE");
        assert_eq!(place("+14155550100").country, "US");
    }
}

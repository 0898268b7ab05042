//! What people type, and what becomes of it.

use proptest::prelude::*;
use sea_orm::Value;
use sea_orm::sea_query::ValueType;
use utoipa::PartialSchema;

use super::*;

fn country(code: &str) -> Country {
    Country::parse(code).unwrap()
}

fn typed(input: &str, code: &str) -> Result<String, PhoneError> {
    PhoneNumber::parse(input, &country(code)).map(String::from)
}

fn e164(text: &str) -> PhoneNumber {
    PhoneNumber::from_e164(text).unwrap()
}

#[test]
fn usual_forms_become_e164() {
    for (input, code, number) in [
        ("(11) 99988-7766", "BR", "+5511999887766"),
        ("011 99988-7766", "BR", "+5511999887766"),
        ("0 15 11 99988-7766", "BR", "+5511999887766"),
        ("5511999887766", "BR", "+5511999887766"),
        ("+55 (0) 11 99988-7766", "US", "+5511999887766"),
        ("5551234567", "US", "+15551234567"),
        ("15551234567", "US", "+15551234567"),
        ("(555) 123-4567", "US", "+15551234567"),
        ("555-123-4567", "US", "+15551234567"),
        ("555.123.4567", "US", "+15551234567"),
        ("1 (555) 123/4567", "US", "+15551234567"),
        ("  +1 555 123 4567\n", "DE", "+15551234567"),
        ("(+1) 555-123-4567", "DE", "+15551234567"),
        ("tel:+1-555-123-4567", "DE", "+15551234567"),
        ("604 555 0123", "CA", "+16045550123"),
        ("+44 7911 123456", "US", "+447911123456"),
        ("07911 123456", "GB", "+447911123456"),
        ("+49 (0)30 123456", "US", "+4930123456"),
        ("06 1234 5678", "IT", "+390612345678"),
        ("8 912 345 67 89", "RU", "+79123456789"),
        ("+225 07 07 07 07 07", "US", "+2250707070707"),
        ("+800 1234 5678", "US", "+80012345678"),
    ] {
        assert_eq!(
            typed(input, code).as_deref(),
            Ok(number),
            "{input:?} in {code}"
        );
    }
}

#[test]
fn both_prefixes_for_abroad_are_understood_everywhere() {
    for code in ["US", "BR", "GB", "DE", "AU", "JP", "RU", "IT"] {
        for input in [
            "0044 7911 123456",
            "011 44 7911 123456",
            "00 (44) 7911-123456",
        ] {
            assert_eq!(
                typed(input, code).as_deref(),
                Ok("+447911123456"),
                "{input:?} in {code}"
            );
        }
        assert_eq!(
            typed("001 555 123 4567", code).as_deref(),
            Ok("+15551234567"),
            "{code}"
        );
    }
    assert_eq!(
        typed("0011 44 7911 123456", "AU").as_deref(),
        Ok("+447911123456")
    );
    assert_eq!(
        typed("00 21 44 7911 123456", "BR").as_deref(),
        Ok("+447911123456")
    );
}

#[test]
fn digits_and_marks_of_other_scripts_are_understood() {
    for (input, code, number) in [
        ("٠٥٠١٢٣٤٥٦٧", "SA", "+966501234567"),
        ("+٩٦٦ ٥٠ ١٢٣ ٤٥٦٧", "US", "+966501234567"),
        ("＋４４（７９１１）１２３４５６", "US", "+447911123456"),
        ("०९८७६५४३२१०", "IN", "+919876543210"),
        ("\u{202a}+1\u{a0}555‑123–4567\u{202c}", "BR", "+15551234567"),
    ] {
        assert_eq!(
            typed(input, code).as_deref(),
            Ok(number),
            "{input:?} in {code}"
        );
    }
}

#[test]
fn what_can_be_no_number_is_refused_with_its_reason() {
    use PhoneError::*;
    for (input, code, reason) in [
        ("", "US", Empty),
        (" \u{200b}\t", "US", Empty),
        ("whatsapp:+15551234567", "US", Prefix),
        ("Mobile: 555 123 4567", "US", Prefix),
        ("1-800-FLOWERS", "US", Letters),
        ("abc", "US", Letters),
        ("Jane 555 123 4567", "US", Letters),
        ("555 123 4567 or 555 123 4568", "US", Letters),
        ("(555) 123-4567 ext 12", "US", Extension),
        ("+15551234567;ext=12", "US", Extension),
        ("(555) 123-4567 x12", "US", Extension),
        ("+", "US", NotANumber),
        ("--", "US", NotANumber),
        ("+1+5551234567", "US", NotANumber),
        ("555 123 4567 +1", "US", NotANumber),
        ("*67 555 123 4567", "US", NotANumber),
        ("555\u{0}123 4567", "US", NotANumber),
        ("²²²²²²²²", "US", NotANumber),
        ("555 123 4567 📞", "US", NotANumber),
        ("+999 123 456 789", "US", UnknownCountryCode),
        ("+0123456789", "US", UnknownCountryCode),
        ("00 999 123 456 789", "US", UnknownCountryCode),
        ("123-4567", "US", AreaCodeMissing),
        ("99988-7766", "BR", AreaCodeMissing),
        ("7", "US", TooShort),
        ("911", "US", TooShort),
        ("12345", "US", TooShort),
        ("+1234567890", "US", TooShort),
        ("+683 4002", "US", TooShort),
        ("+86 1100 0000 00000", "US", WrongLength),
        ("+91 00 5951 43161", "IN", WrongLength),
        ("5551234567 5551234568", "US", TooLong),
        ("155512345678", "US", TooLong),
        ("44 7911 123456", "US", TooLong),
    ] {
        assert_eq!(typed(input, code), Err(reason), "{input:?} in {code}");
    }
    assert_eq!(typed(&"5".repeat(100_000), "US"), Err(TooLong));
    assert_eq!(typed(&"x".repeat(100_000), "US"), Err(Letters));
}

#[test]
fn strict_reading_takes_nothing_but_a_plus_and_8_to_15_digits() {
    for text in [
        "+15551234567",
        "+12345678",
        "+123456789012345",
        "+5215512345678",
    ] {
        assert_eq!(e164(text).as_str(), text);
        assert_eq!(text.parse(), Ok(e164(text)));
    }
    for text in [
        "",
        "+",
        "15551234567",
        "+1234567",
        "+1234567890123456",
        "+05551234567",
        "+1555 1234567",
        " +15551234567",
        "+15551234567\n",
        "++15551234567",
        "+٩٦٦٥٠١٢٣٤٥٦٧",
        "whatsapp:+15551234567",
    ] {
        assert_eq!(
            PhoneNumber::from_e164(text),
            Err(PhoneError::NotE164),
            "{text:?}"
        );
    }
}

#[test]
fn country_and_formats_come_from_the_numbering_plan_where_it_knows_the_number() {
    let brazil = e164("+5511999887766");
    assert_eq!(brazil.country(), Some(country("BR")));
    assert_eq!(brazil.national_format(), "(11) 99988-7766");
    assert_eq!(brazil.international_format(), "+55 11 99988-7766");
    assert_eq!(e164("+16045550123").country(), Some(country("CA")));

    let fictitious = e164("+15551234567");
    assert_eq!(fictitious.country(), Some(country("US")));
    assert_eq!(fictitious.national_format(), "(555) 123-4567");
    assert_eq!(fictitious.digits(), "15551234567");

    assert_eq!(e164("+80012345678").country(), None);
    let unknown = e164("+999123456789");
    assert_eq!(
        (unknown.country(), unknown.national_format()),
        (None, "+999123456789".to_owned())
    );
}

#[test]
fn the_kind_tells_the_pace() {
    for (sender, kind) in [
        ("+15551234567", NumberKind::LongCodeNanp),
        ("+16045550123", NumberKind::LongCodeNanp),
        ("+18005551234", NumberKind::TollFree),
        ("+18335551234", NumberKind::TollFree),
        ("+18995551234", NumberKind::LongCodeNanp),
        ("+447911123456", NumberKind::Other),
        ("+1555123456", NumberKind::Other),
        ("72345", NumberKind::ShortCode),
        ("12", NumberKind::Other),
        ("ACME", NumberKind::Other),
    ] {
        assert_eq!(Sender::parse(sender).kind(), kind, "{sender}");
    }
}

#[test]
fn a_country_is_two_capital_letters_that_have_telephones() {
    assert_eq!(country("BR").as_str(), "BR");
    assert_eq!(country("XK").to_string(), "XK");
    for text in ["", "U", "us", "USA", "U1", " US", "é", "Ü"] {
        assert_eq!(Country::parse(text), Err(CountryError::Form), "{text:?}");
    }
    for text in ["UK", "ZZ", "AA", "EU"] {
        assert_eq!(Country::parse(text), Err(CountryError::Unknown), "{text:?}");
    }
}

#[test]
fn a_sender_without_a_number_is_kept_as_it_came() {
    let number = Sender::parse("+15551234567");
    assert_eq!(number.phone(), Some(&e164("+15551234567")));
    assert_eq!(remote_jid(&number), "sms_15551234567");
    for text in [
        "72345",
        "ACME Ltd",
        "anonymous",
        "+266696687",
        "whatsapp:+15551234567",
        "",
        " +15551234567",
        "client:anna",
    ] {
        let sender = Sender::parse(text);
        assert_eq!((sender.phone(), sender.as_str()), (None, text));
        assert_eq!(remote_jid(&sender), format!("sms_{text}"));
    }
}

#[test]
fn columns_json_and_schema_are_texts() {
    let number = e164("+15551234567");
    assert_eq!(Value::from(number.clone()), Value::from("+15551234567"));
    assert_eq!(
        <PhoneNumber as ValueType>::unwrap(Value::from("+15551234567")),
        number
    );
    assert!(<PhoneNumber as ValueType>::try_from(Value::from("5551234567")).is_err());
    assert!(<Country as ValueType>::try_from(Value::from("us")).is_err());
    assert_eq!(
        <Sender as ValueType>::unwrap(Value::from("ACME")).as_str(),
        "ACME"
    );

    assert_eq!(serde_json::to_string(&number).unwrap(), "\"+15551234567\"");
    assert_eq!(
        serde_json::from_str::<PhoneNumber>("\"+15551234567\"").unwrap(),
        number
    );
    let error = serde_json::from_str::<PhoneNumber>("\"555 1234567\"").unwrap_err();
    assert_eq!(error.to_string(), PhoneError::NotE164.to_string());
    assert_eq!(
        serde_json::to_string(&Sender::parse("72345")).unwrap(),
        "\"72345\""
    );
    assert_eq!(serde_json::to_string(&country("BR")).unwrap(), "\"BR\"");

    for schema in [PhoneNumber::schema(), Country::schema(), Sender::schema()] {
        assert_eq!(serde_json::to_value(schema).unwrap()["type"], "string");
    }
}

/// The countries that the property tests go through: every way of writing national numbers.
const COUNTRIES: [&str; 14] = [
    "US", "CA", "BR", "GB", "DE", "IT", "AR", "MX", "RU", "IN", "JP", "AU", "SA", "CI",
];

fn countries() -> impl Strategy<Value = Country> {
    prop::sample::select(&COUNTRIES[..]).prop_map(country)
}

proptest! {
    #[test]
    fn any_text_is_a_number_or_a_reason(input in any::<String>(), home in countries()) {
        if let Ok(number) = PhoneNumber::parse(&input, &home) {
            prop_assert_eq!(PhoneNumber::from_e164(number.as_str()), Ok(number));
        }
    }

    #[test]
    fn a_number_reads_back_from_what_is_shown(
        input in r"(\+|00|011|0)?[0-9]{4,16}", home in countries(), abroad in countries(),
    ) {
        if let Ok(number) = PhoneNumber::parse(&input, &home) {
            prop_assert_eq!(PhoneNumber::parse(number.as_str(), &abroad), Ok(number.clone()));
            prop_assert_eq!(
                PhoneNumber::parse(&number.international_format(), &abroad), Ok(number)
            );
        }
    }

    #[test]
    fn punctuation_changes_nothing(
        digits in prop::collection::vec(("[0-9]", r"[-. /()\u{200b}]{0,2}"), 4..15),
        plus in any::<bool>(), home in countries(),
    ) {
        let plus = if plus { "+" } else { "" };
        let bare: String = digits.iter().map(|(digit, _)| digit.as_str()).collect();
        let written: String = digits.iter().flat_map(|(d, mark)| [d.as_str(), mark]).collect();
        prop_assert_eq!(
            PhoneNumber::parse(&format!("{plus}{written}"), &home),
            PhoneNumber::parse(&format!("{plus}{bare}"), &home)
        );
    }

    #[test]
    fn ten_digits_in_the_united_states_are_a_number_unless_they_begin_with_a_one_or_a_zero(
        number in "[2-9][0-9]{9}",
    ) {
        prop_assert_eq!(typed(&number, "US"), Ok(format!("+1{number}")));
        prop_assert_eq!(typed(&format!("1{number}"), "US"), Ok(format!("+1{number}")));
    }

    #[test]
    fn strict_reading_is_the_pattern_of_the_schema(text in r"\+?[0-9]{0,17}|.{0,20}") {
        let digits = text.strip_prefix('+').unwrap_or_default();
        let expected = (8..=15).contains(&digits.len())
            && digits.bytes().all(|b| b.is_ascii_digit())
            && !digits.starts_with('0');
        prop_assert_eq!(PhoneNumber::from_e164(&text).is_ok(), expected);
    }

    #[test]
    fn a_sender_keeps_its_text(text in any::<String>()) {
        let sender = Sender::parse(&text);
        prop_assert_eq!(sender.as_str(), &text);
        prop_assert_eq!(String::from(sender), text);
    }

    #[test]
    fn everything_can_be_asked_of_any_number(digits in "[1-9][0-9]{7,14}") {
        let number = e164(&format!("+{digits}"));
        let _ = (number.country(), number.kind(), number.national_format());
        prop_assert!(!number.international_format().is_empty());
    }
}

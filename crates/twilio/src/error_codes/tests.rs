use super::*;

const EXPECTED: &[(Class, &[i32])] = &[
    (
        Class::Retry,
        &[
            20429, 20009, 30001, 30017, 30022, 30023, 30027, 30035, 63009, 63010, 63012, 63017,
            63018, 63038,
        ],
    ),
    (Class::RetryLater, &[21611]),
    (
        Class::Once,
        &[20500, 20503, 30003, 30008, 30036, 30410, 30500, 63019],
    ),
    (
        Class::Recipient,
        &[
            21211, 21214, 21216, 21217, 21610, 21612, 21614, 21635, 30004, 30005, 30006, 63003,
            63014, 63024, 63032, 63033, 30009,
        ],
    ),
    (
        Class::Fix,
        &[
            20003, 20005, 20008, 21210, 21212, 21215, 21219, 21408, 21601, 21606, 21608, 21659,
            21660, 21661, 21703, 21704, 21705, 30002, 30007, 30010, 30011, 30018, 30024, 30032,
            30033, 30034, 30450, 63001, 63007, 63013, 63015, 63026, 63051,
        ],
    ),
    (
        Class::Input,
        &[
            20001, 20004, 20404, 21201, 21205, 21220, 21602, 21603, 21604, 21609, 21617, 21619,
            21620, 21623, 21656, 30019, 63005, 63016,
        ],
    ),
    (
        Class::Endpoint,
        &[
            11200, 11205, 11206, 11210, 11215, 11220, 11237, 11750, 12100, 12200, 12300, 14107,
        ],
    ),
];

#[test]
fn every_known_code_has_its_class_and_no_other_is_in_the_table() {
    let mut count = 0;
    for (class, codes) in EXPECTED {
        for code in *codes {
            count += 1;
            assert_eq!(
                lookup(*code).map(|known| known.class),
                Some(*class),
                "{code}"
            );
        }
    }
    assert_eq!(table::CODES.len(), count);
}

#[test]
fn every_code_is_explained_in_sentences() {
    for known in table::CODES {
        for text in [known.words, known.advice] {
            assert!(text.len() > 15 && text.ends_with('.'), "{known:?}");
        }
    }
}

#[test]
fn the_code_decides_before_the_status() {
    assert_eq!(classify(Some(21611), Some(429)), Class::RetryLater);
    assert_eq!(classify(Some(20429), Some(429)), Class::Retry);
    assert_eq!(classify(Some(20003), Some(401)), Class::Fix);
}

#[test]
fn an_unknown_code_falls_back_to_its_status() {
    for code in [None, Some(99_999)] {
        assert_eq!(classify(code, Some(400)), Class::Input);
        assert_eq!(classify(code, Some(429)), Class::Retry);
        assert_eq!(classify(code, Some(500)), Class::Once);
        assert_eq!(classify(code, Some(503)), Class::Once);
        assert_eq!(classify_callback(code), Class::Once);
    }
    assert_eq!(classify_callback(Some(30005)), Class::Recipient);
}

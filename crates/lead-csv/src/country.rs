//! Countries as people write them.

/// Names of countries that stand in lists of people, in English and at home, in small letters.
const NAMES: [(&str, &[&str]); 46] = [
    ("AR", &["argentina"]),
    ("AT", &["austria", "österreich"]),
    ("AU", &["australia"]),
    ("BE", &["belgium", "belgië", "belgique"]),
    ("BO", &["bolivia"]),
    ("BR", &["brazil", "brasil"]),
    ("CA", &["canada", "canadá"]),
    ("CH", &["switzerland", "schweiz", "suisse", "svizzera"]),
    ("CL", &["chile"]),
    ("CN", &["china", "中国"]),
    ("CO", &["colombia"]),
    ("CR", &["costa rica"]),
    ("CZ", &["czechia", "czech republic", "česko"]),
    ("DE", &["germany", "deutschland", "alemania", "alemanha"]),
    ("DK", &["denmark", "danmark"]),
    ("DO", &["dominican republic", "república dominicana"]),
    ("EC", &["ecuador"]),
    ("ES", &["spain", "españa", "espanha"]),
    ("FI", &["finland", "suomi"]),
    ("FR", &["france", "francia", "frança"]),
    (
        "GB",
        &[
            "uk",
            "united kingdom",
            "great britain",
            "england",
            "scotland",
            "wales",
        ],
    ),
    ("GR", &["greece", "ελλάδα"]),
    ("GT", &["guatemala"]),
    ("HU", &["hungary", "magyarország"]),
    ("IE", &["ireland", "éire"]),
    ("IL", &["israel", "ישראל"]),
    ("IN", &["india", "भारत"]),
    ("IT", &["italy", "italia", "itália"]),
    ("JP", &["japan", "日本"]),
    ("KR", &["south korea", "korea", "대한민국", "한국"]),
    ("MX", &["mexico", "méxico"]),
    (
        "NL",
        &["netherlands", "the netherlands", "nederland", "holland"],
    ),
    ("NO", &["norway", "norge"]),
    ("NZ", &["new zealand"]),
    ("PE", &["peru", "perú"]),
    ("PL", &["poland", "polska"]),
    ("PT", &["portugal"]),
    ("PY", &["paraguay"]),
    ("RO", &["romania", "românia"]),
    ("SE", &["sweden", "sverige"]),
    ("TR", &["turkey", "türkiye"]),
    ("UA", &["ukraine", "україна"]),
    (
        "US",
        &[
            "usa",
            "u.s.",
            "u.s.a.",
            "united states",
            "united states of america",
            "estados unidos",
        ],
    ),
    ("UY", &["uruguay"]),
    ("VE", &["venezuela"]),
    ("ZA", &["south africa"]),
];

/// The code of a country that somebody wrote as a code or by name; what is not known stays as it is.
#[must_use]
pub fn country_code(cell: &str) -> String {
    let small = cell.trim().to_lowercase();
    let named = NAMES
        .iter()
        .find(|(_, names)| names.contains(&small.as_str()));
    match named {
        Some((code, _)) => (*code).to_owned(),
        None => cell.trim().to_uppercase(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_country_is_known_by_code_and_name() {
        for (cell, code) in [
            ("br", "BR"),
            ("Brasil", "BR"),
            (" UK ", "GB"),
            ("Österreich", "AT"),
        ] {
            assert_eq!(country_code(cell), code);
        }
        assert_eq!(country_code("Atlantis"), "ATLANTIS");
    }
}

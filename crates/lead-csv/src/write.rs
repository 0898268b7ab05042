//! Writing CSV that is safe to open.

use std::borrow::Cow;

/// What a file begins with, so that Excel reads it as UTF-8.
pub const MARK: &str = "\u{feff}";

/// What a spreadsheet takes for the beginning of a formula; fullwidth signs count in some.
const FORMULA: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];

/// Whether a cell begins like a formula, or like one that was made safe: else that one would lose its
/// apostrophe when it is read again.
fn is_like_a_formula(cell: &str) -> bool {
    cell.trim_start_matches('\'').starts_with(FORMULA)
}

/// A cell that no spreadsheet takes for a formula: where it begins like one, an apostrophe goes
/// before it. [`plain`] takes it off again.
#[must_use]
pub fn safe(cell: &str) -> Cow<'_, str> {
    if is_like_a_formula(cell) {
        Cow::Owned(format!("'{cell}"))
    } else {
        Cow::Borrowed(cell)
    }
}

/// A telephone number as it is, for a plus and digits do no harm; anything else as [`safe`].
#[must_use]
pub fn phone(cell: &str) -> Cow<'_, str> {
    let digits = cell.strip_prefix('+').unwrap_or_default();
    let harmless = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    if harmless {
        Cow::Borrowed(cell)
    } else {
        safe(cell)
    }
}

/// A cell without the apostrophe that [`safe`] has put before it.
#[must_use]
pub fn plain(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(rest) if is_like_a_formula(rest) => rest,
        _ => cell,
    }
}

/// One line, with its end.
#[must_use]
pub fn line<'a>(cells: impl IntoIterator<Item = Cow<'a, str>>) -> Vec<u8> {
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(Vec::new());
    for cell in cells {
        // Into memory, which has room.
        let _ = writer.write_field(cell.as_bytes());
    }
    let _ = writer.write_record(None::<&[u8]>);
    writer.into_inner().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn formulas_are_made_harmless_and_numbers_stay() {
        for cell in [
            "=1+1",
            "+cmd|' /C calc'!A0",
            "-2+3",
            "@SUM(A1)",
            "\tx",
            "\r=1",
        ] {
            assert_eq!(safe(cell), format!("'{cell}"));
            assert_eq!(plain(&safe(cell)), cell);
        }
        assert_eq!(safe("Ana"), "Ana");
        assert_eq!(phone("+14155550199"), "+14155550199");
        assert_eq!(phone("+1;=x"), "'+1;=x");
        assert_eq!(phone("+"), "'+");
        for cell in ["'twas", "'=x", "''-1", "'", "''", "'＝1"] {
            assert_eq!(plain(&safe(cell)), cell);
        }
        assert_eq!(safe("'twas"), "'twas");
    }

    #[test]
    fn a_line_is_quoted_where_it_has_to_be() {
        let cells = ["a", "b,c", "d\"e", "f\ng", ""].map(Cow::Borrowed);
        assert_eq!(line(cells), b"a,\"b,c\",\"d\"\"e\",\"f\ng\",\r\n");
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(cells in prop::collection::vec("['=]{0,2}.{0,20}", 1..6)) {
            // A mark at the beginning of a file is none of its content.
            let first = std::iter::once(Cow::Borrowed("first"));
            let line = line(first.chain(cells.iter().map(|cell| safe(cell))));
            let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(&line[..]);
            let read = reader.records().next().unwrap().unwrap();
            for (read, cell) in read.iter().skip(1).zip(&cells) {
                prop_assert!(!read.starts_with(FORMULA));
                prop_assert_eq!(plain(read), cell);
            }
        }
    }
}

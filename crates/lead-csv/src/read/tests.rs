use std::io::Cursor;

use proptest::prelude::*;

use super::*;

fn survey(text: &str) -> Result<Survey, Error> {
    Survey::of(&mut Cursor::new(text.as_bytes()), 1000)
}

fn rows(text: &str) -> Vec<Row> {
    let layout = survey(text).unwrap().layout;
    let mut rows = Rows::new(text.as_bytes(), &layout).unwrap();
    std::iter::from_fn(|| rows.next().unwrap()).collect()
}

fn fields(text: &str) -> Vec<Option<Field>> {
    let columns = survey(text).unwrap().layout.columns;
    columns.into_iter().map(|column| column.field).collect()
}

#[test]
fn the_separator_is_found_by_the_headers() {
    for (text, delimiter) in [
        ("name,phone\na,1", ','),
        ("name;phone\na;1,5", ';'),
        ("name\tphone\na\t1", '\t'),
        ("name|phone\na|1", '|'),
        ("\"Last, first\";email;phone\na;b;c", ';'),
        ("phone\n1", ','),
        ("sep=;\nname;phone;a,email,tags\na;1", ';'),
        ("SEP=|\r\nphone\r\n1", '|'),
    ] {
        assert_eq!(
            survey(text).unwrap().layout.delimiter(),
            delimiter,
            "{text}"
        );
    }
}

#[test]
fn columns_come_in_any_order_and_each_counts_once() {
    let all = "E-mail;Telefone;Nome;Obs;telefone\na@b.c;1;Ana;x;2";
    let found = [Field::Email, Field::Phone, Field::Name].map(Some);
    assert_eq!(fields(all), [&found[..], &[None, None]].concat());
    let row = &rows(all)[0];
    assert_eq!(row.get(Field::Name), Some("Ana"));
    assert_eq!(row.get(Field::Phone), Some("1"));
    assert_eq!(row.get(Field::Tags), None);
}

#[test]
fn a_row_has_the_number_that_a_spreadsheet_shows() {
    let numbers = |text: &str| rows(text).iter().map(|row| row.number).collect::<Vec<_>>();
    assert_eq!(numbers("name,phone\na,1\nb,2\n"), [2, 3]);
    assert_eq!(numbers("name,phone\r\n\"a\nb\",1\r\nb,2"), [2, 3]);
    assert_eq!(numbers("name,phone\na,1\n\n,,\nb,2\n"), [2, 5]);
    assert_eq!(numbers("sep=,\nname,phone\na,1\n"), [3]);
    assert_eq!(numbers("name,phone\ra,1\rb,2"), [2, 3]);
}

#[test]
fn cells_are_cleaned() {
    let text = "name,phone,email\n\" Ana\u{200e}\u{a0}\",'+1 415,\"a\nb\"\nBob,1,,extra,\n";
    let rows = rows(text);
    assert_eq!(rows[0].get(Field::Name), Some("Ana"));
    assert_eq!(rows[0].get(Field::Phone), Some("+1 415"));
    assert_eq!(rows[0].get(Field::Email), Some("a\nb"));
    assert_eq!((rows[0].beyond, rows[1].beyond), (0, 1));
}

#[test]
fn a_file_that_is_no_use_says_why() {
    assert!(matches!(survey(""), Err(Error::Empty)));
    assert!(matches!(survey(" \n\n"), Err(Error::Empty)));
    assert!(matches!(survey("name,phone\n"), Err(Error::NoRows)));
    assert!(matches!(survey("name,phone\n,,\n"), Err(Error::NoRows)));
    assert!(matches!(survey("Ana,+1415\n"), Err(Error::NoKnownColumn)));
    assert!(matches!(survey("name,tags\na,b\n"), Err(Error::NoContact)));
    let wide = format!("phone{}\n1", ",x".repeat(MOST_COLUMNS));
    assert!(matches!(survey(&wide), Err(Error::TooManyColumns)));
    let long = format!("phone\n{}", "1\n".repeat(1001));
    assert!(matches!(
        survey(&long),
        Err(Error::TooManyRows { most: 1000 })
    ));
    let zip: Vec<u8> = (0..4000_u32).map(|n| (n * n % 251) as u8).collect();
    assert!(Survey::of(&mut Cursor::new(zip), 1000).is_err());
}

#[test]
fn a_layout_is_found_again_by_what_is_kept_of_it() {
    let layout = survey("sep=;\nName;Tel\na;1").unwrap().layout;
    let headers = layout.columns.iter().map(|column| column.header.clone());
    let again = Layout::known(layout.encoding(), layout.delimiter(), headers.collect());
    assert_eq!(again, layout);
}

proptest! {
    #[test]
    fn no_file_makes_it_stumble(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = Survey::of(&mut Cursor::new(bytes), 10);
    }

    #[test]
    fn every_row_is_counted_and_numbered_upwards(
        names in prop::collection::vec("[a-z\"\n;, ]{0,12}", 1..20),
    ) {
        let mut text = b"name,phone\r\n".to_vec();
        for name in &names {
            text.extend(crate::write::line([name.as_str().into(), "1".into()]));
        }
        let survey = Survey::of(&mut Cursor::new(&text), 1000).unwrap();
        prop_assert_eq!(survey.rows, names.len());
        let mut rows = Rows::new(&text[..], &survey.layout).unwrap();
        let mut expected = 2;
        while let Some(row) = rows.next().unwrap() {
            prop_assert_eq!(row.number, expected);
            expected += 1;
        }
    }
}

#[test]
fn a_quotation_mark_that_is_never_closed_is_told_with_its_row() {
    for (text, in_row) in [
        ("name,phone\nAna,1\n\"Ben,2\nCyd,3\nDan,4\n", 3),
        ("name,phone\nAna,1\nBen,\"2", 3),
        ("name,phone\n\"An\na\",1\nBen,\"2\n", 3),
        ("phone,name,\"notes\n1,Ana,x\n", 1),
        ("phone\n1\n\"", 3),
    ] {
        match survey(text) {
            Err(Error::OpenQuote { row }) => assert_eq!(row, in_row, "{text:?}"),
            other => panic!("{text:?}: {other:?}"),
        }
    }
    // Within a cell that does not begin with one it is a sign like others.
    assert_eq!(rows("name,phone\n5\" pipe,1\nb,2\n").len(), 2);
    assert_eq!(rows("name,phone\n\"5\"\" pipe\",1\n\"b\",2").len(), 2);
}

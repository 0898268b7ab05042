use std::io::{Seek, SeekFrom, Write};

use lead_csv::Survey;

use super::*;

fn read(text: &str) -> Vec<Result<Person, Vec<Mistake>>> {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(text.as_bytes()).unwrap();
    let layout = Survey::of(&mut file, 100).unwrap().layout;
    file.seek(SeekFrom::Start(0)).unwrap();
    let mut reader = Reader::new(file, layout, Country::parse("US").unwrap()).unwrap();
    reader.next(100).unwrap()
}

fn person(text: &str) -> Person {
    read(text).remove(0).unwrap()
}

#[test]
fn a_name_is_put_together() {
    let name = |text: &str| person(text).name.unwrap_or_default();
    assert_eq!(name("email,name\na@b.c, Ann   Lee "), "Ann Lee");
    assert_eq!(name("email,first name,last name\na@b.c,Ann,Lee"), "Ann Lee");
    assert_eq!(name("email,nome,sobrenome\na@b.c,Ana,Souza"), "Ana Souza");
    assert_eq!(name("email,name,last name\na@b.c,Ann Lee,Lee"), "Ann Lee");
    assert_eq!(name("email,first name,last name\na@b.c,,Lee"), "Lee");
    assert_eq!(name("email,first name\na@b.c,"), "");
}

#[test]
fn of_two_numbers_the_one_that_can_be_texted_counts() {
    let phone = |text: &str| person(text).phone.unwrap();
    let head = "phone,mobile\n";
    assert_eq!(
        phone(&format!("{head}4155550101,4155550102")),
        "+14155550102"
    );
    assert_eq!(phone(&format!("{head}4155550101,")), "+14155550101");
    assert_eq!(phone(&format!("{head}4155550101,none")), "+14155550101");
    assert_eq!(phone(&format!("{head}4155550101.0,")), "+14155550101");
    let wrong = read(&format!("{head}12,none")).remove(0).unwrap_err();
    assert_eq!(wrong[0].column.as_deref(), Some("mobile"));
}

#[test]
fn a_country_says_how_numbers_are_written() {
    let german = person("phone,country\n030 123456,Germany\n");
    assert_eq!(
        (german.phone.as_deref(), german.country.as_deref()),
        (Some("+4930123456"), Some("DE"))
    );
    assert!(german.country_is_given);
    let by_number = person("phone\n+4930123456\n");
    assert_eq!(
        (by_number.country.as_deref(), by_number.country_is_given),
        (Some("DE"), false)
    );
    let wrong = read("phone,country\n030 123456,Atlantis\n")
        .remove(0)
        .unwrap_err();
    assert_eq!(wrong[0].value.as_deref(), Some("Atlantis"));
}

#[test]
fn what_is_too_long_is_told() {
    let wrong = |text: &str| read(text).remove(0).unwrap_err().remove(0).column;
    let long = "x".repeat(201);
    assert_eq!(
        wrong(&format!("email,name\na@b.c,{long}")).as_deref(),
        Some("name")
    );
    assert_eq!(
        wrong(&format!("email,tags\na@b.c,{long}")).as_deref(),
        Some("tags")
    );
    let many: Vec<_> = (0..101).map(|n| n.to_string()).collect();
    assert_eq!(
        wrong(&format!("email,tags\na@b.c,{}", many.join(";"))).as_deref(),
        Some("tags")
    );
}

#[test]
fn words_are_known_in_any_case() {
    let one = person("email,status,source,tags\na@b.c,Qualified,WEB,a; b;a");
    assert_eq!(
        (one.status, one.source),
        (Some(LeadStatus::Qualified), Some(LeadSource::Web))
    );
    assert_eq!(one.tags.into_iter().collect::<Vec<_>>(), ["a", "b"]);
    let wrong = read("email,status\na@b.c,hot").remove(0).unwrap_err();
    assert!(
        wrong[0].detail.starts_with("must be one of: new,"),
        "{}",
        wrong[0].detail
    );
}

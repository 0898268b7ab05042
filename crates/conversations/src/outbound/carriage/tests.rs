use super::*;
use crate::attachments;

const US: &str = "+14155550100";
const CANADA: &str = "+16135550100";
const TOLL_FREE: &str = "+18005550100";
const GERMANY: &str = "+4915112345678";

fn file(content_type: &str, size: i64) -> media::Model {
    let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
    let clock = Clock::manual(now);
    media::Model {
        content_type: content_type.to_owned(),
        size: Some(size),
        digest: Some("d".to_owned()),
        ..attachments::blank(MediaId::new(&clock), TenantId::new(&clock), now)
    }
}

fn fitted(size: i64, fitted: i64) -> media::Model {
    media::Model {
        fitted_digest: Some("f".to_owned()),
        fitted_size: Some(fitted),
        ..file("image/jpeg", size)
    }
}

#[test]
fn a_file_says_whether_it_can_be_an_mms() {
    assert_eq!(fits(&file("image/png", 4_000_000)), Ok(4_000_000));
    assert_eq!(fits(&fitted(12_000_000, 480_000)), Ok(480_000));
    assert_eq!(fits(&file("application/pdf", 500_000)), Ok(500_000));
    let reason = |file| fits(&file).unwrap_err();
    assert!(reason(file("image/gif", 5_000_001)).contains("5000001 bytes"));
    assert!(reason(file("video/mp4", 500_001)).contains("other than pictures"));
    assert!(reason(file("image/heif", 10)).contains("image/heif"));
    assert!(reason(file("text/plain", 10)).contains("text/plain"));
}

#[test]
fn mms_go_within_north_america() {
    let can = |from: &str, to: &str| can_be_mms(&from.parse().unwrap(), &to.parse().unwrap());
    assert!(can(US, CANADA) && can(CANADA, US) && can(TOLL_FREE, US));
    assert!(!can(US, GERMANY) && !can(GERMANY, US) && !can(TOLL_FREE, GERMANY));
}

#[test]
fn what_does_not_fit_beside_the_others_goes_as_a_link() {
    use SentAs::{Link, Mms};
    let files = [
        file("image/png", 3_000_000),
        file("video/mp4", 20_000_000),
        file("image/png", 2_500_000),
        fitted(9_000_000, 400_000),
        file("text/vcard", 200),
    ];
    assert_eq!(plan(true, &files), [Mms, Link, Link, Mms, Mms]);
    assert_eq!(plan(false, &files), [Link; 5]);
    let ten = vec![fitted(12_000_000, i64::try_from(FITS).unwrap()); 10];
    assert_eq!(plan(true, &ten), [Mms; 10]);
}

#[test]
fn links_stand_below_the_text_and_are_the_same_each_time() {
    let links = Links::new("https://x.example", vec![vec![1; 32].into()]);
    let at = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
    let linked = media::Model {
        sent_as: Some(SentAs::Link),
        ..fitted(9, 8)
    };
    let with = media::Model {
        sent_as: Some(SentAs::Mms),
        ..file("image/png", 9)
    };
    let files = [linked.clone(), with.clone()];
    let text = with_links("See:", &files, &links, at);
    let link = text.strip_prefix("See:\nhttps://x.example/m/").unwrap();
    // What was made to fit tells nothing of where a photo was taken.
    let grant = links.read(link, at + TimeDelta::days(89)).unwrap();
    assert_eq!((grant.media, grant.variant), (linked.id.0, Variant::Fitted));
    assert!(links.read(link, at + TimeDelta::days(91)).is_none());
    assert_eq!(with_links("See:", &files, &links, at), text);
    assert!(with_links("", &files, &links, at).starts_with("https://"));
    let urls = media_urls(&files, &links, at + TimeDelta::hours(1));
    assert_eq!(urls.len(), 1);
    let token = urls[0].rsplit('/').next().unwrap();
    assert_eq!(links.read(token, at).unwrap().media, with.id.0);
}

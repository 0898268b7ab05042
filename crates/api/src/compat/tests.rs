use crate::compat::{Manner, loggable, manner};
use crate::openapi::DOCUMENT;
use crate::routes;

#[test]
fn clients_of_each_request_are_told_in_a_manner_that_they_know() {
    let document = serde_json::to_value(&*DOCUMENT).unwrap();
    let mut adapters = 0;
    for (path, item) in document["paths"].as_object().unwrap() {
        let tagged = |method: &serde_json::Value| method["tags"][0] == "Existing clients";
        if item.as_object().unwrap().values().any(tagged) {
            adapters += 1;
            assert!(manner(path).is_some(), "{path}");
            let unversioned = path.replacen(routes::V1, routes::UNVERSIONED, 1);
            assert_eq!(manner(path), manner(&unversioned));
        }
    }
    assert_eq!(adapters, 9);
}

#[test]
fn other_requests_are_answered_as_ever() {
    for path in [
        "/api/v1/messages",
        "/api/leads/1",
        "/api/twilio/sms/status",
        "/twilio/test",
        "/",
    ] {
        assert_eq!(manner(path), None, "{path}");
    }
    assert_eq!(manner("/api/leads/1/sms"), Some(Manner::Ok));
    assert_eq!(manner("/api/v1/sms/send"), Some(Manner::Success));
}

#[test]
fn a_number_in_the_path_is_not_logged() {
    let path = "/api/v1/sms/conversation/+15551234567";
    assert_eq!(loggable(path), "/api/v1/sms/conversation/…");
    assert_eq!(
        loggable("/api/sms/conversation/%2B1555"),
        "/api/sms/conversation/…"
    );
    assert_eq!(loggable("/api/sms/send"), "/api/sms/send");
}

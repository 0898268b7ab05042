use std::time::Duration;

use twilio::client::Refusal;

use super::*;
use crate::jobs::send_message::outcome;

fn refusal(http_status: u16, code: Option<i32>) -> CallError {
    CallError::Refused(Refusal {
        http_status,
        code,
        message: "No".to_owned(),
        more_info: None,
        retry_after: Some(Duration::from_secs(7)),
    })
}

#[test]
fn every_way_in_which_a_request_ends_has_its_meaning() {
    let no_answer = || "no answer".into();
    for (error, expected) in [
        (CallError::NotSent(no_answer()), "not_sent"),
        (CallError::Unknown(no_answer()), "unknown"),
        (CallError::Invalid("identifier"), "refused"),
        (refusal(400, Some(21211)), "refused"),
        (refusal(401, Some(20003)), "refused"),
        (refusal(404, None), "refused"),
        (refusal(429, None), "throttled"),
        (refusal(429, Some(21611)), "throttled"),
        (refusal(400, Some(20429)), "throttled"),
        (refusal(500, Some(20500)), "unknown"),
        (refusal(502, None), "unknown"),
        (refusal(503, Some(20429)), "unknown"),
    ] {
        let told = format!("{error:?}");
        assert_eq!(outcome(&answer(Err(error))), expected, "{told}");
    }
}

#[test]
fn a_refusal_keeps_code_words_class_and_wait() {
    let Answer::Refused {
        code,
        message,
        class,
        retry_after,
        throttled,
    } = answer(Err(refusal(400, Some(21211))))
    else {
        panic!("no refusal");
    };
    assert_eq!(
        (code, message.as_str(), class),
        (Some(21211), "No", Class::Recipient)
    );
    assert_eq!(
        (retry_after, throttled),
        (Some(Duration::from_secs(7)), false)
    );
}

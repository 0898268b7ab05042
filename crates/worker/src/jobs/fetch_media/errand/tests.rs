use chrono::DateTime;
use entity::id::{MediaId, TenantId};
use twilio::client::Refusal;

use super::*;

fn row(tries: i32) -> media::Model {
    let now = DateTime::UNIX_EPOCH;
    let clock = Clock::manual(now);
    media::Model {
        id: MediaId::new(&clock),
        tenant_id: TenantId::new(&clock),
        message_id: None,
        position: 0,
        content_type: String::new(),
        filename: None,
        size: None,
        digest: None,
        width: None,
        height: None,
        fitted_digest: None,
        fitted_size: None,
        thumbnail_digest: None,
        sent_as: None,
        source_url: None,
        status: MediaStatus::Pending,
        reason: None,
        tries,
        next_try_ms: None,
        decoding: false,
        created_at: now,
        updated_at: now,
    }
}

fn refused(http_status: u16) -> FetchError {
    FetchError::Call(CallError::Refused(Refusal {
        http_status,
        code: None,
        message: String::new(),
        more_info: None,
        retry_after: None,
    }))
}

/// Nothing where it is tried again; whether that counts.
fn ends(error: &FetchError, tries: i32, age: TimeDelta) -> Result<bool, MediaReason> {
    match error.next(&row(tries), age) {
        Next::Again(_, counts) => Ok(counts),
        Next::GiveUp(reason) => Err(reason),
    }
}

#[test]
fn every_way_in_which_a_file_fails_has_its_end() {
    use MediaReason::{Gone, Misplaced, Refused, TooLarge, Unreachable};
    let elsewhere = FetchError::Call(CallError::Elsewhere("x.example".to_owned()));
    let invalid = FetchError::Call(CallError::Invalid("address"));
    let unknown = FetchError::Call(CallError::Unknown("no answer".into()));
    let ours = FetchError::Ours("full".into());
    for (error, first, last) in [
        (FetchError::NoChannel, Err(Refused), Err(Refused)),
        (FetchError::Address, Err(Misplaced), Err(Misplaced)),
        (invalid, Err(Misplaced), Err(Misplaced)),
        (FetchError::TooLarge, Err(TooLarge), Err(TooLarge)),
        (elsewhere, Ok(true), Err(Misplaced)),
        (refused(404), Ok(true), Err(Gone)),
        (refused(401), Ok(true), Err(Refused)),
        (refused(503), Ok(true), Err(Unreachable)),
        (unknown, Ok(true), Err(Unreachable)),
        (FetchError::Slow, Ok(true), Err(Unreachable)),
        (ours, Ok(false), Ok(false)),
    ] {
        assert_eq!(ends(&error, 1, TimeDelta::zero()), first, "{error}");
        assert_eq!(ends(&error, 9, TimeDelta::zero()), last, "{error}");
    }
    assert_eq!(ends(&refused(404), 1, MAY_COME), Err(Gone));
    assert_eq!(
        ends(&refused(404), 5, MAY_COME - TimeDelta::seconds(1)),
        Ok(true)
    );
}

#[test]
fn a_try_ends_before_somebody_else_begins_it_anew() {
    assert!(FETCHING + KEEPING < super::super::LEASE);
}

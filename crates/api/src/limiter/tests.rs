use chrono::TimeDelta;

use super::*;

const CLIENT: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1));

fn start() -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 0).unwrap()
}

fn limiter(limit: u32) -> Limiter {
    Limiter::new(&Limits {
        requests_per_minute: limit,
        logins_per_minute: limit,
        signups_per_minute: limit,
    })
}

#[test]
fn a_minutes_allowance_may_come_at_once_and_then_trickles() {
    let limiter = limiter(60);
    let caller = || "a".to_owned();
    for left in (0..60).rev() {
        let standing = limiter.request(caller(), start()).unwrap().unwrap();
        assert_eq!(standing.remaining, left);
    }
    let refused = limiter.request(caller(), start()).unwrap_err();
    assert_eq!(refused.remaining, 0);
    assert_eq!(refused.retry_after, Duration::from_secs(1));
    assert_eq!(refused.reset, Duration::from_secs(60));
    let later = start() + TimeDelta::seconds(1);
    assert!(limiter.request(caller(), later).is_ok());
    assert!(limiter.request(caller(), later).is_err());
}

#[test]
fn one_caller_takes_nothing_from_another() {
    let limiter = limiter(1);
    assert!(limiter.request("a".to_owned(), start()).is_ok());
    assert!(limiter.request("a".to_owned(), start()).is_err());
    assert!(limiter.request("b".to_owned(), start()).is_ok());
}

#[test]
fn a_limit_beyond_what_is_counted_allows_what_is() {
    let limiter = limiter(u32::MAX);
    let standing = limiter.request("a".to_owned(), start()).unwrap().unwrap();
    assert_eq!(standing.remaining, 59_999_999);
}

#[test]
fn zero_allows_any_number() {
    let limiter = limiter(0);
    assert!((0..1000).all(|_| limiter.request("a".to_owned(), start()) == Ok(None)));
}

#[test]
fn failed_logins_count_and_good_ones_do_not() {
    let limiter = limiter(2);
    for _ in 0..10 {
        limiter
            .login("ann@example.com", CLIENT, start())
            .unwrap()
            .forgive();
    }
    for email in ["ann@example.com", " Ann@Example.com"] {
        let _failed = limiter.login(email, CLIENT, start()).unwrap();
    }
    assert!(limiter.login("ann@example.com", CLIENT, start()).is_err());
    assert!(limiter.login("bob@example.com", CLIENT, start()).is_ok());
}

#[test]
fn guessing_at_many_names_from_one_client_is_stopped_too() {
    let limiter = limiter(1);
    for guess in 0..10 {
        let _failed = limiter
            .login(&format!("{guess}@example.com"), CLIENT, start())
            .unwrap();
    }
    assert!(limiter.login("next@example.com", CLIENT, start()).is_err());
}

#[test]
fn a_client_that_makes_up_tokens_is_stopped_and_no_other() {
    let limiter = limiter(2);
    let other = "192.0.2.2".parse().unwrap();
    assert!(limiter.made_up(CLIENT, start()).is_ok());
    assert!(limiter.made_up(CLIENT, start()).is_ok());
    assert!(limiter.made_up(CLIENT, start()).is_err());
    assert!(limiter.made_up(other, start()).is_ok());
    let later = start() + TimeDelta::seconds(30);
    assert!(limiter.made_up(CLIENT, later).is_ok());
}

#[test]
fn addresses_of_one_ipv6_network_are_one_client() {
    let limiter = limiter(1);
    assert!(
        limiter
            .signup("2001:db8::1".parse().unwrap(), start())
            .is_ok()
    );
    assert!(
        limiter
            .signup("2001:db8::2".parse().unwrap(), start())
            .is_err()
    );
    assert!(
        limiter
            .signup("2001:db8:0:1::1".parse().unwrap(), start())
            .is_ok()
    );
}

#[test]
fn callers_that_stay_away_are_forgotten() {
    let limiter = limiter(60);
    for caller in 0..5000_u32 {
        let now = start() + TimeDelta::seconds(i64::from(caller));
        let _ = limiter.request(caller.to_string(), now);
    }
    assert!(limiter.callers.keys.lock().unwrap().due.len() <= FEW + 1);
}

use chrono::DateTime;
use entity::clock::Clock;

use super::*;

#[test]
fn what_is_told_is_heard() {
    let clock = Clock::manual(DateTime::from_timestamp(1_800_000_000, 0).unwrap());
    let told: BTreeMap<_, _> = (0..IN_ONE)
        .map(|n| (TenantId::new(&clock), i64::MAX - n as i64))
        .collect();
    let payload = written(&told);
    assert!(payload.len() < 8000, "{}", payload.len());
    assert_eq!(read(&payload).collect::<BTreeMap<_, _>>(), told);
}

#[test]
fn what_makes_no_sense_is_left_out() {
    let tenant = "0198c1f0a0007000800000000000000a";
    let payload = format!(",:,x:1,{tenant},{tenant}:,{tenant}:-,{tenant}:7:8,{tenant}:7");
    let heard: Vec<_> = read(&payload).map(|(_, seq)| seq).collect();
    assert_eq!(heard, [7]);
}

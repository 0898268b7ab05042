//! How much processor time processes have taken, from `/proc`.

use std::collections::HashMap;
use std::fs;
use std::time::Duration;

/// The kernel counts in hundredths of a second, whatever the machine (`USER_HZ`).
const TICK: Duration = Duration::from_millis(10);

/// One process, as `/proc/{pid}/stat` tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stat {
    parent: u32,
    own: u64,
    /// Of children that have ended.
    of_ended: u64,
}

impl Stat {
    /// The name stands in brackets and may hold anything, brackets too.
    fn parse(line: &str) -> Option<Self> {
        let (_, rest) = line.rsplit_once(')')?;
        let fields: Vec<_> = rest.split_whitespace().collect();
        let number = |index: usize| fields.get(index)?.parse::<u64>().ok();
        Some(Self {
            parent: u32::try_from(number(1)?).ok()?,
            own: number(11)? + number(12)?,
            of_ended: number(13)? + number(14)?,
        })
    }

    fn read(pid: u32) -> Option<Self> {
        Self::parse(&fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)
    }
}

/// Time of a process and of all below it, user and system, children that have ended too. Zero where
/// there is no `/proc`.
pub(crate) fn of_tree(root: u32) -> Duration {
    let processes = all();
    let ticks = processes
        .iter()
        .filter(|(pid, _)| is_below(&processes, **pid, root))
        .map(|(_, stat)| stat.own + stat.of_ended)
        .sum::<u64>();
    TICK * u32::try_from(ticks).unwrap_or(u32::MAX)
}

/// The process above this one.
pub(crate) fn parent(pid: u32) -> Option<u32> {
    Stat::read(pid).map(|stat| stat.parent)
}

/// What a process has in memory, as the operating system counts it, in MB; zero where there is no
/// `/proc`.
pub(crate) fn resident_mb(pid: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    kib.unwrap_or(0) / 1024
}

fn all() -> HashMap<u32, Stat> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    pids.filter_map(|pid| Some((pid, Stat::read(pid)?)))
        .collect()
}

fn is_below(processes: &HashMap<u32, Stat>, pid: u32, root: u32) -> bool {
    let mut at = pid;
    while at != root {
        match processes.get(&at) {
            Some(stat) if stat.parent != 0 => at = stat.parent,
            _ => return false,
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_brackets_and_blanks_is_no_trouble() {
        let line = "42 (a (b) c) S 7 42 42 0 -1 4194304 100 0 0 0 11 22 33 44 20 0 1 0 1 2 3";
        let stat = Stat::parse(line).unwrap();
        let expected = Stat {
            parent: 7,
            own: 33,
            of_ended: 77,
        };
        assert_eq!(stat, expected);
        assert_eq!(Stat::parse("42 (x) S"), None);
    }

    #[test]
    fn we_take_some_memory() {
        assert!((1..100_000).contains(&resident_mb(std::process::id())));
    }

    #[test]
    fn we_have_a_parent_and_are_below_it() {
        let own = std::process::id();
        let above = parent(own).unwrap();
        assert!(is_below(&all(), own, above));
        assert!(!is_below(&all(), above, own));
    }
}

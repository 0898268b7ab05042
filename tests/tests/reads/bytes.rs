//! SQLite: how much the program read from the file, as the operating system counts it.

use std::fs;

use test_plans::{Known, LISTS, more};

use super::{Excess, pages};
use crate::harness::{Client, World};

/// Each list is asked for so often; the middle one counts, as the program's jobs read beside it.
const ROUNDS: usize = 7;

/// A page takes some hundred KB. Each of the tables has 5 MB and more, which is more than SQLite keeps
/// in memory (2 MB for each of the two connections): reading one through is reading it anew.
const MOST: u64 = 3_000_000;

/// What a row costs that lies on a page of its own.
const OF_A_ROW: u64 = 8_192;

pub(super) async fn look(world: &World, api: &Client, known: &Known) -> Vec<Excess> {
    let mut all = Vec::new();
    for list in LISTS {
        let mut read = Vec::new();
        for _ in 0..ROUNDS {
            let before = bytes_read(world);
            pages(api, known, list).await;
            read.push(bytes_read(world) - before);
        }
        read.sort_unstable();
        let usual = read[ROUNDS / 2];
        let excess =
            (usual > MOST + more(list) * OF_A_ROW).then(|| format!("{} KB are read", usual / 1000));
        all.push((*list, excess));
    }
    all
}

/// By all of the program so far; 0 where the operating system does not count it like Linux.
fn bytes_read(world: &World) -> u64 {
    let path = format!("/proc/{}/io", world.service.id());
    let counts = fs::read_to_string(path).unwrap_or_default();
    let count = counts.lines().find_map(|line| line.strip_prefix("rchar: "));
    count.map_or(0, |count| count.trim().parse().unwrap())
}

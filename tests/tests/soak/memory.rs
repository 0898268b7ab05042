//! What the service has in memory, as the operating system counts it.

use crate::harness::World;

/// Now, in MB.
pub(super) fn resident(world: &World) -> u64 {
    figure(world, "VmRSS:")
}

/// The most so far, in MB.
pub(super) fn peak(world: &World) -> u64 {
    figure(world, "VmHWM:")
}

fn figure(world: &World, name: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", world.service.id())).unwrap();
    let line = status.lines().find(|line| line.starts_with(name)).unwrap();
    let kilobytes = line.split_whitespace().nth(1).unwrap();
    kilobytes.parse::<u64>().unwrap() / 1024
}

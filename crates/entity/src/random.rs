//! The one place that asks the machine for randomness.

/// Bytes nobody can guess.
///
/// # Panics
/// When the operating system has no randomness: nothing that needs it could go on safely.
#[must_use]
#[expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    reason = "this is the one place that may, and there is no safe way on without randomness"
)]
pub fn bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
    bytes
}

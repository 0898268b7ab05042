//! Threads with connections of their own.
//!
//! A connection is tended by the runtime that opened it. The threads that answer requests have a runtime
//! each, so every answer of the database on a connection from elsewhere wakes two threads instead of one:
//! a third of what a short request cost. A thread that is at home reads by a small pool of its own, which
//! it opens itself. Writing goes by the common pool, whoever writes.

use std::cell::Cell;
use std::sync::atomic::{AtomicUsize, Ordering};

thread_local! {
    static NUMBER: Cell<Option<usize>> = const { Cell::new(None) };
}

static NEXT: AtomicUsize = AtomicUsize::new(0);

/// Makes this thread one that has connections of its own; all that it runs must stay on it.
pub fn settle() {
    NUMBER.with(|number| {
        if number.get().is_none() {
            number.set(Some(NEXT.fetch_add(1, Ordering::Relaxed)));
        }
    });
}

/// The number of this thread among those that are at home.
pub(crate) fn number() -> Option<usize> {
    NUMBER.get()
}

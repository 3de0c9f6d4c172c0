//! Calls of a subscriber, which is user code: it may use any signal, and it may panic.

use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe};

use crate::discard::discard;

thread_local! {
    /// Whether this thread is telling a subscriber something.
    static TELLING: Cell<bool> = const { Cell::new(false) };
}

/// Tells a subscriber something, unless this thread is doing so already: what a subscriber does while it is told something
/// is not told to it, or it might go on for ever. If the subscriber panics, that changes nothing for the caller. The panic
/// hook has printed the message, and the payload is discarded.
///
/// No lock may be held, and nothing may be borrowed.
pub(super) fn tell<T>(what: impl FnOnce() -> T) -> Option<T> {
    // If the thread is ending and has no such value any more, nothing is told.
    let busy = TELLING.try_with(|telling| telling.replace(true));
    if busy.unwrap_or(true) {
        return None;
    }
    let told = caught(what);
    let _ = TELLING.try_with(|telling| telling.set(false));
    told
}

/// Like [`tell`], for the end of something whose beginning has been told: it is told in any case.
pub(super) fn tell_end(what: impl FnOnce()) {
    let before = TELLING.try_with(|telling| telling.replace(true));
    caught(what);
    let _ = TELLING.try_with(|telling| telling.set(before.unwrap_or(true)));
}

fn caught<T>(what: impl FnOnce() -> T) -> Option<T> {
    panic::catch_unwind(AssertUnwindSafe(what))
        .map_err(discard)
        .ok()
}

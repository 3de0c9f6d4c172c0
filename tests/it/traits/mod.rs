//! The types as values: their text, how they move, copy, compare and hash, and which threads they cross.

use std::cell::Cell;
use std::fmt::Debug;
use std::rc::Rc;

use smoke_signal::Signal;

mod defaults;
mod keys;
mod moved;
mod results;
mod text;
mod threads;

/// Neither `Clone`, `Debug`, `Send` nor `Sync`.
struct Bare(Rc<Cell<u8>>);

fn debug(value: &impl Debug) -> String {
    format!("{value:?}")
}

/// A signal with a slot for each of these results, in this order.
fn returning<R: Copy + Send + Sync + 'static>(results: &[R]) -> Signal<(), R> {
    let signal: Signal<(), R> = Signal::new();
    for &result in results {
        signal.connect(move || result);
    }
    signal
}

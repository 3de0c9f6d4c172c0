//! A queue and an argument that is lent: it cannot be stored.
//! error: a queue can't be connected to `Signal<(ByRef<str>,)>`

#[cfg(not(feature = "twin"))]
use smoke_signal::ByRef;
use smoke_signal::{Queue, Signal};

#[cfg(not(feature = "twin"))]
type Line = ByRef<str>;
#[cfg(feature = "twin")]
type Line = String;

fn main() {
    let line: Signal<(Line,)> = Signal::new();
    let queue = Queue::new(8);
    queue.connect(&line, |_| ());
}

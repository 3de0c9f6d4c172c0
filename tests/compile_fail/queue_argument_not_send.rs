//! A queue and an argument that is not `Send`: any thread may store it.
//! error: a queue can't be connected to `Signal<(Rc<str>,)>`

#[cfg(not(feature = "twin"))]
use std::rc::Rc;
#[cfg(feature = "twin")]
use std::sync::Arc as Rc;

use smoke_signal::{Queue, Signal};

fn main() {
    let renamed: Signal<(Rc<str>,)> = Signal::new();
    let queue = Queue::new(8);
    queue.connect(&renamed, |name| println!("{name}"));
}

//! A closure of a queue with too few parameters.
//! error: closure is expected to take 2 arguments, but it takes 1 argument

use smoke_signal::{Queue, Signal};

fn main() {
    let moved: Signal<(i32, i32)> = Signal::new();
    let queue = Queue::new(8);
    #[cfg(not(feature = "twin"))]
    queue.connect(&moved, |x| println!("{x}"));
    #[cfg(feature = "twin")]
    queue.connect(&moved, |x, y| println!("{x} {y}"));
}

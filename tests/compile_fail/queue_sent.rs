//! A queue stays on its thread, with its closures.
//! error: cannot be sent between threads safely

use smoke_signal::{Queue, Signal};

static TICK: Signal<()> = Signal::new();

fn main() {
    #[cfg(not(feature = "twin"))]
    let queue = Queue::new(8);
    std::thread::spawn(move || {
        #[cfg(feature = "twin")]
        let queue = Queue::new(8);
        queue.connect(&TICK, || println!("tick"));
        queue.drain()
    })
    .join()
    .unwrap();
}

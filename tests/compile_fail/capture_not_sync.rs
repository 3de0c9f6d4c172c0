//! A capture that is not `Sync`: slots may run on several threads at once. `once` does not require `Sync`.
//! error: `Cell<u32>` cannot be shared between threads safely

use std::cell::Cell;

use smoke_signal::Signal;

fn main() {
    let tick: Signal<()> = Signal::new();
    let count = Cell::new(0_u32);
    #[cfg(not(feature = "twin"))]
    tick.connect(move || count.set(count.get() + 1));
    #[cfg(feature = "twin")]
    tick.once(move || count.set(count.get() + 1));
}

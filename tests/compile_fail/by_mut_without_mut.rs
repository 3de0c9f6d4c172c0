//! A `ByMut` argument passed by value: the emitter would not see the changes made by slots.
//! error: expected `&mut u32`, found integer

use smoke_signal::{ByMut, Signal};

fn main() {
    let price: Signal<(ByMut<u32>,)> = Signal::new();
    let mut cents = 100;
    cents += 1;
    #[cfg(not(feature = "twin"))]
    price.emit(cents);
    #[cfg(feature = "twin")]
    price.emit(&mut cents);
}

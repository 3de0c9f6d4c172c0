//! A block that ends at once, because nothing keeps its guard.
//! error: unused return value of `Signal::<A, R>::block` that must be used

#![deny(unused_must_use)]

use smoke_signal::Signal;

fn main() {
    let signal = Signal::<(u8,)>::new();
    let slot = signal.connect(drop);
    #[cfg(not(feature = "twin"))]
    signal.block(slot);
    #[cfg(feature = "twin")]
    let _guard = signal.block(slot);
    signal.emit(1);
}

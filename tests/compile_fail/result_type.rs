//! A slot that returns a different type than the signal's.
//! error: expected `bool`, found integer

use smoke_signal::Signal;

fn main() {
    let may_close: Signal<(), bool> = Signal::new();
    #[cfg(not(feature = "twin"))]
    may_close.connect(|| 1);
    #[cfg(feature = "twin")]
    may_close.connect(|| true);
}

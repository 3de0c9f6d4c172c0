//! Connecting a value that cannot be called.
//! error: closure, found `{integer}`

use smoke_signal::Signal;

fn main() {
    let number: Signal<(), i32> = Signal::new();
    #[cfg(not(feature = "twin"))]
    number.connect(42);
    #[cfg(feature = "twin")]
    number.connect(|| 42);
}

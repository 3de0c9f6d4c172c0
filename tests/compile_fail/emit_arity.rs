//! An emission with fewer arguments than the signal has.
//! error: this method takes 2 arguments but 1 argument was supplied

use smoke_signal::Signal;

fn main() {
    let moved: Signal<(i32, i32)> = Signal::new();
    #[cfg(not(feature = "twin"))]
    moved.emit(1);
    #[cfg(feature = "twin")]
    moved.emit(1, 2);
}

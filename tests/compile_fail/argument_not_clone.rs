//! An argument that is not `Clone` cannot be passed by value to several slots, but it can be borrowed.
//! error: `File` can't be an argument of a signal

use std::fs::File;

use smoke_signal::Signal;

#[cfg(not(feature = "twin"))]
type Argument = File;
#[cfg(feature = "twin")]
type Argument = smoke_signal::ByRef<File>;

fn main() {
    let _opened: Signal<(Argument,)> = Signal::new();
}

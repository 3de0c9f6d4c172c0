//! An argument that can't be cloned can't be passed by value to several slots; it can be lent.
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

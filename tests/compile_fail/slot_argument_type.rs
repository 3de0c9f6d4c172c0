//! A function with a different parameter type than the signal's argument.
//! error: type mismatch in function arguments

use smoke_signal::Signal;

#[cfg(not(feature = "twin"))]
fn show(_line: &str) {}
#[cfg(feature = "twin")]
fn show(_line: String) {}

fn main() {
    let line: Signal<(String,)> = Signal::new();
    line.connect(show);
}

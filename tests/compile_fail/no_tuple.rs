//! A signal whose argument is not a tuple: its parentheses and comma are missing.
//! error: for one argument write a tuple with a trailing comma

use smoke_signal::Signal;

#[cfg(not(feature = "twin"))]
type Arguments = i32;
#[cfg(feature = "twin")]
type Arguments = (i32,);

fn main() {
    let _signal: Signal<Arguments> = Signal::new();
}

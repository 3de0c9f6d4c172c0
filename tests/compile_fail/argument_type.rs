//! An emission with an argument of the wrong type.
//! error: expected `String`, found `&str`

use smoke_signal::Signal;

fn main() {
    let opened: Signal<(String,)> = Signal::new();
    #[cfg(not(feature = "twin"))]
    opened.emit("a.txt");
    #[cfg(feature = "twin")]
    opened.emit("a.txt".to_owned());
}

//! A slot that borrows from the function that connects it: it may be called later.
//! error: `name` does not live long enough

use smoke_signal::Signal;

fn main() {
    let tick: Signal<()> = Signal::new();
    let name = String::from("clock");
    #[cfg(not(feature = "twin"))]
    let name = name.as_str();
    #[cfg(feature = "twin")]
    let name = name.leak();
    tick.connect(move || println!("{name}"));
}

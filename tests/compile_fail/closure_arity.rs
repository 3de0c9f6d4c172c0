//! A closure with more parameters than the signal has arguments.
//! error: closure is expected to take 1 argument, but it takes 2 arguments

use smoke_signal::Signal;

fn main() {
    let scrolled: Signal<(i32,)> = Signal::new();
    #[cfg(not(feature = "twin"))]
    scrolled.connect(|x, y| println!("{x} {y}"));
    #[cfg(feature = "twin")]
    scrolled.connect(|x| println!("{x}"));
}

//! A closure that moves a capture out, passed to `connect`: it could be called only once.
//! error: cannot move out of `name`, a captured variable in an `Fn` closure

use smoke_signal::Signal;

fn main() {
    let tick: Signal<()> = Signal::new();
    let name = String::from("clock");
    #[cfg(not(feature = "twin"))]
    tick.connect(move || drop(name));
    #[cfg(feature = "twin")]
    tick.once(move || drop(name));
}

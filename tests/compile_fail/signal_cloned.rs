//! A signal is not a handle: `clone` copies the reference to it, not its slots.
//! error: expected `Signal<()>`, found `&Signal<()>`

#![allow(noop_method_call, reason = "that it does nothing is the point")]

use smoke_signal::Signal;

static TICK: Signal<()> = Signal::new();

fn main() {
    let tick: &'static Signal<()> = &TICK;
    #[cfg(not(feature = "twin"))]
    let copy: Signal<()> = tick.clone();
    #[cfg(feature = "twin")]
    let copy: &Signal<()> = tick.clone();
    copy.emit();
}

//! A pointer to a function does not identify a callback: its type is that of many functions.
//! error: a `fn` pointer has no identity

use smoke_signal::Registry;

#[derive(Clone)]
struct Tick;

fn tick(_: Tick) {}

fn main() {
    let registry = Registry::new();
    registry.on("tick", tick).unwrap();
    #[cfg(feature = "twin")]
    let callback = tick;
    #[cfg(not(feature = "twin"))]
    let callback: fn(Tick) = tick;
    registry.disconnect(callback);
}

//! error: a `fn` pointer has no identity
use smoke_signal::Registry;

fn tick() {}

fn main() {
    let registry = Registry::new();
    registry.on("tick", tick).unwrap();
    #[cfg(feature = "twin")]
    let callback = tick;
    #[cfg(not(feature = "twin"))]
    let callback: fn() = tick;
    registry.disconnect(callback);
}

//! Registering a value that cannot be called.
//! error: `{integer}` can't be a callback of a registry

use smoke_signal::Registry;

fn main() {
    let registry = Registry::new();
    #[cfg(not(feature = "twin"))]
    registry.on("number", 42).unwrap();
    #[cfg(feature = "twin")]
    registry.on("number", || 42).unwrap();
}

//! A name that is not a string.
//! error: is neither a name nor a list of names

use smoke_signal::Registry;

fn main() {
    let registry = Registry::new();
    #[cfg(not(feature = "twin"))]
    registry.clear(1);
    #[cfg(feature = "twin")]
    registry.clear("1");
}

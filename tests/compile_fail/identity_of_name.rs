//! A name in place of a callback.
//! error: `&str` doesn't name a callback

use smoke_signal::Registry;

fn main() {
    let registry = Registry::new();
    let _receiver = registry.on("tick", || ()).unwrap();
    #[cfg(not(feature = "twin"))]
    registry.disconnect("tick");
    #[cfg(feature = "twin")]
    registry.disconnect(_receiver);
}

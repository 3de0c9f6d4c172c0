//! A callback without the type of its parameter: nothing else determines the signature of the name.
//! error: type annotations needed

use smoke_signal::Registry;

fn main() {
    let registry = Registry::new();
    #[cfg(not(feature = "twin"))]
    registry.on("line", |_line| ()).unwrap();
    #[cfg(feature = "twin")]
    registry.on("line", |_line: String| ()).unwrap();
}

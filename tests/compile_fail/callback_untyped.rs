//! A callback that leaves its parameter's type open: nothing else says what the name is bound to.
//! error: type annotations needed

use smoke_signal::Registry;

fn main() {
    let registry = Registry::new();
    #[cfg(not(feature = "twin"))]
    registry.on("line", |_line| ()).unwrap();
    #[cfg(feature = "twin")]
    registry.on("line", |_line: String| ()).unwrap();
}

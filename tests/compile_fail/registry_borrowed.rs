//! A short-lived reference emitted by name: a name is bound to types without lifetimes, and `&str` in a
//! callback means `&'static str`.
//! error: `text` does not live long enough

use smoke_signal::Registry;

fn main() {
    let registry = Registry::new();
    registry
        .on("line", |line: &str| println!("{line}"))
        .unwrap();
    let text = String::from("text");
    #[cfg(not(feature = "twin"))]
    let text = text.as_str();
    #[cfg(feature = "twin")]
    let text: &str = text.leak();
    registry.emit("line", (text,)).unwrap();
}

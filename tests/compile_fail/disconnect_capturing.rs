//! A closure with captures does not identify a callback: another may have captured something else.
//! error: keep the `CallbackKey`

use smoke_signal::Registry;

fn main() {
    let registry = Registry::new();
    let prefix = "> ";
    let print = move |line: String| println!("{prefix}{line}");
    #[cfg(not(feature = "twin"))]
    {
        registry.on("line", print).unwrap();
        registry.disconnect(print);
    }
    #[cfg(feature = "twin")]
    {
        let key = registry.on("line", print).unwrap();
        registry.disconnect(key);
    }
}

//! A callback with a capture that is not `Send`.
//! error: `Rc<str>` cannot be sent between threads safely

#[cfg(not(feature = "twin"))]
use std::rc::Rc;
#[cfg(feature = "twin")]
use std::sync::Arc as Rc;

use smoke_signal::Registry;

fn main() {
    let registry = Registry::new();
    let name: Rc<str> = Rc::from("clock");
    registry.on("tick", move || println!("{name}")).unwrap();
}

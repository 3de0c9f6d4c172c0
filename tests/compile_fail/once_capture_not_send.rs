//! A capture that is not `Send`, in a slot that is called once: any thread may call it.
//! error: `Rc<str>` cannot be sent between threads safely

#[cfg(not(feature = "twin"))]
use std::rc::Rc;
#[cfg(feature = "twin")]
use std::sync::Arc as Rc;

use smoke_signal::Signal;

fn main() {
    let tick: Signal<()> = Signal::new();
    let name: Rc<str> = Rc::from("clock");
    tick.once(move || println!("{name}"));
}

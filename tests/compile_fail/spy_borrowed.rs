//! A spy that is to keep a borrowed argument: `Spy::map` makes something of it.
//! error: the arguments `(ByRef<str>,)` cannot be recorded as they are

use smoke_signal::testing::Spy;
use smoke_signal::{ByRef, Signal};

fn main() {
    let line: Signal<(ByRef<str>,)> = Signal::new();
    #[cfg(not(feature = "twin"))]
    let spy = Spy::on(&line);
    #[cfg(feature = "twin")]
    let spy = Spy::map(&line, |(text,)| text.to_owned());
    line.emit("text");
    assert_eq!(spy.len(), 1);
}

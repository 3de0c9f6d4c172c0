//! A spy whose items stay on one thread, of a signal that any thread may emit.
//! error: `Rc<u8>` cannot be sent between threads safely

use smoke_signal::testing::Spy;
use std::rc::Rc;

#[cfg(not(feature = "twin"))]
type Signal = smoke_signal::Signal<(u8,)>;
#[cfg(feature = "twin")]
type Signal = smoke_signal::LocalSignal<(u8,)>;

fn main() {
    let signal = Signal::new();
    let spy = Spy::map(&signal, |(n,)| Rc::new(n));
    signal.emit(1);
    assert_eq!(spy.calls(), [Rc::new(1)]);
}

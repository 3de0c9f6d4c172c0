//! A signal with nine arguments: the maximum is eight.
//! error: can't be the arguments of a signal

use smoke_signal::Signal;

#[cfg(not(feature = "twin"))]
type Arguments = (u8, u8, u8, u8, u8, u8, u8, u8, u8);
#[cfg(feature = "twin")]
type Arguments = (u8, u8, u8, u8, u8, u8, u8, u8);

fn main() {
    let _signal: Signal<Arguments> = Signal::new();
}

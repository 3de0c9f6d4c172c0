//! A closure that changes what it captured, as a slot for threads. A signal for one thread has `connect_mut`.
//! error: cannot assign to `clicks`, as it is a captured variable in a `Fn` closure

#[cfg(feature = "twin")]
use smoke_signal::LocalSignal;
#[cfg(not(feature = "twin"))]
use smoke_signal::Signal;

fn main() {
    let mut clicks = 0;
    #[cfg(not(feature = "twin"))]
    Signal::<()>::new().connect(move || {
        clicks += 1;
        println!("{clicks}");
    });
    #[cfg(feature = "twin")]
    LocalSignal::<()>::new().connect_mut(move || {
        clicks += 1;
        println!("{clicks}");
    });
}

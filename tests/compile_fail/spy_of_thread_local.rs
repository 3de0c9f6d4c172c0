//! A spy of a thread-local, which lends its signal only for the duration of a call.
//! error: a spy cannot listen to `LocalKey<LocalSignal<(u8,)>>`

use smoke_signal::{LocalSignal, assert_emitted};

thread_local! {
    static CLICKED: LocalSignal<(u8,)> = const { LocalSignal::new() };
}

fn click() {
    CLICKED.with(|clicked| clicked.emit(1));
}

fn main() {
    #[cfg(not(feature = "twin"))]
    assert_emitted!(CLICKED, [(1,)] => click());
    #[cfg(feature = "twin")]
    CLICKED.with(|clicked| assert_emitted!(clicked, [(1,)] => click()));
}

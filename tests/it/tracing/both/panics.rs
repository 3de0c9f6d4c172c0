//! Panicking slots. The text of two modules, whose parents say which kind of signal it is about.

use std::panic::{AssertUnwindSafe, catch_unwind, panic_any};

use tracing::Level;

use super::Signal;
use crate::common::{throw, thrown};
use crate::tracing::log::{Log, events, log};

#[test]
fn a_panicking_slot_is_an_error_inside_the_span() {
    let signal = Signal::<()>::new().named("plugins");
    signal.connect(|| ());
    signal.connect(|| throw("bad plugin"));
    signal.connect(|| ());
    let log = log(|| assert_eq!(thrown(|| signal.emit()), "bad plugin"));
    let expected = [
        "+ DEBUG emit{signal=plugins at=@+0 slots=3}",
        "> emit{signal=plugins at=@+0 slots=3}",
        "  TRACE slot connected_at=@-3 outcome=called",
        "  TRACE slot connected_at=@-2 outcome=called",
        "  ERROR slot panicked signal=plugins at=@+0 connected_at=@-2 panic=bad plugin",
        "< emit{signal=plugins at=@+0 slots=3}",
        "- emit{signal=plugins at=@+0 slots=3}",
    ];
    assert_eq!(log, expected);
}

#[test]
fn a_subscriber_of_errors_hears_of_panics_and_nothing_else() {
    let signal = Signal::<()>::new().named("plugins");
    signal.connect(|| ());
    let bad = signal.connect(|| throw("bad plugin"));
    for level in [Level::ERROR, Level::WARN, Level::INFO] {
        let log = Log::at(level);
        log.during(|| {
            thrown(|| signal.emit());
            assert!(catch_unwind(AssertUnwindSafe(|| drop(signal.emitting()))).is_err());
            assert_eq!(signal.calls().catch_unwind().count(), 2);
            let _guard = signal.block(bad);
            signal.emit();
        });
        let expected = ["+2", "+3", "+4"].map(|line| {
            format!(
                "ERROR slot panicked signal=plugins at=@{line} connected_at=@-2 panic=bad plugin"
            )
        });
        assert_eq!(log.take(), expected);
    }
}

#[test]
fn a_lazy_emission_tells_each_panic() {
    let signal = Signal::<(), u8>::new();
    signal.connect(|| throw("first"));
    signal.connect(|| 1);
    signal.connect(|| panic_any(String::from("second")));
    signal.connect(|| panic_any(7));
    let told = events(|| assert_eq!(signal.calls().catch_unwind().count(), 4));
    let panics: Vec<_> = told.iter().filter(|it| it.contains("panicked")).collect();
    let expected = [
        "slot panicked at=@+0 connected_at=@-4 panic=first",
        "slot panicked at=@+0 connected_at=@-2 panic=second",
        // Its payload is no text.
        "slot panicked at=@+0 connected_at=@-1",
    ];
    assert_eq!(panics, expected);
}

#[test]
fn a_guard_that_unwinding_drops_tells_the_panic_that_is_discarded() {
    let signal = Signal::<()>::new();
    signal.connect(|| throw("second"));
    let log = log(|| {
        let unwound = thrown(|| {
            let _guard = signal.emitting();
            throw("first")
        });
        assert_eq!(unwound, "first");
    });
    let expected = [
        "+ DEBUG emit{at=@+2 slots=1}",
        "> emit{at=@+2 slots=1}",
        "  TRACE slot connected_at=@-1 outcome=called",
        "  ERROR slot panicked at=@+2 connected_at=@-1 panic=second",
        "< emit{at=@+2 slots=1}",
        "- emit{at=@+2 slots=1}",
    ];
    assert_eq!(log, expected);
}

#[test]
fn an_argument_that_cannot_be_cloned_is_the_panic_of_the_slot_that_it_is_for() {
    struct Fails;

    impl Clone for Fails {
        fn clone(&self) -> Self {
            throw("no clone")
        }
    }

    let signal = Signal::<(Fails,)>::new();
    signal.connect(|_| ());
    signal.connect(|_| ());
    let told = events(|| assert_eq!(thrown(|| signal.emit(Fails)), "no clone"));
    let expected = [
        "slot connected_at=@-2 outcome=called",
        "slot panicked at=@+0 connected_at=@-2 panic=no clone",
    ];
    assert_eq!(told, expected);
}

#[test]
fn after_a_panic_everything_goes_on() {
    let signal = Signal::<(), u8>::new();
    signal.once(|| throw("once"));
    signal.connect(|| 1);
    log(|| {
        assert_eq!(thrown(|| signal.emit()), "once");
        assert_eq!(signal.emit(), [1]);
    });
    assert_eq!(signal.emit(), [1]);
}

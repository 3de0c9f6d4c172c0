//! Slots, clones and drops that panic.

use smoke_signal::Signal;

use crate::common::{Counter, OnDrop, Recorder, said, throw, thrown, together};

// psygnal: test_emit_loop_exceptions
#[test]
fn a_panic_unwinds_out_of_emit_and_changes_nothing() {
    let signal = Signal::<()>::new();
    let record = Recorder::new();
    signal.connect(record.adding("before"));
    let panicking = signal.connect(|| throw("its message"));
    signal.connect(record.adding("after"));
    for _ in 0..3 {
        assert_eq!(thrown(|| signal.emit()), "its message");
        assert_eq!(record.take(), ["before"]);
    }
    assert_eq!(signal.len(), 3);
    assert!(signal.disconnect(panicking));
    signal.emit();
    assert_eq!(record.take(), ["before", "after"]);
}

// psygnal: test_emit_loop_exceptions
#[test]
fn a_panic_unwinds_out_of_nested_emissions() {
    static SIGNAL: Signal<(u8,)> = Signal::new();
    let record = Recorder::new();
    let noted = record.clone();
    SIGNAL.connect(move |depth| {
        noted.add(depth);
        if depth == 3 {
            throw("deep");
        }
        SIGNAL.emit(depth + 1);
    });
    for _ in 0..2 {
        assert_eq!(thrown(|| SIGNAL.emit(0)), "deep");
        assert_eq!(record.take(), [0, 1, 2, 3]);
    }
}

#[test]
fn nothing_is_poisoned_for_other_threads() {
    let signal = Signal::<(), char>::new();
    let panicking = signal.connect(|| throw("poison?"));
    together(4, |_| {
        assert_eq!(thrown(|| signal.emit()), "poison?");
        let slot = signal.connect(|| 'a');
        assert!(signal.contains(slot));
    });
    assert!(signal.disconnect(panicking));
    assert_eq!(said(&signal), "aaaa");
}

#[test]
fn all_slots_are_disconnected_even_if_dropping_a_capture_panics() {
    let signal = Signal::<()>::new();
    let dropped = Counter::default();
    for number in 0..5 {
        let tracked = dropped.tracked();
        let bomb = OnDrop(move || {
            if number == 2 {
                throw("dropped");
            }
        });
        signal.connect(move || {
            tracked.touch();
            let _ = &bomb;
        });
    }
    signal.emit();
    assert_eq!(thrown(|| signal.disconnect_all()), "dropped");
    assert!(signal.is_empty());
    assert!(signal.emit().is_empty());
    assert_eq!(dropped.get(), 5);
    signal.connect(|| ());
    assert_eq!(signal.emit().len(), 1);
}

#[test]
fn a_result_that_panics_as_it_is_dropped_leaves_the_signal_unchanged() {
    let signal = Signal::<(), OnDrop<fn()>>::new();
    signal.connect(|| OnDrop(|| throw("result")));
    signal.connect(|| OnDrop(|| ()));
    assert_eq!(thrown(|| drop(signal.emit())), "result");
    assert_eq!(signal.len(), 2);
    assert_eq!(thrown(|| signal.calls().for_each(drop)), "result");
}

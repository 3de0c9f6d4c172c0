//! Python's psygnal.

use std::sync::Arc;
use std::thread;

use smoke_signal::testing::Spy;
use smoke_signal::{Queue, Signal, assert_emitted};

use crate::common::{Recorder, thrown};

use super::behaviours;

// theirs: `value_changed = Signal(str)` in a class
#[test]
fn each_object_has_its_own_signal() {
    #[derive(Default)]
    struct Object {
        value_changed: Signal<(String,)>,
    }
    let (one, other) = (Object::default(), Object::default());
    let record = Recorder::new();
    let recorded = record.clone();
    one.value_changed.connect(move |value| recorded.add(value));
    one.value_changed.emit("one".to_owned());
    other.value_changed.emit("other".to_owned());
    assert_eq!(record.take(), ["one"]);
}

// theirs: `connect(obj.method)`
#[test]
fn a_method_does_not_keep_its_object_alive() {
    behaviours::a_method_leaves_with_its_object();
}

// theirs: `connect(f, priority=10)`
#[test]
fn a_priority_is_a_group_of_the_opposite_sign() {
    behaviours::groups_are_called_in_ascending_order([10, 0, -5].map(|priority: i32| -priority));
}

// theirs: `with sig.blocked():`
#[test]
fn a_blocked_signal_calls_nothing() {
    behaviours::a_signal_is_blocked_until_the_last_guard_is_dropped();
}

// theirs: `reemission='immediate'`
#[test]
fn what_a_slot_emits_is_delivered_first() {
    // The example in the documentation of psygnal.
    let signal: Arc<Signal<(u8,)>> = Arc::default();
    let record = Recorder::new();
    for (slot, emits_at) in [(1, Some(1)), (2, Some(2)), (3, None)] {
        let (record, weak) = (record.clone(), Arc::downgrade(&signal));
        signal.connect(move |value| {
            record.add((slot, value));
            if emits_at == Some(value) {
                weak.upgrade().expect("it is emitting").emit(value + 1);
            }
        });
    }
    signal.emit(1);
    let expected = [
        (1, 1),
        (1, 2),
        (2, 2),
        (1, 3),
        (2, 3),
        (3, 3),
        (3, 2),
        (2, 1),
        (3, 1),
    ];
    assert_eq!(record.take(), expected);
}

// theirs: `reemission='queued'`
#[test]
fn what_a_slot_emits_is_delivered_last() {
    // The same example. All callbacks see 1, then all see 2.
    let signal: Arc<Signal<(u8,)>> = Arc::default();
    let record = Recorder::new();
    let queue = Queue::new(64);
    for (slot, emits_at) in [(1, Some(1)), (2, Some(2)), (3, None)] {
        let (record, weak) = (record.clone(), Arc::downgrade(&signal));
        queue.connect(&*signal, move |value| {
            record.add((slot, value));
            if emits_at == Some(value) {
                weak.upgrade().expect("not dropped yet").emit(value + 1);
            }
        });
    }
    signal.emit(1);
    while queue.drain() > 0 {}
    let expected = [1, 2, 3].map(|value| [1, 2, 3].map(|slot| (slot, value)));
    assert_eq!(record.take(), expected.concat());
}

// theirs: `connect(f, thread='main')`, `emit_queued()`
#[test]
fn what_other_threads_emit_is_delivered_on_the_thread_of_the_queue() {
    let signal: Signal<(u8,)> = Signal::new();
    let queue = Queue::new(64);
    let record = Recorder::new();
    let recorded = record.clone();
    queue.connect(&signal, move |value| {
        recorded.add((value, thread::current().id()));
    });
    thread::scope(|scope| {
        scope.spawn(|| signal.emit(1));
    });
    assert_eq!(record.take(), []);
    assert_eq!(queue.drain(), 1);
    signal.emit(2);
    assert_eq!(queue.drain(), 1, "what this thread emits is stored too");
    let here = thread::current().id();
    assert_eq!(record.take(), [(1, here), (2, here)]);
}

// theirs: `EmitLoopError`
#[test]
fn an_error_of_a_callback_reaches_the_emitter() {
    behaviours::a_panic_reaches_the_emitter_and_later_slots_are_not_called();
}

// theirs: `len(sig)`
#[test]
fn a_signal_has_a_length() {
    behaviours::the_number_of_slots_is_known();
}

// theirs: `with assert_emitted_once_with(sig, 42):`
#[test]
fn an_emission_is_asserted() {
    let signal: Signal<(u8,)> = Signal::new();
    assert_emitted!(signal, [(42,)] => signal.emit(42));
    thrown(|| assert_emitted!(signal, [(42,)] => signal.emit(41)));
    thrown(|| assert_emitted!(signal, [(42,)] => ()));
    thrown(|| assert_emitted!(signal, [(42,)] => [signal.emit(42), signal.emit(42)]));
}

// theirs: `SignalTester(sig)`
#[test]
fn a_tester_lists_what_is_emitted() {
    let signal: Signal<(u8,)> = Signal::new();
    let tester = Spy::on(&signal);
    signal.emit(42);
    signal.emit(43);
    assert_eq!((tester.len(), tester.calls()), (2, vec![(42,), (43,)]));
}

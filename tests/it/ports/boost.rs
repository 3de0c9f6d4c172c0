//! Boost.Signals2, of C++.

use std::sync::{Arc, mpsc};
use std::thread;

use smoke_signal::{Signal, WaitError};

use crate::common::{DEADLOCK, said, within};

use super::behaviours::{self, Label};

// theirs: `sig(5, 3)`
#[test]
fn slots_are_called_in_the_order_connected() {
    behaviours::slots_are_called_at_once_in_the_order_connected();
    let arithmetic: Signal<(f32, f32), f32> = Signal::new();
    arithmetic.connect(|x, y| x * y);
    arithmetic.connect(|x, y| x - y);
    assert_eq!(arithmetic.emit(5.0, 3.0), [15.0, 2.0]);
    assert_eq!(
        arithmetic.emit(5.0, 3.0).last(),
        Some(&2.0),
        "what theirs returns"
    );
}

// theirs: a combiner such as `maximum`
#[test]
fn a_combiner_is_a_method_of_an_iterator() {
    let arithmetic: Signal<(f32, f32), f32> = Signal::new();
    assert_eq!(arithmetic.calls(5.0, 3.0).max_by(f32::total_cmp), None);
    arithmetic.connect(|x, y| x / y);
    arithmetic.connect(|x, y| x * y);
    arithmetic.connect(|x, y| x + y);
    assert_eq!(
        arithmetic.calls(5.0, 3.0).max_by(f32::total_cmp),
        Some(15.0)
    );
}

// theirs: a combiner that stops early
#[test]
fn slots_after_the_answer_are_not_called() {
    behaviours::a_lazy_emission_stops_where_its_iterator_does();
}

// theirs: `connect(0, f)`
#[test]
fn groups_are_ascending() {
    behaviours::groups_are_called_in_ascending_order([-1, 0, 1]);
    let (signal, _) = behaviours::letters(['b']);
    signal.options().group(1).connect(|| 'c');
    signal.options().group(0).connect(|| 'b');
    signal.options().group(-1).connect(|| 'a');
    assert_eq!(
        said(&signal),
        "abbc",
        "a slot without a group is in group 0"
    );
}

// theirs: `connect(f, at_front)`
#[test]
fn a_slot_at_the_front_is_called_first() {
    behaviours::the_first_of_a_group_is_called_before_those_already_in_it();
}

// theirs: `c.disconnect()`, `c.connected()`
#[test]
fn a_connection_can_be_disconnected_and_asked() {
    behaviours::a_key_disconnects_once();
}

// theirs: `scoped_connection`
#[test]
fn a_scoped_connection_disconnects() {
    behaviours::a_scope_disconnects();
}

// theirs: `shared_connection_block`
#[test]
fn blocks_of_a_slot_are_shared() {
    behaviours::a_slot_is_blocked_until_the_last_guard_is_dropped();
}

// theirs: `slot.track(ptr)`
#[test]
fn a_tracked_object_is_alive_during_the_call_and_disconnects_at_its_end() {
    behaviours::a_method_leaves_with_its_object();
    let signal: Signal<()> = Signal::new();
    let label = Arc::new(Label::default());
    let (begun, begins) = mpsc::channel();
    let (go_on, goes_on) = mpsc::channel::<()>();
    let goes_on = std::sync::Mutex::new(goes_on);
    signal.connect_weak(&label, move |label| {
        begun.send(()).unwrap();
        goes_on.lock().unwrap().recv().unwrap();
        label.show(7); // alive, although nobody else owns it
    });
    thread::scope(|scope| {
        let emitting = scope.spawn(|| signal.emit());
        begins.recv().unwrap();
        drop(label);
        go_on.send(()).unwrap();
        emitting.join().expect("the object was alive");
    });
    assert!(signal.is_empty());
}

// theirs: `connect_extended`
#[test]
fn a_slot_can_disconnect_itself() {
    behaviours::a_slot_knows_its_key_and_disconnects_itself();
}

// theirs: a slot disconnected during a call of the signal
#[test]
fn a_slot_disconnected_before_its_turn_is_not_called() {
    behaviours::a_slot_disconnected_before_its_turn_is_not_called();
}

// theirs: a slot connected during a call of the signal
#[test]
fn a_slot_connected_by_a_slot_is_called_next_time() {
    behaviours::a_slot_connected_by_a_slot_is_first_called_by_the_next_emission();
}

// theirs: no mutex is held while a slot executes
#[test]
fn a_slot_uses_its_signal_while_other_threads_do() {
    within(DEADLOCK, "a slot that waits for another thread", || {
        static SIGNAL: Signal<(u8,)> = Signal::new();
        SIGNAL.connect(|depth| {
            if depth == 0 {
                let other = thread::spawn(|| {
                    SIGNAL.disconnect(SIGNAL.connect(|_| ()));
                    SIGNAL.emit(1);
                });
                other.join().expect("it does not wait for this slot");
                SIGNAL.emit(1);
            }
        });
        SIGNAL.emit(0);
        SIGNAL.disconnect_all();
    });
}

// theirs: slots run in the thread that calls the signal
#[test]
fn a_slot_runs_in_the_thread_that_emits() {
    let signal: Signal<(), thread::ThreadId> = Signal::new();
    signal.connect(|| thread::current().id());
    assert_eq!(signal.emit(), [thread::current().id()]);
    thread::scope(|scope| {
        let emitting = scope.spawn(|| (signal.emit(), thread::current().id()));
        let (ids, there) = emitting.join().unwrap();
        assert_eq!(ids, [there]);
    });
}

// theirs: a disconnected slot may still be executing
#[test]
fn a_disconnected_slot_that_is_executing_can_be_waited_for() {
    let signal: Signal<()> = Signal::new();
    let (begun, begins) = mpsc::channel();
    let (go_on, goes_on) = mpsc::channel::<()>();
    let label = Arc::new(Label::default());
    let shown = Arc::clone(&label);
    let slot = signal.options().waitable().once(move || {
        begun.send(()).unwrap();
        goes_on.recv().unwrap();
        shown.show(7);
    });
    thread::scope(|scope| {
        scope.spawn(|| signal.emit());
        begins.recv().unwrap();
        assert!(
            !signal.disconnect(slot),
            "`once` has left, and is executing"
        );
        assert_eq!(label.shown(), 0);
        go_on.send(()).unwrap();
        assert_eq!(signal.disconnect_and_wait(slot), Ok(false));
        assert_eq!(label.shown(), 7);
    });
    let plain = signal.connect(|| ());
    assert_eq!(
        signal.disconnect_and_wait(plain),
        Err(WaitError::NotWaitable)
    );
}

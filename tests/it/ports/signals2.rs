//! The crate signals2.

use std::sync::Arc;

use smoke_signal::Signal;

use crate::common::said;

use super::behaviours;

// theirs: `Combiner`
#[test]
fn advancing_an_iterator_calls_a_slot() {
    behaviours::a_lazy_emission_stops_where_its_iterator_does();
    let product: Signal<(), u32> = Signal::new();
    for factor in [2, 3, 4] {
        product.connect(move || factor);
    }
    assert_eq!(product.calls().product::<u32>(), 24);
}

// theirs: `conn.disconnect()`, `conn.connected()`
#[test]
fn a_connection_can_be_disconnected_and_asked() {
    behaviours::a_key_disconnects_once();
}

// theirs: `conn.scoped()`
#[test]
fn a_scoped_connection_disconnects() {
    behaviours::a_scope_disconnects();
    let (signal, [slot]) = behaviours::letters(['a']);
    drop(signal.scoped(slot));
    assert!(signal.is_empty());
}

// theirs: `conn.shared_block(true)`
#[test]
fn blocks_of_a_slot_are_shared() {
    behaviours::a_slot_is_blocked_until_the_last_guard_is_dropped();
}

// theirs: `Group::Front`, `Group::Named(1)`, `Group::Back`
#[test]
fn groups_are_ordered() {
    behaviours::groups_are_called_in_ascending_order([-1, 1, i32::MAX]);
}

// theirs: `Position::Front`
#[test]
fn a_slot_is_put_before_those_in_its_group() {
    behaviours::the_first_of_a_group_is_called_before_those_already_in_it();
}

// theirs: `sig.weak()`
#[test]
fn a_slot_with_a_weak_reference_does_not_keep_its_signal_alive() {
    let signal: Arc<Signal<()>> = Arc::default();
    let weak = Arc::downgrade(&signal);
    signal.connect(move || {
        weak.upgrade().expect("it is emitting").connect(|| ());
    });
    signal.emit();
    assert_eq!(signal.len(), 2);
    let gone = Arc::downgrade(&signal);
    drop(signal);
    assert!(gone.upgrade().is_none());
}

// theirs: a slot disconnected or blocked while emitting
#[test]
fn a_slot_disconnected_or_blocked_before_its_turn_is_not_called() {
    behaviours::a_slot_disconnected_before_its_turn_is_not_called();
    let (signal, [_, b]) = behaviours::letters(['a', 'b']);
    let mut calls = signal.calls();
    assert_eq!(calls.next(), Some('a'));
    let _guard = signal.block(b);
    assert_eq!(calls.next(), None);
}

// theirs: a slot connected while emitting
#[test]
fn a_slot_connected_by_a_slot_is_called_next_time() {
    behaviours::a_slot_connected_by_a_slot_is_first_called_by_the_next_emission();
}

// theirs: `count()`, `clear()`
#[test]
fn slots_are_counted_and_cleared() {
    behaviours::the_number_of_slots_is_known();
    let (signal, _) = behaviours::letters(['a', 'b']);
    signal.disconnect_all();
    assert_eq!(said(&signal), "");
}

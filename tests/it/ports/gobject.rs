//! `GObject`, of C, and gtk-rs.

use smoke_signal::{Queue, ScopedConnection, Signal};

use crate::common::Recorder;

use super::behaviours;

// theirs: `g_signal_connect`, `connect_closure`
#[test]
fn handlers_are_called_in_the_order_connected() {
    behaviours::slots_are_called_at_once_in_the_order_connected();
}

// theirs: `g_signal_connect_after`
#[test]
fn a_handler_connected_after_is_called_after_the_others() {
    let signal: Signal<(), char> = Signal::new();
    signal.options().group(1).connect(|| 'b');
    signal.connect(|| 'a');
    assert_eq!(signal.emit(), ['a', 'b']);
}

// theirs: `g_signal_handler_disconnect`
#[test]
fn a_handler_is_disconnected_by_its_id() {
    behaviours::a_key_disconnects_once();
}

// theirs: `g_signal_handler_block`
#[test]
fn a_handler_is_unblocked_as_often_as_it_was_blocked() {
    behaviours::a_slot_is_blocked_until_the_last_guard_is_dropped();
}

// theirs: `g_signal_connect_object`, `closure!` with `#[watch]`
#[test]
fn a_handler_leaves_with_its_object() {
    behaviours::a_method_leaves_with_its_object();
}

// theirs: an accumulator that returns `FALSE`
#[test]
fn an_emission_stops_where_the_accumulator_says() {
    behaviours::a_lazy_emission_stops_where_its_iterator_does();
}

// theirs: `g_object_freeze_notify`, `g_object_thaw_notify`
#[test]
fn of_many_changes_while_it_is_frozen_one_is_told_of() {
    let (title, width): (Signal<(u8,)>, Signal<(u8,)>) = (Signal::new(), Signal::new());
    let record = Recorder::new();
    let queues = [("title", &title), ("width", &width)].map(|(property, signal)| {
        let queue = Queue::new(1);
        let record = record.clone();
        queue.connect(signal, move |value| record.add((property, value)));
        queue
    });
    (1..=3).for_each(|value| drop(title.emit(value)));
    (1..=2).for_each(|value| drop(width.emit(value)));
    assert_eq!(record.take(), [], "frozen");
    let told = queues.iter().map(Queue::drain).sum::<usize>();
    assert_eq!(told, 2);
    assert_eq!(record.take(), [("title", 3), ("width", 2)]);
}

// theirs: `SignalGroup`
#[test]
fn a_group_of_connections_is_disconnected_at_once() {
    let (one, other): (Signal<(u8,)>, Signal<(String,)>) = (Signal::new(), Signal::new());
    let group: Vec<ScopedConnection> = vec![one.connect_scoped(drop), other.connect_scoped(drop)];
    assert!((one.len(), other.len()) == (1, 1));
    drop(group);
    assert!(one.is_empty() && other.is_empty());
}

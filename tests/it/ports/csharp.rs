//! The events of C#.

use smoke_signal::{ByMut, Connector, Signal};

use super::behaviours;

#[derive(Default)]
struct Account {
    changed: Signal<(i32,)>,
}

impl Account {
    fn changed(&self) -> Connector<'_, (i32,)> {
        self.changed.connector()
    }
}

// theirs: `event EventHandler<T> Changed`
#[test]
fn others_subscribe_and_the_owner_raises() {
    let account = Account::default();
    let (sender, received) = std::sync::mpsc::channel();
    let subscription = account
        .changed()
        .connect(move |sum| sender.send(sum).unwrap());
    account.changed.emit(7);
    assert_eq!(received.recv(), Ok(7));
    assert!(account.changed().disconnect(subscription));
    assert!(received.recv().is_err());
}

// theirs: `Changed?.Invoke(this, e)`
#[test]
fn raising_calls_the_handlers_in_order_if_there_are_any() {
    Account::default().changed.emit(7);
    behaviours::slots_are_called_at_once_in_the_order_connected();
}

// theirs: the return value of a multicast delegate
#[test]
fn the_last_result_is_among_all() {
    let (signal, _) = behaviours::letters(['a', 'b']);
    assert_eq!(signal.emit().last(), Some(&'b'));
    assert_eq!(signal.emit(), ['a', 'b']);
}

// theirs: an exception in a handler
#[test]
fn an_exception_reaches_the_caller_and_later_handlers_are_not_called() {
    behaviours::a_panic_reaches_the_emitter_and_later_slots_are_not_called();
}

// theirs: a `ref` parameter
#[test]
fn each_handler_sees_the_changes_of_those_before() {
    let raised: Signal<(ByMut<Vec<usize>>,)> = Signal::new();
    for _ in 0..3 {
        raised.connect(|lengths| lengths.push(lengths.len()));
    }
    let mut lengths = Vec::new();
    raised.emit(&mut lengths);
    assert_eq!(lengths, [0, 1, 2]);
}

// theirs: `GetInvocationList()`
#[test]
fn handlers_are_listed_and_called_one_by_one() {
    let (signal, slots) = behaviours::letters(['a', 'b']);
    assert_eq!(signal.connections(), slots);
    let listed = signal.slots();
    assert!(listed.iter().map(|slot| slot.connection).eq(slots));
    assert!(listed[0].location.file().ends_with("behaviours.rs"));
    let mut calls = signal.calls();
    assert_eq!(
        (calls.next(), calls.next(), calls.next()),
        (Some('a'), Some('b'), None)
    );
}

// theirs: `WeakEventManager`
#[test]
fn a_listener_can_go_before_the_source() {
    behaviours::a_method_leaves_with_its_object();
}

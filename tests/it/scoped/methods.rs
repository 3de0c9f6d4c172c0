//! The methods that make, ask and end a scoped connection.

use std::sync::Arc;

use smoke_signal::{ByRef, Registry, ScopedConnection, Signal};

use crate::common::{Counter, DEADLOCK, said, within};

use super::abc;

#[test]
fn connect_scoped_connects_and_scopes_in_one_step() {
    let signal = Signal::<(), char>::new();
    let options = signal.options().first();
    let scoped: [ScopedConnection; 3] = [
        signal.connect_scoped(|| 'a'),
        signal.connector().connect_scoped(|| 'b'),
        options.connect_scoped(|| 'c'),
    ];
    assert_eq!(said(&signal), "cab");
    drop(scoped);
    assert!(signal.is_empty());
    signal.connect_scoped(|| 'd').release();
    assert_eq!(said(&signal), "d");
}

#[test]
fn scoped_closures_of_every_number_of_arguments_need_no_types() {
    let none = Signal::<()>::new();
    let lent = Signal::<(ByRef<str>,), usize>::new();
    let eight = Signal::<(u8, u8, u8, u8, u8, u8, u8, u8), u8>::new();
    let _scoped = [
        none.connect_scoped(|| ()),
        lent.connect_scoped(str::len),
        lent.connector().connect_scoped(|text| text.len() + 1),
        eight.connect_scoped(|a, _, _, _, _, _, _, h| a + h),
        eight.options().connect_scoped(|_, b, _, _, _, _, _, _| b),
    ];
    assert_eq!(none.emit(), [()]);
    assert_eq!(lent.emit("four"), [4, 5]);
    assert_eq!(eight.emit(1, 2, 3, 4, 5, 6, 7, 8), [9, 2]);
}

#[test]
fn a_scoped_slot_that_may_never_be_called_is_not_connected() {
    let signal = Signal::<()>::new();
    let dropped = Counter::default();
    let options = signal.options().max_calls(0);
    let scoped = options.connect_scoped(dropped.tracked().held());
    assert!(!scoped.is_connected());
    assert_eq!((dropped.get(), scoped.disconnect()), (1, false));
}

#[cfg(feature = "async")]
#[test]
fn async_slots_are_scoped_too() {
    let signal = smoke_signal::AsyncSignal::<(u8,), u8>::new();
    let one = signal.connect_scoped(async |n| n);
    let two = signal.options().connect_scoped(async |n| n + 1);
    let three = signal.connector().connect_scoped(async |n| n + 2);
    assert_eq!(futures::executor::block_on(signal.emit(1)), [1, 2, 3]);
    assert!(one.is_connected() && two.disconnect());
    drop(three);
    assert_eq!(futures::executor::block_on(signal.emit(1)), [1]);
}

#[test]
fn disconnect_is_true_for_who_disconnects() {
    let (signal, scoped, slot) = abc();
    assert!(scoped.disconnect());
    assert!(!signal.contains(slot));
    assert_eq!(said(&signal), "ac");

    let (signal, scoped, slot) = abc();
    assert!(signal.disconnect(slot));
    assert!(!scoped.disconnect());

    let (signal, scoped, _) = abc();
    drop(signal);
    assert!(!scoped.disconnect(), "its signal is gone");
}

#[test]
fn is_connected_follows_the_slot_and_its_signal() {
    let (signal, scoped, slot) = abc();
    assert!(scoped.is_connected());
    let guard = signal.block(slot);
    assert!(scoped.is_connected(), "blocked");
    drop(guard);
    signal.disconnect_all();
    assert!(!scoped.is_connected());

    let once = signal.scoped(signal.once(|| 'o'));
    assert!(once.is_connected());
    signal.emit();
    assert!(!once.is_connected());

    let object = Arc::new('w');
    let weak = signal.scoped(signal.connect_weak(&object, |letter| *letter));
    assert!(weak.is_connected());
    drop(object);
    assert!(!weak.is_connected());

    let dead = signal.scoped(slot);
    assert!(!dead.is_connected());
    let last = signal.connect_scoped(|| 'l');
    drop(signal);
    assert!(!last.is_connected());
}

#[test]
fn a_scoped_callback_is_connected_while_any_name_has_it() {
    let registry = Registry::new();
    let key = registry.on(["one", "two"], || ()).unwrap();
    let scoped = registry.scoped(key);
    assert!(scoped.is_connected());
    registry.disconnect_from(key, "one");
    assert!(scoped.is_connected());
    registry.clear("two");
    assert!(!scoped.is_connected());
    assert!(!scoped.disconnect());

    let scoped = registry.scoped(registry.on(["one", "two"], || ()).unwrap());
    drop(registry);
    assert!(!scoped.is_connected(), "the signals are gone");

    let registry = Registry::new();
    let key = registry.on(["one", "two"], || ()).unwrap();
    assert!(registry.scoped(key).disconnect());
    assert_eq!(registry.emit("one", ()), Ok(0));
    assert!(!registry.scoped(key).is_connected());
}

/// Disconnects another slot when it is dropped.
struct Ends(Option<ScopedConnection>);

impl Drop for Ends {
    fn drop(&mut self) {
        let inner = self.0.take().expect("dropped once");
        assert!(inner.is_connected() && inner.disconnect());
    }
}

#[test]
fn captures_may_ask_and_end_other_handles_as_they_are_dropped() {
    within(DEADLOCK, "a drop that disconnects", || {
        let signal = Signal::<()>::new();
        let inner = signal.connect_scoped(|| ());
        let ends = Ends(Some(inner));
        let outer = signal.connect_scoped(move || assert!(ends.0.is_some()));
        signal.emit();
        assert!(outer.disconnect());
        assert!(signal.is_empty());
    });
}

#[test]
fn a_handle_tells_the_same_as_it_does_though_the_signal_has_gone() {
    for in_progress in [false, true] {
        let signal = Signal::<()>::new();
        let [asked, ended] = [(); 2].map(|()| signal.connect_scoped(|| ()));
        let calls = in_progress.then(|| signal.calls());
        drop(signal);
        assert_eq!(asked.is_connected(), in_progress);
        assert_eq!(ended.disconnect(), in_progress);
        assert_eq!(calls.map_or(0, Iterator::count), usize::from(in_progress));
        assert!(!asked.is_connected());
        assert!(!asked.disconnect());
    }
}

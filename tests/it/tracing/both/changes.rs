//! Connects and disconnects. The text of two modules, whose parents say which kind of signal it is about.

use super::{Pointer, Signal};
use crate::common::OnDrop;
use crate::tracing::log::events;

#[test]
fn each_way_to_connect_tells_its_own_line() {
    let signal = Signal::<()>::new().named("saved");
    let object = Pointer::new(());
    let told = events(|| {
        signal.connect(|| ());
        signal.once(|| ());
        signal.connect_scoped(|| ()).release();
        signal.connect_with_key(|_| || ());
        signal.connect_weak(&object, |()| ());
        signal.connect_tuple(|()| ());
        signal.options().max_calls(2).connect(|| ());
        signal.options().connect_with_key(|_| || ());
        signal.connector().connect(|| ());
        signal.options().max_calls(0).connect(|| ());
        signal.options().max_calls(0).connect_with_key(|_| || ());
    });
    let lines = [1, 2, 3, 4, 5, 6, 7, 8, 9];
    let expected = lines.map(|line| format!("connected signal=saved connected_at=@+{line}"));
    assert_eq!(told, expected);
}

#[test]
fn each_way_to_leave_tells_its_reason() {
    let signal = Signal::<()>::new();
    let object = Pointer::new(());
    let slot = signal.connect(|| ());
    let scoped = signal.connect_scoped(|| ());
    signal.once(|| ());
    signal.connect_weak(&object, |()| ());
    let limited = signal.options().max_calls(2).connect(|| ());
    signal.connect(|| ());
    let told = events(|| {
        assert!(signal.disconnect(slot));
        assert!(!signal.disconnect(slot));
        drop(scoped);
        signal.emit();
        drop(object);
        signal.emit();
        assert!(!signal.contains(limited));
        signal.disconnect_all();
        signal.disconnect_all();
    });
    let left: Vec<_> = told.iter().filter(|it| it.starts_with("disc")).collect();
    let expected = [
        "disconnected connected_at=@-6 reason=disconnected",
        "disconnected connected_at=@-5 reason=disconnected",
        "disconnected connected_at=@-4 reason=used up",
        "disconnected connected_at=@-3 reason=object gone",
        "disconnected connected_at=@-2 reason=used up",
        "disconnected connected_at=@-1 reason=disconnected",
    ];
    assert_eq!(left, expected);
}

#[test]
fn a_connect_that_finds_objects_gone_tells_of_their_slots() {
    let signal = Signal::<()>::new();
    signal.connect_weak(&Pointer::new(()), |()| ());
    let told = events(|| signal.connect(|| ()));
    let expected = [
        "disconnected connected_at=@-1 reason=object gone",
        "connected connected_at=@+0",
    ];
    assert_eq!(told, expected);
}

#[test]
fn a_slot_has_left_before_its_captured_values_are_dropped() {
    let (told_by_drop, signal) = (Signal::<()>::new(), Signal::<()>::new());
    let capture = OnDrop(move || drop(told_by_drop.emit()));
    let slot = signal.connect(move || {
        let _ = &capture;
    });
    let log = crate::tracing::log::log(|| signal.disconnect(slot));
    assert_eq!(
        log[..2],
        [
            "TRACE disconnected connected_at=@-3 reason=disconnected",
            "+ DEBUG emit{at=@-4 slots=0}"
        ]
    );
}

#[test]
fn a_dropped_signal_tells_how_many_slots_it_had() {
    let (used, unused) = (Signal::<()>::new().named("used"), Signal::<()>::new());
    let slot = used.connect(|| ());
    used.connect(|| ());
    used.connect(|| ());
    used.disconnect(slot);
    let told = events(|| drop((used, unused)));
    assert_eq!(told, ["signal dropped signal=used slots=2"]);
}

//! What is told only of `LocalSignal`: slots of which one call runs at a time.

use std::rc::Rc;

use smoke_signal::LocalSignal;

use super::log::events;

#[test]
fn a_slot_that_is_running_already_is_passed_over() {
    let signal = Rc::new(LocalSignal::<()>::new());
    let weak = Rc::downgrade(&signal);
    let mut nested = false;
    signal.connect_mut(move || {
        nested = !nested;
        weak.upgrade().unwrap().emit();
    });
    signal.connect(|| ());
    let told = events(|| signal.emit());
    let expected = [
        "slot connected_at=@-5 outcome=called",
        "slot connected_at=@-5 outcome=already running",
        "slot connected_at=@-1 outcome=called",
        "slot connected_at=@-1 outcome=called",
    ];
    assert_eq!(told, expected);
    assert_eq!(signal.slots()[0].missed, 1);
}

#[test]
fn a_running_slot_that_is_blocked_or_has_left_tells_that() {
    let signal = Rc::new(LocalSignal::<()>::new());
    let weak = Rc::downgrade(&signal);
    signal.connect_mut(move || {
        let signal = weak.upgrade().unwrap();
        let own = signal.connections()[0];
        let mut calls = signal.calls();
        let guard = signal.block(own);
        calls.next();
        drop(guard);
        let mut calls = signal.calls();
        signal.disconnect(own);
        calls.next();
    });
    let told = events(|| signal.emit());
    let expected = [
        "slot connected_at=@-11 outcome=called",
        "slot connected_at=@-11 outcome=blocked",
        "disconnected connected_at=@-11 reason=disconnected",
        "slot connected_at=@-11 outcome=gone",
    ];
    assert_eq!(told, expected);
}

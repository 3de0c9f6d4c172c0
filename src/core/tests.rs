//! What the public interface cannot reach: limits that take too long to get to, and what is locked or checked.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use crate::core::list::AnyList;
#[cfg(feature = "testing")]
use crate::core::list::Checks;
use crate::signal::Signal;

#[test]
fn a_block_too_many_changes_nothing() {
    let signal = Signal::<()>::new();
    let slot = signal.connect(|| ());
    let guard = signal.block(slot);
    let locked = signal.core().lock();
    locked
        .state
        .slots()
        .slot(0)
        .head
        .block_as_often_as_possible();
    drop(locked);
    let blocked = catch_unwind(AssertUnwindSafe(|| signal.block(slot)));
    let message = blocked.unwrap_err().downcast::<&str>();
    assert_eq!(
        *message.unwrap(),
        "a slot is blocked by 2^29 - 1 guards at most"
    );
    assert_eq!(format!("{signal:?}"), "Signal { slots: 1, .. }");
    drop(guard);
    assert!(signal.block(slot).is_some());
}

#[test]
fn is_empty_takes_no_lock() {
    let signal = Signal::<()>::new();
    let object = Arc::new(());
    let plain = signal.connect(|| ());
    let ask = |expected| {
        let _held = signal.core().lock_as_a_change_does();
        assert_eq!(signal.is_empty(), expected);
    };
    ask(false);
    signal.connect_weak(&object, |()| ());
    ask(false);
    drop(object);
    ask(false);
    signal.disconnect(plain);
    assert!(signal.is_empty(), "takes the lock to look at the object");
    ask(true);
    let [first, second] = [Arc::new(()), Arc::new(())];
    let slot = signal.connect_weak(&first, |()| ());
    signal.connect_weak(&second, |()| ());
    assert!(!signal.is_empty(), "takes the lock to find an object");
    ask(false);
    signal.disconnect(slot);
    assert!(!signal.is_empty(), "takes the lock to find another one");
    ask(false);
    signal.disconnect_all();
    ask(true);
}

#[test]
fn a_slot_is_not_first_because_one_that_left_before_it_was() {
    let signal = Signal::<(), i32>::new();
    signal.connect(|| 0);
    let first = signal.options().first().connect(|| 1);
    signal.disconnect(first);
    signal.connect(|| 2);
    signal.options().first().connect(|| 3);
    assert_eq!(signal.emit(), [3, 0, 2]);
}

#[test]
#[cfg(feature = "testing")]
fn a_spy_leaves_other_slots_unchecked() {
    let signal = Signal::<()>::new();
    let slots = [signal.connect(|| ()), signal.connect(|| ())];
    let spy = crate::testing::Spy::on(&signal);
    let checks = || signal.core().lock().state.table.checks();
    assert!(checks() == Checks::Some);
    drop(spy);
    assert!(checks() == Checks::None && slots.iter().all(|&slot| signal.contains(slot)));
}

#[test]
fn slots_are_called_in_order_and_found_beyond_2_to_the_32_connections() {
    let signal = Signal::<(), i32>::new();
    let mut keys = vec![signal.connect(|| 0), signal.connect(|| 1)];
    signal.core().lock().state.table.exhaust(3);
    keys.push(signal.connect(|| 2));
    signal.disconnect(keys[0]);
    signal.options().first().connect(|| 3);
    signal.options().group(-1).connect(|| 4);
    // From here on with new serials.
    keys.push(signal.connect(|| 5));
    signal.options().first().connect(|| 6);
    assert_eq!(signal.emit(), [4, 6, 3, 1, 2, 5]);
    for key in keys.drain(1..) {
        assert!(signal.disconnect(key));
    }
    assert_eq!(signal.emit(), [4, 6, 3]);
}

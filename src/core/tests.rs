//! What the public interface cannot reach: limits that take too long to get to, and what is locked, checked or published.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use crate::core::copies::{COPIED_SLOTS, COPIES};
use crate::core::list::AnyList;
#[cfg(feature = "testing")]
use crate::core::list::Checks;
use crate::keys::Connection;
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

/// A signal whose list is published, and whose next changes copy it if that has this many slots.
fn copied(slots: usize) -> (Signal<(), usize>, Vec<Connection>) {
    let signal = Signal::<(), usize>::new();
    let keys = (0..slots).map(|n| signal.connect(move || n)).collect();
    signal.emit();
    signal.core().lock().state.copies.expect_more();
    (signal, keys)
}

fn is_published(signal: &Signal<(), usize>) -> bool {
    signal.core().cell.load().is_some()
}

#[test]
fn an_emission_that_waits_for_a_change_makes_the_next_ones_copy() {
    let (signal, _) = copied(2);
    signal.core().lock().state.copies.0 = 0;
    let copies = || signal.core().lock().state.copies.0;
    for _ in 0..1000 {
        signal.connect(|| 0);
        signal.emit();
        assert_eq!(copies(), 0, "nobody has had to wait");
        signal.connect(|| 0);
        let held = signal.core().lock_as_a_change_does();
        let begins = AtomicBool::new(false);
        thread::scope(|scope| {
            scope.spawn(|| {
                begins.store(true, Ordering::Relaxed);
                signal.emit();
            });
            while !begins.load(Ordering::Relaxed) {
                thread::yield_now();
            }
            thread::sleep(Duration::from_millis(1)); // most likely, it has come to the lock
            drop(held);
        });
        if copies() == COPIES {
            return;
        }
    }
    panic!("no emission has had to wait");
}

#[test]
fn changes_that_copy_leave_no_moment_without_a_list() {
    let (signal, mut keys) = copied(3);
    for n in 0..COPIES / 4 {
        for first in [false, true] {
            let options = signal.options();
            let options = if first { options.first() } else { options };
            keys.push(options.connect(|| 7));
            assert!(is_published(&signal), "copy {n}");
            assert_eq!(signal.emit().len(), 4);
            assert!(signal.disconnect(keys.remove(1)), "in the middle");
            assert!(is_published(&signal), "copy {n}");
            assert_eq!(signal.emit().len(), 3);
        }
    }
    signal.connect(|| 8);
    assert!(!is_published(&signal), "enough");
    assert_eq!(signal.emit(), [7, 0, 7, 8]);
}

#[test]
fn changes_copy_no_long_list() {
    let (signal, _) = copied(COPIED_SLOTS - 1);
    signal.connect(|| 0);
    assert!(is_published(&signal));
    signal.connect(|| 0);
    assert!(!is_published(&signal));
}

/// If they did, a signal would be known to have slots before its list has any, or the other way round.
#[test]
fn changes_copy_no_empty_list() {
    let (signal, keys) = copied(2);
    signal.disconnect(keys[0]);
    assert!(!is_published(&signal), "one is left");
    let (signal, _) = copied(1);
    signal.disconnect_all();
    assert!(!is_published(&signal), "none is left");
    signal.emit();
    signal.connect(|| 0);
    assert!(!is_published(&signal), "the first");
}

#[test]
fn changes_copy_no_weak_slots() {
    let (signal, _) = copied(3);
    let object = Arc::new(());
    signal.connect_weak(&object, |()| 0);
    assert!(!is_published(&signal));
    signal.emit();
    signal.connect(|| 0);
    assert!(!is_published(&signal));
    drop(object);
    assert_eq!(signal.emit().len(), 4);
}

#[test]
fn a_change_of_a_blocked_signal_copies_nothing() {
    let (signal, _) = copied(3);
    let guard = signal.block_all();
    assert!(signal.emit().is_empty());
    signal.connect(|| 3);
    assert!(!is_published(&signal));
    assert!(signal.emit().is_empty());
    drop(guard);
    assert_eq!(signal.emit(), [0, 1, 2, 3]);
}

/// The memory of a long one would otherwise be kept until the next change.
#[test]
fn a_list_that_was_replaced_is_kept_only_if_it_is_short() {
    for slots in [COPIED_SLOTS, COPIED_SLOTS + 1] {
        let (signal, _) = copied(slots);
        let emission = signal.calls();
        signal.connect(|| 0);
        drop(emission);
        let is_kept = || signal.core().lock().state.replaced.is_some();
        assert_eq!(is_kept(), slots == COPIED_SLOTS);
        signal.core().lock().state.copies.0 = 0;
        signal.emit();
        signal.connect(|| 0);
        assert!(!is_kept(), "the next change that copies nothing");
    }
}

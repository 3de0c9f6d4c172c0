//! What happens if two things end at the same time, or one while another still holds it.
//!
//! Each ending meets each of the others, and everything that may still hold what has ended. The tests are below, or in
//! the module that is named.
//!
//! | what ends | and | who decides | test |
//! |---|---|---|---|
//! | a budget, by its last call | `disconnect` | who takes the slot out under the mutex | `of_the_last_call_and_a_disconnect_one_wins` |
//! | a budget | `disconnect`, then the signal | the same | `of_the_last_call_and_a_disconnect_one_wins_if_the_signal_is_dropped_too` |
//! | a budget of a registry | `disconnect`, in the registry or the signal | the same, under the lock of the callback | `registry_threads`; `tests/models/registry.rs` |
//! | a budget | a block | the block, unless the call has been charged | `tests/models/pairs.rs` |
//! | a budget, with a panic | the next emission | the call has been charged | `limits`, `faults` |
//! | a scope | an emission in progress | the slot is not called | `scoped` |
//! | a scope | the signal, with an emission in progress | the emission does not call the slot | `a_scope_ends_though_the_signal_has_gone` |
//! | a scope | the registry, with a typed signal in use | the callback leaves | `registry::orphans` |
//! | a scope of the object | the object, before anybody has seen it | the scope | `weak::unborn` |
//! | a block | the signal, with an emission in progress | the emission calls the slot again | `a_block_ends_though_the_signal_has_gone` |
//! | a block | an object that is gone | the slot leaves | `weak::captures` |
//! | an object | `disconnect` | whether it was alive under the mutex | `who_takes_a_weak_slot_is_told_so` |
//! | an object | its slot is blocked | only the owner holds the object | `a_blocked_weak_slot_does_not_hold_its_object` |
//! | an object | it has not been born | the slot waits | `weak::unborn` |
//! | an object | its slot is running | the call holds it | `weak::lifetimes` |
//! | many objects | captures that emit or connect as they are dropped | all slots are removed first | `weak::captures` |
//! | the arguments | a waitable slot that was not called | it is not running | `a_waitable_slot_that_is_not_called_is_not_running` |
//! | the arguments, with a panic | `catch_unwind`, `keyed` | no slot has panicked | `keyed`, `asynchronous::caught` |
//! | a waitable slot | a wait from its own call or drop | it is inside | `waiting::inside` |
//! | a waitable slot | a wait from a drop that comes before its own | it is inside | `waiting::inside` |
//! | a waitable slot | the signal, after its last call | its captures are dropped, though the emission goes on | `captures_are_dropped_after_the_last_call_though_the_signal_has_gone` |
//! | the signal | an emission in progress | that runs to its end | `an_emission_goes_on_though_the_signal_has_gone` |
//! | the signal | an `emitting` guard, dropped by a slot's captures | the signal has gone | `a_guard_that_is_dropped_with_its_signal_emits_nothing` |
//! | the registry | a guard that emits by name | the registry is not kept | `registry::guards` |
//! | a name | a guard that was made before | it emits nothing | `registry::removal` |
//! | a stream | its slot leaves, with an emission in progress | the stream ends | `streams::ends` |
//! | a stream | the signal, with an emission in progress | the stream ends with the emission | `streams::ends` |
//! | an expired slot's captures, with a panic | `connect` | nothing is connected | `connect_fails_as_a_whole` |
//! | an expired slot's captures, with a panic | `on` | nothing is registered | `registry::panicking` |
//! | a thread | a waitable slot that waits for itself | it is inside | `a_slot_cannot_wait_for_itself_in_the_destructor_of_a_thread_local` |
//! | `is_empty` on another thread | `disconnect` | nothing is held | `weak::expired` |

use std::cell::RefCell;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Barrier, Mutex, OnceLock};
use std::thread;

use smoke_signal::{Calls, Connection, Emitting, ScopedConnection, Signal, WaitError};

use crate::common::{Counter, DEADLOCK, OnDrop, throw, thrown, within};

const ROUNDS: usize = 2_000;

/// Emits on seven threads what `end` ends on the eighth, again and again. Asserts that the slot was called,
/// or `end` disconnected it, never both or neither.
fn race(max_calls: u32, end: impl Fn(&Signal<()>, Connection) -> bool) {
    for _ in 0..ROUNDS / 8 {
        let signal = Signal::<()>::new();
        let calls = Counter::default();
        let slot = signal
            .options()
            .max_calls(max_calls)
            .connect(calls.adding());
        for _ in 1..max_calls {
            signal.emit();
        }
        let start = Barrier::new(8);
        let ended = thread::scope(|scope| {
            for _ in 0..7 {
                scope.spawn(|| {
                    start.wait();
                    signal.emit();
                });
            }
            start.wait();
            end(&signal, slot)
        });
        let last_calls = calls.get() - (max_calls as usize - 1);
        assert_eq!(last_calls + usize::from(ended), 1);
    }
}

#[test]
fn of_the_last_call_and_a_disconnect_one_wins() {
    race(1, Signal::disconnect);
    race(3, Signal::disconnect);
}

#[test]
fn of_the_last_call_and_a_disconnect_one_wins_if_the_signal_is_dropped_too() {
    for round in 0..10 * ROUNDS {
        let signal = Signal::<()>::new();
        for _ in 0..20 {
            signal.connect(|| ());
        }
        let calls = Counter::default();
        let options = signal.options().max_calls(1);
        let slot = match round % 2 {
            0 => options.connect(calls.adding()),
            _ => options.waitable().connect(calls.adding()),
        };
        let emission = signal.calls();
        let disconnected = thread::scope(|scope| {
            scope.spawn(|| emission.for_each(drop));
            let disconnected = signal.disconnect(slot);
            drop(signal);
            disconnected
        });
        assert!(!disconnected || calls.get() == 0);
    }
}

#[test]
fn who_takes_a_weak_slot_is_told_so() {
    for _ in 0..10 * ROUNDS {
        let signal = Signal::<()>::new();
        let object = Arc::new(());
        let slot = signal.connect_weak(&object, |()| ());
        let signal = &signal;
        thread::scope(|scope| {
            // The object outlives the connection, if only just.
            scope.spawn(move || {
                while signal.contains(slot) {
                    std::hint::spin_loop();
                }
                drop(object);
            });
            assert!(signal.disconnect(slot));
        });
    }
}

#[test]
fn a_blocked_weak_slot_does_not_hold_its_object() {
    let signal = Signal::<()>::new();
    let object = Arc::new(());
    let slot = signal.connect_weak(&object, |()| ());
    let _guard = signal.block(slot);
    let done = AtomicBool::new(false);
    let held = thread::scope(|scope| {
        scope.spawn(|| {
            for _ in 0..100 * ROUNDS {
                signal.emit();
            }
            done.store(true, Ordering::Relaxed);
        });
        let mut held = 0;
        while !done.load(Ordering::Relaxed) {
            held += usize::from(Arc::strong_count(&object) > 1);
        }
        held
    });
    assert_eq!(held, 0);
}

#[test]
fn a_waitable_slot_that_is_not_called_is_not_running() {
    static SIGNAL: Signal<(Argument,)> = Signal::new();

    /// Disconnects a slot and waits for it, when it is dropped.
    #[derive(Clone)]
    struct Argument(Connection, Arc<OnceLock<Result<bool, WaitError>>>);

    impl Drop for Argument {
        fn drop(&mut self) {
            self.1.set(SIGNAL.disconnect_and_wait(self.0)).unwrap();
        }
    }

    let slot = SIGNAL.options().waitable().connect(|_| ());
    let _guard = SIGNAL.block(slot);
    let answer = Arc::new(OnceLock::new());
    let argument = Argument(slot, Arc::clone(&answer));
    within(DEADLOCK, "the drop of an argument", move || {
        SIGNAL.emit(argument);
    });
    assert_eq!(answer.get(), Some(&Ok(true)));
}

#[test]
fn a_guard_that_is_dropped_with_its_signal_emits_nothing() {
    let signal = Signal::<()>::new();
    let calls = Counter::default();
    signal.emit();
    let last = signal.connect(calls.adding());
    let owned: (Emitting<'static>, ScopedConnection) = (signal.emitting(), signal.scoped(last));
    // Connected out of order since the last emission, so that the list is still to be sorted.
    signal.emit();
    signal.options().first().connect(move || {
        let _ = &owned;
    });
    let before = calls.get();
    drop(signal);
    assert_eq!(calls.get(), before);
}

#[test]
fn connect_fails_as_a_whole() {
    let connects: [(&str, fn(&Signal<()>)); 3] = [
        ("connect", |signal| _ = signal.connect(|| ())),
        ("once", |signal| _ = signal.once(|| ())),
        ("connect_with_key", |signal| {
            signal.connect_with_key(|_| || ());
        }),
    ];
    for (name, connect) in connects {
        let signal = Signal::<()>::new();
        let object = Arc::new(());
        let captured = OnDrop(|| throw("drop"));
        signal.connect_weak(&object, move |()| {
            let _ = &captured;
        });
        drop(object);
        assert_eq!(thrown(|| connect(&signal)), "drop", "{name}");
        assert_eq!(
            signal.len(),
            0,
            "{name}: nothing is connected without a key"
        );
        connect(&signal);
        assert_eq!(signal.len(), 1, "{name}");
    }
}

#[test]
fn a_slot_cannot_wait_for_itself_in_the_destructor_of_a_thread_local() {
    struct EmitsOnDrop(&'static Signal<()>);

    impl Drop for EmitsOnDrop {
        fn drop(&mut self) {
            self.0.emit();
        }
    }

    thread_local! {
        static EARLY: RefCell<Option<EmitsOnDrop>> = const { RefCell::new(None) };
        static LATE: RefCell<Option<EmitsOnDrop>> = const { RefCell::new(None) };
    }

    static SIGNALS: [Signal<()>; 2] = [const { Signal::new() }; 2];
    static ANSWERS: Mutex<Vec<Result<bool, WaitError>>> = Mutex::new(Vec::new());

    for signal in &SIGNALS {
        signal.options().waitable().connect_with_key(|me| {
            move || ANSWERS.lock().unwrap().push(signal.disconnect_and_wait(me))
        });
    }
    within(DEADLOCK, "a thread that ends", || {
        thread::spawn(|| {
            // One is destroyed before, and one after, a thread-local that a waitable slot makes in between.
            EARLY.with(|early| *early.borrow_mut() = Some(EmitsOnDrop(&SIGNALS[0])));
            Signal::<()>::new().options().waitable().connect(|| ());
            LATE.with(|late| *late.borrow_mut() = Some(EmitsOnDrop(&SIGNALS[1])));
        })
        .join()
        .unwrap();
    });
    let inside = Err(WaitError::InsideSlot);
    assert_eq!(*ANSWERS.lock().unwrap(), [inside, inside]);
}

/// An emission that has called the first of two slots when its signal is dropped, and how often the second
/// one, which `options` connects, has been called.
struct Orphaned {
    emission: Calls<'static, ()>,
    second: Connection,
    calls: Counter,
}

/// Makes an emission that goes on though its signal has gone. `tie` makes what belongs to the second slot.
fn orphaned<T>(
    connect: impl Fn(&Signal<()>, &Counter) -> Connection,
    tie: impl Fn(&Signal<()>, Connection) -> T,
) -> impl Iterator<Item = (Orphaned, T)> {
    // The emission reads the list that the signal ends with, or one from before a change.
    let later: [fn(&Signal<()>); 3] = [
        |_| (),
        |signal| _ = signal.connect(|| ()),
        |signal| {
            signal.options().first().connect(|| ());
            drop(signal.calls());
        },
    ];
    later.into_iter().map(move |later| {
        let signal = Signal::<()>::new();
        signal.connect(|| ());
        let calls = Counter::default();
        let second = connect(&signal, &calls);
        let mut emission = signal.calls();
        assert_eq!(emission.next(), Some(()));
        later(&signal);
        let tied = tie(&signal, second);
        drop(signal);
        let orphaned = Orphaned {
            emission,
            second,
            calls,
        };
        (orphaned, tied)
    })
}

#[test]
fn a_scope_ends_though_the_signal_has_gone() {
    for (orphaned, scoped) in orphaned(
        |signal, calls| signal.connect(calls.adding()),
        Signal::scoped,
    ) {
        drop(scoped);
        assert_eq!(orphaned.emission.count(), 0, "{:?}", orphaned.second);
        assert_eq!(orphaned.calls.get(), 0);
    }
}

#[test]
fn an_emission_goes_on_though_the_signal_has_gone() {
    for (orphaned, scoped) in orphaned(
        |signal, calls| signal.connect(calls.adding()),
        Signal::scoped,
    ) {
        assert_eq!(orphaned.emission.count(), 1);
        assert_eq!(orphaned.calls.get(), 1);
        drop(scoped);
    }
}

#[test]
fn a_block_ends_though_the_signal_has_gone() {
    let connect = |signal: &Signal<()>, calls: &Counter| signal.connect(calls.adding());
    for (orphaned, guard) in orphaned(connect, Signal::block) {
        drop(guard);
        assert_eq!(orphaned.emission.count(), 1);
    }
    for (orphaned, guard) in orphaned(connect, |signal, slot| {
        [signal.block(slot), signal.block(slot)]
    }) {
        let [one, other] = guard;
        drop(one);
        assert_eq!(orphaned.emission.count(), 0);
        drop(other);
    }
}

#[test]
fn captures_are_dropped_after_the_last_call_though_the_signal_has_gone() {
    let connect = |signal: &Signal<()>, dropped: &Counter| {
        let captured = dropped.tracked();
        let options = signal.options().waitable().max_calls(1);
        options.connect(move || captured.touch())
    };
    for (mut orphaned, ()) in orphaned(connect, |_, _| ()) {
        let dropped = orphaned.calls;
        assert_eq!(dropped.get(), 0, "the emission may call it");
        assert_eq!(orphaned.emission.next(), Some(()));
        assert_eq!(dropped.get(), 1, "nothing can call it any more");
    }
}

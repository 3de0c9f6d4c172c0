//! Handles dropped by unwinding, on other threads, inside slots and by other owners.

use std::sync::{Arc, Barrier, Mutex, OnceLock};
use std::thread;

use smoke_signal::{Registry, ScopedConnection, Signal};

use crate::common::{
    Counter, DEADLOCK, Numbers, OnDrop, Recorder, said, throw, thrown, together, within,
};

use super::{Later, Outcome, abc};

// blinker: test_temp_connection_failure
#[test]
fn unwinding_drops_the_handle() {
    let (signal, scoped, slot) = abc();
    let message = thrown(|| {
        let _scoped = scoped;
        assert_eq!(said(&signal), "abc");
        throw("out of the scope");
    });
    assert_eq!(message, "out of the scope");
    assert!(!signal.contains(slot));
    assert_eq!(said(&signal), "ac");
}

// blinker: test_temp_connection_failure
#[test]
fn unwinding_out_of_an_emission_drops_the_handle() {
    let signal = Arc::new(Signal::<()>::new());
    let record = Recorder::new();
    let (weak, counted) = (Arc::downgrade(&signal), record.clone());
    signal.connect(move || {
        let signal = weak.upgrade().unwrap();
        let _scoped = signal.scoped(signal.connect(counted.adding("inner")));
        counted.add("outer");
        throw("in the slot");
    });
    for _ in 0..3 {
        assert_eq!(thrown(|| signal.emit()), "in the slot");
        assert_eq!(signal.len(), 1);
    }
    assert_eq!(record.take(), ["outer"; 3]);
}

// Boost.Signals2: regression_test.cpp, scoped_connection_test
#[test]
fn a_handle_may_be_dropped_on_another_thread() -> Outcome {
    let (signal, scoped, slot) = abc();
    let registry = Registry::new();
    let key = registry.on(["a", "b"], || ())?;
    let callback = registry.scoped(key);
    thread::spawn(move || drop((scoped, callback)))
        .join()
        .unwrap();
    assert!(!signal.contains(slot));
    assert!(registry.signals(key).is_empty());
    assert_eq!(said(&signal), "ac");
    Ok(())
}

// Boost.Signals2: regression_test.cpp, scoped_connection_test
#[test]
fn handles_may_be_dropped_on_many_threads_while_others_emit() {
    let signal = Signal::<(), char>::new();
    let dropped = Counter::default();
    let handles: Vec<_> = (0..400)
        .map(|_| {
            let tracked = dropped.tracked();
            let slot = signal.connect(move || {
                tracked.touch();
                'x'
            });
            Mutex::new(Some(signal.scoped(slot)))
        })
        .collect();
    together(4, |thread| {
        for handle in handles.iter().skip(thread % 2).step_by(2) {
            if thread < 2 {
                drop(handle.lock().unwrap().take());
            } else {
                assert!(signal.emit().len() <= 400);
            }
        }
    });
    assert!(signal.is_empty());
    assert_eq!(dropped.get(), 400);
}

// Boost.Signals2: deletion_test.cpp, test_remove_self; signals2: disconnect_while_emitting
#[test]
fn a_slot_may_drop_its_own_handle() {
    let dropped = Counter::default();
    let signal = Signal::<(), char>::new();
    let handle = Later::default();
    let (own, tracked, seen) = (Arc::clone(&handle), dropped.tracked(), dropped.clone());
    let slot = signal.connect(move || {
        drop(own.lock().unwrap().take());
        assert_eq!(seen.get(), 0, "it is running");
        tracked.touch();
        's'
    });
    *handle.lock().unwrap() = Some(signal.scoped(slot));
    signal.connect(|| 't');
    assert_eq!(said(&signal), "st");
    assert_eq!(dropped.get(), 1);
    assert_eq!(said(&signal), "t");
}

// Boost.Signals2: deletion_test.cpp, test_remove_self; signals2: disconnect_while_emitting
#[test]
fn another_thread_may_drop_the_handle_of_a_running_slot() {
    within(DEADLOCK, "a handle dropped during a call", || {
        let signal = Arc::new(Signal::<(), char>::new());
        let (meet, dropped) = (Arc::new(Barrier::new(2)), Counter::default());
        let (gate, tracked) = (Arc::clone(&meet), dropped.tracked());
        let slot = signal.connect(move || {
            gate.wait();
            gate.wait();
            tracked.touch();
            's'
        });
        let scoped = signal.scoped(slot);
        let emitting = Arc::clone(&signal);
        let emission = thread::spawn(move || said(&emitting));
        meet.wait();
        drop(scoped); // does not wait
        assert!(!signal.contains(slot));
        assert_eq!(dropped.get(), 0, "it is running");
        meet.wait();
        assert_eq!(emission.join().unwrap(), "s");
        assert_eq!(dropped.get(), 1);
        assert_eq!(said(&signal), "");
    });
}

// Boost.Signals2: deletion_test.cpp, test_remove_prior, test_remove_after; Node: nodejs/node#1182
#[test]
fn other_slots_may_drop_the_handle_during_an_emission() {
    let signal = Signal::<(), char>::new();
    let handles: [Later; 2] = Default::default();
    let before = signal.connect(|| 'a');
    let known = handles.clone();
    signal.connect(move || {
        for handle in &known {
            handle.lock().unwrap().take();
        }
        'b'
    });
    let after = signal.connect(|| 'c');
    signal.connect(|| 'd');
    for (handle, slot) in handles.iter().zip([before, after]) {
        *handle.lock().unwrap() = Some(signal.scoped(slot));
    }
    assert_eq!(said(&signal), "abd");
    assert_eq!(said(&signal), "bd");
}

// signals2: connect_while_emitting; Boost.Signals2: regression_test.cpp, slot_connect_test
#[test]
fn a_slot_may_scope_itself_and_slots_it_connects() {
    static SIGNAL: Signal<(), char> = Signal::new();
    SIGNAL.connect_with_key(|me| {
        move || {
            let scoped = SIGNAL.scoped(me);
            assert!(SIGNAL.contains(me));
            drop(SIGNAL.scoped(SIGNAL.connect(|| 'n')));
            SIGNAL.scoped(SIGNAL.connect(|| 'k')).release();
            drop(scoped);
            assert!(!SIGNAL.contains(me));
            's'
        }
    });
    assert_eq!(said(&SIGNAL), "s");
    assert_eq!(said(&SIGNAL), "k");
}

#[test]
fn a_thousand_handles_dropped_in_random_order() {
    let signal = Signal::<(), u32>::new();
    let mut left: Vec<_> = (0..1000)
        .map(|n| (n, signal.scoped(signal.connect(move || n))))
        .collect();
    let mut numbers = Numbers(7);
    while !left.is_empty() {
        drop(left.remove(numbers.below(left.len())));
        assert_eq!(signal.len(), left.len());
        if left.len() % 50 == 0 {
            let expected: Vec<_> = left.iter().map(|(n, _)| *n).collect();
            assert_eq!(signal.emit(), *expected);
        }
    }
}

// Boost.Signals2: regression_test.cpp, scoped_connection_test
#[test]
fn registry_handles_remove_the_callback_from_all_its_names() -> Outcome {
    fn callback() {}
    let registry = Registry::new();
    let key = registry.on(["a", "b", "c"], callback)?;
    let scoped = registry.scoped(key);
    registry.on("d", callback)?; // the same callback on one more name
    let other = registry.on(["a", "d"], || ())?;
    assert_eq!(registry.signals(key), ["a", "b", "c", "d"]);
    drop(scoped);
    assert!(registry.signals(key).is_empty());
    assert!(!registry.disconnect(callback));
    assert_eq!(registry.signals(other), ["a", "d"]);
    assert_eq!(registry.emit("b", ())?, 0);
    assert_eq!(registry.emit("d", ())?, 1);

    // Registered again, it is a new registration.
    registry.on("a", callback)?;
    drop(registry.scoped(key));
    assert!(registry.responds_to(callback, "a"));
    Ok(())
}

// Boost.Signals2: deadlock_regression_test.cpp
#[test]
fn captures_dropped_by_the_handle_may_call_every_method() {
    within(DEADLOCK, "a capture's drop", || {
        static SIGNAL: Signal<(), char> = Signal::new();
        static REGISTRY: Registry = Registry::new();
        let ran = Counter::default();
        let act = |ran: Counter| {
            OnDrop(move || {
                let scoped = SIGNAL.scoped(SIGNAL.connect(|| 'n'));
                let key = REGISTRY.on("name", || ()).unwrap();
                let named = REGISTRY.scoped(key);
                assert_eq!(said(&SIGNAL), "n");
                assert_eq!(REGISTRY.emit("name", ()), Ok(1));
                drop((scoped, named));
                ran.add();
            })
        };
        let capture = act(ran.clone());
        let scoped = SIGNAL.scoped(SIGNAL.connect(move || {
            let _ = &capture;
            'c'
        }));
        drop(scoped);
        let capture = act(ran.clone());
        let key = REGISTRY.on("name", move || {
            let _ = &capture;
        });
        drop(REGISTRY.scoped(key.unwrap()));
        assert_eq!(ran.get(), 2);
    });
}

// Boost.Signals2: regression_test.cpp, scoped_connection_test
#[test]
fn a_slot_may_own_the_handle_of_another() {
    // Disconnecting the owner disconnects the other.
    let signal = Signal::<(), char>::new();
    let inner = signal.scoped(signal.connect(|| 'i'));
    let outer = signal.connect(move || {
        let _ = &inner;
        'o'
    });
    assert_eq!(said(&signal), "io");
    signal.disconnect(outer);
    assert_eq!(said(&signal), "");
    assert!(signal.is_empty());
}

#[test]
fn a_static_may_own_a_handle() {
    static SIGNAL: Signal<(), char> = Signal::new();
    static HANDLE: OnceLock<Mutex<Option<ScopedConnection>>> = OnceLock::new();
    let handle = SIGNAL.scoped(SIGNAL.connect(|| 's'));
    let slot = HANDLE.get_or_init(|| Mutex::new(Some(handle)));
    assert_eq!(said(&SIGNAL), "s");
    slot.lock().unwrap().take();
    assert_eq!(said(&SIGNAL), "");
}

#[test]
fn debug_texts() {
    let signal = Signal::<()>::new();
    let slot = signal.connect(|| ());
    let scoped = signal.scoped(slot);
    assert_eq!(
        format!("{scoped:?}"),
        format!("ScopedConnection({slot:?}, ..)")
    );
    signal.disconnect(slot);
    drop(signal);
    let left = format!("ScopedConnection({slot:?}, ..)");
    assert_eq!(format!("{scoped:?}"), left, "what it was for");

    let registry = Registry::new();
    let key = registry.on("a", || ()).unwrap();
    let scoped = registry.scoped(key);
    assert_eq!(
        format!("{scoped:?}"),
        format!("ScopedConnection({key:?}, ..)")
    );
}

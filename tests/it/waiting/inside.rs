//! Waiting from inside a slot.

use std::sync::{Arc, Mutex, OnceLock};

use smoke_signal::{Connection, Registry, Signal, WaitError};

use crate::common::{Counter, DEADLOCK, OnDrop, throw, thrown, within};

use super::{Gate, emit_elsewhere};

#[test]
fn inside_its_own_slot_it_disconnects_without_waiting() {
    within(DEADLOCK, "waiting from inside", || {
        let signal = Arc::new(Signal::<()>::new());
        let answers = Arc::new(Mutex::new(Vec::new()));
        let dropped = Counter::default();
        signal.options().waitable().connect_with_key(|me| {
            let (weak, answers) = (Arc::downgrade(&signal), Arc::clone(&answers));
            let tracked = dropped.tracked();
            move || {
                tracked.touch();
                let signal = weak.upgrade().unwrap();
                for _ in 0..2 {
                    let answer = signal.disconnect_and_wait(me);
                    answers.lock().unwrap().push(answer);
                }
            }
        });
        assert_eq!(signal.emit().len(), 1);
        assert_eq!(*answers.lock().unwrap(), [Err(WaitError::InsideSlot); 2]);
        assert_eq!(dropped.get(), 1);
        assert!(signal.is_empty());
    });
}

#[test]
fn inside_nested_slots_and_signals_it_does_not_wait_either() {
    within(DEADLOCK, "waiting from deep inside", || {
        static OUTER: Signal<()> = Signal::new();
        static INNER: Signal<()> = Signal::new();
        static SLOT: OnceLock<Connection> = OnceLock::new();
        static ANSWER: OnceLock<Result<bool, WaitError>> = OnceLock::new();
        let slot = OUTER.options().waitable().connect(|| drop(INNER.emit()));
        SLOT.set(slot).unwrap();
        INNER.options().waitable().connect(|| {
            ANSWER
                .set(OUTER.disconnect_and_wait(*SLOT.get().unwrap()))
                .unwrap();
        });
        OUTER.emit();
        assert_eq!(ANSWER.get(), Some(&Err(WaitError::InsideSlot)));
        assert_eq!(OUTER.disconnect_and_wait(slot), Ok(false));
    });
}

/// A wait also covers the drop of the captures.
#[test]
fn inside_the_drop_of_the_captures_it_does_not_wait_either() {
    within(DEADLOCK, "waiting from the drop", || {
        static SIGNAL: Signal<()> = Signal::new();
        static ANSWER: OnceLock<Result<bool, WaitError>> = OnceLock::new();
        let slot = SIGNAL.options().waitable().connect_with_key(|me| {
            let capture = OnDrop(move || ANSWER.set(SIGNAL.disconnect_and_wait(me)).unwrap());
            move || {
                let _ = &capture;
            }
        });
        assert_eq!(SIGNAL.disconnect_and_wait(slot), Ok(true));
        assert_eq!(ANSWER.get(), Some(&Err(WaitError::InsideSlot)));
    });
}

#[test]
fn a_slot_may_wait_for_another() {
    within(DEADLOCK, "waiting for another slot", || {
        let signal = Arc::new(Signal::<()>::new());
        let (gate, stop) = Gate::new();
        let neighbour = signal.options().waitable().group(1).connect(stop);
        let emitter = emit_elsewhere(&signal);
        gate.wait_until_entered();
        let answer = Arc::new(OnceLock::new());
        let (weak, said) = (Arc::downgrade(&signal), Arc::clone(&answer));
        let resume = gate.resume.clone();
        signal.options().waitable().connect(move || {
            resume.send(()).unwrap();
            let signal = weak.upgrade().unwrap();
            said.set(signal.disconnect_and_wait(neighbour)).unwrap();
        });
        assert_eq!(signal.emit().len(), 1, "the other slot is disconnected");
        assert_eq!(answer.get(), Some(&Ok(true)));
        emitter.join().unwrap();
    });
}

#[test]
fn a_thread_is_inside_only_until_the_slot_returns() {
    let signal = Signal::<()>::new();
    let slot = signal.options().waitable().connect(|| throw("left"));
    assert_eq!(thrown(|| signal.emit()), "left");
    assert_eq!(signal.disconnect_and_wait(slot), Ok(true));
}

#[test]
fn a_drop_cannot_wait_for_a_slot_that_is_dropped_after_it() {
    /// Waits for another slot when it is dropped.
    struct Waits(
        Arc<Signal<()>>,
        Arc<OnceLock<Connection>>,
        Arc<Mutex<Vec<Result<bool, WaitError>>>>,
    );

    impl Drop for Waits {
        fn drop(&mut self) {
            let answer = self.0.disconnect_and_wait(*self.1.get().unwrap());
            self.2.lock().unwrap().push(answer);
        }
    }

    within(DEADLOCK, "a drop that waits", || {
        let signal = Arc::new(Signal::<()>::new());
        let (other, answers) = (Arc::new(OnceLock::new()), Arc::default());
        let waits = Waits(
            Arc::clone(&signal),
            Arc::clone(&other),
            Arc::clone(&answers),
        );
        signal.connect(move || {
            let _ = &waits;
        });
        other
            .set(signal.options().waitable().connect(|| ()))
            .unwrap();
        let later = Waits(
            Arc::clone(&signal),
            Arc::clone(&other),
            Arc::clone(&answers),
        );
        signal.connect(move || {
            let _ = &later;
        });
        signal.disconnect_all();
        // The second drop comes after that of the slot that it waits for.
        let expected = [Err(WaitError::InsideSlot), Ok(false)];
        assert_eq!(*answers.lock().unwrap(), expected);
    });
}

#[test]
fn a_drop_cannot_wait_for_a_slot_of_another_name_that_is_cleared_with_it() {
    struct Waits(Arc<Signal<()>>, Connection);

    impl Drop for Waits {
        fn drop(&mut self) {
            let answer = self.0.disconnect_and_wait(self.1);
            assert_eq!(answer, Err(WaitError::InsideSlot));
        }
    }

    within(DEADLOCK, "a drop that waits", || {
        let registry = Registry::new();
        let signal = registry.signal::<(), ()>("b").unwrap();
        let slot = signal.options().waitable().connect(|| ());
        let waits = Waits(signal, slot);
        let touched = move || {
            let _ = &waits;
        };
        registry.on("a", touched).unwrap();
        registry.clear(["a", "b"]);
    });
}

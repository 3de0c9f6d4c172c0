//! The object of a weak slot is dropped, step by step. `loom` does not see its reference count, so the models
//! pass a crossing before and after whatever depends on it.

use std::sync::Arc;

use loom::sync::atomic::{AtomicUsize, Ordering};
use loom::thread;

use crate::orders::Crossing;
use crate::{signal, with_preemptions};

/// Counts its drop.
struct Counted(Arc<AtomicUsize>);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

/// The slot is called with its object or not at all. From then on it is not connected, and the next emission
/// drops its captures.
fn weak_drop_against_emitters(emitters: usize) {
    with_preemptions(3, move || {
        let signal = signal();
        let (object_dropped, capture_dropped) = (Arc::default(), Arc::default());
        let object = Arc::new(Counted(Arc::clone(&object_dropped)));
        let capture = Counted(Arc::clone(&capture_dropped));
        let crossing = Crossing::default();
        let slot = signal.connect_weak(&object, {
            let crossing = crossing.clone();
            move |object| {
                let _ = &capture;
                crossing.pass();
                assert_eq!(object.0.load(Ordering::Relaxed), 0, "it is alive");
            }
        });
        let emitters: Vec<_> = (0..emitters)
            .map(|_| {
                let (signal, crossing) = (Arc::clone(&signal), crossing.clone());
                thread::spawn(move || {
                    crossing.pass();
                    signal.emit();
                })
            })
            .collect();
        crossing.pass();
        drop(object);
        for emitter in emitters {
            emitter.join().unwrap();
        }
        assert_eq!(object_dropped.load(Ordering::Relaxed), 1);
        assert!(!signal.contains(slot) && signal.is_empty());
        assert!(signal.emit().is_empty());
        assert_eq!(capture_dropped.load(Ordering::Relaxed), 1);
    });
}

#[test]
fn weak_drop_against_an_emitter() {
    weak_drop_against_emitters(1);
}

#[test]
fn weak_drop_against_two_emitters() {
    weak_drop_against_emitters(2);
}

/// An emission of a blocked signal reaches no slot, so it does not notice that an object is gone. The next
/// emission drops the captures all the same, even if the slot is connected during another emission.
#[test]
fn weak_connect_and_drop_against_an_emitter_of_a_blocked_signal() {
    with_preemptions(3, || {
        let signal = signal();
        let capture_dropped = Arc::default();
        let capture = Counted(Arc::clone(&capture_dropped));
        let object = Arc::new(());
        let crossing = Crossing::default();
        let guard = signal.block_all();
        let emitter = thread::spawn({
            let (signal, crossing) = (Arc::clone(&signal), crossing.clone());
            move || {
                assert!(signal.emit().is_empty());
                crossing.pass();
            }
        });
        signal.connect_weak(&object, move |()| {
            let _ = &capture;
        });
        crossing.pass();
        drop(object);
        assert!(signal.emit().is_empty());
        emitter.join().unwrap();
        assert_eq!(capture_dropped.load(Ordering::Relaxed), 1);
        drop(guard);
    });
}

//! Objects of weak slots that are made and dropped.

use std::sync::{Arc, Mutex};
use std::thread;

use smoke_signal::Signal;

use crate::common::Counter;
use crate::live::{Held, Live};
use crate::scenario::{TABLE, lock, scenario};

/// The object of weak slots.
struct Object {
    held: Held,
    calls: Counter,
}

#[test]
fn objects_that_are_made_and_dropped() {
    scenario("weak slots", |scenario| {
        let live = Arc::<Live>::default();
        let signal = Signal::<()>::new();
        let objects: Vec<_> = (0..TABLE).map(|_| Mutex::new(None)).collect();
        let make = || {
            Arc::new(Object {
                held: Held::new(&live),
                calls: Counter::default(),
            })
        };
        let connect = |object: &Arc<Object>, waitable: bool| {
            let capture = Held::new(&live);
            let options = signal.options();
            let options = if waitable {
                options.waitable()
            } else {
                options
            };
            options.connect_weak(object, move |object: &Object| {
                capture.touch();
                object.held.touch();
                object.calls.add();
            })
        };
        scenario.run(|numbers, _| match numbers.below(6) {
            0 | 1 => {
                let object = make();
                connect(&object, numbers.below(2) == 0);
                let calls = object.calls.clone();
                signal.emit();
                assert!(calls.get() > 0, "called once connected");
                let former = lock(&objects[numbers.below(TABLE)]).replace(object);
                drop(former); // its slot is disconnected with it
            }
            2 => {
                // No other thread has this object.
                let object = make();
                let slot = connect(&object, numbers.below(2) == 0);
                assert!(signal.contains(slot));
                let gone = Arc::downgrade(&object);
                drop(object);
                while gone.strong_count() > 0 {
                    thread::yield_now(); // a call on another thread has it
                }
                assert!(!signal.contains(slot), "disconnected with its object");
                assert!(!signal.disconnect(slot), "disconnected with its object");
            }
            3 => drop(lock(&objects[numbers.below(TABLE)]).take()),
            _ => drop(signal.emit()),
        });
        drop(objects);
        assert_eq!(signal.len(), 0);
        assert!(signal.emit().is_empty());
        live.assert_none();
    });
}

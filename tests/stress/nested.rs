//! Slots that emit other signals, and change them and their own signal meanwhile.

use std::cell::RefCell;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use smoke_signal::{BlockGuard, Connection, Signal};

use crate::common::{Counter, Numbers};
use crate::live::{Held, Live};
use crate::scenario::scenario;

type Ring = [Signal<(u32, u32), usize>; 3];

thread_local! {
    /// The slots disconnected or blocked during the current emission of this thread. Neither that emission
    /// nor those nested in it may call them.
    static STOPPED: RefCell<Vec<(usize, Connection)>> = const { RefCell::new(Vec::new()) };
    /// Guards that last until that emission ends.
    static GUARDS: RefCell<Vec<BlockGuard>> = const { RefCell::new(Vec::new()) };
}

fn stop(at: usize, slot: Connection) {
    STOPPED.with_borrow_mut(|stopped| stopped.push((at, slot)));
}

fn is_stopped(at: usize, slot: Connection) -> bool {
    STOPPED.with_borrow(|stopped| stopped.contains(&(at, slot)))
}

/// Occasionally changes or emits a signal, on behalf of a slot.
fn meddle(ring: &Ring, at: usize, numbers: &mut Numbers) {
    let next = (at + 1) % 3;
    let action = numbers.below(40);
    let slots = match action {
        0 | 1 => ring[at].connections(),
        2 => ring[next].connections(),
        _ => Vec::new(),
    };
    let one = slots.get(numbers.below(3)).copied();
    match (action, one) {
        (0, Some(slot)) => {
            ring[at].disconnect(slot); // here, or another thread has done it
            stop(at, slot);
        }
        (1, Some(slot)) => {
            if let Some(guard) = ring[at].block(slot) {
                GUARDS.with_borrow_mut(|guards| guards.push(guard));
                stop(at, slot);
            }
        }
        (2, _) => {
            ring[next].disconnect_all();
            for slot in slots {
                stop(next, slot);
            }
        }
        (3, _) => drop(ring[next].once(|_, _| 0)),
        _ => {}
    }
}

#[test]
fn emissions_from_inside_slots() {
    scenario("nested emissions", |scenario| {
        let (live, ring) = (Arc::<Live>::default(), Arc::<Ring>::default());
        let (calls, results) = (Counter::default(), AtomicUsize::new(0));
        // Counts its own call and the calls that it causes. Its argument determines what it does.
        let connect = |at: usize| {
            let (held, count) = (Held::new(&live), calls.clone());
            let signals = Arc::downgrade(&ring);
            ring[at].connect_with_key(|me| {
                move |depth, number| {
                    held.touch();
                    count.add();
                    assert!(!is_stopped(at, me), "called although it was stopped before");
                    let signals = signals.upgrade().expect("it is emitting");
                    let mut numbers = Numbers(number | 1);
                    meddle(&signals, at, &mut numbers);
                    if depth == 0 {
                        return 1;
                    }
                    let within = signals[(at + 1) % 3].emit(depth - 1, numbers.next());
                    1 + within.into_iter().sum::<usize>()
                }
            });
        };
        scenario.run(|numbers, _| {
            let at = numbers.below(3);
            if ring[at].len() < 3 {
                connect(at);
            }
            let depth = numbers.next() % 4;
            let called: usize = ring[at].emit(depth, numbers.next()).into_iter().sum();
            results.fetch_add(called, SeqCst);
            STOPPED.take();
            GUARDS.take();
        });
        assert_eq!(calls.get(), results.load(SeqCst), "calls and results");
        for signal in &*ring {
            signal.disconnect_all();
            assert!(signal.is_empty() && signal.emit(0, 0).is_empty());
        }
        live.assert_none();
    });
}

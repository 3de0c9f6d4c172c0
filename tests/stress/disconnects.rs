//! Slots that all threads disconnect at the same time.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use smoke_signal::{Connection, Signal};

use crate::live::{Held, Live};
use crate::scenario::scenario;

/// Enough slots that threads which start at different times overlap.
const SLOTS: usize = 200;

struct Round {
    signal: Signal<()>,
    slots: Vec<Connection>,
    /// For each slot, how many calls reported that they disconnected it.
    disconnects: Vec<AtomicUsize>,
    live: Arc<Live>,
}

#[test]
fn slots_that_everybody_disconnects() {
    scenario("disconnects", |scenario| {
        scenario.rounds(
            |numbers| {
                let (signal, live) = (Signal::<()>::new(), Arc::default());
                let mut connect = |_| {
                    let held = Held::new(&live);
                    let slot = move || held.touch();
                    match numbers.below(3) {
                        0 => signal.options().waitable().connect(slot),
                        1 => signal.options().max_calls(1000).connect(slot),
                        _ => signal.connect(slot),
                    }
                };
                Round {
                    slots: (0..SLOTS).map(&mut connect).collect(),
                    disconnects: (0..SLOTS).map(|_| AtomicUsize::new(0)).collect(),
                    signal,
                    live,
                }
            },
            |round, numbers, _| {
                for (&slot, disconnects) in round.slots.iter().zip(&round.disconnects) {
                    let did = match numbers.below(4) {
                        0 => round.signal.disconnect_and_wait(slot),
                        _ => Ok(round.signal.disconnect(slot)),
                    };
                    let did = did.unwrap_or_else(|_| round.signal.disconnect(slot));
                    disconnects.fetch_add(usize::from(did), SeqCst);
                    assert!(
                        !round.signal.contains(slot),
                        "connected although disconnected"
                    );
                    if numbers.below(8) == 0 {
                        round.signal.emit();
                    }
                }
            },
            |round| {
                let once = |disconnects: &AtomicUsize| disconnects.load(SeqCst) == 1;
                assert!(round.disconnects.iter().all(once), "disconnected once");
                assert_eq!(round.signal.len(), 0);
                round.live.assert_none();
            },
        );
    });
}

//! Several threads wait for one slot while others call it.

use std::hint;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

use smoke_signal::{Connection, Signal, WaitError};

use crate::common::Counter;
use crate::live::{Held, Live};
use crate::scenario::scenario;

/// One round with a slot that several threads wait for.
struct Waited {
    signal: Signal<()>,
    slot: Connection,
    over: Arc<AtomicBool>,
    live: Arc<Live>,
    disconnects: AtomicUsize,
    called_when_over: Counter,
}

#[test]
fn slots_that_are_waited_for() {
    scenario("waiting", |scenario| {
        scenario.rounds(
            |numbers| {
                let (signal, over) = (Signal::<()>::new(), Arc::new(AtomicBool::new(false)));
                let (live, called_when_over) = (Arc::default(), Counter::default());
                let (held, is_over, count) = (
                    Held::new(&live),
                    Arc::clone(&over),
                    called_when_over.clone(),
                );
                // Long enough for several threads to find it running and wait for it.
                let (times, limit) = (numbers.below(2000), numbers.below(4));
                signal.connect(|| ());
                let mut options = signal.options().waitable();
                if limit == 0 {
                    options = options.max_calls(3);
                }
                let slot = options.connect(move || {
                    held.touch();
                    for _ in 0..=times {
                        hint::spin_loop();
                        if is_over.load(SeqCst) {
                            count.add();
                        }
                    }
                });
                signal.connect(|| ());
                Waited {
                    signal,
                    slot,
                    over,
                    live,
                    disconnects: AtomicUsize::new(0),
                    called_when_over,
                }
            },
            |round, numbers, thread| {
                // Some threads wait for the slot while the others call it.
                if thread % 2 == 0 {
                    for _ in 0..numbers.below(3) {
                        round.signal.emit();
                    }
                    let waited = match numbers.below(3) {
                        0 => Ok(round.signal.disconnect(round.slot)),
                        1 => {
                            let a_moment = Duration::from_micros(1);
                            let (signal, slot) = (&round.signal, round.slot);
                            match signal.disconnect_and_wait_timeout(slot, a_moment) {
                                // The error does not say whether this call disconnected the slot.
                                Err(WaitError::TimedOut) => signal.disconnect_and_wait(slot),
                                waited => waited,
                            }
                        }
                        _ => round.signal.disconnect_and_wait(round.slot),
                    };
                    if waited == Ok(true) {
                        round.disconnects.fetch_add(1, SeqCst);
                    }
                    assert!(waited.is_ok());
                    assert_eq!(round.signal.disconnect_and_wait(round.slot), Ok(false));
                    round.over.store(true, SeqCst);
                    assert_eq!(round.live.now.load(SeqCst), 0, "its captures are dropped");
                } else {
                    while !round.over.load(SeqCst) {
                        round.signal.emit();
                    }
                }
                for _ in 0..numbers.below(10) {
                    round.signal.emit();
                }
            },
            |round| {
                assert_eq!(round.called_when_over.get(), 0, "called after it completed");
                assert!(round.disconnects.load(SeqCst) <= 1, "disconnected once");
                assert!(!round.signal.contains(round.slot));
                assert_eq!(round.signal.emit().len(), 2, "the other slots");
                round.live.assert_none();
            },
        );
    });
}

//! Budgets of slots, and of a callback on several names, that several threads use up at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use smoke_signal::{CallbackKey, Connection, Registry, Signal};

use crate::common::Counter;
use crate::live::{Held, Live};
use crate::scenario::scenario;

/// One round with budgets.
struct Budgets {
    signal: Signal<()>,
    registry: Registry,
    limits: [u32; 3],
    calls: [Counter; 4],
    slots: [Connection; 3],
    key: CallbackKey,
    emissions: AtomicUsize,
    emissions_by_name: AtomicUsize,
    ran: AtomicUsize,
    live: Arc<Live>,
}

/// The maximum number of emissions of each thread: enough that threads which start at different times
/// overlap. Budgets are about as large.
const EMISSIONS: usize = 1000;

const NAMES: [&str; 3] = ["a", "b", "c"];

#[test]
fn budgets_are_exact() {
    scenario("budgets", |scenario| {
        scenario.rounds(
            |numbers| {
                let (signal, registry) = (Signal::<()>::new(), Registry::new());
                let (live, calls) = (Arc::default(), <[Counter; 4]>::default());
                let mut limit = || 1 + numbers.next() % 1500;
                let limits = [limit(), 1, limit()];
                let slot = |number: usize| {
                    let (held, count) = (Held::new(&live), calls[number].adding());
                    move || {
                        held.touch();
                        count();
                    }
                };
                let options = signal.options();
                let slots = [
                    options.max_calls(limits[0]).connect(slot(0)),
                    options.waitable().once(slot(1)),
                    options.max_calls(limits[2]).waitable().connect(slot(2)),
                ];
                let key = registry.on_max(NAMES, limits[0], slot(3)).unwrap();
                Budgets {
                    signal,
                    registry,
                    limits,
                    calls,
                    slots,
                    key,
                    emissions: AtomicUsize::new(0),
                    emissions_by_name: AtomicUsize::new(0),
                    ran: AtomicUsize::new(0),
                    live,
                }
            },
            |round, numbers, _| {
                for _ in 0..numbers.below(EMISSIONS) {
                    match numbers.below(4) {
                        0 => {
                            let name = NAMES[numbers.below(3)];
                            round.emissions_by_name.fetch_add(1, SeqCst);
                            let ran = round.registry.emit(name, ()).unwrap();
                            round.ran.fetch_add(ran, SeqCst);
                        }
                        1 => {
                            let come_and_gone = round.signal.connect(|| ());
                            assert!(round.signal.disconnect(come_and_gone));
                        }
                        _ => {
                            round.emissions.fetch_add(1, SeqCst);
                            round.signal.emit();
                        }
                    }
                }
            },
            |round| {
                let emissions = round.emissions.load(SeqCst);
                let mut left = 0;
                for (number, &slot) in round.slots.iter().enumerate() {
                    let limit = round.limits[number] as usize;
                    assert_eq!(round.calls[number].get(), emissions.min(limit));
                    assert_eq!(round.signal.contains(slot), emissions < limit);
                    left += i64::from(emissions < limit);
                }
                let limit = round.limits[0] as usize;
                let emissions = round.emissions_by_name.load(SeqCst);
                assert_eq!(
                    round.calls[3].get(),
                    emissions.min(limit),
                    "across all names"
                );
                assert_eq!(round.ran.load(SeqCst), round.calls[3].get());
                for name in NAMES {
                    let there = round.registry.responds_to(round.key, name);
                    assert_eq!(there, emissions < limit);
                }
                left += i64::from(emissions < limit);
                let alive = round.live.now.load(SeqCst);
                assert_eq!(alive, left, "captures of slots that are not used up");
                drop((round.signal, round.registry));
                round.live.assert_none();
            },
        );
    });
}

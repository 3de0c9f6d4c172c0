//! Slots, and the whole signal, that are blocked occasionally.

use std::hint;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use smoke_signal::Signal;

use crate::common::Counter;
use crate::scenario::scenario;

/// A state that one thread at a time changes. While the number is odd and unchanged, the state holds for
/// every emission that starts and ends.
#[derive(Default)]
struct Epoch(AtomicUsize);

impl Epoch {
    fn step(&self) {
        self.0.fetch_add(1, SeqCst);
    }

    fn now(&self) -> usize {
        self.0.load(SeqCst)
    }
}

/// A slot that is blocked occasionally; the last entry stands for the whole signal.
#[derive(Default)]
struct Blocked {
    owner: Mutex<()>,
    /// Odd from the return of `block` to before the guard's drop.
    closed: Epoch,
    /// Odd except from before `block` until after the guard's drop.
    touched: Epoch,
}

#[test]
fn slots_that_are_blocked() {
    const SLOTS: usize = 4;
    scenario("blocks", |scenario| {
        let signal = Signal::<(), usize>::new();
        let slots: Vec<_> = (0..SLOTS)
            .map(|slot| {
                // Takes a while, so that others block and unblock in the middle of emissions.
                let slot = move || {
                    for _ in 0..20 {
                        hint::spin_loop();
                    }
                    slot
                };
                signal.connect(slot)
            })
            .collect();
        let blocked: [Blocked; SLOTS + 1] = Default::default();
        let look = || {
            blocked
                .each_ref()
                .map(|it| (it.closed.now(), it.touched.now()))
        };
        let checked = [Counter::default(), Counter::default()];
        let emit = || {
            let before = look();
            let called = signal.emit();
            let after = look();
            let open = |n: usize| before[n] == after[n] && before[n].1 % 2 == 0;
            let closed = |n: usize| before[n].0 == after[n].0 && before[n].0 % 2 == 1;
            for slot in 0..SLOTS {
                let times = called.iter().filter(|&&it| it == slot).count();
                if closed(slot) || closed(SLOTS) {
                    assert_eq!(times, 0, "called although it is blocked");
                    checked[0].add();
                } else if open(slot) && open(SLOTS) {
                    assert_eq!(times, 1, "not called although nothing blocks it");
                    checked[1].add();
                }
            }
        };
        scenario.run(|numbers, _| {
            let which = match numbers.below(12) {
                0 => SLOTS,
                slot if slot <= SLOTS => slot - 1,
                _ => return emit(),
            };
            let Ok(_owner) = blocked[which].owner.try_lock() else {
                return;
            };
            blocked[which].touched.step();
            let mut guards = (0..=numbers.below(3))
                .map(|_| match slots.get(which) {
                    Some(&slot) => signal.block(slot).expect("it is connected"),
                    None => signal.block_all(),
                })
                .collect::<Vec<_>>();
            blocked[which].closed.step();
            // If the whole signal is blocked, so is every slot.
            let slot = *slots.get(which).unwrap_or(&slots[0]);
            assert!(signal.is_blocked(slot), "not blocked by its guards");
            while guards.len() > 1 {
                emit();
                drop(guards.swap_remove(numbers.below(guards.len())));
                assert!(signal.is_blocked(slot), "unblocked by one guard of several");
            }
            for _ in 0..numbers.below(4) {
                emit();
            }
            blocked[which].closed.step();
            drop(guards);
            blocked[which].touched.step();
        });
        assert!(slots.iter().all(|&slot| !signal.is_blocked(slot)));
        assert_eq!(signal.emit(), [0, 1, 2, 3]);
        assert!(
            checked.iter().all(|times| times.get() > 0),
            "both states occurred"
        );
    });
}

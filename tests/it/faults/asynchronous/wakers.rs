//! Panics of the wakers of emissions.

use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use smoke_signal::{AsyncSignal, Emission};

use crate::common::thrown;
use crate::faults::SLOTS;

use super::{MANY, WakerFault, poll, positions, release, waker};

/// An emission whose futures wait for their doors, which store the wakers.
fn waiting(slots: usize) -> (Emission<usize>, Vec<Arc<Door>>) {
    let signal = AsyncSignal::<(), usize>::new();
    let mut doors = Vec::new();
    for number in 0..slots {
        let door = Arc::new(Door::default());
        doors.push(Arc::clone(&door));
        signal.connect(move || {
            let door = Arc::clone(&door);
            async move {
                poll_fn(|cx| door.poll(cx)).await;
                number
            }
        });
    }
    (signal.emit(), doors)
}

#[derive(Default)]
struct Door {
    open: AtomicBool,
    waiting: Mutex<Option<Waker>>,
}

impl Door {
    fn poll(&self, cx: &Context<'_>) -> Poll<()> {
        if self.open.load(Ordering::Relaxed) {
            return Poll::Ready(());
        }
        let former = self.waiting.lock().unwrap().replace(cx.waker().clone());
        drop(former);
        Poll::Pending
    }

    fn open(&self) {
        self.open.store(true, Ordering::Relaxed);
        let waiting = self.waiting.lock().unwrap().take();
        waiting.expect("it was polled").wake();
    }
}

#[test]
fn the_waker_of_an_emission_panics_as_it_is_woken() {
    // With one slot there is nothing left to wait for.
    for slots in [SLOTS, MANY] {
        for at in positions(slots) {
            let (mut emission, mut doors) = waiting(slots);
            let (waker, woken) = waker(WakerFault::Wake);
            // An emission of many wakes itself once, to let other tasks run.
            let mut poll = || {
                let polled = catch_unwind(AssertUnwindSafe(|| poll(&mut emission, &waker)));
                polled.unwrap_or(Poll::Pending)
            };
            assert!(poll().is_pending());
            assert!(poll().is_pending());
            woken.take();
            assert_eq!(thrown(|| doors.remove(at).open()), "wake");
            assert_eq!(woken.take(), 1);
            assert!(poll().is_pending());
            for door in doors {
                // It is not woken again before it is polled.
                drop(catch_unwind(AssertUnwindSafe(|| door.open())));
            }
            assert!(woken.take() > 0);
            let results = poll().map(Vec::from);
            assert_eq!(results, Poll::Ready(Vec::from_iter(0..slots)));
        }
    }
}

/// If there are only a few futures, each has the waker itself and drops it.
#[test]
fn the_waker_of_an_emission_of_many_panics_as_another_replaces_it() {
    let slots = MANY;
    for at in positions(slots) {
        let (mut emission, doors) = waiting(slots);
        let (former, _) = waker(WakerFault::Drop);
        assert!(poll(&mut emission, &former).is_pending());
        release(former);
        let (latter, woken) = waker(WakerFault::No);
        let second = catch_unwind(AssertUnwindSafe(|| poll(&mut emission, &latter)));
        assert!(second.is_err() || second.is_ok_and(|polled| polled.is_pending()));
        assert!(poll(&mut emission, &latter).is_pending());
        doors[at].open();
        assert_eq!(woken.take(), 1, "the emission is woken");
        assert!(poll(&mut emission, &latter).is_pending());
        for (number, door) in doors.into_iter().enumerate() {
            if number != at {
                door.open();
            }
        }
        let results = poll(&mut emission, &latter).map(Vec::from);
        assert_eq!(results, Poll::Ready(Vec::from_iter(0..slots)));
    }
}

//! Waiting until a slot is over. Every test runs under the watchdog: what goes wrong here hangs.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex, OnceLock};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use smoke_signal::{Connection, Signal, WaitError};

use crate::common::{Counter, DEADLOCK, OnDrop, throw, thrown, together, within};

/// Long enough for a thread that could go on to do so, and too short to notice.
const A_WHILE: Duration = Duration::from_millis(20);

/// A place in a slot where it stops until it is let on.
struct Gate {
    inside: Receiver<()>,
    let_on: Sender<()>,
}

impl Gate {
    /// The gate, and the function that a slot calls to stop there.
    fn new() -> (Self, impl Fn() + Send + Sync + 'static) {
        let (entered, inside) = mpsc::channel();
        let (let_on, waiting) = mpsc::channel();
        let waiting = Mutex::new(waiting);
        let stop = move || {
            entered.send(()).unwrap();
            waiting.lock().unwrap().recv().unwrap();
        };
        (Self { inside, let_on }, stop)
    }

    fn wait_until_entered(&self) {
        self.inside.recv().unwrap();
    }

    fn open(&self) {
        self.let_on.send(()).unwrap();
    }
}

fn emit_elsewhere(signal: &Arc<Signal<()>>) -> JoinHandle<usize> {
    let signal = Arc::clone(signal);
    thread::spawn(move || signal.emit().len())
}

/// Waits for the slot on another thread; what came of it is sent.
fn wait_elsewhere(signal: &Arc<Signal<()>>, slot: Connection) -> Receiver<Result<bool, WaitError>> {
    answer_elsewhere(signal, move |signal| signal.disconnect_and_wait(slot))
}

fn answer_elsewhere<T: Send + 'static>(
    signal: &Arc<Signal<()>>,
    ask: impl FnOnce(&Signal<()>) -> T + Send + 'static,
) -> Receiver<T> {
    let signal = Arc::clone(signal);
    let (answer, answers) = mpsc::channel();
    thread::spawn(move || answer.send(ask(&signal)));
    answers
}

#[test]
fn it_tells_whether_this_call_disconnected() {
    within(DEADLOCK, "nothing to wait for", || {
        let signal = Signal::<()>::new();
        let slot = signal.options().waitable().connect(|| ());
        assert_eq!(signal.emit().len(), 1);
        assert_eq!(signal.disconnect_and_wait(slot), Ok(true));
        assert!(!signal.contains(slot));
        assert!(signal.emit().is_empty());
        assert_eq!(signal.disconnect_and_wait(slot), Ok(false));
        assert!(!signal.disconnect(slot));
    });
}

#[test]
fn keys_of_nothing_are_nothing_to_wait_for() {
    within(DEADLOCK, "keys of nothing", || {
        let signal = Signal::<()>::new();
        let null = Connection::default();
        assert_eq!(signal.disconnect_and_wait(null), Ok(false), "unused");
        let plain = signal.connect(|| ());
        signal.disconnect(plain);
        let dead = signal.options().waitable().max_calls(0).connect(|| ());
        for key in [null, plain, dead] {
            assert_eq!(signal.disconnect_and_wait(key), Ok(false));
        }
    });
}

#[test]
fn a_plain_slot_is_refused_and_stays() {
    let signal = Signal::<()>::new();
    for slot in [
        signal.connect(|| ()),
        signal.options().connect_weak(&Arc::new(()), |()| ()),
        signal.once(|| ()),
    ] {
        if signal.contains(slot) {
            assert_eq!(
                signal.disconnect_and_wait(slot),
                Err(WaitError::NotWaitable)
            );
            assert!(signal.contains(slot));
        } else {
            assert_eq!(signal.disconnect_and_wait(slot), Ok(false), "expired");
        }
    }
    assert_eq!(signal.emit().len(), 2);
}

#[test]
fn it_waits_for_a_call_that_is_running() {
    within(DEADLOCK, "one call", || {
        let signal = Arc::new(Signal::<()>::new());
        let (gate, stop) = Gate::new();
        let over = Arc::new(AtomicBool::new(false));
        let dropped = Counter::default();
        let (ending, tracked) = (Arc::clone(&over), dropped.tracked());
        let slot = signal.options().waitable().connect(move || {
            tracked.touch();
            stop();
            ending.store(true, Ordering::Relaxed);
        });
        let emitter = emit_elsewhere(&signal);
        gate.wait_until_entered();
        let answer = wait_elsewhere(&signal, slot);
        assert!(answer.recv_timeout(A_WHILE).is_err(), "it is running");
        assert!(!signal.contains(slot), "but disconnected already");
        gate.open();
        assert_eq!(answer.recv(), Ok(Ok(true)));
        assert!(over.load(Ordering::Relaxed));
        assert_eq!(dropped.get(), 1);
        emitter.join().unwrap();
    });
}

#[test]
fn with_time_enough_it_waits_as_without_a_limit() {
    within(DEADLOCK, "one call, and a limit", || {
        let signal = Arc::new(Signal::<()>::new());
        let (gate, stop) = Gate::new();
        let slot = signal.options().waitable().connect(stop);
        let emitter = emit_elsewhere(&signal);
        gate.wait_until_entered();
        let answer = answer_elsewhere(&signal, move |signal| {
            signal.disconnect_and_wait_timeout(slot, DEADLOCK)
        });
        assert!(answer.recv_timeout(A_WHILE).is_err(), "it is running");
        gate.open();
        assert_eq!(answer.recv(), Ok(Ok(true)));
        assert_eq!(emitter.join().unwrap(), 1);
    });
}

#[test]
fn it_waits_for_all_calls_that_are_running() {
    within(DEADLOCK, "three calls", || {
        let signal = Arc::new(Signal::<()>::new());
        let (gate, stop) = Gate::new();
        let running = Arc::new(AtomicUsize::new(0));
        let inside = Arc::clone(&running);
        let slot = signal.options().waitable().connect(move || {
            inside.fetch_add(1, Ordering::Relaxed);
            stop();
            inside.fetch_sub(1, Ordering::Relaxed);
        });
        let emitters = [(); 3].map(|()| emit_elsewhere(&signal));
        (0..3).for_each(|_| gate.wait_until_entered());
        let answer = wait_elsewhere(&signal, slot);
        for _ in 0..3 {
            assert!(answer.recv_timeout(A_WHILE).is_err());
            gate.open();
        }
        assert_eq!(answer.recv(), Ok(Ok(true)));
        assert_eq!(running.load(Ordering::Relaxed), 0);
        for emitter in emitters {
            emitter.join().unwrap();
        }
    });
}

#[test]
fn it_does_not_wait_for_other_slots_of_the_emission() {
    within(DEADLOCK, "another slot", || {
        let signal = Arc::new(Signal::<()>::new());
        let (gate, stop) = Gate::new();
        let dropped = Counter::default();
        let slot = signal
            .options()
            .waitable()
            .connect(dropped.tracked().held());
        signal.connect(stop);
        let emitter = emit_elsewhere(&signal);
        gate.wait_until_entered();
        assert_eq!(signal.disconnect_and_wait(slot), Ok(true));
        assert_eq!(dropped.get(), 1, "though the emission holds its view");
        gate.open();
        emitter.join().unwrap();
    });
}

/// Whichever way a slot leaves, a waitable one lets go of its captures with its last call.
#[test]
fn captures_are_gone_though_the_emission_goes_on() {
    type Leave = fn(&Signal<()>, Connection);
    let ways: [(&str, Leave); 5] = [
        ("disconnect", |signal, slot| {
            signal.disconnect(slot);
        }),
        ("disconnect_all", |signal, _| signal.disconnect_all()),
        ("scoped", |signal, slot| drop(signal.scoped(slot))),
        ("disconnect_and_wait", |signal, slot| {
            signal.disconnect_and_wait(slot).unwrap();
        }),
        ("timeout", |signal, slot| {
            let wait = signal.disconnect_and_wait_timeout(slot, Duration::ZERO);
            assert_eq!(wait, Ok(true));
        }),
    ];
    for (way, leave) in ways {
        let signal = Signal::<()>::new();
        let dropped = Counter::default();
        let slot = signal
            .options()
            .waitable()
            .connect(dropped.tracked().held());
        let mut calls = signal.calls();
        leave(&signal, slot);
        assert_eq!(dropped.get(), 1, "{way}");
        assert_eq!(calls.next(), None, "{way}");
        assert_eq!(signal.disconnect_and_wait(slot), Ok(false), "{way}");
    }
}

#[test]
fn captures_of_a_used_up_slot_are_gone_though_the_emission_goes_on() {
    let signal = Signal::<()>::new();
    let dropped = Counter::default();
    let options = signal.options().waitable();
    options.max_calls(1).connect(dropped.tracked().held());
    options.once(dropped.tracked().held());
    signal.connect(|| ());
    let mut calls = signal.calls();
    calls.next();
    assert_eq!(dropped.get(), 1);
    calls.next();
    assert_eq!(dropped.get(), 2);
    assert_eq!(calls.next(), Some(()));
}

#[test]
fn from_inside_it_disconnects_and_does_not_wait() {
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
fn from_inside_through_other_slots_and_signals_too() {
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

/// The drop of the captures is a part of the slot that others wait for.
#[test]
fn from_the_drop_of_its_captures_too() {
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
fn inside_one_slot_another_can_be_waited_for() {
    within(DEADLOCK, "waiting for a neighbour", || {
        let signal = Arc::new(Signal::<()>::new());
        let (gate, stop) = Gate::new();
        let neighbour = signal.options().waitable().group(1).connect(stop);
        let emitter = emit_elsewhere(&signal);
        gate.wait_until_entered();
        let answer = Arc::new(OnceLock::new());
        let (weak, said) = (Arc::downgrade(&signal), Arc::clone(&answer));
        let let_on = gate.let_on.clone();
        signal.options().waitable().connect(move || {
            let_on.send(()).unwrap();
            let signal = weak.upgrade().unwrap();
            said.set(signal.disconnect_and_wait(neighbour)).unwrap();
        });
        assert_eq!(signal.emit().len(), 1, "the neighbour has left");
        assert_eq!(answer.get(), Some(&Ok(true)));
        emitter.join().unwrap();
    });
}

#[test]
fn having_left_the_slot_its_thread_is_not_inside() {
    let signal = Signal::<()>::new();
    let slot = signal.options().waitable().connect(|| throw("left"));
    assert_eq!(thrown(|| signal.emit()), "left");
    assert_eq!(signal.disconnect_and_wait(slot), Ok(true));
}

#[test]
fn timed_out_it_is_disconnected_all_the_same() {
    within(DEADLOCK, "a timeout", || {
        let signal = Arc::new(Signal::<()>::new());
        let (gate, stop) = Gate::new();
        let slot = signal.options().waitable().connect(stop);
        let emitter = emit_elsewhere(&signal);
        gate.wait_until_entered();
        for timeout in [A_WHILE, Duration::ZERO] {
            let answer = signal.disconnect_and_wait_timeout(slot, timeout);
            assert_eq!(answer, Err(WaitError::TimedOut));
            assert!(!signal.contains(slot));
        }
        gate.open();
        let answer = signal.disconnect_and_wait_timeout(slot, Duration::MAX);
        assert_eq!(answer, Ok(false));
        assert_eq!(emitter.join().unwrap(), 1);
    });
}

#[test]
fn a_call_that_panics_is_over() {
    within(DEADLOCK, "a panicking call", || {
        let signal = Arc::new(Signal::<()>::new());
        let (gate, stop) = Gate::new();
        let slot = signal.options().waitable().connect(move || {
            stop();
            throw("in the slot");
        });
        let emitter = thread::spawn({
            let signal = Arc::clone(&signal);
            move || thrown(|| signal.emit())
        });
        gate.wait_until_entered();
        let answer = wait_elsewhere(&signal, slot);
        gate.open();
        assert_eq!(answer.recv(), Ok(Ok(true)));
        assert_eq!(emitter.join().unwrap(), "in the slot");
    });
}

#[test]
fn a_slot_whose_captures_panic_as_they_are_dropped_is_over() {
    within(DEADLOCK, "a panicking drop", || {
        let signal = Signal::<()>::new();
        let bomb = OnDrop(|| throw("dropped"));
        let slot = signal.options().waitable().connect(move || {
            let _ = &bomb;
        });
        assert_eq!(thrown(|| signal.disconnect(slot)), "dropped");
        assert_eq!(signal.disconnect_and_wait(slot), Ok(false));
    });
}

#[test]
fn a_slot_that_left_by_itself_is_waited_for_to_the_end_of_its_last_call() {
    within(DEADLOCK, "a last call", || {
        let signal = Arc::new(Signal::<()>::new());
        let (gate, stop) = Gate::new();
        let slot = signal.options().waitable().once(stop);
        let emitter = emit_elsewhere(&signal);
        gate.wait_until_entered();
        assert!(!signal.contains(slot));
        let answer = wait_elsewhere(&signal, slot);
        assert!(answer.recv_timeout(A_WHILE).is_err());
        gate.open();
        assert_eq!(answer.recv(), Ok(Ok(false)));
        emitter.join().unwrap();
    });
}

/// Many others leave meanwhile, from the same place of storage too: it is not forgotten.
#[test]
fn a_slot_that_left_is_remembered_as_long_as_it_runs() {
    within(DEADLOCK, "a slot among others", || {
        let signal = Arc::new(Signal::<()>::new());
        let (gate, stop) = Gate::new();
        let slot = signal.options().waitable().connect(stop);
        let emitter = emit_elsewhere(&signal);
        gate.wait_until_entered();
        signal.disconnect(slot);
        for _ in 0..100 {
            let other = signal.options().waitable().connect(|| ());
            assert_eq!(signal.disconnect_and_wait(other), Ok(true));
        }
        let soon = signal.disconnect_and_wait_timeout(slot, A_WHILE);
        assert_eq!(soon, Err(WaitError::TimedOut));
        gate.open();
        assert_eq!(signal.disconnect_and_wait(slot), Ok(false));
        emitter.join().unwrap();
    });
}

#[test]
fn several_threads_wait_and_one_has_disconnected() {
    within(DEADLOCK, "several waits", || {
        for _ in 0..200 {
            let signal = Signal::<()>::new();
            let running = AtomicUsize::new(0);
            let dropped = Counter::default();
            let (tracked, shared) = (dropped.tracked(), Arc::new(running));
            let inside = Arc::clone(&shared);
            let slot = signal.options().waitable().connect(move || {
                inside.fetch_add(1, Ordering::Relaxed);
                thread::yield_now();
                tracked.touch();
                inside.fetch_sub(1, Ordering::Relaxed);
            });
            let answers = together(5, |number| match number {
                0 | 1 => {
                    while !signal.emit().is_empty() {}
                    false
                }
                _ => {
                    let answer = signal.disconnect_and_wait(slot).unwrap();
                    assert_eq!(shared.load(Ordering::Relaxed), 0);
                    assert_eq!(dropped.get(), 1);
                    answer
                }
            });
            assert_eq!(answers.iter().filter(|&&yes| yes).count(), 1);
        }
    });
}

#[test]
fn every_kind_of_slot_can_be_waitable() {
    within(DEADLOCK, "every kind", || {
        let signal = Signal::<(u8,), u8>::new();
        let object = Arc::new(3);
        let options = signal.options().waitable();
        let slots = [
            options.connect(|n| n),
            options.once(|n| n + 1),
            options.connect_with_key(|_| |n| n + 2),
            options.connect_weak(&object, |object, n| n + object),
            options.group(1).max_calls(9).connect(|n| n + 4),
        ];
        assert_eq!(signal.emit(0), [0, 1, 2, 3, 4]);
        let answers = slots.map(|slot| signal.connector().disconnect_and_wait(slot));
        assert_eq!(answers, [Ok(true), Ok(false), Ok(true), Ok(true), Ok(true)]);
        assert!(signal.is_empty());
        let limit = Duration::from_secs(1);
        let again = slots.map(|slot| signal.connector().disconnect_and_wait_timeout(slot, limit));
        assert_eq!(again, [Ok(false); 5]);
    });
}

#[test]
fn a_weak_one_whose_object_has_gone_has_left() {
    let signal = Signal::<()>::new();
    let dropped = Counter::default();
    let (object, tracked) = (Arc::new(()), dropped.tracked());
    let slot = signal
        .options()
        .waitable()
        .connect_weak(&object, move |()| tracked.touch());
    signal.emit();
    let _calls = signal.calls();
    drop(object);
    assert!(!signal.contains(slot));
    assert_eq!(signal.disconnect_and_wait(slot), Ok(false));
    assert_eq!(dropped.get(), 1);
}

#[test]
fn the_signal_may_go_while_a_waitable_slot_runs() {
    within(DEADLOCK, "dropping the signal", || {
        let signal = Arc::new(Signal::<()>::new());
        let dropped = Counter::default();
        let own = Mutex::new(Some(Arc::clone(&signal)));
        let tracked = dropped.tracked();
        signal.options().waitable().connect(move || {
            drop(own.lock().unwrap().take());
            tracked.touch();
        });
        let calls = signal.calls();
        drop(signal);
        assert_eq!(calls.count(), 1);
        assert_eq!(dropped.get(), 1);
    });
}

#[test]
fn errors_say_what_happened() {
    let texts = [
        WaitError::InsideSlot,
        WaitError::NotWaitable,
        WaitError::TimedOut,
    ]
    .map(|e| {
        let error: Box<dyn std::error::Error + Send + Sync> = Box::new(e);
        error.to_string()
    });
    assert_eq!(
        texts,
        [
            "a slot can't wait for itself: disconnected, not waited for",
            "the slot was connected without `waitable`: nothing changed",
            "the slot is still running: disconnected, not waited for to the end",
        ]
    );
}

//! Many threads that use one signal. No test depends on how they are scheduled.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc;
use std::sync::{Arc, Barrier};
use std::thread;

use smoke_signal::Signal;

use crate::common::{Counter, DEADLOCK, Numbers, Recorder, together, within};

#[test]
fn slots_run_on_the_emitting_thread_before_emit_returns() {
    let signal = Signal::<(), thread::ThreadId>::new();
    signal.connect(|| thread::current().id());
    assert_eq!(signal.emit(), [thread::current().id()]);
    thread::scope(|scope| {
        scope.spawn(|| assert_eq!(signal.emit(), [thread::current().id()]));
    });
}

// palacaze/sigslot: test_threaded_emission; signals2: async_emit_test
#[test]
fn every_emission_of_every_thread_calls_the_slot() {
    static SIGNAL: Signal<(usize,)> = Signal::new();
    static SUM: AtomicUsize = AtomicUsize::new(0);
    together(4, |number| {
        if number == 0 {
            SIGNAL.connect(|n| {
                SUM.fetch_add(n, Ordering::Relaxed);
            });
        }
    });
    together(4, |_| (0..10_000).for_each(|n| drop(SIGNAL.emit(n))));
    assert_eq!(SUM.load(Ordering::Relaxed), 4 * (0..10_000).sum::<usize>());
}

#[test]
fn a_slot_runs_on_two_threads_at_once() {
    within(DEADLOCK, "two calls of one slot", || {
        let signal = Signal::<()>::new();
        let both = Barrier::new(2);
        signal.connect(move || {
            both.wait(); // passed only with both threads inside
        });
        together(2, |_| signal.emit());
    });
}

// palacaze/sigslot: test_threaded_mix, test_threaded_misc
#[test]
fn everything_at_once() {
    within(DEADLOCK, "everything at once", || {
        let signal = Signal::<(u32,), u32>::new();
        let dropped = Counter::default();
        let connected: usize = together(4, |number| {
            let mut numbers = Numbers(209 + u32::try_from(number).unwrap());
            let (mut own, mut connected) = (Vec::new(), 0);
            for _ in 0..2_000 {
                let tracked = dropped.tracked();
                match numbers.below(8) {
                    0 | 1 => {
                        connected += 1;
                        own.push(signal.connect(move |n| {
                            tracked.touch();
                            n
                        }));
                    }
                    2 => {
                        connected += 1;
                        let options = signal.options().group(numbers.below(3).try_into().unwrap());
                        own.push(options.max_calls(3).connect(move |n| {
                            tracked.touch();
                            n
                        }));
                    }
                    3 if !own.is_empty() => {
                        signal.disconnect(own.swap_remove(numbers.below(own.len())));
                    }
                    4 => assert!(signal.calls(7).take(3).all(|n| n == 7)),
                    5 => assert!(signal.connections().len() <= 8_000),
                    _ => assert!(signal.emit(9).iter().all(|&n| n == 9)),
                }
            }
            for slot in own {
                signal.disconnect(slot);
            }
            connected
        })
        .into_iter()
        .sum();
        assert!(signal.is_empty());
        assert!(signal.emit(1).is_empty());
        assert!(dropped.get() >= connected);
    });
}

// palacaze/sigslot: test_threaded_crossed
#[test]
fn two_signals_emitting_each_other_from_two_threads() {
    within(DEADLOCK, "crossed emission", || {
        static HERE: Signal<(u32,)> = Signal::new();
        static THERE: Signal<(u32,)> = Signal::new();
        static SUM: AtomicUsize = AtomicUsize::new(0);
        for (signal, other) in [(&HERE, &THERE), (&THERE, &HERE)] {
            signal.connect(|n| {
                SUM.fetch_add(n as usize, Ordering::Relaxed);
                if n > 0 {
                    other.emit(n - 1);
                }
            });
        }
        together(2, |number| {
            for _ in 0..20_000 {
                [&HERE, &THERE][number].emit(2);
            }
        });
        assert_eq!(SUM.load(Ordering::Relaxed), 2 * 20_000 * 3);
    });
}

/// A signal whose first slot reports that it was entered, then waits to be resumed.
fn paused() -> (Arc<Signal<()>>, mpsc::Receiver<()>, mpsc::Sender<()>) {
    let signal = Arc::new(Signal::<()>::new());
    let (entered, inside) = mpsc::channel();
    let (resume, waiting) = mpsc::channel();
    let waiting = std::sync::Mutex::new(waiting);
    signal.once(move || {
        entered.send(()).unwrap();
        waiting.lock().unwrap().recv().unwrap();
    });
    (signal, inside, resume)
}

// signals2: async_connect_test
#[test]
fn connecting_does_not_wait_for_an_emission() {
    within(DEADLOCK, "connecting during an emission", || {
        let (signal, inside, resume) = paused();
        let calls = Counter::default();
        let emitter = thread::spawn({
            let signal = Arc::clone(&signal);
            move || signal.emit().len()
        });
        inside.recv().unwrap();
        for _ in 0..10 {
            signal.connect(calls.adding());
        }
        resume.send(()).unwrap();
        assert_eq!(emitter.join().unwrap(), 1);
        assert_eq!(calls.get(), 0);
        assert_eq!(signal.emit().len(), 10);
    });
}

// signals2: async_disconnect_test
#[test]
fn disconnecting_does_not_wait_and_stops_later_calls() {
    within(DEADLOCK, "clearing during an emission", || {
        let (signal, inside, resume) = paused();
        let record = Recorder::new();
        signal.connect(record.adding("after"));
        let emitter = thread::spawn({
            let signal = Arc::clone(&signal);
            move || signal.emit().len()
        });
        inside.recv().unwrap();
        signal.disconnect_all();
        resume.send(()).unwrap();
        assert_eq!(emitter.join().unwrap(), 1);
        assert_eq!(record.take(), [""; 0]);
    });
}

/// Rule 10, if the emitters learn of the connection through an atomic.
#[test]
fn emitters_that_learn_of_a_connection_call_its_slot() {
    for _ in 0..100 {
        let signal = Signal::<()>::new();
        let connected = AtomicBool::new(false);
        together(3, |number| {
            if number == 0 {
                signal.connect(|| ());
                connected.store(true, Ordering::Release);
            } else {
                while !connected.load(Ordering::Acquire) {
                    signal.emit();
                    thread::yield_now();
                }
                assert_eq!(signal.emit().len(), 1);
            }
        });
    }
}

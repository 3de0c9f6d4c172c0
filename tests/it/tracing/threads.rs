//! What is told only of `Signal`: waitable slots, streams, several threads.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier};
use std::thread;

use smoke_signal::Signal;
use tracing::Level;

use super::log::{Log, events, events_of};
use crate::common::{in_own_process, together};

#[test]
fn a_waitable_slot_tells_the_same_as_others() {
    let signal = Arc::new(Signal::<()>::new());
    let weak = Arc::downgrade(&signal);
    let object = Arc::new(());
    signal.connect(move || {
        let signal = weak.upgrade().unwrap();
        if signal.len() > 4 {
            signal.disconnect(signal.connections()[1]);
            signal.emit();
        }
    });
    signal.options().waitable().connect(|| ());
    signal.options().waitable().once(|| ());
    let blocked = signal.options().waitable().connect(|| ());
    signal.options().waitable().connect_weak(&object, |()| ());
    let _guard = signal.block(blocked);
    let told = events(|| signal.emit());
    let expected = [
        "slot connected_at=@-12 outcome=called",
        "disconnected connected_at=@-5 reason=disconnected",
        // The emission inside.
        "slot connected_at=@-12 outcome=called",
        "disconnected connected_at=@-4 reason=used up",
        "slot connected_at=@-4 outcome=called",
        "slot connected_at=@-3 outcome=blocked",
        "slot connected_at=@-2 outcome=called",
        // The one outside.
        "slot connected_at=@-5 outcome=gone",
        "slot connected_at=@-4 outcome=used up",
        "slot connected_at=@-3 outcome=blocked",
        "slot connected_at=@-2 outcome=called",
    ];
    assert_eq!(told, expected);
    let mut object = Some(object);
    let told = events(|| {
        let calls = signal.calls();
        object = None;
        calls.for_each(drop);
        assert_eq!(signal.disconnect_and_wait(blocked), Ok(true));
    });
    let expected = [
        "slot connected_at=@-30 outcome=called",
        "slot connected_at=@-21 outcome=blocked",
        "disconnected connected_at=@-20 reason=object gone",
        "slot connected_at=@-20 outcome=object gone",
        "disconnected connected_at=@-21 reason=disconnected",
    ];
    assert_eq!(told, expected);
}

#[test]
fn a_waitable_slot_whose_object_is_gone_tells_so() {
    let signal = Signal::<()>::new();
    let object = Arc::new(());
    signal.options().waitable().connect_weak(&object, |()| ());
    let mut calls = Vec::new();
    let told = events(|| {
        calls.extend([signal.calls(), signal.calls()]);
        drop(object);
        for call in &mut calls {
            assert_eq!(call.next(), None);
        }
    });
    let expected = [
        "disconnected connected_at=@-2 reason=object gone",
        "slot connected_at=@-2 outcome=object gone",
        "slot connected_at=@-2 outcome=object gone",
    ];
    assert_eq!(told, expected);
}

#[test]
fn a_wait_tells_that_the_slot_has_left() {
    let signal = Signal::<()>::new();
    let slot = signal.options().waitable().connect(|| ());
    let told = events(|| assert_eq!(signal.disconnect_and_wait(slot), Ok(true)));
    assert_eq!(told, ["disconnected connected_at=@-1 reason=disconnected"]);
}

#[cfg(feature = "async")]
#[test]
fn a_stream_is_called_like_a_slot() {
    let signal = Signal::<(u8,)>::new();
    let told = events(|| {
        let stream = signal.stream(1);
        signal.emit(1);
        drop(stream);
    });
    let expected = [
        "connected connected_at=@+1",
        "slot connected_at=@+1 outcome=called",
        "disconnected connected_at=@+1 reason=disconnected",
    ];
    assert_eq!(told, expected);
}

#[test]
fn each_limit_is_warned_of_once_over_all_threads() {
    let signal = Signal::<()>::new().named("crowd").warn_above(10);
    let log = Log::at(Level::WARN);
    together(4, |_| {
        log.during(|| {
            for _ in 0..100 {
                signal.connect(|| ());
            }
        });
    });
    // At 11 slots or more, 16, 23, 34, 50, 75, 113, 169, 253, 379: one that came late may have covered the next.
    let warnings = log.take().len();
    assert!((3..=10).contains(&warnings), "{warnings}");
    let all = signal.len();
    assert_eq!(all, 400);
}

#[test]
fn a_subscriber_of_one_thread_hears_only_of_that() {
    let signal = Arc::new(Signal::<()>::new());
    let log = Log::at(Level::TRACE);
    log.during(|| {
        let signal = Arc::clone(&signal);
        let other = thread::spawn(move || {
            signal.connect(|| ());
            signal.emit();
            signal.disconnect_all();
        });
        other.join().unwrap();
    });
    assert_eq!(log.take(), [""; 0]);
}

#[test]
fn a_global_subscriber_hears_of_each_call_of_each_thread() {
    const TEST: &str = "tracing::threads::a_global_subscriber_hears_of_each_call_of_each_thread";
    const THREADS: usize = 4;
    const ROUNDS: usize = 200;
    in_own_process(TEST, || {
        let log = Log::at(Level::TRACE);
        tracing::subscriber::set_global_default(log.clone()).unwrap();
        let signal = Signal::<()>::new();
        let ran = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&ran);
        signal.connect(move || {
            count.fetch_add(1, Ordering::Relaxed);
        });
        let barrier = Barrier::new(THREADS);
        together(THREADS, |number| {
            barrier.wait();
            for _ in 0..ROUNDS {
                signal.emit();
                let slot = signal.options().max_calls(2).connect(|| ());
                if number % 2 == 0 {
                    signal.disconnect(slot);
                }
            }
        });
        signal.disconnect_all();
        let told = events_of(log.take());
        let of = |text: &str| told.iter().filter(|line| line.contains(text)).count();
        let changes = THREADS * ROUNDS + 1;
        assert_eq!(ran.load(Ordering::Relaxed), THREADS * ROUNDS);
        assert_eq!(of("connected ") - of("disconnected "), changes);
        assert_eq!(of("disconnected "), changes);
        // No slot is passed over for another reason.
        assert_eq!(of("outcome=blocked") + of("outcome=object"), 0);
        let line = told.iter().find(|line| line.starts_with("connected "));
        let first = line.unwrap().split_once("connected_at=").unwrap().1;
        let called = format!("slot connected_at={first} outcome=called");
        assert_eq!(of(&called), THREADS * ROUNDS);
    });
}

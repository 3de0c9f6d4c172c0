//! Streams of one signal that are read while several threads emit.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};

use futures::StreamExt;
use futures::executor::block_on;
use smoke_signal::{Signal, SignalStream};

use crate::live::{Held, Live};
use crate::scenario::{lock, scenario, threads};

type Items = SignalStream<(usize, usize, Arc<Held>)>;

/// One round with a large and a small stream, each read by its own thread.
struct Round {
    signal: Mutex<Option<Arc<Signal<(usize, usize, Arc<Held>)>>>>,
    roomy: Mutex<Option<Items>>,
    small: Mutex<Option<Items>>,
    sent: AtomicUsize,
    emitters: AtomicUsize,
    live: Arc<Live>,
}

/// Reads a stream to its end, and returns how many items it yielded and missed.
fn read(mut stream: Items) -> (usize, usize) {
    let mut last = HashMap::new();
    let mut read = 0;
    while let Some((thread, number, _held)) = block_on(stream.next()) {
        let former = last.insert(thread, number);
        assert!(former < Some(number), "in the order of emission");
        read += 1;
    }
    (read, usize::try_from(stream.missed()).unwrap())
}

#[test]
fn streams_lose_nothing_that_fits() {
    scenario("streams", |scenario| {
        scenario.rounds(
            |_| {
                let signal = Signal::new();
                Round {
                    roomy: Mutex::new(Some(signal.stream(10_000))),
                    small: Mutex::new(Some(signal.stream(3))),
                    signal: Mutex::new(Some(Arc::new(signal))),
                    sent: AtomicUsize::new(0),
                    emitters: AtomicUsize::new(threads() - 2),
                    live: Arc::default(),
                }
            },
            |round, numbers, thread| {
                if thread < 2 {
                    let cell = [&round.roomy, &round.small][thread];
                    let stream = lock(cell).take().expect("each stream has one reader");
                    let (read, missed) = read(stream);
                    assert_eq!(read + missed, round.sent.load(SeqCst), "read or missed");
                    assert!(thread == 1 || missed == 0, "all of it fits");
                    return;
                }
                let signal = Arc::clone(lock(&round.signal).as_ref().expect("it is there"));
                for number in 0..=numbers.below(60) {
                    round.sent.fetch_add(1, SeqCst);
                    signal.emit(thread, number, Arc::new(Held::new(&round.live)));
                }
                drop(signal);
                // The last emitter drops the signal, which ends the streams.
                if round.emitters.fetch_sub(1, SeqCst) == 1 {
                    lock(&round.signal).take();
                }
            },
            |round| round.live.assert_none(),
        );
    });
}

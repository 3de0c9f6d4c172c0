//! Streams and `next` futures, compared with plain queues.

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use futures::Stream;
use proptest::collection::vec;
use proptest::prelude::*;
use smoke_signal::{NextEmission, Signal, SignalStream};

use super::one_of;

#[derive(Clone, Debug)]
enum Step {
    /// A stream with this capacity.
    Stream(usize),
    /// A future that resolves with the next emission.
    Next,
    Emit(u8),
    /// Polls a reader; the number is taken modulo the number of readers.
    Poll(u8),
    DropReader(u8),
    DisconnectAll,
    DropSignal,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => (1..4_usize).prop_map(Step::Stream),
        2 => Just(Step::Next),
        8 => any::<u8>().prop_map(Step::Emit),
        12 => any::<u8>().prop_map(Step::Poll),
        2 => any::<u8>().prop_map(Step::DropReader),
        1 => Just(Step::DisconnectAll),
        1 => Just(Step::DropSignal),
    ]
}

enum Reader {
    Stream(SignalStream<(u8,)>),
    Next(NextEmission<(u8,)>),
}

impl Reader {
    fn poll(&mut self, waker: &Waker) -> Poll<Option<(u8,)>> {
        let context = &mut Context::from_waker(waker);
        match self {
            Self::Stream(stream) => Pin::new(stream).poll_next(context),
            Self::Next(next) => Pin::new(next).poll(context),
        }
    }
}

/// The model of a reader.
struct Queue {
    items: VecDeque<(u8,)>,
    capacity: usize,
    /// How many items it receives before its slot is disconnected; `None` means no limit.
    takes: Option<usize>,
    missed: u64,
    connected: bool,
}

impl Queue {
    fn push(&mut self, item: (u8,)) {
        self.items.push_back(item);
        if self.items.len() > self.capacity {
            self.items.pop_front();
            self.missed += 1;
        }
        self.takes = self.takes.map(|takes| takes - 1);
        self.connected = self.takes != Some(0);
    }

    fn poll(&mut self) -> Poll<Option<(u8,)>> {
        match self.items.pop_front() {
            None if self.connected => Poll::Pending,
            item => Poll::Ready(item),
        }
    }
}

/// Records whether it was woken since the last check.
#[derive(Default)]
struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

struct Pair {
    queue: Queue,
    reader: Reader,
    woken: Arc<Woken>,
    /// Whether the last poll returned `Pending`.
    waits: bool,
}

impl Pair {
    fn new(reader: Reader, capacity: usize, takes: Option<usize>) -> Self {
        Self {
            queue: Queue {
                items: VecDeque::new(),
                capacity,
                takes,
                missed: 0,
                connected: true,
            },
            reader,
            woken: Arc::default(),
            waits: false,
        }
    }

    fn poll(&mut self) {
        let polled = self.reader.poll(&Waker::from(Arc::clone(&self.woken)));
        assert_eq!(polled, self.queue.poll());
        self.waits = polled.is_pending();
    }

    /// Called after every step.
    fn agree(&mut self) {
        if let Reader::Stream(stream) = &self.reader {
            assert_eq!(stream.missed(), self.queue.missed);
            let buffered = self.queue.items.len();
            let most = (!self.queue.connected).then_some(buffered);
            assert_eq!(stream.size_hint(), (buffered, most));
        }
        let woken = self.woken.0.swap(false, Ordering::Relaxed);
        let has_news = !self.queue.items.is_empty() || !self.queue.connected;
        assert!(woken || !(self.waits && has_news), "it sleeps on");
        self.waits &= !has_news;
    }
}

fn disconnect_all(pairs: &mut [Pair]) {
    for pair in pairs {
        pair.queue.connected = false;
    }
}

fn run(steps: &[Step]) {
    let mut signal = Some(Signal::<(u8,)>::new());
    let mut pairs: Vec<Pair> = Vec::new();
    for step in steps {
        let places: Vec<_> = (0..pairs.len()).collect();
        match (step, &signal) {
            (&Step::Stream(capacity), Some(signal)) => {
                let stream = Reader::Stream(signal.stream(capacity));
                pairs.push(Pair::new(stream, capacity, None));
            }
            (Step::Next, Some(signal)) => {
                pairs.push(Pair::new(Reader::Next(signal.next()), 1, Some(1)));
            }
            (&Step::Emit(item), Some(signal)) => {
                signal.emit(item);
                let connected = pairs.iter_mut().filter(|pair| pair.queue.connected);
                connected.for_each(|pair| pair.queue.push((item,)));
            }
            (&Step::Poll(pick), _) => {
                if let Some(place) = one_of(&places, pick) {
                    pairs[place].poll();
                }
            }
            (&Step::DropReader(pick), _) => {
                if let Some(place) = one_of(&places, pick) {
                    pairs.swap_remove(place);
                }
            }
            (Step::DisconnectAll, Some(signal)) => {
                signal.disconnect_all();
                disconnect_all(&mut pairs);
            }
            (Step::DropSignal, _) => {
                signal = None;
                disconnect_all(&mut pairs);
            }
            (_, None) => {}
        }
        pairs.iter_mut().for_each(Pair::agree);
        if let Some(signal) = &signal {
            let connected = pairs.iter().filter(|pair| pair.queue.connected);
            assert_eq!(signal.len(), connected.count());
        }
    }
}

proptest! {
    #![proptest_config(super::config())]

    #[test]
    fn a_stream_does_what_a_queue_would(steps in vec(step(), 0..60)) {
        run(&steps);
    }
}

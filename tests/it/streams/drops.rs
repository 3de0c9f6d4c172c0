//! What dropping a stream drops.

use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use futures::{FutureExt, Stream, StreamExt};
use smoke_signal::{Signal, SignalStream};

use crate::common::Counter;

use super::{counting, now, ready};

#[test]
fn dropping_a_stream_disconnects_it_and_drops_its_items() {
    let signal: Signal<(Arc<()>,)> = Signal::new();
    let item = Arc::new(());
    let stream = signal.stream(2);
    for _ in 0..5 {
        signal.emit(Arc::clone(&item));
    }
    assert_eq!(Arc::strong_count(&item), 3); // the missed ones went at once
    assert_eq!(signal.len(), 1);
    drop(stream);
    assert!(signal.is_empty());
    assert_eq!(Arc::strong_count(&item), 1);
    signal.emit(Arc::clone(&item));
    assert_eq!(Arc::strong_count(&item), 1);
}

#[test]
fn a_stream_dropped_in_an_emission_drops_its_items_at_once() {
    let signal: Signal<(Arc<()>, bool)> = Signal::new();
    let stream = Arc::new(Mutex::new(None));
    let item = Arc::new(());
    signal.connect({
        let (stream, item) = (Arc::clone(&stream), Arc::downgrade(&item));
        move |own, last| {
            drop(own);
            let before = item.strong_count();
            let buffered: Option<SignalStream<_>> = if last {
                stream.lock().unwrap().take()
            } else {
                None
            };
            let count = buffered.as_ref().map_or(0, |b| b.size_hint().0);
            drop(buffered);
            assert_eq!(item.strong_count(), before - count);
        }
    });
    *stream.lock().unwrap() = Some(signal.stream(2));
    signal.emit(Arc::clone(&item), false);
    signal.emit(Arc::clone(&item), false);
    assert_eq!(Arc::strong_count(&item), 3);
    signal.emit(Arc::clone(&item), true);
    assert_eq!(Arc::strong_count(&item), 1);
}

#[test]
fn an_item_that_arrives_as_the_stream_is_dropped_is_dropped_at_once() {
    /// Counts its drops, and drops the stream when it is cloned for its slot.
    #[derive(Debug)]
    struct Item(Arc<()>, Arc<Mutex<Option<SignalStream<(Item,)>>>>);
    impl Clone for Item {
        fn clone(&self) -> Self {
            drop(self.1.lock().unwrap().take());
            Self(Arc::clone(&self.0), Arc::clone(&self.1))
        }
    }

    let signal: Signal<(Item,)> = Signal::new();
    let count = Arc::new(());
    let stream: Arc<Mutex<Option<SignalStream<_>>>> = Arc::default();
    *stream.lock().unwrap() = Some(signal.stream(2));
    let left = Counter::default();
    signal.connect({
        let (left, count) = (left.clone(), Arc::downgrade(&count));
        move |_item| {
            // Only the argument and the counter remain; nothing is buffered.
            assert_eq!(count.strong_count(), 2);
            left.add();
        }
    });
    signal.emit(Item(Arc::clone(&count), Arc::clone(&stream)));
    assert_eq!(left.get(), 1);
    assert!(stream.lock().unwrap().is_none());
    assert_eq!(signal.len(), 1);
}

#[test]
fn a_dropped_stream_next_loses_no_item() {
    let signal: Signal<(i32,)> = Signal::new();
    let mut stream = signal.stream(4);
    let (woken, waker) = counting();
    let context = &mut Context::from_waker(&waker);

    // Dropped while pending.
    let mut next = stream.next();
    assert_eq!(next.poll_unpin(context), Poll::Pending);
    drop(next);
    signal.emit(1);
    assert_eq!(stream.next().now_or_never(), Some(Some((1,))));

    // Dropped after it was woken.
    let mut next = stream.next();
    assert_eq!(next.poll_unpin(context), Poll::Pending);
    let before = woken.get();
    signal.emit(2);
    assert_eq!(woken.get(), before + 1);
    drop(next);
    signal.emit(3);
    assert_eq!(ready(&mut stream), [(2,), (3,)]);

    // Dropped unpolled, and raced repeatedly with a ready future.
    drop(stream.next());
    for number in 0..4 {
        signal.emit(number);
        let mut next = stream.next();
        let first = futures::future::select(futures::future::ready(()), &mut next);
        assert!(matches!(now(first), futures::future::Either::Left(_)));
    }
    assert_eq!(ready(&mut stream), [(0,), (1,), (2,), (3,)]);
    assert_eq!(stream.missed(), 0);
}

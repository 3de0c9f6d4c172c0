//! The items of a stream: their order, the oldest dropped when it is full, the count of missed items.

use std::collections::VecDeque;
use std::sync::Arc;

use futures::{FutureExt, Stream, StreamExt};
use smoke_signal::Signal;

use crate::common::{Numbers, thrown};

use super::{now, ready};

#[test]
fn items_are_the_arguments_in_the_order_of_emissions() {
    let nothing: Signal<()> = Signal::new();
    let mut stream = nothing.stream(2);
    let next = nothing.next();
    nothing.emit();
    nothing.emit();
    assert_eq!(ready(&mut stream).len(), 2);
    assert!(now(next).is_some());

    macro_rules! arrive {
        ($(($($T:ty: $one:expr, $two:expr;)*))*) => {$({
            let signal: Signal<($($T,)*)> = Signal::new();
            let mut stream = signal.stream(2);
            let next = signal.next();
            signal.emit($($one),*);
            signal.emit($($two),*);
            assert_eq!(ready(&mut stream), [($($one,)*), ($($two,)*)]);
            assert_eq!(now(next), Some(($($one,)*)));
            assert_eq!(signal.len(), 1);
        })*};
    }
    arrive! {
        (String: "a".to_owned(), "b".to_owned();)
        (u8: 1, 2; char: 'a', 'b';)
        (u8: 1, 2; char: 'a', 'b'; Vec<i8>: vec![1], vec![];)
        (u8: 1, 2; char: 'a', 'b'; Vec<i8>: vec![1], vec![]; Box<str>: "a".into(), "b".into();)
        (u8: 1, 2; u8: 3, 4; u8: 5, 6; u8: 7, 8; Option<String>: Some("a".to_owned()), None;)
        (u8: 1, 2; u8: 3, 4; u8: 5, 6; u8: 7, 8; u8: 9, 0; &'static str: "a", "b";)
        (u8: 1, 2; u8: 3, 4; u8: 5, 6; u8: 7, 8; u8: 9, 0; bool: true, false; i64: -1, -2;)
        (u8: 1, 2; u8: 3, 4; u8: 5, 6; u8: 7, 8; u8: 9, 0; bool: true, false; i64: -1, -2;
            Arc<str>: "a".into(), "b".into();)
    }
}

#[test]
fn a_stream_does_not_replay_earlier_emissions() {
    let signal: Signal<(i32,)> = Signal::new();
    signal.emit(1);
    let mut stream = signal.stream(4);
    let next = signal.next();
    signal.emit(2);
    assert_eq!(ready(&mut stream), [(2,)]);
    assert_eq!(now(next), Some((2,)));
}

#[test]
fn a_full_stream_drops_and_counts_its_oldest_item() {
    for (capacity, kept) in [
        (1, vec![12]),
        (2, vec![11, 12]),
        (5, vec![8, 9, 10, 11, 12]),
    ] {
        let signal: Signal<(usize,)> = Signal::new();
        let mut stream = signal.stream(capacity);
        for number in 1..=12 {
            signal.emit(number);
            assert_eq!(stream.missed(), number.saturating_sub(capacity) as u64);
            assert_eq!(stream.size_hint().0, number.min(capacity));
        }
        let items: Vec<_> = ready(&mut stream).into_iter().map(|(n,)| n).collect();
        assert_eq!(items, kept);

        // There is room again, and the count stays.
        let missed = 12 - capacity as u64;
        for number in 0..capacity {
            signal.emit(number);
        }
        assert_eq!(stream.missed(), missed);
        signal.emit(13);
        assert_eq!(stream.missed(), missed + 1);
        assert_eq!(ready(&mut stream).len(), capacity);
    }
}

#[test]
fn a_stream_is_a_ring_buffer_in_any_order_of_emitting_and_reading() {
    let mut numbers = Numbers(1);
    for capacity in 1..=5 {
        let signal: Signal<(u32,)> = Signal::new();
        let mut stream = signal.stream(capacity);
        let (mut ring, mut missed) = (VecDeque::new(), 0);
        for number in 0..2000 {
            if numbers.below(5) < 3 {
                signal.emit(number);
                ring.push_back((number,));
                if ring.len() > capacity {
                    ring.pop_front();
                    missed += 1;
                }
            } else {
                let next = stream.next().now_or_never();
                assert_eq!(next, ring.pop_front().map(Some));
            }
            assert_eq!(stream.missed(), missed);
            assert_eq!(stream.size_hint(), (ring.len(), None));
        }
    }
}

#[test]
fn two_streams_are_independent() {
    let signal: Signal<(i32,)> = Signal::new();
    let (mut small, mut large) = (signal.stream(1), signal.stream(10));
    assert_eq!(signal.len(), 2);
    signal.emit(1);
    signal.emit(2);
    assert_eq!((small.missed(), large.missed()), (1, 0));
    assert_eq!(ready(&mut small), [(2,)]);
    assert_eq!(large.next().now_or_never(), Some(Some((1,))));

    drop(small);
    assert_eq!(signal.len(), 1);
    signal.emit(3);
    drop(signal);
    assert_eq!(now(large.collect::<Vec<_>>()), [(2,), (3,)]);
}

#[test]
fn size_hints_count_buffered_items_and_are_exact_at_the_end() {
    let signal: Signal<(i32,)> = Signal::new();
    let mut stream = signal.stream(3);
    assert_eq!(stream.size_hint(), (0, None));
    signal.emit(1);
    signal.emit(2);
    assert_eq!(stream.size_hint(), (2, None));
    drop(signal);
    assert_eq!(stream.size_hint(), (2, Some(2)));
    assert_eq!(stream.next().now_or_never(), Some(Some((1,))));
    assert_eq!(stream.size_hint(), (1, Some(1)));
    assert_eq!(stream.next().now_or_never(), Some(Some((2,))));
    assert_eq!(stream.size_hint(), (0, Some(0)));
}

#[test]
fn a_stream_without_capacity_panics() {
    let signal: Signal<(i32,)> = Signal::new();
    let message = thrown(|| signal.stream(0));
    assert_eq!(
        message,
        "a stream of emissions needs a capacity of 1 or more"
    );
    assert!(signal.is_empty());
    let _stream = signal.stream(usize::MAX); // nothing is allocated in advance
}

#[test]
fn the_location_is_that_of_the_caller() {
    let signal: Signal<(i32,)> = Signal::new();
    let (_stream, line) = (signal.stream(1), line!());
    let (_next, next_line) = (signal.next(), line!());
    let slots = signal.slots();
    let locations: Vec<_> = slots.iter().map(|slot| slot.location).collect();
    assert!(locations.iter().all(|location| location.file() == file!()));
    assert_eq!(locations[0].line(), line);
    assert_eq!(locations[1].line(), next_line);
    let calls_left: Vec<_> = slots.iter().map(|slot| slot.calls_left).collect();
    assert_eq!(calls_left, [None, Some(1)]);
}

//! The channels `broadcast` and `watch` of tokio.

use futures::executor::block_on;
use futures::{FutureExt, StreamExt};
use smoke_signal::Signal;

// theirs: `tx.subscribe()`
#[test]
fn a_stream_receives_what_is_sent_from_then_on() {
    let sent: Signal<(u8,)> = Signal::new();
    sent.emit(1);
    let first = sent.stream(16);
    sent.emit(2);
    let second = sent.stream(16);
    sent.emit(3);
    drop(sent);
    assert_eq!(block_on(first.collect::<Vec<_>>()), [(2,), (3,)]);
    assert_eq!(block_on(second.collect::<Vec<_>>()), [(3,)]);
}

// theirs: `rx.recv().await`
#[test]
fn each_stream_receives_each_value_in_order() {
    let sent: Signal<(String,)> = Signal::new();
    let (mut one, mut other) = (sent.stream(16), sent.stream(16));
    for text in ["a", "b"] {
        sent.emit(text.to_owned());
    }
    for text in ["a", "b"] {
        assert_eq!(block_on(one.next()), Some((text.to_owned(),)));
        assert_eq!(block_on(other.next()), Some((text.to_owned(),)));
    }
    assert_eq!(one.next().now_or_never(), None, "it waits");
}

// theirs: `RecvError::Lagged(n)`
#[test]
fn the_oldest_values_are_lost_and_counted() {
    let sent: Signal<(u8,)> = Signal::new();
    let mut stream = sent.stream(3);
    for n in 1..=5 {
        sent.emit(n);
    }
    assert_eq!(stream.missed(), 2);
    assert_eq!(
        block_on(stream.next()),
        Some((3,)),
        "the oldest that is left"
    );
}

// theirs: `RecvError::Closed`
#[test]
fn a_stream_ends_after_what_is_still_there() {
    let sent: Signal<(u8,)> = Signal::new();
    let mut stream = sent.stream(16);
    sent.emit(1);
    drop(sent);
    assert_eq!(block_on(stream.next()), Some((1,)));
    assert_eq!(block_on(stream.next()), None);
}

// theirs: `tx.receiver_count()`
#[test]
fn streams_are_counted() {
    let sent: Signal<(u8,)> = Signal::new();
    let _one = sent.stream(16);
    let _other = sent.stream(16);
    assert_eq!(sent.len(), 2);
}

// theirs: dropping `rx`
#[test]
fn a_dropped_stream_no_longer_counts() {
    let sent: Signal<(u8,)> = Signal::new();
    let stream = sent.stream(16);
    drop(stream);
    assert!(sent.is_empty());
}

// theirs: `rx.changed().await`
#[test]
fn of_several_values_a_stream_of_one_sees_the_newest() {
    let changed: Signal<(u8,)> = Signal::new();
    let mut newest = changed.stream(1);
    for n in 1..=3 {
        changed.emit(n);
    }
    assert_eq!(block_on(newest.next()), Some((3,)));
    assert_eq!(newest.next().now_or_never(), None);
}

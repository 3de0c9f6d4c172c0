//! Streams and `next` in `select!`: when they count as terminated.

use std::task::{Context, Poll, Waker};

use futures::future::FusedFuture;
use futures::stream::{FusedStream, StreamExt};
use futures::{FutureExt, Stream};
use smoke_signal::Signal;

use super::{now, poll, ready};

#[test]
fn a_stream_is_terminated_once_it_has_returned_its_end() {
    let signal: Signal<(u8,), u8> = Signal::new();
    let mut stream = signal.stream(4);
    assert!(!stream.is_terminated());
    signal.emit(1);
    drop(signal);
    assert!(!stream.is_terminated());
    assert_eq!(ready(&mut stream), [(1,)]);
    assert!(stream.is_terminated(), "`ready` has polled the end");
    assert_eq!(poll(&mut stream, Waker::noop()), Poll::Ready(None));
    assert_eq!(stream.size_hint(), (0, Some(0)));
}

#[test]
fn an_end_that_nobody_has_seen_does_not_terminate_the_stream() {
    let signal: Signal<(u8,)> = Signal::new();
    let mut stream = signal.stream(4);
    signal.disconnect_all();
    assert!(!stream.is_terminated(), "or `select!` would skip the end");
    assert!(!FusedFuture::is_terminated(&stream.next()));
    assert_eq!(now(stream.next()), None);
    assert!(FusedFuture::is_terminated(&stream.next()));
}

#[test]
fn select_next_some_takes_a_stream_as_it_is() {
    let signal: Signal<(u8,)> = Signal::new();
    let mut stream = signal.stream(4);
    signal.emit(1);
    assert_eq!(stream.select_next_some().now_or_never(), Some((1,)));
    assert_eq!(stream.select_next_some().now_or_never(), None);
}

#[test]
fn next_is_terminated_once_it_has_resolved() {
    let signal: Signal<(u8,), u8> = Signal::new();
    let (mut first, mut second) = (signal.next(), signal.next());
    assert!(!first.is_terminated());
    let context = &mut Context::from_waker(Waker::noop());
    assert_eq!(first.poll_unpin(context), Poll::Pending);
    assert!(!first.is_terminated());
    signal.emit(1);
    assert!(!first.is_terminated());
    assert_eq!(first.poll_unpin(context), Poll::Ready(Some((1,))));
    assert!(first.is_terminated() && !second.is_terminated());
    assert_eq!(first.poll_unpin(context), Poll::Ready(None));
    assert!(first.is_terminated());
    assert_eq!(second.poll_unpin(context), Poll::Ready(Some((1,))));

    let mut third = signal.next();
    drop(signal);
    assert!(!third.is_terminated());
    assert_eq!(third.poll_unpin(context), Poll::Ready(None));
    assert!(third.is_terminated());
}

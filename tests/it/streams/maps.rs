//! `stream_map`: streams of what a closure makes of the arguments.

use std::cell::Cell;
use std::sync::Arc;
use std::thread;

use futures::executor::block_on;
use futures::{Stream, StreamExt};
use smoke_signal::{ByMut, ByRef, Signal, SignalStream};

use crate::common::{Counter, throw, thrown};

use super::{has_ended, ready};

#[test]
fn borrowed_arguments_can_be_streamed() {
    let signal: Signal<(ByRef<str>, ByMut<Vec<u8>>, u8), bool> = Signal::new();
    signal.connect(|text, list, n| {
        list.push(n);
        text.is_empty()
    });
    let mut stream = signal.stream_map(4, |text, list, n| {
        list.push(0);
        (text.to_owned(), list.len(), n)
    });
    let mut list = vec![];
    {
        let text = String::from("four");
        assert_eq!(signal.emit(&text, &mut list, 1), [false]);
    }
    assert_eq!(signal.emit("", &mut list, 2), [true]);
    assert_eq!(list, [1, 0, 2, 0]);
    let expected = [("four".to_owned(), 2, 1), (String::new(), 4, 2)];
    assert_eq!(ready(&mut stream), expected);
    drop(signal);
    assert!(has_ended(&mut stream));
}

#[test]
fn every_arity_infers() {
    macro_rules! arrive {
        ($($sum:literal: $($a:ident $value:literal),*;)*) => {$({
            let signal: Signal<($(arrive!(@type $a),)*), &'static str> = Signal::new();
            let mut stream = signal.stream_map(1, |$($a),*| 0 $(+ $a)*);
            let mut other = signal.connector().stream_map(1, |$($a),*| 0 $(+ $a)*);
            assert!(signal.emit($($value),*).is_empty());
            assert_eq!((ready(&mut stream), ready(&mut other)), (vec![$sum], vec![$sum]));
        })*};
        (@type $a:ident) => { u32 };
    }
    arrive! {
        0: ;
        1: a 1;
        3: a 1, b 2;
        6: a 1, b 2, c 3;
        10: a 1, b 2, c 3, d 4;
        15: a 1, b 2, c 3, d 4, e 5;
        21: a 1, b 2, c 3, d 4, e 5, f 6;
        28: a 1, b 2, c 3, d 4, e 5, f 6, g 7;
        36: a 1, b 2, c 3, d 4, e 5, f 6, g 7, h 8;
    }
}

#[test]
fn the_oldest_item_is_dropped_and_counted() {
    let signal: Signal<(u8,)> = Signal::new();
    let mut stream = signal.stream_map(2, |n| n * 10);
    (1..=5).for_each(|n| drop(signal.emit(n)));
    assert_eq!((ready(&mut stream), stream.missed()), (vec![40, 50], 3));
}

#[test]
fn the_closure_lives_as_long_as_the_slot() {
    let signal: Signal<(u8,)> = Signal::new();
    let dropped = Counter::default();
    let tracked = || {
        let tracked = dropped.tracked();
        move |n: u8| {
            tracked.touch();
            n
        }
    };
    let stream: SignalStream<u8> = signal.stream_map(2, tracked());
    drop(stream);
    assert_eq!(dropped.get(), 1);
    let mut stream = signal.stream_map(2, tracked());
    signal.emit(1);
    signal.disconnect_all();
    assert_eq!(dropped.get(), 2);
    assert_eq!(ready(&mut stream), [1]);
    let _stream = signal.stream_map(2, tracked());
    drop(signal);
    assert_eq!(dropped.get(), 3);
}

#[test]
fn a_closure_that_panics_unwinds_out_of_the_emission_and_adds_no_item() {
    let signal: Signal<(u8,)> = Signal::new();
    let mut stream = signal.stream_map(2, |n| if n == 0 { throw("zero") } else { n + 3 });
    assert_eq!(thrown(|| signal.emit(0)), "zero");
    signal.emit(2);
    assert_eq!(ready(&mut stream), [5]);
    assert_eq!(signal.len(), 1);
}

#[test]
fn a_closure_that_disconnects_its_stream_still_adds_its_item() {
    static SIGNAL: Signal<(u8,)> = Signal::new();
    let mut stream = SIGNAL.stream_map(4, |n| {
        SIGNAL.disconnect_all();
        n
    });
    SIGNAL.emit(1);
    SIGNAL.emit(2);
    assert_eq!(ready(&mut stream), [1]);
    assert!(has_ended(&mut stream));
}

#[test]
fn items_need_be_send_but_not_sync_or_clone() {
    let signal: Signal<(u8,)> = Signal::new();
    let stream = signal.stream_map(4, |n| Cell::new(Box::new(n)));
    let reader = thread::spawn(|| block_on(stream.map(Cell::into_inner).collect::<Vec<_>>()));
    signal.emit(1);
    drop(signal);
    assert_eq!(reader.join().unwrap(), [Box::new(1)]);
}

#[test]
fn a_stream_map_without_capacity_panics_and_drops_its_closure() {
    let signal: Signal<(u8,)> = Signal::new();
    let captured = Arc::new(());
    let capture = Arc::clone(&captured);
    let message = thrown(|| signal.stream_map(0, move |_| Arc::strong_count(&capture)));
    assert_eq!(
        message,
        "a stream of emissions needs a capacity of 1 or more"
    );
    assert!(signal.is_empty());
    assert_eq!(Arc::strong_count(&captured), 1);
}

#[test]
fn the_location_of_a_stream_map_is_that_of_the_caller() {
    let signal: Signal<(u8,)> = Signal::new();
    let (stream, line) = (signal.stream_map(1, |n| n), line!());
    let (_other, other_line) = (signal.connector().stream_map(1, |n| n), line!());
    let lines: Vec<_> = signal.slots().iter().map(|s| s.location.line()).collect();
    assert_eq!(lines, [line, other_line]);
    assert_eq!(stream.size_hint(), (0, None));
}

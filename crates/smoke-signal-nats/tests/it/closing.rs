//! `flush`, `close`, and bridges that have gone.

use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use smoke_signal::Signal;
use smoke_signal_nats::{LinkError, Loopback};

use crate::common::*;

#[test]
fn close_delivers_what_has_been_received() {
    // More than wait for one slot.
    const COUNT: u32 = 3000;
    let loopback = Loopback::new();
    let (here, there) = (loopback.bridge(), loopback.bridge());
    let (said, heard) = (numbers(), numbers());
    let _links = (
        here.send(&said.signal, "n").unwrap(),
        there.receive(&heard.signal, "n").unwrap(),
    );
    let (go, gate) = channel::<()>();
    let gate = Mutex::new(gate);
    heard.signal.connect(move |n: u32| {
        if n == 0 {
            gate.lock().unwrap().recv().unwrap();
        }
    });
    flush(&[&there]);
    (0..COUNT).for_each(|n| drop(said.signal.emit(n)));
    assert_eq!(heard.next(), 0);
    // The others wait behind the slot.
    flush(&[&here]);
    let closing = std::thread::spawn(move || {
        let result = block_on(there.close(LONG));
        (there, result)
    });
    go.send(()).unwrap();
    let (there, result) = closing.join().unwrap();
    result.unwrap();
    assert_eq!(there.stats().received, u64::from(COUNT));
    (1..COUNT).for_each(|n| assert_eq!(heard.next(), n));
}

#[test]
fn close_says_what_a_blocked_slot_has_left_and_delivers_no_more() {
    // Several times, because a delivery that began after `close` would be one that won a race.
    (0..20).for_each(|_| close_while_a_slot_is_blocked());
}

fn close_while_a_slot_is_blocked() {
    let loopback = Loopback::new();
    let (here, there) = (loopback.bridge(), loopback.bridge());
    let (said, heard) = (numbers(), numbers());
    let _links = (
        here.send(&said.signal, "n").unwrap(),
        there.receive(&heard.signal, "n").unwrap(),
    );
    let (go, gate) = channel::<()>();
    let gate = Mutex::new(gate);
    heard
        .signal
        .connect(move |_: u32| gate.lock().unwrap().recv().unwrap());
    flush(&[&there]);
    (0..10).for_each(|n| drop(said.signal.emit(n)));
    assert_eq!(heard.next(), 0);
    flush(&[&here]);
    let left = block_on(there.close(Duration::from_millis(20))).unwrap_err();
    assert_eq!(
        (left.unsent, left.undelivered, left.disconnected),
        (0, 10, false)
    );
    assert_eq!(
        left.to_string(),
        "out of time: 0 emissions not sent, 10 emissions not delivered"
    );
    go.send(()).unwrap();
    // When the thread that delivers has ended, nobody else holds the signal.
    until("the one in progress has returned", || {
        Arc::strong_count(&heard.signal) == 1
    });
    assert_eq!(there.stats().received, 1);
}

#[test]
fn a_closed_bridge_is_of_no_more_effect() {
    let loopback = Loopback::new();
    let (here, there) = (loopback.bridge(), loopback.bridge());
    let (said, heard) = (numbers(), numbers());
    let out = here.send(&said.signal, "n").unwrap();
    let _in = there.receive(&heard.signal, "n").unwrap();
    flush(&[&there]);
    said.signal.emit(1);
    block_on(here.close(LONG)).unwrap();
    assert_eq!(heard.next(), 1);
    said.signal.emit(2);
    heard.is_quiet();
    assert_eq!(said.signal.len(), 1);
    assert_eq!((here.stats().sent, here.stats().queued), (1, 0));
    assert_eq!(here.send(&said.signal, "n").unwrap_err(), LinkError::Closed);
    assert_eq!(
        here.receive(&said.signal, "n").unwrap_err(),
        LinkError::Closed
    );
    block_on(here.close(LONG)).unwrap();
    block_on(here.flush(LONG)).unwrap();
    drop(out);
}

#[test]
fn flush_waits_for_links_that_were_made_before() {
    let loopback = Loopback::new();
    let (here, there) = (loopback.bridge(), loopback.bridge());
    let said = Arc::new(Signal::<(u32,)>::new());
    let _out = here.send(&said, "n").unwrap();
    for round in 0..50 {
        let heard = numbers();
        let _in = there.receive(&heard.signal, "n").unwrap();
        flush(&[&there]);
        said.emit(round);
        assert_eq!(heard.next(), round);
    }
}

#[test]
fn a_bridge_dropped_by_its_own_slot_ends() {
    let loopback = Loopback::new();
    let (here, there) = (loopback.bridge(), loopback.bridge());
    let (said, heard) = (numbers(), numbers());
    let _out = here.send(&said.signal, "n").unwrap();
    there.receive(&heard.signal, "n").unwrap().release();
    flush(&[&there]);
    let there = Mutex::new(Some(there));
    heard
        .signal
        .connect(move |_: u32| drop(there.lock().unwrap().take()));
    said.signal.emit(1);
    assert_eq!(heard.next(), 1);
    said.signal.emit(2);
    flush(&[&here]);
    heard.is_quiet();
}

#[test]
fn threads_end_with_their_bridges() {
    let signal = Arc::new(Signal::<(u32,)>::new());
    let loopback = Loopback::new();
    for _ in 0..20 {
        let bridge = loopback.bridge();
        bridge.share(&signal, "n").unwrap().release();
        flush(&[&bridge]);
    }
    // Each of their threads has held the signal.
    until("nobody holds the signal", || {
        Arc::strong_count(&signal) == 1
    });
    assert!(signal.is_empty());
}

//! Slots that block or panic, gaps, and what `Delivery` tells.

use std::sync::mpsc::channel;
use std::sync::{Arc, Barrier};

use smoke_signal::Signal;
use smoke_signal_nats::{Bridge, Delivery, Loopback, Problem, ProblemKind};

use crate::common::*;

#[test]
fn a_slot_that_blocks_stops_its_link_and_nothing_else() {
    let loopback = Loopback::new();
    let (here, there) = (loopback.bridge(), loopback.bridge());
    let [slow, fast] = [(); 2].map(|()| numbers());
    let [to_slow, to_fast] = [(); 2].map(|()| Arc::new(Signal::<(u32,)>::new()));
    let _links = (
        here.send(&to_slow, "slow").unwrap(),
        here.send(&to_fast, "fast").unwrap(),
        there.receive(&slow.signal, "slow").unwrap(),
        there.receive(&fast.signal, "fast").unwrap(),
    );
    let gate = Arc::new(Barrier::new(2));
    let waits = Arc::clone(&gate);
    slow.signal.connect(move |n| {
        if n == 1 {
            waits.wait();
        }
    });
    flush(&[&there]);

    (1..=3).for_each(|n| drop(to_slow.emit(n)));
    (1..=100).for_each(|n| drop(to_fast.emit(n)));
    assert_eq!(slow.next(), 1);
    assert_eq!(fast.take(100), (1..=100).collect::<Vec<_>>());
    // Neither does it stop what this process sends, nor its own wait for the server.
    flush(&[&here, &there]);
    slow.is_quiet();
    gate.wait();
    assert_eq!(slow.take(2), [2, 3]);
}

#[test]
fn a_panic_of_a_slot_is_counted_and_the_link_goes_on() {
    let loopback = Loopback::new();
    let (problems, reported) = channel::<Problem>();
    let there =
        Bridge::builder().on_problem(move |problem| problems.send(problem.clone()).unwrap());
    let (here, there) = (loopback.bridge(), there.loopback(&loopback));
    let (said, heard) = (numbers(), numbers());
    let _links = (
        here.send(&said.signal, "n").unwrap(),
        there.receive(&heard.signal, "n").unwrap(),
    );
    heard
        .signal
        .connect(|n: u32| assert_ne!(n % 2, 0, "even: {n}"));
    flush(&[&there]);
    (1..=4).for_each(|n| drop(said.signal.emit(n)));
    assert_eq!(heard.take(4), [1, 2, 3, 4]);
    until("all have returned", || {
        there.stats().received + there.stats().panicked == 4
    });
    assert_eq!(
        (
            there.stats().received,
            there.stats().panicked,
            there.stats().missed
        ),
        (2, 2, 0)
    );
    let problem = reported.try_recv().unwrap();
    assert_eq!(problem.kind, ProblemKind::Panicked);
    assert!(problem.detail.contains("even: 2"), "{problem}");
    assert!(reported.try_recv().is_err(), "once per kind");
}

#[test]
fn a_panic_of_the_hook_for_problems_is_ignored() {
    let loopback = Loopback::new();
    let there = Bridge::builder().on_problem(|_| panic!("the hook"));
    let (here, there) = (loopback.bridge(), there.loopback(&loopback));
    let (said, heard) = (numbers(), numbers());
    let _links = (
        here.send(&said.signal, "n").unwrap(),
        there.receive(&heard.signal, "n").unwrap(),
    );
    heard.signal.connect(|n: u32| assert_ne!(n, 1));
    flush(&[&there]);
    (1..=2).for_each(|n| drop(said.signal.emit(n)));
    assert_eq!(heard.take(2), [1, 2]);
}

#[test]
fn a_slot_learns_what_it_is_called_with() {
    let loopback = Loopback::new();
    let (here, there) = (loopback.bridge(), loopback.bridge());
    let (said, heard) = (numbers(), numbers());
    let _links = (
        here.send(&said.signal, "a.b").unwrap(),
        there.receive(&heard.signal, "a.b").unwrap(),
    );
    let (tell, told) = channel();
    let also = tell.clone();
    said.signal
        .connect(move |_| also.send(Delivery::current()).unwrap());
    heard
        .signal
        .connect(move |_| tell.send(Delivery::current()).unwrap());
    flush(&[&there]);
    said.signal.emit(1);
    assert!(
        told.recv_timeout(LONG).unwrap().is_none(),
        "a local emission"
    );
    let delivery = told.recv_timeout(LONG).unwrap().expect("a delivery");
    assert_eq!(
        (
            delivery.origin(),
            delivery.subject(),
            delivery.sequence(),
            delivery.is_redelivery()
        ),
        (here.origin(), "a.b", 1, false)
    );
    heard.signal.emit(2);
    assert!(told.recv_timeout(LONG).unwrap().is_none());
}

#[test]
fn what_never_went_out_is_missed_by_those_who_listen() {
    let loopback = Loopback::new();
    let (problems, reported) = channel::<Problem>();
    let there =
        Bridge::builder().on_problem(move |problem| problems.send(problem.clone()).unwrap());
    let here = Bridge::builder().max_message(100).loopback(&loopback);
    let there = there.loopback(&loopback);
    let (said, heard) = (Heard::<String>::new(), Heard::<String>::new());
    let _links = (
        here.send(&said.signal, "text").unwrap(),
        there.receive(&heard.signal, "text").unwrap(),
    );
    flush(&[&there]);
    let (long, short) = ("x".repeat(200), "x".to_owned());
    for text in [&long, &short, &long, &long, &short] {
        said.signal.emit(text.clone());
    }
    assert_eq!(heard.take(2), [short.clone(), short]);
    assert_eq!((here.stats().sent, here.stats().refused), (2, 3));
    assert_eq!(
        there.stats().missed,
        2,
        "the first was before the first message that arrived"
    );
    let problem = reported.recv_timeout(LONG).unwrap();
    assert_eq!(problem.kind, ProblemKind::Missed);
    assert_eq!(
        problem.to_string(),
        format!("text: 2 emissions of {} have not arrived", here.origin())
    );
}

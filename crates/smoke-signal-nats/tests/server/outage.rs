//! Servers that are not there, go away, stop, and come back. The core protocol.

use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

use smoke_signal_nats::{Bridge, Builder, Problem, ProblemKind, WhenFull};

use crate::common::*;
use crate::harness::Server;

fn connect(server: &Server, builder: Builder) -> Bridge {
    block_on(builder.connect(server.url())).unwrap()
}

#[test]
fn without_a_server_local_work_goes_on_and_the_queue_waits_for_one() {
    let mut server = Server::new();
    let (problems, reported) = channel();
    let hook = move |problem: &Problem| {
        let _ended = problems.send(problem.kind);
    };
    let (here, there) = (
        connect(&server, Bridge::builder().on_problem(hook)),
        connect(&server, Bridge::builder()),
    );
    let (said, heard) = (numbers(), numbers());
    let _links = (
        here.send(&said.signal, "n.v1").unwrap(),
        there.receive(&heard.signal, "n.v1").unwrap(),
    );
    (1..=3).for_each(|n| drop(said.signal.emit(n)));
    assert_eq!(said.take(3), [1, 2, 3], "local slots are called");
    assert_eq!((here.stats().queued, here.stats().sent), (3, 0));
    assert_eq!(
        reported.recv_timeout(LONG).unwrap(),
        ProblemKind::Disconnected
    );
    let left = block_on(here.flush(Duration::from_millis(50))).unwrap_err();
    assert_eq!((left.unsent, left.disconnected), (3, true));

    server.start();
    flush(&[&there, &here]);
    assert_eq!(
        (
            here.stats().queued,
            here.stats().sent,
            here.stats().reconnects
        ),
        (0, 3, 0)
    );
    // Which of the two came first is open. From now on everything arrives.
    said.signal.emit(4);
    let last = std::iter::from_fn(|| Some(heard.next())).find(|&n| n == 4);
    assert_eq!(last, Some(4));
}

#[test]
fn a_full_queue_refuses_the_newest_and_counts_it() {
    let mut server = Server::new();
    let (problems, reported) = channel();
    let hook = move |problem: &Problem| {
        let _ended = problems.send(problem.clone());
    };
    let here = connect(&server, Bridge::builder().capacity(3).on_problem(hook));
    let said = numbers();
    let _out = here.send(&said.signal, "n.v1").unwrap();
    (1..=5).for_each(|n| drop(said.signal.emit(n)));
    assert_eq!((here.stats().queued, here.stats().refused), (3, 2));
    let full: Vec<_> = reported
        .try_iter()
        .filter(|problem| problem.kind == ProblemKind::Full)
        .collect();
    assert_eq!(full.len(), 1, "once per kind");
    assert_eq!(full[0].to_string(), "n.v1: the outgoing queue is full");

    server.start();
    let there = connect(&server, Bridge::builder());
    let heard = numbers();
    let _in = there.receive(&heard.signal, "n.v1").unwrap();
    flush(&[&here, &there]);
    assert_eq!(
        (here.stats().sent, here.stats().refused),
        (3, 2),
        "the oldest went out"
    );
    said.signal.emit(6);
    let last = std::iter::from_fn(|| Some(heard.next())).find(|&n| n == 6);
    assert_eq!(last, Some(6));
}

#[test]
fn an_emitter_waits_for_room_if_it_is_asked_to() {
    let mut server = Server::new();
    let here = connect(
        &server,
        Bridge::builder().capacity(2).when_full(WhenFull::Block),
    );
    let said = numbers();
    let _out = here.send(&said.signal, "n.v1").unwrap();
    let (tell, emitted) = channel();
    let signal = said.signal.clone();
    let thread = std::thread::spawn(move || {
        (1..=4).for_each(|n| {
            signal.emit(n);
            tell.send(n).unwrap();
        });
    });
    assert_eq!(
        [(); 2].map(|()| emitted.recv_timeout(LONG).unwrap()),
        [1, 2]
    );
    assert!(emitted.recv_timeout(SHORT).is_err(), "the third waits");
    server.start();
    assert_eq!(
        [(); 2].map(|()| emitted.recv_timeout(LONG).unwrap()),
        [3, 4]
    );
    thread.join().unwrap();
    flush(&[&here]);
    assert_eq!((here.stats().sent, here.stats().refused), (4, 0));
}

#[test]
fn close_frees_an_emitter_that_waits_and_says_what_was_left() {
    let server = Server::new();
    let here = connect(
        &server,
        Bridge::builder().capacity(1).when_full(WhenFull::Block),
    );
    let said = numbers();
    let _out = here.send(&said.signal, "n.v1").unwrap();
    said.signal.emit(1);
    let signal = said.signal.clone();
    let emitter = std::thread::spawn(move || drop(signal.emit(2)));
    assert_eq!(said.next(), 1);
    said.is_quiet();
    let left = block_on(here.close(Duration::from_millis(100))).unwrap_err();
    assert_eq!(
        (left.unsent, left.undelivered, left.disconnected),
        (1, 0, true)
    );
    assert_eq!(
        left.to_string(),
        "without a connection: 1 emissions not sent, 0 emissions not delivered"
    );
    emitter.join().unwrap();
    assert_eq!(said.next(), 2);
}

#[test]
fn after_a_restart_of_the_server_both_sides_come_back() {
    let mut server = Server::core();
    let (here, there) = (
        connect(&server, Bridge::builder()),
        connect(&server, Bridge::builder()),
    );
    let (said, heard) = (numbers(), numbers());
    let _links = (
        here.send(&said.signal, "n.v1").unwrap(),
        there.receive(&heard.signal, "n.v1").unwrap(),
    );
    flush(&[&there]);
    said.signal.emit(1);
    assert_eq!(heard.next(), 1);

    server.kill();
    until("the sender notices", || {
        block_on(here.flush(Duration::from_millis(1))).is_err_and(|left| left.disconnected)
    });
    said.signal.emit(2);
    assert_eq!(here.stats().queued, 1);
    server.start();
    flush(&[&there, &here]);
    said.signal.emit(3);
    let last = std::iter::from_fn(|| Some(heard.next())).find(|&n| n == 3);
    assert_eq!(last, Some(3));
    assert_eq!((here.stats().reconnects, there.stats().reconnects), (1, 1));
    flush(&[&here]);
    // Whether the second arrived depends on who was back first. If it did not, that is counted.
    until("all are counted", || {
        there.stats().received + there.stats().missed == 3
    });
}

#[test]
fn an_emission_does_not_wait_for_a_server_that_has_stopped() {
    const COUNT: u32 = 30_000;
    let server = Server::core();
    let (here, there) = (
        connect(&server, Bridge::builder()),
        connect(&server, Bridge::builder()),
    );
    let (said, heard) = (Heard::<String>::new(), Heard::<String>::new());
    let _links = (
        here.send(&said.signal, "n.v1").unwrap(),
        there.receive(&heard.signal, "n.v1").unwrap(),
    );
    flush(&[&there]);
    server.signal("STOP");
    let start = Instant::now();
    // 30 MB, more than the buffers of both sockets, of the client and the queue together.
    let text = "x".repeat(1000);
    (0..COUNT).for_each(|_| drop(said.signal.emit(text.clone())));
    assert!(start.elapsed() < LONG, "none of them waited");
    let stats = here.stats();
    assert!(stats.refused > 0, "{stats:?}");
    assert_eq!(stats.sent + stats.queued + stats.refused, u64::from(COUNT));
    server.signal("CONT");
    flush(&[&here]);
    let sent = here.stats().sent;
    until("everything sent is accounted for", || {
        there.stats().received + there.stats().missed >= sent
    });
}

#[test]
fn close_sends_what_is_queued() {
    // More than the client takes at once.
    const COUNT: u32 = 9000;
    let mut server = Server::new();
    let here = connect(&server, Bridge::builder());
    let said = numbers();
    let _out = here.send(&said.signal, "n.v1").unwrap();
    (0..COUNT).for_each(|n| drop(said.signal.emit(n)));
    let closing = std::thread::spawn(move || {
        let result = block_on(here.close(LONG));
        (here, result)
    });
    server.start();
    let (here, result) = closing.join().unwrap();
    result.unwrap();
    assert_eq!(
        (here.stats().sent, here.stats().queued),
        (u64::from(COUNT), 0)
    );
}

//! JetStream: slots that panic, and slots that take long.

use std::sync::Mutex;
use std::sync::mpsc::channel;
use std::time::Duration;

use smoke_signal_nats::{Bridge, Builder, Delivery, Problem, ProblemKind};

use crate::common::*;
use crate::harness::Server;
use crate::raw::{publish, several};

fn connect(server: &Server, builder: Builder) -> Bridge {
    block_on(builder.durable(server.url(), "SHOP")).unwrap()
}

#[test]
fn a_message_whose_slot_panicked_is_delivered_again_before_the_next_and_marked() {
    let server = Server::durable();
    let (here, there) = (
        connect(&server, Bridge::builder()),
        connect(&server, Bridge::builder()),
    );
    let (said, heard) = (numbers(), numbers());
    let (tell, told) = channel();
    heard.signal.options().first().connect_tuple(move |(n,)| {
        let again = Delivery::current().unwrap().is_redelivery();
        tell.send((n, again)).unwrap();
        assert!(n != 2 || again, "the first time");
    });
    let _links = (
        here.send(&said.signal, "n.v1").unwrap(),
        there.receive(&heard.signal, "n.v1").unwrap(),
    );
    (1..=3).for_each(|n| drop(said.signal.emit(n)));
    assert_eq!(heard.take(3), [1, 2, 3]);
    assert_eq!(
        told.try_iter().collect::<Vec<_>>(),
        [(1, false), (2, false), (2, true), (3, false)]
    );
    until("all are counted", || there.stats().received == 3);
    let stats = there.stats();
    assert_eq!(
        (
            stats.panicked,
            stats.redelivered,
            stats.set_aside,
            stats.missed
        ),
        (1, 1, 0, 0)
    );
}

#[test]
fn a_message_whose_slot_always_panics_is_set_aside_and_reported() {
    let server = Server::durable();
    let (problems, reported) = channel::<Problem>();
    let builder = Bridge::builder()
        .deliveries(3)
        .on_problem(move |problem| problems.send(problem.clone()).unwrap());
    let (here, there) = (
        connect(&server, Bridge::builder()),
        connect(&server, builder),
    );
    let (said, heard) = (numbers(), numbers());
    heard
        .signal
        .options()
        .first()
        .connect_tuple(|(n,)| assert!(n != 2, "never"));
    let _links = (
        here.send(&said.signal, "n.v1").unwrap(),
        there.receive(&heard.signal, "n.v1").unwrap(),
    );
    (1..=3).for_each(|n| drop(said.signal.emit(n)));
    assert_eq!(heard.take(2), [1, 3]);
    until("all are counted", || there.stats().received == 2);
    let stats = there.stats();
    assert_eq!(
        (
            stats.panicked,
            stats.redelivered,
            stats.set_aside,
            stats.missed
        ),
        (3, 2, 1, 0)
    );
    let problems: Vec<_> = reported.try_iter().collect();
    assert_eq!(
        problems
            .iter()
            .map(|problem| problem.kind)
            .collect::<Vec<_>>(),
        [ProblemKind::Panicked, ProblemKind::SetAside]
    );
    let text = format!(
        "n.v1: message 2 of the stream (emission 2 of {}) is set aside after 3 deliveries: never",
        here.origin()
    );
    assert_eq!(problems[1].to_string(), text);
}

#[test]
fn a_slot_may_take_longer_than_the_server_waits_for_its_word() {
    let server = Server::durable();
    let builder = Bridge::builder().ack_wait(Duration::from_millis(300));
    let (here, there) = (
        connect(&server, Bridge::builder()),
        connect(&server, builder),
    );
    let (said, heard) = (numbers(), numbers());
    heard.signal.connect(|n| {
        if n == 1 {
            std::thread::sleep(Duration::from_millis(1500));
        }
    });
    let _links = (
        here.send(&said.signal, "n.v1").unwrap(),
        there.receive(&heard.signal, "n.v1").unwrap(),
    );
    (1..=2).for_each(|n| drop(said.signal.emit(n)));
    assert_eq!(heard.take(2), [1, 2]);
    until("both are counted", || there.stats().received == 2);
    let stats = there.stats();
    assert_eq!((stats.redelivered, stats.duplicates), (0, 0));
}

#[test]
fn a_message_in_the_midst_of_its_slot_while_the_server_restarts_is_not_delivered_twice() {
    let mut server = Server::durable();
    let builder = || Bridge::builder().ack_wait(Duration::from_millis(300));
    let (here, there) = (
        connect(&server, builder().name("here")),
        connect(&server, builder().name("there")),
    );
    let (said, heard) = (numbers(), numbers());
    let (go, gate) = channel::<()>();
    let gate = Mutex::new(gate);
    heard.signal.connect(move |n| {
        if n == 1 {
            gate.lock().unwrap().recv().unwrap();
        }
    });
    let _links = (
        here.send(&said.signal, "n.v1").unwrap(),
        there.receive(&heard.signal, "n.v1").unwrap(),
    );
    said.signal.emit(1);
    assert_eq!(heard.next(), 1);
    flush(&[&here]);
    server.kill();
    server.start();
    said.signal.emit(2);
    flush(&[&here, &there]);
    go.send(()).unwrap();
    assert_eq!(heard.next(), 2);
    heard.is_quiet();
    assert_eq!(there.stats().received, 2);
}

#[test]
fn a_word_that_a_killed_server_has_not_heard_is_told_again() {
    let mut server = Server::durable();
    // Longer than any test takes: the next message must not wait for that.
    let builder = || Bridge::builder().ack_wait(LONG * 10);
    let (here, there) = (
        connect(&server, builder().name("here")),
        connect(&server, builder().name("there")),
    );
    let (said, heard) = (numbers(), numbers());
    let (go, gate) = channel::<()>();
    let gate = Mutex::new(gate);
    heard.signal.connect(move |n| {
        if n == 1 {
            gate.lock().unwrap().recv().unwrap();
        }
    });
    let _links = (
        here.send(&said.signal, "n.v1").unwrap(),
        there.receive(&heard.signal, "n.v1").unwrap(),
    );
    said.signal.emit(1);
    assert_eq!(heard.next(), 1);
    flush(&[&here, &there]);
    server.signal("STOP");
    go.send(()).unwrap();
    until("the slot has returned", || there.stats().received == 1);
    server.kill();
    server.start();
    said.signal.emit(2);
    assert_eq!(heard.next(), 2);
}

#[test]
fn with_more_in_advance_nothing_is_lost_either() {
    const COUNT: u32 = 2000;
    let server = Server::durable();
    let builder = Bridge::builder().prefetch(100).deliveries(3);
    let (here, there) = (
        connect(&server, Bridge::builder()),
        connect(&server, builder),
    );
    let (said, heard) = (numbers(), numbers());
    heard.signal.options().first().connect_tuple(|(n,)| {
        let again = Delivery::current().unwrap().is_redelivery();
        if n % 100 == 7 && !again {
            std::panic::resume_unwind(Box::new("the first time"));
        }
    });
    let _links = (
        here.send(&said.signal, "n.v1").unwrap(),
        there.receive(&heard.signal, "n.v1").unwrap(),
    );
    (0..COUNT).for_each(|n| drop(said.signal.emit(n)));
    let mut all = heard.take(COUNT as usize);
    heard.is_quiet();
    all.sort_unstable();
    assert_eq!(all, (0..COUNT).collect::<Vec<_>>(), "each once");
    assert_eq!((there.stats().missed, there.stats().set_aside), (0, 0));
}

/// As a bridge of the core protocol sends them, which may share a subject with durable ones.
#[test]
fn several_emissions_of_one_message_are_each_delivered_and_none_is_lost_by_a_panic() {
    let server = Server::durable();
    let bridge = connect(&server, Bridge::builder());
    let heard = numbers();
    heard.signal.connect(|n| {
        let again = Delivery::current().unwrap().is_redelivery();
        assert!(n != 2 || again, "the first time");
    });
    let _link = bridge.receive(&heard.signal, "n.v1").unwrap();
    flush(&[&bridge]);
    let messages = vec![
        several(7, 1, &["[1]", "[2]", "[3]"]),
        several(7, 4, &["[4]", "[5]"]),
    ];
    publish(&server.url(), "n.v1", messages);
    assert_eq!(heard.take(6), [1, 2, 2, 3, 4, 5]);
    until("all are counted", || bridge.stats().received == 5);
    let stats = bridge.stats();
    assert_eq!(
        (
            stats.panicked,
            stats.duplicates,
            stats.missed,
            stats.set_aside
        ),
        (1, 1, 0, 0)
    );
}

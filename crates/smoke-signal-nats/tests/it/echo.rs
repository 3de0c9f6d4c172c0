//! What was received is not sent back, and does not go round in circles.

use std::sync::Arc;

use smoke_signal_nats::{Bridge, Loopback, ProblemKind};

use crate::common::*;

#[test]
fn three_that_share_a_signal_hear_each_emission_once() {
    let loopback = Loopback::new();
    let bridges: Vec<_> = (0..3).map(|_| loopback.bridge()).collect();
    let signals: Vec<_> = (0..3).map(|_| numbers()).collect();
    let _links: Vec<_> = (0..3)
        .map(|n| bridges[n].share(&signals[n].signal, "chat.v1").unwrap())
        .collect();
    flush(&bridges.iter().collect::<Vec<_>>());

    for (n, speaker) in (0..).zip(&signals) {
        speaker.signal.emit(n);
        for signal in &signals {
            assert_eq!(signal.next(), n);
        }
    }
    flush(&bridges.iter().collect::<Vec<_>>());
    for (bridge, signal) in bridges.iter().zip(&signals) {
        signal.is_quiet();
        let stats = bridge.stats();
        assert_eq!((stats.sent, stats.received), (1, 2));
    }
}

#[test]
fn sending_and_receiving_by_two_links_does_not_echo_either() {
    let loopback = Loopback::new();
    let (here, there) = (loopback.bridge(), loopback.bridge());
    let (ours, theirs) = (numbers(), numbers());
    let mut links = Vec::new();
    for (bridge, signal) in [(&here, &ours), (&there, &theirs)] {
        links.push(bridge.receive(&signal.signal, "chat.v1").unwrap());
        links.push(bridge.send(&signal.signal, "chat.v1").unwrap());
    }
    flush(&[&here, &there]);
    ours.signal.emit(1);
    assert_eq!((ours.next(), theirs.next()), (1, 1));
    flush(&[&here, &there]);
    ours.is_quiet();
    theirs.is_quiet();
    assert_eq!(there.stats().sent, 0);
}

#[test]
fn what_a_slot_emits_again_by_the_same_signal_does_go_out() {
    let loopback = Loopback::new();
    let (here, there) = (loopback.bridge(), loopback.bridge());
    let (ours, theirs) = (numbers(), numbers());
    let reply = Arc::downgrade(&theirs.signal);
    // In front of all others, but for the slot of the link.
    theirs.signal.options().group(i32::MIN).connect(move |n| {
        if n < 10 {
            reply.upgrade().unwrap().emit(n + 10);
        }
    });
    let _links = [(&here, &ours), (&there, &theirs)]
        .map(|(bridge, heard)| bridge.share(&heard.signal, "chat.v1"));
    flush(&[&here, &there]);
    ours.signal.emit(1);
    assert_eq!(ours.take(2), [1, 11]);
    assert_eq!(theirs.take(2), [11, 1], "nested emissions come first");
    flush(&[&here, &there]);
    ours.is_quiet();
}

#[test]
fn another_link_of_the_signal_sends_on_what_was_received() {
    let loopback = Loopback::new();
    let [west, gate, east] = [(); 3].map(|()| loopback.bridge());
    let [ours, between, theirs] = [(); 3].map(|()| numbers());
    let _links = (
        west.send(&ours.signal, "west.v1").unwrap(),
        gate.share(&between.signal, "west.v1").unwrap(),
        gate.share(&between.signal, "east.v1").unwrap(),
        east.receive(&theirs.signal, "east.v1").unwrap(),
    );
    flush(&[&gate, &east]);
    ours.signal.emit(5);
    assert_eq!(theirs.next(), 5);
    flush(&[&gate]);
    assert_eq!(gate.stats().sent, 1);
}

#[test]
fn a_circle_over_several_subjects_ends_at_the_hop_limit() {
    let loopback = Loopback::new();
    let (problems, reported) = std::sync::mpsc::channel();
    let limited = || {
        let problems = problems.clone();
        let hook = move |problem: &smoke_signal_nats::Problem| problems.send(problem.kind).unwrap();
        Bridge::builder()
            .hop_limit(5)
            .on_problem(hook)
            .loopback(&loopback)
    };
    let (here, there) = (limited(), limited());
    let (arriving, answered) = (numbers(), numbers());
    let (answer, question) = (numbers(), numbers());
    let _links = (
        here.receive(&arriving.signal, "ping.v1").unwrap(),
        here.send(&answer.signal, "pong.v1").unwrap(),
        there.receive(&answered.signal, "pong.v1").unwrap(),
        there.send(&question.signal, "ping.v1").unwrap(),
    );
    let forward = Arc::clone(&answer.signal);
    arriving.signal.connect(move |n| drop(forward.emit(n + 1)));
    let forward = Arc::clone(&question.signal);
    answered.signal.connect(move |n| drop(forward.emit(n + 1)));
    flush(&[&here, &there]);

    question.signal.emit(0);
    until("the circle has ended", || {
        here.stats().looped + there.stats().looped == 1
    });
    // The first, and one for each hop.
    assert_eq!(here.stats().sent + there.stats().sent, 6);
    assert_eq!(
        reported.try_iter().collect::<Vec<_>>(),
        [ProblemKind::Looped]
    );
}

#[test]
fn two_bridges_of_one_signal_forward_and_stop() {
    let loopback = Loopback::new();
    let (left, right, far) = (loopback.bridge(), loopback.bridge(), loopback.bridge());
    let (both, said) = (numbers(), numbers());
    let _links = (
        left.share(&both.signal, "chat.v1").unwrap(),
        right.share(&both.signal, "chat.v1").unwrap(),
        far.send(&said.signal, "chat.v1").unwrap(),
    );
    flush(&[&left, &right]);
    said.signal.emit(1);
    // Each of the two sends on what the other has received, until the limit of 8 stops them.
    until("they have stopped", || {
        left.stats().looped + right.stats().looped == 2
    });
    assert_eq!(left.stats().sent + right.stats().sent, 16);
}

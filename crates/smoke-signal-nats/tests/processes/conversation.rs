//! Processes of which none is killed.

use std::time::Duration;

use crate::child::Child;
use crate::harness::Server;
use crate::ledger::Ledger;

#[test]
fn three_processes_that_share_a_signal_hear_each_emission_once() {
    let server = Server::core();
    let mut children: Vec<_> = (0..3)
        .map(|_| Child::start(&format!("share {} core", server.url())))
        .collect();
    for child in &children {
        assert_eq!(child.line(), "ready");
    }
    for speaker in 0..3 {
        children[speaker].tell(&format!("emit {speaker}"));
        for child in &children {
            assert_eq!(child.line(), format!("heard {speaker}"));
        }
    }
    for child in &mut children {
        assert_eq!(
            child.line_within(Duration::from_millis(100)),
            None,
            "nothing comes twice"
        );
        let [received, missed, sent, refused] = child.stats();
        assert_eq!([received, missed, sent, refused], [2, 0, 1, 0]);
    }
}

#[test]
fn a_receiver_that_was_stopped_for_a_second_goes_on_and_counts_what_it_has_missed() {
    const COUNT: u64 = 20_000;
    let server = Server::core();
    let mut receiver = Child::start(&format!("receive {} core 0", server.url()));
    assert_eq!(receiver.line(), "ready");
    let mut sender = Child::start(&format!("send {} core 0 {COUNT}", server.url()));
    assert!(receiver.line().starts_with("begin "));
    receiver.signal("STOP");
    std::thread::sleep(Duration::from_secs(1));
    receiver.signal("CONT");
    while sender.line() != "ready" {}
    // Numbers of another origin do not show gaps; so the same one emits once more, until nothing is on the way.
    let mut extra = 0;
    loop {
        sender.tell(&format!("emit {extra}"));
        extra += 1;
        let [arrived, missed, ..] = receiver.stats();
        if arrived + missed >= COUNT {
            break;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    assert_eq!(sender.stats()[3], 0);
}

#[test]
fn a_durable_receiver_that_was_stopped_for_a_second_loses_nothing() {
    const COUNT: u32 = 1500;
    let server = Server::durable();
    let receiver = Child::start(&format!("receive {} receiver 0", server.url()));
    assert_eq!(receiver.line(), "ready");
    let _sender = Child::start(&format!("send {} sender 0 {COUNT}", server.url()));
    let mut ledger = Ledger::default();
    let mut enter = |until: u32| {
        while ledger.ended.len() < until as usize {
            ledger.enter(&receiver.line());
        }
    };
    enter(COUNT / 3);
    receiver.signal("STOP");
    // Longer than the server waits for its word, so that a message is delivered again.
    std::thread::sleep(Duration::from_secs(1));
    receiver.signal("CONT");
    enter(COUNT);
    assert_eq!(ledger.ended, (0..COUNT).collect());
}

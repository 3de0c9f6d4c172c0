//! Conservation, while processes are killed. `SMOKE_SIGNAL_NATS_KILLS` sets how often: 3 times, unless set.

use std::time::{Duration, Instant};

use crate::child::Child;
use crate::harness::Server;
use crate::ledger::Ledger;

#[derive(Clone, Copy, Debug, PartialEq)]
enum Victim {
    Server,
    Sender,
    Receiver,
}

fn kills() -> u32 {
    std::env::var("SMOKE_SIGNAL_NATS_KILLS").map_or(3, |kills| kills.parse().unwrap())
}

/// Longer than any storm takes, for each kill.
const LONG: Duration = Duration::from_secs(60);

/// One process sends numbers, another receives them, and now and then one of the victims is killed and starts again.
/// Every number that the sender was told to be stored arrives, or is sent again by the sender's next life; all of them
/// arrive, in order for each life of the sender.
fn storm(victims: &[Victim]) {
    const BETWEEN: u32 = 300;
    let kills = kills();
    let count = BETWEEN * (kills + 1);
    let mut server = Server::durable();
    let url = server.url();
    let receive = || Child::start(&format!("receive {url} receiver 200"));
    let send = |from: u32| Child::start(&format!("send {url} sender {from} {count}"));

    let mut receiver = receive();
    assert_eq!(receiver.line(), "ready");
    let (mut sender, mut stored) = (send(0), 0);
    let mut ledger = Ledger::default();
    let mut killed = 0;
    let start = Instant::now();
    while ledger.ended.len() < count as usize {
        let arrived = ledger.ended.len();
        assert!(
            start.elapsed() < LONG * (kills + 1),
            "stuck after {killed} kills: {stored} of {count} stored, {arrived} arrived"
        );
        if let Some(line) = receiver.line_within(Duration::from_millis(10)) {
            ledger.enter(&line);
        }
        if stored < count {
            while let Some(line) = sender.line_within(Duration::ZERO) {
                stored = told(&line).unwrap_or(stored);
            }
        }
        if killed == kills || ledger.ended.len() < (BETWEEN * (killed + 1)) as usize {
            continue;
        }
        match victims[killed as usize % victims.len()] {
            Victim::Server => {
                server.kill();
                server.start();
            }
            Victim::Sender if stored < count => {
                sender.kill();
                // What it has said before it was killed.
                stored = sender
                    .rest()
                    .filter_map(|line| told(&line))
                    .last()
                    .unwrap_or(stored);
                sender = send(stored);
            }
            Victim::Sender => {}
            Victim::Receiver if ledger.is_in_a_slot() => {
                receiver.kill();
                receiver.rest().for_each(|line| ledger.enter(&line));
                ledger.killed();
                receiver = receive();
            }
            // Wait until one begins.
            Victim::Receiver => continue,
        }
        killed += 1;
    }
    assert_eq!(ledger.ended, (0..count).collect());
}

/// Up to which number the server has what the sender has emitted.
fn told(line: &str) -> Option<u32> {
    line.strip_prefix("sent ")
        .map(|stored| stored.parse().unwrap())
}

#[test]
fn nothing_is_lost_if_the_server_is_killed() {
    storm(&[Victim::Server]);
}

#[test]
fn nothing_that_was_stored_is_lost_if_the_sender_is_killed() {
    storm(&[Victim::Sender]);
}

#[test]
fn nothing_is_lost_if_the_receiver_is_killed_in_the_midst_of_a_slot() {
    storm(&[Victim::Receiver]);
}

#[test]
fn nothing_is_lost_if_all_are_killed_in_turn() {
    storm(&[Victim::Sender, Victim::Receiver, Victim::Server]);
}

//! The core protocol, while nothing fails.

use std::sync::Arc;
use std::sync::mpsc::channel;
use std::time::Duration;

use smoke_signal::Signal;
use smoke_signal_nats::{Bridge, Builder, WhenFull};

use crate::common::*;
use crate::harness::Server;

fn connect(server: &Server) -> Bridge {
    block_on(Bridge::connect(server.url())).unwrap()
}

#[test]
fn what_is_emitted_in_one_process_is_emitted_in_another() {
    let server = Server::core();
    let (here, there) = (connect(&server), connect(&server));
    let (said, heard) = (numbers(), numbers());
    let _links = (
        here.send(&said.signal, "n.v1").unwrap(),
        there.receive(&heard.signal, "n.v1").unwrap(),
    );
    flush(&[&there]);
    (1..=3).for_each(|n| drop(said.signal.emit(n)));
    assert_eq!(heard.take(3), [1, 2, 3]);
    flush(&[&here]);
    let stats = here.stats();
    assert_eq!(
        (stats.sent, stats.refused, stats.queued, stats.reconnects),
        (3, 0, 0, 0)
    );
    block_on(here.close(LONG)).unwrap();
    block_on(there.close(LONG)).unwrap();
    assert_eq!((there.stats().received, there.stats().missed), (3, 0));
}

#[test]
fn order_holds_for_each_origin_over_a_hundred_thousand_messages() {
    const COUNT: u32 = 50_000;
    let server = Server::core();
    let patient = |builder: Builder| {
        block_on(builder.when_full(WhenFull::Block).connect(server.url())).unwrap()
    };
    let (one, two) = (patient(Bridge::builder()), patient(Bridge::builder()));
    let options = async_nats::ConnectOptions::new().subscription_capacity(1 << 20);
    let there = block_on(
        Bridge::builder()
            .connect_options(options)
            .connect(server.url()),
    )
    .unwrap();
    let (said_one, said_two) = (
        Arc::new(Signal::<(u32, u32)>::new()),
        Arc::new(Signal::<(u32, u32)>::new()),
    );
    let heard = Arc::new(Signal::<(u32, u32)>::new());
    let (tell, told) = channel();
    heard.connect(move |origin, n| tell.send((origin, n)).unwrap());
    let _links = (
        one.send(&said_one, "n.v1").unwrap(),
        two.send(&said_two, "n.v1").unwrap(),
        there.receive(&heard, "n.v1").unwrap(),
    );
    flush(&[&there]);
    std::thread::scope(|scope| {
        scope.spawn(|| (0..COUNT).for_each(|n| drop(said_one.emit(0, n))));
        scope.spawn(|| (0..COUNT).for_each(|n| drop(said_two.emit(1, n))));
    });
    let mut next = [0, 0];
    for _ in 0..2 * COUNT {
        let (origin, n) = told.recv_timeout(LONG).unwrap();
        assert_eq!(n, next[origin as usize], "of origin {origin}");
        next[origin as usize] += 1;
    }
    assert_eq!(there.stats().missed, 0);
}

#[test]
fn three_that_share_a_signal_hear_each_emission_once() {
    let server = Server::core();
    let bridges: Vec<_> = (0..3).map(|_| connect(&server)).collect();
    let signals: Vec<_> = (0..3).map(|_| numbers()).collect();
    let _links: Vec<_> = (0..3)
        .map(|n| bridges[n].share(&signals[n].signal, "n.v1").unwrap())
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
        assert_eq!((bridge.stats().sent, bridge.stats().received), (1, 2));
    }
}

#[test]
fn what_a_bridge_sends_does_not_come_back_by_another_signal_either() {
    let server = Server::core();
    let bridge = connect(&server);
    let (said, heard) = (numbers(), numbers());
    let _links = (
        bridge.send(&said.signal, "n.v1").unwrap(),
        bridge.receive(&heard.signal, "n.v1").unwrap(),
    );
    flush(&[&bridge]);
    said.signal.emit(1);
    flush(&[&bridge]);
    heard.is_quiet();
}

#[test]
fn what_the_client_drops_for_a_slow_link_is_counted() {
    const COUNT: u32 = 20_000;
    let server = Server::core();
    let here = block_on(
        Bridge::builder()
            .when_full(WhenFull::Block)
            .connect(server.url()),
    )
    .unwrap();
    let options = async_nats::ConnectOptions::new().subscription_capacity(2);
    let there = block_on(
        Bridge::builder()
            .connect_options(options)
            .connect(server.url()),
    )
    .unwrap();
    let (said, heard) = (numbers(), numbers());
    let (go, gate) = channel::<()>();
    let gate = std::sync::Mutex::new(gate);
    heard.signal.connect(move |n| {
        if n == 0 {
            gate.lock().unwrap().recv().unwrap();
        }
    });
    let _links = (
        here.send(&said.signal, "n.v1").unwrap(),
        there.receive(&heard.signal, "n.v1").unwrap(),
    );
    flush(&[&there]);
    (0..COUNT).for_each(|n| drop(said.signal.emit(n)));
    assert_eq!(heard.next(), 0);
    flush(&[&here, &there]);
    go.send(()).unwrap();
    // One more, for which there is room again, shows the gap.
    until("there is room", || {
        said.signal.emit(COUNT);
        there.stats().missed > 0
    });
    flush(&[&here, &there]);
    let sent = here.stats().sent;
    until("all are accounted for", || {
        there.stats().received + there.stats().missed == sent
    });
    assert!(
        there.stats().missed > u64::from(COUNT) / 2,
        "{:?}",
        there.stats()
    );
}

#[test]
fn a_slot_that_blocks_does_not_stall_the_runtime_of_the_program() {
    let server = Server::core();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let here = Bridge::connect(server.url()).await.unwrap();
        let there = Bridge::connect(server.url()).await.unwrap();
        let (said, heard) = (numbers(), numbers());
        let (go, gate) = channel::<()>();
        let gate = std::sync::Mutex::new(gate);
        heard
            .signal
            .connect(move |_| gate.lock().unwrap().recv().unwrap());
        let _links = (
            here.send(&said.signal, "n.v1").unwrap(),
            there.receive(&heard.signal, "n.v1").unwrap(),
        );
        there.flush(LONG).await.unwrap();
        said.signal.emit(1);
        here.flush(LONG).await.unwrap();
        // The only thread of this runtime goes on, and so does the connection.
        tokio::time::sleep(Duration::from_millis(20)).await;
        there.flush(LONG).await.unwrap();
        assert_eq!(there.stats().received, 0);
        go.send(()).unwrap();
        until("the slot has returned", || there.stats().received == 1);
    });
}

#[test]
fn a_message_that_the_server_would_not_take_is_refused_and_the_connection_kept() {
    let server = Server::with("max_payload: 2000");
    let (here, there) = (connect(&server), connect(&server));
    let (said, heard) = (Heard::<String>::new(), Heard::<String>::new());
    let _links = (
        here.send(&said.signal, "text").unwrap(),
        there.receive(&heard.signal, "text").unwrap(),
    );
    flush(&[&there]);
    for length in [10, 5000, 20] {
        said.signal.emit("x".repeat(length));
    }
    assert_eq!(
        heard.take(2).iter().map(String::len).collect::<Vec<_>>(),
        [10, 20]
    );
    flush(&[&here]);
    let stats = here.stats();
    assert_eq!((stats.sent, stats.refused, stats.reconnects), (2, 1, 0));
    until("the receiver notices", || there.stats().missed == 1);
}

#[test]
fn close_delivers_what_has_been_received() {
    // More than wait for a slot outside the client.
    const COUNT: u32 = 5000;
    let server = Server::core();
    let (here, there) = (connect(&server), connect(&server));
    let (said, heard) = (numbers(), numbers());
    let (go, gate) = channel::<()>();
    let gate = std::sync::Mutex::new(gate);
    heard.signal.connect(move |n| {
        if n == 0 {
            gate.lock().unwrap().recv().unwrap();
        }
    });
    let _links = (
        here.send(&said.signal, "n.v1").unwrap(),
        there.receive(&heard.signal, "n.v1").unwrap(),
    );
    flush(&[&there]);
    (0..COUNT).for_each(|n| drop(said.signal.emit(n)));
    assert_eq!(heard.next(), 0);
    flush(&[&here, &there]);
    let closing = std::thread::spawn(move || {
        let result = block_on(there.close(LONG));
        (there, result)
    });
    go.send(()).unwrap();
    let (there, result) = closing.join().unwrap();
    result.unwrap();
    assert_eq!(there.stats().received, u64::from(COUNT));
}

#[test]
fn emissions_that_go_out_together_are_no_message_that_the_server_would_not_take() {
    const COUNT: u32 = 5000;
    let server = Server::with("max_payload: 200");
    let options = async_nats::ConnectOptions::new().subscription_capacity(1 << 20);
    let (here, there) = (
        connect(&server),
        block_on(
            Bridge::builder()
                .connect_options(options)
                .connect(server.url()),
        )
        .unwrap(),
    );
    let (said, heard) = (numbers(), numbers());
    let _links = (
        here.send(&said.signal, "n.v1").unwrap(),
        there.receive(&heard.signal, "n.v1").unwrap(),
    );
    flush(&[&there]);
    (0..COUNT).for_each(|n| drop(said.signal.emit(n)));
    assert_eq!(heard.take(COUNT as usize), (0..COUNT).collect::<Vec<_>>());
    flush(&[&here]);
    let stats = here.stats();
    assert_eq!((stats.refused, stats.reconnects), (0, 0));
    assert_eq!(stats.sent, u64::from(COUNT));
    assert_eq!(there.stats().missed, 0);
}

//! A process with a role: the side of the test that starts it, and its own.

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use smoke_signal::Signal;
use smoke_signal_nats::{Bridge, Builder, Delivery, WhenFull};

use crate::harness::signal;

const LONG: Duration = Duration::from_secs(120);
const ROLE: &str = "SMOKE_SIGNAL_NATS_ROLE";
/// What a child says is marked, because the test runner says something too.
const MARK: &str = "> ";

/// A running process.
pub(crate) struct Child {
    process: std::process::Child,
    lines: Receiver<String>,
}

impl Child {
    /// `role` is one of those that `child` knows, with its arguments.
    pub(crate) fn start(role: &str) -> Self {
        let mut process = Command::new(std::env::current_exe().unwrap())
            .args([
                "--exact",
                "child::child",
                "--ignored",
                "--nocapture",
                "--test-threads=1",
            ])
            .env(ROLE, role)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let out = BufReader::new(process.stdout.take().unwrap());
        let (said, lines) = channel();
        std::thread::spawn(move || {
            for line in out.lines().map_while(Result::ok) {
                if let Some(line) = line.strip_prefix(MARK) {
                    // The test may have ended.
                    let _ended = said.send(line.to_owned());
                }
            }
        });
        Self { process, lines }
    }

    /// What it says next.
    #[track_caller]
    pub(crate) fn line(&self) -> String {
        self.lines
            .recv_timeout(LONG)
            .expect("the child says nothing")
    }

    /// What it says next, or `None` if that takes longer. Panics if it has ended.
    #[track_caller]
    pub(crate) fn line_within(&self, timeout: Duration) -> Option<String> {
        match self.lines.recv_timeout(timeout) {
            Ok(line) => Some(line),
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => panic!("the child has ended"),
        }
    }

    /// What it said before it ended.
    pub(crate) fn rest(&self) -> impl Iterator<Item = String> {
        self.lines.iter()
    }

    /// Tells it something.
    pub(crate) fn tell(&mut self, line: &str) {
        writeln!(self.process.stdin.as_mut().unwrap(), "{line}").unwrap();
    }

    /// Asks for its counters: received, missed, sent, refused.
    #[track_caller]
    pub(crate) fn stats(&mut self) -> [u64; 4] {
        self.tell("stats");
        loop {
            if let Some(stats) = self.line().strip_prefix("stats ") {
                let numbers: Vec<_> = stats
                    .split(' ')
                    .map(|number| number.parse().unwrap())
                    .collect();
                return numbers.try_into().unwrap();
            }
        }
    }

    pub(crate) fn signal(&self, name: &str) {
        signal(&self.process.id().to_string(), name);
    }

    /// `kill -9`.
    pub(crate) fn kill(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        let _ended = self.process.kill();
        let _ended = self.process.wait();
    }
}

static NUMBER: Signal<(u32,)> = Signal::new();
const SUBJECT: &str = "n.v1";

fn say(line: std::fmt::Arguments<'_>) {
    println!("{MARK}{line}");
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    futures_executor::block_on(future)
}

/// What a child does. It ends when its standard input does.
#[test]
#[ignore = "the process that other tests start"]
fn child() {
    let role = std::env::var(ROLE).expect("it is started by other tests");
    // The test runner has begun a line.
    println!();
    let mut words = role.split(' ');
    let mut word = || words.next().unwrap_or_default().to_owned();
    let (role, url, name) = (word(), word(), word());
    let bridge = match name.as_str() {
        "core" => block_on(Bridge::builder().when_full(WhenFull::Block).connect(url)),
        name => block_on(durable(name).durable(url, "SHOP")),
    };
    let bridge = bridge.unwrap();
    match role.as_str() {
        "send" => send(&bridge, word().parse().unwrap()..word().parse().unwrap()),
        "receive" => receive(&bridge, Duration::from_micros(word().parse().unwrap())),
        "share" => bridge.share(&NUMBER, SUBJECT).unwrap().release(),
        role => panic!("no role: {role}"),
    }
    if role == "share" {
        NUMBER.connect(|n| say(format_args!("heard {n}")));
    }
    block_on(bridge.flush(LONG)).unwrap();
    say(format_args!("ready"));
    for line in std::io::stdin().lines().map_while(Result::ok) {
        if let Some(("emit", number)) = line.split_once(' ') {
            NUMBER.emit(number.parse().unwrap());
            continue;
        }
        let stats = bridge.stats();
        let [received, missed] = [stats.received, stats.missed];
        say(format_args!(
            "stats {received} {missed} {} {}",
            stats.sent, stats.refused
        ));
    }
}

fn durable(name: &str) -> Builder {
    let builder = Bridge::builder()
        .name(name)
        .capacity(100)
        .when_full(WhenFull::Block);
    builder.ack_wait(Duration::from_millis(500))
}

/// Emits numbers, and says now and then up to which one the server has them.
fn send(bridge: &Bridge, numbers: std::ops::Range<u32>) {
    bridge.send(&NUMBER, SUBJECT).unwrap().release();
    let (first, last) = (numbers.start, numbers.end);
    std::thread::scope(|scope| {
        scope.spawn(move || numbers.for_each(|n| drop(NUMBER.emit(n))));
        let mut told = first;
        let start = Instant::now();
        while told < last {
            let sent = first + u32::try_from(bridge.stats().sent).unwrap();
            if sent > told {
                told = sent;
                say(format_args!("sent {told}"));
            }
            assert!(start.elapsed() < LONG);
            std::thread::sleep(Duration::from_millis(1));
        }
    });
}

/// Says what it is called with, at the begin and at the end of its slot, which takes some time.
fn receive(bridge: &Bridge, time: Duration) {
    NUMBER.connect(move |n| {
        let delivery = Delivery::current().unwrap();
        let (origin, sequence) = (delivery.origin(), delivery.sequence());
        say(format_args!(
            "begin {origin} {sequence} {n} {}",
            delivery.is_redelivery()
        ));
        if !time.is_zero() {
            std::thread::sleep(time);
        }
        say(format_args!("end {n}"));
    });
    bridge.receive(&NUMBER, SUBJECT).unwrap().release();
}

//! Compares a bridge with the same written by hand with `async-nats`. Needs `nats-server`.
//!
//! ```text
//! cargo bench -p smoke-signal-nats              # all figures, and whether they hold the promises
//! cargo bench -p smoke-signal-nats -- memory    # ten million messages, and the memory meanwhile
//! ```
//!
//! By hand: the tuple is written as JSON and published to the core protocol; a subscriber reads it and calls a closure.

#[path = "../tests/harness/mod.rs"]
#[allow(dead_code, unreachable_pub, reason = "shared with the tests")]
mod harness;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use futures_util::StreamExt;
use harness::Server;
use smoke_signal::Signal;
use smoke_signal_nats::{Bridge, WhenFull};
use tokio::runtime::Handle;
use tokio::sync::oneshot;

/// Rounds of each figure. The best one counts: others share the machine.
const ROUNDS: usize = 7;
/// Emissions of a round, of which the queue of the bridge holds all.
const EMISSIONS: u32 = 20_000;
const SUBJECT: &str = "bench.v1";
const LONG: Duration = Duration::from_secs(60);
const TEXT: &str = "a line of some length";

fn main() {
    let arguments: Vec<_> = std::env::args()
        .skip(1)
        .filter(|argument| !argument.starts_with("--"))
        .collect();
    if arguments.iter().any(|argument| argument == "memory") {
        memory();
        return;
    }
    let server = Server::core();
    let (mut by_hand, mut bridged) = (Vec::new(), Vec::new());
    let (mut through_hand, mut through_bridge) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let (emit, all) = hand(&server);
        by_hand.push(emit);
        through_hand.push(all);
        let (emit, all) = bridge(&server);
        bridged.push(emit);
        through_bridge.push(all);
    }
    let emission = ratio("emit one message, ns", &bridged, &by_hand);
    let throughput = ratio(
        "end to end for each message, ns",
        &through_bridge,
        &through_hand,
    );
    let apart = rounds(&slots(10), || {})
        .into_iter()
        .zip(with_link(&server, 0));
    let apart: Vec<_> = apart.map(|(slots, link)| slots + link).collect();
    let what = "emit to ten local slots and a link, compared with the sum of both apart, ns";
    let local = ratio(what, &with_link(&server, 10), &apart);
    let held = [
        (
            "an emission costs at most 1.2 x a publish by hand",
            emission <= 1.2,
        ),
        (
            "throughput is at least 0.9 x that by hand",
            throughput <= 1.0 / 0.9,
        ),
        (
            "local slots run as fast as without a bridge, but for the one slot more",
            local <= 1.1,
        ),
    ];
    for (promise, holds) in held {
        println!("{} {promise}", if holds { "held:  " } else { "MISSED:" });
    }
}

/// Prints both, best and median, and returns the ratio of the best.
fn ratio(what: &str, ours: &[f64], theirs: &[f64]) -> f64 {
    let sorted = |figures: &[f64]| {
        let mut figures = figures.to_vec();
        figures.sort_by(f64::total_cmp);
        (figures[0], figures[figures.len() / 2])
    };
    let ((our_best, our_median), (their_best, their_median)) = (sorted(ours), sorted(theirs));
    println!(
        "{what}: {our_best:.0} (median {our_median:.0}), compared with {their_best:.0} (median {their_median:.0})"
    );
    println!(
        "    ratio {:.2} (medians {:.2})",
        our_best / their_best,
        our_median / their_median
    );
    our_best / their_best
}

/// Nanoseconds for each emission.
fn each(time: Duration) -> f64 {
    time.as_secs_f64() * 1e9 / f64::from(EMISSIONS)
}

fn wait_for(count: &AtomicU64, expected: u32) {
    let start = Instant::now();
    while count.load(Ordering::Relaxed) < u64::from(expected) {
        assert!(
            start.elapsed() < LONG,
            "{} of {expected} have arrived",
            count.load(Ordering::Relaxed)
        );
        std::thread::sleep(Duration::from_micros(100));
    }
}

/// A runtime that runs on a thread of its own, as that of a bridge does, until this is dropped.
struct Background {
    handle: Handle,
    _stop: oneshot::Sender<()>,
}

impl Background {
    fn start() -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let handle = runtime.handle().clone();
        let (stop, stopped) = oneshot::channel();
        std::thread::spawn(move || runtime.block_on(stopped));
        Self {
            handle,
            _stop: stop,
        }
    }
}

/// What a publisher pays for one message, and how long one takes to its closure, by hand.
fn hand(server: &Server) -> (f64, f64) {
    let arrived = Arc::new(AtomicU64::new(0));
    let (here, there) = (Background::start(), Background::start());
    let subscribed = there.handle.block_on(async {
        let options = async_nats::ConnectOptions::new().subscription_capacity(1 << 20);
        let client = options.connect(server.url()).await.unwrap();
        let subscriber = client.subscribe(SUBJECT).await.unwrap();
        let nobody = client.request(client.new_inbox(), "".into()).await;
        assert!(nobody.is_err());
        subscriber
    });
    let counter = Arc::clone(&arrived);
    there.handle.spawn(async move {
        let mut subscribed = subscribed;
        let closure = move |n: u64, text: String| {
            counter.fetch_add(
                std::hint::black_box(u64::from(n > 0 || !text.is_empty())),
                Ordering::Relaxed,
            );
        };
        while let Some(message) = subscribed.next().await {
            let (n, text) = serde_json::from_slice(&message.payload).unwrap();
            closure(n, text);
        }
    });
    let publisher = here.handle.block_on(async {
        let options = async_nats::ConnectOptions::new().client_capacity(2 * EMISSIONS as usize);
        options.connect(server.url()).await.unwrap()
    });
    let start = Instant::now();
    futures_executor::block_on(async {
        for n in 0..u64::from(EMISSIONS) {
            let payload = serde_json::to_vec(&(n, TEXT)).unwrap();
            publisher.publish(SUBJECT, payload.into()).await.unwrap();
        }
    });
    let emitted = start.elapsed();
    wait_for(&arrived, EMISSIONS);
    (each(emitted), each(start.elapsed()))
}

/// The same with a bridge.
fn bridge(server: &Server) -> (f64, f64) {
    let arrived = Arc::new(AtomicU64::new(0));
    let (said, heard) = (
        Arc::new(Signal::<(u64, String)>::new()),
        Arc::new(Signal::<(u64, String)>::new()),
    );
    let counter = Arc::clone(&arrived);
    heard.connect(move |n, text| {
        counter.fetch_add(
            std::hint::black_box(u64::from(n > 0 || !text.is_empty())),
            Ordering::Relaxed,
        );
    });
    let options = async_nats::ConnectOptions::new().subscription_capacity(1 << 20);
    let open = || {
        let builder = Bridge::builder()
            .capacity(EMISSIONS as usize)
            .connect_options(options.clone());
        futures_executor::block_on(builder.connect(server.url())).unwrap()
    };
    let (here, there) = (open(), open());
    let _links = (
        here.send(&said, SUBJECT).unwrap(),
        there.receive(&heard, SUBJECT).unwrap(),
    );
    futures_executor::block_on(there.flush(LONG)).unwrap();
    let start = Instant::now();
    for n in 0..u64::from(EMISSIONS) {
        said.emit(n, TEXT.to_owned());
    }
    let emitted = start.elapsed();
    wait_for(&arrived, EMISSIONS);
    let all = start.elapsed();
    assert_eq!(here.stats().refused, 0);
    (each(emitted), each(all))
}

/// What an emission to local slots and a link costs, on a bridge that is connected.
fn with_link(server: &Server, count: usize) -> Vec<f64> {
    let signal = slots(count);
    let builder = Bridge::builder().capacity(EMISSIONS as usize);
    let bridge = futures_executor::block_on(builder.connect(server.url())).unwrap();
    let _link = bridge.send(&signal, SUBJECT).unwrap();
    let figures = rounds(&signal, || {
        futures_executor::block_on(bridge.flush(LONG)).unwrap();
    });
    assert_eq!(bridge.stats().refused, 0);
    figures
}

fn slots(count: usize) -> Arc<Signal<(u64, String)>> {
    let signal = Arc::new(Signal::<(u64, String)>::new());
    for _ in 0..count {
        signal.connect(|n, text| {
            std::hint::black_box((n, text));
        });
    }
    signal
}

fn rounds(signal: &Signal<(u64, String)>, between: impl Fn()) -> Vec<f64> {
    let round = || {
        let start = Instant::now();
        for n in 0..u64::from(EMISSIONS) {
            signal.emit(n, TEXT.to_owned());
        }
        let time = start.elapsed();
        between();
        each(time)
    };
    (0..ROUNDS).map(|_| round()).collect()
}

/// Ten million messages through a queue that blocks, and the memory of this process at each million.
fn memory() {
    const MILLION: u64 = 1_000_000;
    let server = Server::core();
    let arrived = Arc::new(AtomicU64::new(0));
    let (said, heard) = (
        Arc::new(Signal::<(u64,)>::new()),
        Arc::new(Signal::<(u64,)>::new()),
    );
    let counter = Arc::clone(&arrived);
    heard.connect(move |_| {
        counter.fetch_add(1, Ordering::Relaxed);
    });
    let builder = || Bridge::builder().when_full(WhenFull::Block);
    let here = futures_executor::block_on(builder().connect(server.url())).unwrap();
    let there = futures_executor::block_on(builder().connect(server.url())).unwrap();
    let _links = (
        here.send(&said, SUBJECT).unwrap(),
        there.receive(&heard, SUBJECT).unwrap(),
    );
    futures_executor::block_on(there.flush(LONG)).unwrap();
    let mut kilobytes = Vec::new();
    for million in 1..=10 {
        for n in 0..MILLION {
            said.emit(n);
        }
        let stats = there.stats();
        kilobytes.push(resident());
        let (received, missed) = (stats.received, stats.missed);
        println!(
            "{million} million emitted, {received} received, {missed} missed: {} kB",
            kilobytes[million - 1]
        );
    }
    // The first million fills what stays filled.
    let growth = f64::from(kilobytes[9]) / f64::from(kilobytes[0]);
    let holds = if growth <= 1.1 { "held:  " } else { "MISSED:" };
    println!("{holds} memory after ten million is {growth:.2} x that after one");
}

/// The memory of this process, in kilobytes.
fn resident() -> u32 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))
        .unwrap();
    line.trim().trim_end_matches(" kB").trim().parse().unwrap()
}

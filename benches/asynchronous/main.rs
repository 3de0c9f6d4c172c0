//! What awaiting an emission costs, next to `join_all` over the same boxed futures, all of them ready.
//!
//! `cargo bench` measures and prints tables: the best time of each contestant, the ratio of the best
//! times and the median of the ratios in each round. Without `--bench`, as `cargo test --benches` calls it,
//! it runs a tiny round of everything, to prove that every contestant gives what its slots gave.

mod measure;

use std::future::{self, Future};
use std::hint::black_box;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use futures::executor::block_on;
use futures::future::join_all;
use measure::{Contestant, Effort, Ratio, Samples, compete};
use smoke_signal::AsyncSignal;

const SLOTS: [i32; 5] = [1, 4, 16, 100, 1000];
/// With up to so many slots, within this much of the floor.
const BAR: (i32, f64) = (16, 1.3);

type Boxed = Pin<Box<dyn Future<Output = i32> + Send>>;

/// What the slots return.
#[derive(Clone, Copy, Debug)]
enum Kind {
    Ready,
    Async,
}

/// Who polls.
#[derive(Clone, Copy, Debug)]
enum Poller {
    Noop,
    BlockOn,
}

impl Poller {
    fn wait<F: Future + Unpin>(self, mut future: F) -> F::Output {
        match self {
            Self::Noop => {
                let mut context = Context::from_waker(Waker::noop());
                loop {
                    if let Poll::Ready(output) = Pin::new(&mut future).poll(&mut context) {
                        return output;
                    }
                }
            }
            Self::BlockOn => block_on(future),
        }
    }
}

/// The floor: nothing can be connected while it runs, and a panic loses the other results.
fn floor(slots: i32, kind: Kind, poller: Poller) -> Contestant {
    let boxed = |own: i32| -> Box<dyn Fn(i32) -> Boxed + Send + Sync> {
        match kind {
            Kind::Ready => Box::new(move |argument| Box::pin(future::ready(argument + own))),
            Kind::Async => Box::new(move |argument| Box::pin(async move { argument + own })),
        }
    };
    let closures: Vec<_> = (0..slots).map(boxed).collect();
    Contestant::new("join_all", slots, move |argument| {
        let called = black_box(&closures).iter().map(|slot| slot(argument));
        poller.wait(join_all(called))
    })
}

fn smoke_signal(slots: i32, kind: Kind, poller: Poller) -> Contestant {
    let signal = AsyncSignal::<(i32,), i32>::new();
    for own in 0..slots {
        match kind {
            Kind::Ready => signal.connect(move |argument| future::ready(argument + own)),
            Kind::Async => signal.connect(move |argument| async move { argument + own }),
        };
    }
    Contestant::new("smoke-signal", slots, move |argument| {
        poller.wait(black_box(&signal).emit(argument))
    })
}

fn main() {
    let full = std::env::args().any(|argument| argument == "--bench");
    let effort = if full { Effort::Full } else { Effort::Check };

    let mut text = String::new();
    let mut bar = String::from("the bar\n");
    for poller in [Poller::Noop, Poller::BlockOn] {
        for kind in [Kind::Ready, Kind::Async] {
            let what = match kind {
                Kind::Ready => "`ready` futures",
                Kind::Async => "`async` blocks",
            };
            let by = match poller {
                Poller::Noop => "polled bare",
                Poller::BlockOn => "by `block_on`",
            };
            text += &heading(what, by);
            for slots in SLOTS {
                let contestants = [
                    floor(slots, kind, poller),
                    smoke_signal(slots, kind, poller),
                ];
                let [floor, ours] = compete(contestants, effort);
                let ratio = ours.ratio_to(&floor);
                text += &row(slots, &floor, &ours, ratio);
                if slots <= BAR.0 {
                    bar += &verdict(slots, what, by, ratio);
                }
            }
            text.push('\n');
        }
    }

    // A missed bar is no failure: on a shared machine one run proves too little. The text says it.
    match effort {
        Effort::Full => print!("{text}{bar}"),
        Effort::Check => println!("every contestant gave what its slots gave, in their order"),
    }
}

fn heading(what: &str, by: &str) -> String {
    format!(
        "emit and await, {what}, {by}: ns per emission (ratios: of the best times, and the median)\n\
         {:>8}{:>25}{:>25}\n",
        "slots", "join_all", "smoke-signal"
    )
}

fn row(slots: i32, floor: &Samples, ours: &Samples, ratio: Ratio) -> String {
    let own = format!("{:.1} ({ratio})", ours.best());
    format!("{slots:>8}{:>25.1}{own:>25}\n", floor.best())
}

fn verdict(slots: i32, what: &str, by: &str, ratio: Ratio) -> String {
    let limit = BAR.1;
    let verdict = if ratio.best <= limit {
        "holds"
    } else {
        "missed"
    };
    format!("  {verdict:<9}{slots} {what} {by} within {limit} x join_all: {ratio}\n")
}

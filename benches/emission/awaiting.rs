//! The cost of awaiting an emission, compared with `join_all` over the same boxed futures. All of them
//! are ready at once.

use std::future::{self, Future};
use std::hint::black_box;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use futures::executor::block_on;
use futures::future::join_all;
use smoke_signal::AsyncSignal;

use crate::measure::{Candidate, Effort, compete};
use crate::report::{Table, Thresholds};

const ROUNDS: usize = 301;
const SLOTS: [i32; 5] = [1, 4, 16, 100, 1000];
/// Up to this many slots, an emission may take this many times as long as the floor.
const MOST_SLOTS: i32 = 16;
const THRESHOLD: f64 = 1.3;

type Boxed = Pin<Box<dyn Future<Output = i32> + Send>>;

/// The future that the slots return.
#[derive(Clone, Copy, Debug)]
enum Kind {
    Ready,
    Async,
}

/// What polls the emission.
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

/// Each batch checks that every slot returned the right result, in order.
fn candidate<T: IntoIterator<Item = i32>>(
    name: &'static str,
    slots: i32,
    emit: impl Fn(i32) -> T + Clone + 'static,
) -> Candidate {
    let checked = emit.clone();
    Candidate::checked(
        name,
        move |argument| {
            black_box(emit(argument));
        },
        move |_| assert!(checked(1).into_iter().eq(1..=slots), "results by {name}"),
    )
}

/// The floor. Nothing can be connected while it runs, and a panic loses the other results.
fn floor(slots: i32, kind: Kind, poller: Poller) -> Candidate {
    let boxed = |own: i32| -> Box<dyn Fn(i32) -> Boxed + Send + Sync> {
        match kind {
            Kind::Ready => Box::new(move |argument| Box::pin(future::ready(argument + own))),
            Kind::Async => Box::new(move |argument| Box::pin(async move { argument + own })),
        }
    };
    let closures: Rc<Vec<_>> = Rc::new((0..slots).map(boxed).collect());
    candidate("join_all", slots, move |argument| {
        let called = black_box(&closures).iter().map(|slot| slot(argument));
        poller.wait(join_all(called))
    })
}

fn smoke_signal(slots: i32, kind: Kind, poller: Poller) -> Candidate {
    let signal = Rc::new(AsyncSignal::<(i32,), i32>::new());
    for own in 0..slots {
        match kind {
            Kind::Ready => signal.connect(move |argument| future::ready(argument + own)),
            Kind::Async => signal.connect(move |argument| async move { argument + own }),
        };
    }
    candidate("smoke-signal", slots, move |argument| {
        poller.wait(black_box(&signal).emit(argument))
    })
}

pub(crate) fn run(effort: Effort, thresholds: &mut Thresholds) {
    for (poller, by) in [
        (Poller::Noop, "polled bare"),
        (Poller::BlockOn, "by `block_on`"),
    ] {
        for (kind, what) in [
            (Kind::Ready, "emit and await `ready` futures"),
            (Kind::Async, "emit and await `async` blocks"),
        ] {
            let mut table = Table::new(format!("{what} {by}"), "slots");
            for slots in SLOTS {
                let candidates = vec![
                    floor(slots, kind, poller),
                    smoke_signal(slots, kind, poller),
                ];
                let samples = compete(candidates, effort, ROUNDS);
                if slots <= MOST_SLOTS {
                    let what = format!("{what} {by}, {slots} slots, against join_all");
                    thresholds.ratio(what, &samples[1], &samples[0], THRESHOLD);
                }
                table.row(slots, &samples);
            }
            effort.show(&table);
        }
    }
}

//! Operations whose cost must not grow with the number of slots or names.

use std::hint::black_box;
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::{Duration, Instant};

use smoke_signal::{Registry, Signal};

use crate::measure::{Candidate, Effort, Samples, compete};
use crate::report::Thresholds;

const ROUNDS: usize = 21;
const CONNECTS: u32 = 16_000;
const WAITABLE: usize = 40_000;
const THREADS: usize = 1000;

pub(crate) fn run(effort: Effort, thresholds: &mut Thresholds) {
    let [plain, weak] = connecting(effort);
    let what = format!("connect_weak, {CONNECTS} objects, per slot, to connect");
    thresholds.ratio(what, &weak, &plain, 8.0);

    let [nothing, one, many, weak] = asking(effort);
    let what = "is_empty, 1 slot, to an emission to no slot".to_owned();
    thresholds.ratio(what, &one, &nothing, 2.0);
    let what = "is_empty, 10000 slots, to 1 slot".to_owned();
    thresholds.ratio(what, &many, &one, 1.3);
    let what = "is_empty, 10000 weak slots, to an emission to no slot".to_owned();
    thresholds.ratio(what, &weak, &nothing, 2.0);

    let [plain, waitable] = [false, true].map(disconnecting);
    let samples = compete(vec![plain, waitable], effort, ROUNDS);
    let what = format!("disconnect_all, {WAITABLE} waitable slots, to plain ones");
    thresholds.ratio(what, &samples[1], &samples[0], 10.0);

    changing_after_threads(effort, thresholds);

    let samples = compete([100, 20_000].map(fresh_names).into(), effort, ROUNDS);
    let what = "a fresh name, bound, emitted and removed, beside 20000 names, to 100".to_owned();
    thresholds.ratio(what, &samples[1], &samples[0], 3.0);
}

fn each<const N: usize>(samples: Vec<Samples>) -> [Samples; N] {
    samples.try_into().ok().expect("one for each candidate")
}

/// Repeats `operation` on what `prepare` makes, and returns the time of the operations alone.
fn timed<T>(times: u32, prepare: impl Fn() -> T, operation: impl Fn(&T)) -> Duration {
    let mut time = Duration::ZERO;
    for _ in 0..times {
        let prepared = prepare();
        let start = Instant::now();
        operation(&prepared);
        time += start.elapsed();
    }
    time
}

fn connecting(effort: Effort) -> [Samples; 2] {
    let objects = Vec::from_iter((0..CONNECTS).map(Arc::new));
    let plain = Candidate::new("connect", |times| {
        timed(times, Signal::<(i32,)>::new, |signal| {
            for captured in 0..CONNECTS {
                signal.connect(move |argument| {
                    black_box((captured, argument));
                });
            }
        })
    });
    let weak = Candidate::new("connect_weak", move |times| {
        timed(times, Signal::<(i32,)>::new, |signal| {
            for object in &objects {
                signal.connect_weak(object, |captured, argument| {
                    black_box((captured, argument));
                });
            }
        })
    });
    let samples = each::<2>(compete(vec![plain, weak], effort, ROUNDS));
    samples.map(|samples| samples.divided(CONNECTS))
}

fn asking(effort: Effort) -> [Samples; 4] {
    let empty = Signal::<(i32,)>::new();
    empty.disconnect(empty.connect(|_| ()));
    let emission = Candidate::checked(
        "emit to no slot",
        move |argument| {
            black_box(&empty).emit(argument);
        },
        |_| (),
    );
    let plain = |slots: usize| {
        let signal = Signal::<(i32,)>::new();
        for _ in 0..slots {
            signal.connect(|_| ());
        }
        asked(signal)
    };
    let weak = Signal::<(i32,)>::new();
    let object = Arc::new(());
    for _ in 0..10_000 {
        weak.connect_weak(&object, |(), _| ());
    }
    weak.emit(1);
    let weak = Candidate::checked(
        "is_empty, weak",
        move |_| assert!(Arc::strong_count(&object) == 1 && !black_box(&weak).is_empty()),
        |_| (),
    );
    each(compete(
        vec![emission, plain(1), plain(10_000), weak],
        effort,
        ROUNDS,
    ))
}

fn asked(signal: Signal<(i32,)>) -> Candidate {
    Candidate::checked(
        "is_empty",
        move |_| assert!(!black_box(&signal).is_empty()),
        |_| (),
    )
}

fn disconnecting(waitable: bool) -> Candidate {
    let connected = move || {
        let signal = Signal::<()>::new();
        for _ in 0..WAITABLE {
            let options = signal.options();
            let options = if waitable {
                options.waitable()
            } else {
                options
            };
            options.connect(|| ());
        }
        signal
    };
    let name = if waitable { "waitable" } else { "plain" };
    Candidate::new(name, move |times| {
        timed(times, connected, |signal: &Signal<()>| {
            signal.disconnect_all();
        })
    })
}

/// Connects, emits and disconnects: before other threads have emitted, while a thousand that have emitted are
/// alive, and after they have ended. Last of all, because nothing undoes what threads leave behind.
fn changing_after_threads(effort: Effort, thresholds: &mut Thresholds) {
    static SIGNAL: Signal<(i32,)> = Signal::new();
    let threads = if effort == Effort::Check { 4 } else { THREADS };
    let change = || {
        let change = |argument| {
            let slot = SIGNAL.connect(|argument| {
                black_box(argument);
            });
            SIGNAL.emit(argument);
            SIGNAL.disconnect(slot);
        };
        let mut samples = compete(
            vec![Candidate::checked("change", change, |_| ())],
            effort,
            ROUNDS,
        );
        samples.pop().expect("one for each candidate")
    };
    let alone = change();
    let (begun, ended) = (Barrier::new(threads + 1), Barrier::new(threads + 1));
    let beside = thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                SIGNAL.emit(1);
                begun.wait();
                ended.wait();
            });
        }
        begun.wait();
        let beside = change();
        ended.wait();
        beside
    });
    let after = change();
    let what = format!("connect, emit, disconnect, {threads} threads alive, to none");
    thresholds.ratio(what, &beside, &alone, 30.0);
    let what = format!("connect, emit, disconnect, {threads} threads ended, to none");
    thresholds.ratio(what, &after, &alone, 4.0);
}

fn fresh_names(bound: usize) -> Candidate {
    let registry = Registry::new();
    for name in 0..bound {
        registry.on(format!("name {name}"), || ()).unwrap();
    }
    Candidate::checked(
        "fresh name",
        move |argument| {
            let name = "a request";
            registry.once(name, |_: i32| ()).unwrap();
            assert_eq!(registry.emit(name, (argument,)), Ok(1));
            assert_eq!(registry.remove(name), 1);
        },
        |_| (),
    )
}

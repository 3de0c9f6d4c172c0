//! The operations whose instructions `.ci/instructions` counts. The arguments name one operation and
//! how often to repeat it. Without arguments, all of them run, to show that they work.
//!
//! Only what runs inside [`counted`] is counted. To bind many names costs a different number of instructions
//! in each run, since their hashes are random, and that would hide what one more name costs.

use std::hint::black_box;
use std::sync::Arc;

use smoke_signal::{Connection, Registry, Signal};

/// The number of slots available to disconnect.
const SLOTS: usize = 2000;

type Operation = fn(usize);

const OPERATIONS: [(&str, Operation); 9] = [
    ("emit-1", |times| emit(1, times)),
    ("emit-64", |times| emit(64, times)),
    ("emit-16-weak", |times| {
        let object = Arc::new(1);
        let signal = Signal::<(i32,)>::new();
        for _ in 0..16 {
            signal.connect_weak(&object, |captured, argument| {
                black_box(argument + captured);
            });
        }
        emit_to(&signal, 16, times);
    }),
    ("emit-16-limited", |times| {
        let signal = Signal::<(i32,)>::new();
        for _ in 0..16 {
            signal.options().max_calls(u32::MAX).connect(|argument| {
                black_box(argument);
            });
        }
        emit_to(&signal, 16, times);
    }),
    ("emit-by-name", emit_by_name),
    ("fresh-name-100", |times| fresh_names(100, times)),
    ("fresh-name-20000", |times| fresh_names(20_000, times)),
    ("connect", |times| {
        let signal = Signal::new();
        counted(|| connect(&signal, times));
    }),
    ("disconnect", disconnect),
];

fn main() {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let chosen = OPERATIONS
        .iter()
        .find(|(name, _)| arguments.first().is_some_and(|given| given == name));
    match (chosen, arguments.get(1)) {
        (Some((_, operation)), Some(times)) => {
            operation(times.parse().expect("the number of repetitions"));
        }
        _ => OPERATIONS
            .iter()
            .for_each(|(_, operation)| operation(SLOTS)),
    }
}

#[inline(never)]
fn counted<T>(f: impl FnOnce() -> T) -> T {
    black_box(f())
}

fn emit(slots: usize, times: usize) {
    let signal = Signal::new();
    connect(&signal, slots);
    emit_to(&signal, slots, times);
}

fn emit_to(signal: &Signal<(i32,)>, slots: usize, times: usize) {
    // After that many emissions, the list is known to be stable: see the crate `snapshot-cell`.
    for _ in 0..5000 {
        signal.emit(1);
    }
    counted(|| {
        for _ in 0..times {
            let returns = black_box(signal).emit(black_box(1));
            assert_eq!(returns.len(), slots);
        }
    });
}

fn emit_by_name(times: usize) {
    let registry = Registry::new();
    registry.on("name", |_: i32| ()).unwrap();
    for _ in 0..5000 {
        registry.emit("name", (1,)).unwrap();
    }
    counted(|| {
        for _ in 0..times {
            let ran = black_box(&registry).emit(black_box("name"), (1,));
            assert_eq!(ran, Ok(1));
        }
    });
}

/// Binds, emits and removes a name that was never used, beside a number of bound names.
fn fresh_names(bound: usize, times: usize) {
    let registry = Registry::new();
    for name in 0..bound {
        registry.on(format!("name {name}"), || ()).unwrap();
    }
    counted(|| {
        for number in 0..times {
            let name = format!("request {number}");
            registry.once(&name, |_: i32| ()).unwrap();
            assert_eq!(registry.emit(&name, (1,)), Ok(1));
            assert_eq!(registry.remove(&name), 1);
        }
    });
}

fn connect(signal: &Signal<(i32,)>, times: usize) -> Vec<Connection> {
    let connect = |captured| {
        signal.connect(move |argument| {
            black_box(argument + captured);
        })
    };
    (0..).take(times).map(connect).collect()
}

/// Disconnects in an order that leaves tombstones between the slots.
fn disconnect(times: usize) {
    let signal = Signal::new();
    let keys = connect(&signal, SLOTS);
    counted(|| {
        for nth in 0..times {
            assert!(signal.disconnect(keys[nth * 7 % SLOTS]));
        }
    });
}

//! What `.ci/instructions` counts the instructions of: one kind of work, as many times as the
//! arguments say. Without arguments all of it, to see it work.

use std::hint::black_box;

use smoke_signal::{Connection, Registry, Signal};

/// How many slots there are to disconnect.
const SLOTS: usize = 2000;

type Work = fn(usize);

const WORKS: [(&str, Work); 5] = [
    ("emit-1", |times| emit(1, times)),
    ("emit-64", |times| emit(64, times)),
    ("emit-by-name", emit_by_name),
    ("connect", |times| {
        connect(&Signal::new(), times);
    }),
    ("disconnect", disconnect),
];

fn main() {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let chosen = WORKS
        .iter()
        .find(|(name, _)| arguments.first().is_some_and(|given| given == name));
    match (chosen, arguments.get(1)) {
        (Some((_, work)), Some(times)) => work(times.parse().expect("how many times")),
        _ => WORKS.iter().for_each(|(_, work)| work(SLOTS)),
    }
}

fn emit(slots: usize, times: usize) {
    let signal = Signal::new();
    connect(&signal, slots);
    for _ in 0..times {
        let returns = black_box(&signal).emit(black_box(1));
        assert_eq!(returns.len(), slots);
    }
}

fn emit_by_name(times: usize) {
    let registry = Registry::new();
    registry.on("name", |_: i32| ()).unwrap();
    for _ in 0..times {
        let ran = black_box(&registry).emit(black_box("name"), (1,));
        assert_eq!(ran, Ok(1));
    }
}

fn connect(signal: &Signal<(i32,)>, times: usize) -> Vec<Connection> {
    let connect = |captured| {
        signal.connect(move |argument| {
            black_box(argument + captured);
        })
    };
    (0..).take(times).map(connect).collect()
}

/// In an order that leaves gaps.
fn disconnect(times: usize) {
    let signal = Signal::new();
    let keys = connect(&signal, SLOTS);
    for nth in 0..times {
        assert!(signal.disconnect(keys[nth * 7 % SLOTS]));
    }
}

//! Emission by name through the registry, next to the typed signal behind that name.

use std::hint::black_box;
use std::sync::Arc;

use smoke_signal::Registry;

use crate::measure::{Contestant, Effort, Samples, compete};
use crate::report::{Cell, Table};
use crate::rivals::Counters;

const ROUNDS: usize = 301;
const NAME: &str = "temperature";

pub(crate) struct Naming {
    callbacks: u32,
    /// The typed signal first.
    contestants: Vec<Samples>,
}

pub(crate) fn run(effort: Effort) -> Vec<Naming> {
    [1, 4]
        .map(|callbacks| Naming {
            callbacks,
            contestants: compete(contestants(callbacks), effort, ROUNDS),
        })
        .into()
}

fn contestants(callbacks: u32) -> Vec<Contestant> {
    let counters = Counters::new(callbacks);
    let registry = Arc::new(Registry::new());
    for callback in counters.slots() {
        registry.on(NAME, callback).unwrap();
    }
    // A registry is seldom for one name only.
    for other in 0..15 {
        let name = format!("other {other}");
        registry.on(name, |_: i32| ()).unwrap();
    }
    let signal = registry.signal::<(i32,), ()>(NAME).unwrap();
    vec![
        Contestant::emitting("typed", counters, move |argument| {
            black_box(&signal).emit(argument);
        }),
        Contestant::emitting("by name", counters, move |argument| {
            black_box(&registry)
                .emit(black_box(NAME), (argument,))
                .unwrap();
        }),
    ]
}

pub(crate) fn table(rows: &[Naming]) -> Table {
    let mut table = Table::new(
        "emit by name through a registry of 16: ns per emission (ratios to the typed signal)",
        "slots",
        rows[0].contestants.iter().map(|c| c.name),
    );
    for row in rows {
        let cells = row.contestants.iter().map(|samples| Cell {
            nanoseconds: samples.best(),
            ratio: Some(samples.ratio_to(&row.contestants[0])),
        });
        table.row(row.callbacks, cells);
    }
    table
}

//! Emission by name through a registry of 16 names, compared with a typed signal.

use crate::measure::{Effort, Samples, compete};
use crate::report::{Table, Thresholds};
use crate::rivals::{ByName, Counters, Rival, SmokeSignal, emitting};

const ROUNDS: usize = 301;

pub(crate) struct Naming {
    callbacks: u32,
    /// The typed signal comes first.
    candidates: Vec<Samples>,
}

pub(crate) fn run(effort: Effort) -> Vec<Naming> {
    let compete = |callbacks| {
        let counters = Counters::new(callbacks);
        let candidates = vec![
            emitting(SmokeSignal::with_slots(counters.slots()), counters),
            emitting(ByName::with_slots(counters.slots()), counters),
        ];
        Naming {
            callbacks,
            candidates: compete(candidates, effort, ROUNDS),
        }
    };
    [1, 4].map(compete).into()
}

pub(crate) fn table(rows: &[Naming]) -> Table {
    let mut table = Table::new("emit by name, registry of 16", "callbacks");
    for row in rows {
        table.row(row.callbacks, &row.candidates);
    }
    table
}

pub(crate) fn thresholds(rows: &[Naming], thresholds: &mut Thresholds) {
    let [typed, by_name] = &rows[0].candidates[..] else {
        unreachable!("there are two candidates");
    };
    let what = "emit by name, 1 callback, against a typed signal".to_owned();
    thresholds.ratio(what, by_name, typed, 4.5);
}

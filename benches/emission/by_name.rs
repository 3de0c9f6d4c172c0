//! Emission by name through a registry of 16 names, next to a typed signal.

use crate::measure::{Effort, Samples, compete};
use crate::report::{Bars, Table};
use crate::rivals::{ByName, Counters, Rival, SmokeSignal, emitting};

const ROUNDS: usize = 301;

pub(crate) struct Naming {
    callbacks: u32,
    /// The typed signal first.
    contestants: Vec<Samples>,
}

pub(crate) fn run(effort: Effort) -> Vec<Naming> {
    let compete = |callbacks| {
        let counters = Counters::new(callbacks);
        let contestants = vec![
            emitting(SmokeSignal::with_slots(counters.slots()), counters),
            emitting(ByName::with_slots(counters.slots()), counters),
        ];
        Naming {
            callbacks,
            contestants: compete(contestants, effort, ROUNDS),
        }
    };
    [1, 4].map(compete).into()
}

pub(crate) fn table(rows: &[Naming]) -> Table {
    let mut table = Table::new("emit by name, registry of 16", "callbacks");
    for row in rows {
        table.row(row.callbacks, &row.contestants);
    }
    table
}

pub(crate) fn bars(rows: &[Naming], bars: &mut Bars) {
    let [typed, by_name] = &rows[0].contestants[..] else {
        unreachable!("two compete");
    };
    let what = "emit by name, 1 callback, against a typed signal".to_owned();
    bars.ratio(what, by_name, typed, 3.5);
}

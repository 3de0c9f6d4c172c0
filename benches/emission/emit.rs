//! One thread emits to 0 to 1000 slots.

use std::hint::black_box;

use crate::measure::{Contestant, Effort, Samples, compete};
use crate::report::{Cell, Table};
use crate::rivals::{ByArcSwap, ByRwLock, Counters, RawLoop, Rival, Signals2, SmokeSignal};

const ROUNDS: usize = 301;

pub(crate) struct Emissions {
    pub(crate) slots: u32,
    /// The floor first.
    pub(crate) contestants: Vec<Samples>,
}

impl Emissions {
    pub(crate) fn of<R: Rival>(&self) -> &Samples {
        let found = self.contestants.iter().find(|c| c.name == R::NAME);
        found.expect("every rival takes part")
    }
}

pub(crate) fn run(effort: Effort) -> Vec<Emissions> {
    [0, 1, 4, 16, 64, 1000]
        .map(|slots| Emissions {
            slots,
            contestants: compete(
                vec![
                    contestant::<RawLoop>(slots),
                    contestant::<SmokeSignal>(slots),
                    contestant::<ByRwLock>(slots),
                    contestant::<ByArcSwap>(slots),
                    contestant::<Signals2>(slots),
                ],
                effort,
                ROUNDS,
            ),
        })
        .into()
}

fn contestant<R: Rival + 'static>(slots: u32) -> Contestant {
    let counters = Counters::new(slots);
    let rival = R::with_slots(counters.slots());
    Contestant::emitting(R::NAME, counters, move |argument| {
        black_box(&rival).emit(argument);
    })
}

pub(crate) fn table(rows: &[Emissions]) -> Table {
    let mut table = Table::new(
        "emit, one thread: ns per emission (ratios to the raw loop: of the best times, and the median)",
        "slots",
        rows[0].contestants.iter().map(|c| c.name),
    );
    for row in rows {
        let cells = row.contestants.iter().map(|samples| Cell {
            nanoseconds: samples.best(),
            ratio: Some(samples.ratio_to(&row.contestants[0])),
        });
        table.row(row.slots, cells);
    }
    table
}

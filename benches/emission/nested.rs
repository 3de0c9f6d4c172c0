//! A slot that emits its own signal: the cost per level of recursion.

use std::cell::Cell;

use smoke_signal::Signal;

use crate::measure::{Candidate, Effort, Samples, compete};
use crate::report::{Table, Thresholds};

const ROUNDS: usize = 101;
const DEPTHS: [i32; 6] = [1, 2, 4, 8, 12, 16];

static LEVEL: Signal<(i32,)> = Signal::new();

thread_local! {
    static CALLS: Cell<u32> = const { Cell::new(0) };
}

pub(crate) fn run(effort: Effort) -> Vec<(i32, Samples)> {
    LEVEL.connect(|above| {
        CALLS.set(CALLS.get() + 1);
        if above > 1 {
            LEVEL.emit(above - 1);
        }
    });
    let candidate = |depth: i32| {
        Candidate::checked(
            "each level",
            move |one| {
                LEVEL.emit(one * depth);
            },
            move |times| assert_eq!(CALLS.take(), times * depth.unsigned_abs()),
        )
    };
    let samples = compete(DEPTHS.map(candidate).into(), effort, ROUNDS);
    let each = |(depth, samples): (i32, Samples)| (depth, samples.divided(depth.unsigned_abs()));
    DEPTHS.into_iter().zip(samples).map(each).collect()
}

pub(crate) fn table(rows: &[(i32, Samples)]) -> Table {
    let mut table = Table::new("emit from inside a slot, per level", "depth");
    for (depth, samples) in rows {
        table.row(depth, std::slice::from_ref(samples));
    }
    table
}

pub(crate) fn thresholds(rows: &[(i32, Samples)], thresholds: &mut Thresholds) {
    let times = || rows.iter().map(|(_, samples)| samples.best());
    let what = "nested emission, 1 to 16 deep, slowest depth against fastest".to_owned();
    let slowest = times().fold(0.0, f64::max);
    let fastest = times().fold(f64::INFINITY, f64::min);
    thresholds.plain(what, slowest, fastest, 2.0);
}

//! A slot that emits its own signal: what each level costs, next to that of the shallowest.

use std::cell::Cell;

use smoke_signal::Signal;

use crate::measure::{Contestant, Effort, Samples, compete};
use crate::report::{Bars, Table};

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
    let contestant = |depth: i32| {
        Contestant::checked(
            "each level",
            move |one| {
                LEVEL.emit(one * depth);
            },
            move |times| assert_eq!(CALLS.take(), times * depth.unsigned_abs()),
        )
    };
    let samples = compete(DEPTHS.map(contestant).into(), effort, ROUNDS);
    let each = |(depth, samples): (i32, Samples)| (depth, samples.divided(depth.unsigned_abs()));
    DEPTHS.into_iter().zip(samples).map(each).collect()
}

pub(crate) fn table(rows: &[(i32, Samples)]) -> Table {
    let mut table = Table::new("emit from inside a slot, for each level", "depth");
    for (depth, samples) in rows {
        table.row(depth, std::slice::from_ref(samples));
    }
    table
}

pub(crate) fn bars(rows: &[(i32, Samples)], bars: &mut Bars) {
    let times = || rows.iter().map(|(_, samples)| samples.best());
    let what = "nested emission, 1 to 16 deep, dearest level against cheapest".to_owned();
    let dearest = times().fold(0.0, f64::max);
    let cheapest = times().fold(f64::INFINITY, f64::min);
    bars.plain(what, dearest, cheapest, 2.0);
}

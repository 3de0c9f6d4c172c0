//! One thread emits to 0 to 100000 slots.

use std::hint::black_box;

use crate::measure::{Contestant, Effort, Samples, compete};
use crate::report::{Bars, Table};
use crate::rivals::{
    ByArcSwap, ByRwLock, Counters, RawLoop, Rival, Signals2, SmokeSignal, emitting,
};

const ROUNDS: usize = 301;
const SLOTS: [u32; 7] = [0, 1, 4, 16, 64, 1000, 100_000];

pub(crate) struct Emissions {
    pub(crate) slots: u32,
    /// The floor first.
    pub(crate) contestants: Vec<Samples>,
}

impl Emissions {
    fn of<R: Rival>(&self) -> &Samples {
        let found = self.contestants.iter().find(|c| c.name == R::NAME);
        found.expect("every rival takes part")
    }
}

pub(crate) fn run(effort: Effort) -> Vec<Emissions> {
    let slots = SLOTS.into_iter().filter(|&slots| match effort {
        Effort::Full => true,
        Effort::Quick | Effort::Check => slots <= 1000,
    });
    let compete = |slots| Emissions {
        slots,
        contestants: compete(contestants(slots), effort, ROUNDS),
    };
    slots.map(compete).collect()
}

fn contestants(slots: u32) -> Vec<Contestant> {
    let mut contestants = vec![
        contestant::<RawLoop>(slots),
        contestant::<SmokeSignal>(slots),
        contestant::<ByRwLock>(slots),
        contestant::<ByArcSwap>(slots),
    ];
    // `signals2` copies all slots for each one that is connected: 100000 of them would take minutes.
    if slots <= 1000 {
        contestants.push(contestant::<Signals2>(slots));
    }
    contestants
}

fn contestant<R: Rival + 'static>(slots: u32) -> Contestant {
    let counters = Counters::new(slots);
    emitting(R::with_slots(counters.slots()), counters)
}

/// A signal that nobody has connected to, next to the call of a function that does nothing: how many
/// nanoseconds more.
pub(crate) fn unused(effort: Effort, bars: &mut Bars) {
    #[inline(never)]
    fn nothing(argument: i32) {
        black_box(argument);
    }
    let signal = smoke_signal::Signal::<(i32,)>::new();
    let contestants = vec![
        Contestant::checked("an empty call", nothing, |_| ()),
        Contestant::checked(
            "unused signal",
            move |argument| {
                black_box(&signal).emit(argument);
            },
            |_| (),
        ),
    ];
    let samples = compete(contestants, effort, ROUNDS);
    let (call, signal) = (samples[0].best(), samples[1].best());
    let what = format!(
        "emit, signal never used: ns more than an empty call ({signal:.1} against {call:.1})"
    );
    bars.plain(what, signal - call, 1.0, 1.0);
}

pub(crate) fn table(rows: &[Emissions]) -> Table {
    let mut table = Table::new("emit, one thread", "slots");
    for row in rows {
        table.row(row.slots, &row.contestants);
    }
    table
}

pub(crate) fn bars(rows: &[Emissions], bars: &mut Bars) {
    let mut all = |rival: &str, limit: fn(u32) -> Option<f64>| {
        for row in rows {
            let Some(floor) = row.contestants.iter().find(|c| c.name == rival) else {
                continue;
            };
            if let Some(limit) = limit(row.slots) {
                let what = format!("emit, {} slots, against {rival}", row.slots);
                bars.ratio(what, row.of::<SmokeSignal>(), floor, limit);
            }
        }
    };
    all(RawLoop::NAME, |slots| match slots {
        1 => Some(3.8),
        4 => Some(1.9),
        16 => Some(1.25),
        64 => Some(1.08),
        1000 => Some(1.05),
        100_000 => Some(1.15),
        _ => None,
    });
    all(ByArcSwap::NAME, |slots| match slots {
        0 => None,
        1 => Some(1.35),
        4 => Some(1.2),
        _ => Some(1.05),
    });
    all(ByRwLock::NAME, |slots| match slots {
        4 | 16 => Some(1.2),
        _ => Some(1.0),
    });
    all(Signals2::NAME, |_| Some(1.0));
}

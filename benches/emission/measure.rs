//! Contestants measured in turns, so that what disturbs the machine disturbs all of them alike.

use std::fmt;
use std::hint::black_box;
use std::time::{Duration, Instant};

/// How long one batch of one contestant is to take: long enough for the clock, and short enough
/// that all batches of a round see the same machine.
const BATCH: Duration = Duration::from_micros(300);

/// How thoroughly to measure.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Effort {
    /// Everything: `cargo bench`.
    Full,
    /// To see on the way what a change does: `cargo bench -- quick`.
    Quick,
    /// One short round, only to see everything work: `cargo test --benches`.
    Check,
}

impl Effort {
    pub(crate) fn from_arguments() -> Self {
        let given = |word: &str| std::env::args().any(|argument| argument == word);
        match () {
            () if !given("--bench") => Self::Check,
            () if given("quick") => Self::Quick,
            () => Self::Full,
        }
    }

    pub(crate) fn rounds(self, full: usize) -> usize {
        match self {
            Self::Full => full,
            Self::Quick => full.div_ceil(4),
            Self::Check => 1,
        }
    }

    /// Prints what was measured, where that was more than a check.
    pub(crate) fn show(self, what: &impl fmt::Display) {
        if self != Self::Check {
            println!("{what}");
        }
    }
}

/// Who is measured: something that can be repeated.
pub(crate) struct Contestant {
    name: &'static str,
    batch: Box<dyn FnMut(u32) -> Duration>,
}

impl Contestant {
    /// `batch` does what is measured as many times as it is told, and says how long that took.
    pub(crate) fn new(name: &'static str, batch: impl FnMut(u32) -> Duration + 'static) -> Self {
        Self {
            name,
            batch: Box::new(batch),
        }
    }

    /// `once` is what is measured; `check` sees afterwards that it has been done so many times.
    pub(crate) fn checked(
        name: &'static str,
        once: impl Fn(i32) + 'static,
        check: impl Fn(u32) + 'static,
    ) -> Self {
        Self::new(name, move |repetitions| {
            let start = Instant::now();
            for _ in 0..repetitions {
                once(black_box(1));
            }
            let time = start.elapsed();
            check(repetitions);
            time
        })
    }

    /// How many repetitions fill a batch; finding out warms up, too.
    fn repetitions(&mut self, effort: Effort) -> u32 {
        let mut repetitions = 1;
        if effort != Effort::Check {
            while (self.batch)(repetitions) < BATCH {
                repetitions *= 2;
            }
        }
        repetitions
    }
}

/// What one contestant took, in nanoseconds for one repetition, round by round.
pub(crate) struct Samples {
    pub(crate) name: &'static str,
    pub(crate) rounds: Vec<f64>,
}

impl Samples {
    pub(crate) fn best(&self) -> f64 {
        self.rounds.iter().copied().fold(f64::INFINITY, f64::min)
    }

    pub(crate) fn ratio_to(&self, floor: &Self) -> Ratio {
        let pairs = self.rounds.iter().zip(&floor.rounds);
        Ratio {
            best: self.best() / floor.best(),
            median: median(pairs.map(|(own, floor)| own / floor).collect()),
        }
    }

    pub(crate) fn renamed(&self, name: &'static str) -> Self {
        Self {
            name,
            rounds: self.rounds.clone(),
        }
    }

    /// The same for each of several equal parts of what was measured.
    pub(crate) fn divided(mut self, parts: u32) -> Self {
        for time in &mut self.rounds {
            *time /= f64::from(parts);
        }
        self
    }
}

/// How much longer one takes than the other.
#[derive(Clone, Copy)]
pub(crate) struct Ratio {
    /// Of the best times of both: what they cost on a machine that does nothing else.
    pub(crate) best: f64,
    /// The median of the ratios in each round: what they cost among whatever else went on.
    pub(crate) median: f64,
}

/// Runs `rounds` rounds, each with one batch of every contestant.
pub(crate) fn compete(
    mut contestants: Vec<Contestant>,
    effort: Effort,
    rounds: usize,
) -> Vec<Samples> {
    let mut all: Vec<_> = contestants
        .iter_mut()
        .map(|contestant| {
            let repetitions = contestant.repetitions(effort);
            (contestant, repetitions, Vec::new())
        })
        .collect();
    for _ in 0..effort.rounds(rounds) {
        for (contestant, repetitions, samples) in &mut all {
            samples.push(nanoseconds((contestant.batch)(*repetitions), *repetitions));
        }
    }
    all.into_iter()
        .map(|(contestant, _, rounds)| Samples {
            name: contestant.name,
            rounds,
        })
        .collect()
}

pub(crate) fn nanoseconds(time: Duration, repetitions: u32) -> f64 {
    time.as_secs_f64() * 1e9 / f64::from(repetitions)
}

/// Of an even number of values the upper of the middle two; of none, not a number.
pub(crate) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

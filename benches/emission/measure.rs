//! Measures candidates in turns, so that whatever disturbs the machine disturbs all of them alike.

use std::fmt;
use std::hint::black_box;
use std::time::{Duration, Instant};

/// The time for one batch of one candidate: long enough for the clock, and short enough that all
/// batches of a round run under the same conditions.
const BATCH: Duration = Duration::from_micros(300);

/// How thoroughly to measure.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Effort {
    /// Everything: `cargo bench`.
    Full,
    /// Enough to see the effect of a change: `cargo bench -- quick`.
    Quick,
    /// One short round, to show that everything works: `cargo test --benches`.
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

    /// Prints a result, unless this is only a check.
    pub(crate) fn show(self, what: &impl fmt::Display) {
        if self != Self::Check {
            println!("{what}");
        }
    }
}

/// An operation to measure, which can be repeated.
pub(crate) struct Candidate {
    name: &'static str,
    batch: Box<dyn FnMut(u32) -> Duration>,
}

impl Candidate {
    /// `batch` repeats the operation the given number of times and returns how long that took.
    pub(crate) fn new(name: &'static str, batch: impl FnMut(u32) -> Duration + 'static) -> Self {
        Self {
            name,
            batch: Box::new(batch),
        }
    }

    /// `once` is the operation. `check` then checks that it ran the given number of times.
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

    /// Returns how many repetitions fill a batch. Finding out also warms up the caches.
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

/// The nanoseconds that one candidate took per repetition, one value for each round.
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

    /// Divides the times by the number of equal parts that an operation consists of.
    pub(crate) fn divided(mut self, parts: u32) -> Self {
        for time in &mut self.rounds {
            *time /= f64::from(parts);
        }
        self
    }
}

/// How many times as long one candidate takes as another.
#[derive(Clone, Copy)]
pub(crate) struct Ratio {
    /// The ratio of the best times: what to expect on an idle machine.
    pub(crate) best: f64,
    /// The median of the ratios of all rounds: what to expect on a machine as busy as this one.
    pub(crate) median: f64,
}

/// Runs `rounds` rounds of one batch per candidate.
pub(crate) fn compete(
    mut candidates: Vec<Candidate>,
    effort: Effort,
    rounds: usize,
) -> Vec<Samples> {
    let mut all: Vec<_> = candidates
        .iter_mut()
        .map(|candidate| {
            let repetitions = candidate.repetitions(effort);
            (candidate, repetitions, Vec::new())
        })
        .collect();
    for _ in 0..effort.rounds(rounds) {
        for (candidate, repetitions, samples) in &mut all {
            samples.push(nanoseconds((candidate.batch)(*repetitions), *repetitions));
        }
    }
    all.into_iter()
        .map(|(candidate, _, rounds)| Samples {
            name: candidate.name,
            rounds,
        })
        .collect()
}

pub(crate) fn nanoseconds(time: Duration, repetitions: u32) -> f64 {
    time.as_secs_f64() * 1e9 / f64::from(repetitions)
}

/// Returns the upper median if the number of values is even, and NaN if there are none.
pub(crate) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

//! Contestants measured in turns, so that what disturbs the machine disturbs all of them alike.

use std::fmt;
use std::hint::black_box;
use std::time::{Duration, Instant};

use crate::rivals::Counters;

/// How long one batch of one contestant is to take: long enough for the clock, and short enough
/// that all batches of a round see the same machine.
const BATCH: Duration = Duration::from_micros(300);

#[derive(Clone, Copy)]
pub(crate) enum Effort {
    Full,
    /// One short round, only to see everything work.
    Check,
}

impl Effort {
    pub(crate) fn rounds(self, full: usize) -> usize {
        match self {
            Self::Full => full,
            Self::Check => 1,
        }
    }
}

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

    /// Each batch checks that every emission has called every slot, which count in `counters`.
    pub(crate) fn emitting(
        name: &'static str,
        counters: Counters,
        emit: impl Fn(i32) + 'static,
    ) -> Self {
        Self::new(name, move |emissions| {
            let start = Instant::now();
            for _ in 0..emissions {
                emit(black_box(1));
            }
            let time = start.elapsed();
            assert!(counters.each_was(emissions), "calls by {name}");
            time
        })
    }

    /// How many repetitions fill a batch; finding out warms up, too.
    fn repetitions(&mut self, effort: Effort) -> u32 {
        let mut repetitions = 1;
        if matches!(effort, Effort::Full) {
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
}

/// How much longer one takes than the other.
#[derive(Clone, Copy)]
pub(crate) struct Ratio {
    /// Of the best times of both: what they cost on a machine that does nothing else.
    pub(crate) best: f64,
    /// The median of the ratios in each round: what they cost among whatever else went on.
    pub(crate) median: f64,
}

impl fmt::Display for Ratio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.2}, {:.2} x", self.best, self.median)
    }
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

//! Two contestants measured in turns, so that what disturbs the machine disturbs both alike.

use std::fmt;
use std::hint::black_box;
use std::time::{Duration, Instant};

/// How long one batch of one contestant is to take: long enough for the clock, and short enough
/// that both batches of a round see the same machine.
const BATCH: Duration = Duration::from_micros(300);
const ROUNDS: usize = 301;

#[derive(Clone, Copy)]
pub(crate) enum Effort {
    Full,
    /// One short round, only to see everything work.
    Check,
}

pub(crate) struct Contestant {
    batch: Box<dyn FnMut(u32) -> Duration>,
}

impl Contestant {
    /// `emit` gives what every slot gave: its argument and the slot's number, added.
    pub(crate) fn new(
        name: &'static str,
        slots: i32,
        emit: impl Fn(i32) -> Vec<i32> + 'static,
    ) -> Self {
        let batch = move |emissions| {
            let start = Instant::now();
            for _ in 0..emissions {
                black_box(emit(black_box(1)));
            }
            let time = start.elapsed();
            assert!(emit(1).into_iter().eq(1..=slots), "results by {name}");
            time
        };
        Self {
            batch: Box::new(batch),
        }
    }

    /// How many emissions fill a batch; finding out warms up, too.
    fn emissions(&mut self, effort: Effort) -> u32 {
        let mut emissions = 1;
        if matches!(effort, Effort::Full) {
            while (self.batch)(emissions) < BATCH {
                emissions *= 2;
            }
        }
        emissions
    }
}

/// What one contestant took, in nanoseconds for one emission, round by round.
pub(crate) struct Samples(Vec<f64>);

impl Samples {
    pub(crate) fn best(&self) -> f64 {
        self.0.iter().copied().fold(f64::INFINITY, f64::min)
    }

    pub(crate) fn ratio_to(&self, floor: &Self) -> Ratio {
        let pairs = self.0.iter().zip(&floor.0);
        let mut ratios: Vec<_> = pairs.map(|(own, floor)| own / floor).collect();
        ratios.sort_unstable_by(f64::total_cmp);
        Ratio {
            best: self.best() / floor.best(),
            median: ratios[ratios.len() / 2],
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

/// Runs rounds, each with one batch of either contestant.
pub(crate) fn compete(contestants: [Contestant; 2], effort: Effort) -> [Samples; 2] {
    let rounds = match effort {
        Effort::Full => ROUNDS,
        Effort::Check => 1,
    };
    let mut all = contestants.map(|mut contestant| {
        let emissions = contestant.emissions(effort);
        (contestant, emissions, Vec::with_capacity(rounds))
    });
    for _ in 0..rounds {
        for (contestant, emissions, samples) in &mut all {
            let time = (contestant.batch)(*emissions);
            samples.push(time.as_secs_f64() * 1e9 / f64::from(*emissions));
        }
    }
    all.map(|(_, _, samples)| Samples(samples))
}

//! What has been seen of each origin: finds gaps and duplicates.

use std::collections::HashMap;

use crate::origin::Origin;

/// How many numbers up to the highest one are remembered, for each origin.
pub(crate) const WINDOW: u64 = 1024;
/// How many origins are remembered. One more, and the one not heard for longest is forgotten.
const ORIGINS: usize = 1024;

/// What a number is among those of its origin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Arrival {
    /// Higher than all before. So many numbers between have not arrived.
    Next { gap: u64 },
    /// Lower than another one. It was part of a gap.
    Late,
    /// It has arrived before, but has not been dealt with. Or it is lower than the first one that arrived.
    Again,
    /// It has been dealt with.
    Duplicate,
    /// So much lower that nobody remembers.
    Ancient,
}

/// The numbers that have arrived, of each origin, for one subject.
#[derive(Debug, Default)]
pub(crate) struct Origins {
    /// All but the one that was heard last.
    windows: HashMap<Origin, Window>,
    /// The one that was heard last. Most often it is the next one too.
    last: Option<(Origin, Window)>,
    /// Counts arrivals.
    now: u64,
}

#[derive(Debug)]
struct Window {
    /// The highest number that has arrived.
    last: u64,
    arrived: Bits,
    done: Bits,
    used: u64,
}

/// A bit for each number from `last - WINDOW + 1` to `last`, at its remainder.
#[derive(Debug)]
struct Bits(Box<[u64; (WINDOW / 64) as usize]>);

impl Origins {
    /// Counts `sequence` as arrived, and tells what it is. The first number of an origin has no gap.
    pub(crate) fn arrive(&mut self, origin: Origin, sequence: u64) -> Arrival {
        self.now += 1;
        if let Some((last, window)) = &mut self.last
            && *last == origin
        {
            window.used = self.now;
            return window.arrive(sequence);
        }
        let (window, arrival) = match self.windows.remove(&origin) {
            Some(mut window) => {
                window.used = self.now;
                let arrival = window.arrive(sequence);
                (window, arrival)
            }
            None => (Window::new(sequence, self.now), Arrival::Next { gap: 0 }),
        };
        if let Some((before, window)) = self.last.replace((origin, window)) {
            self.windows.insert(before, window);
        }
        if self.windows.len() == ORIGINS {
            let oldest = self.windows.iter().min_by_key(|(_, window)| window.used);
            if let Some(oldest) = oldest.map(|(origin, _)| *origin) {
                self.windows.remove(&oldest);
            }
        }
        arrival
    }

    /// Counts `sequence`, which has arrived, as dealt with.
    pub(crate) fn done(&mut self, origin: Origin, sequence: u64) {
        let window = match &mut self.last {
            Some((last, window)) if *last == origin => Some(window),
            _ => self.windows.get_mut(&origin),
        };
        if let Some(window) = window
            && window.remembers(sequence)
        {
            window.done.set(sequence, true);
        }
    }
}

impl Window {
    /// What came before `first` is not missed, because nobody was listening. It may still be delivered.
    fn new(first: u64, used: u64) -> Self {
        Self {
            last: first,
            arrived: Bits::all(true),
            done: Bits::all(false),
            used,
        }
    }

    fn remembers(&self, sequence: u64) -> bool {
        sequence <= self.last && self.last - sequence < WINDOW
    }

    fn arrive(&mut self, sequence: u64) -> Arrival {
        if sequence > self.last {
            let gap = sequence - self.last - 1;
            if gap >= WINDOW {
                self.arrived = Bits::all(false);
                self.done = Bits::all(false);
            } else {
                for between in self.last + 1..sequence {
                    self.arrived.set(between, false);
                    self.done.set(between, false);
                }
            }
            self.last = sequence;
            self.arrived.set(sequence, true);
            self.done.set(sequence, false);
            Arrival::Next { gap }
        } else if !self.remembers(sequence) {
            Arrival::Ancient
        } else if self.done.get(sequence) {
            Arrival::Duplicate
        } else if self.arrived.get(sequence) {
            Arrival::Again
        } else {
            self.arrived.set(sequence, true);
            Arrival::Late
        }
    }
}

impl Bits {
    fn all(value: bool) -> Self {
        let word = if value { u64::MAX } else { 0 };
        Self(Box::new([word; (WINDOW / 64) as usize]))
    }

    fn get(&self, sequence: u64) -> bool {
        let (word, bit) = place(sequence);
        self.0[word] & bit != 0
    }

    fn set(&mut self, sequence: u64, value: bool) {
        let (word, bit) = place(sequence);
        if value {
            self.0[word] |= bit;
        } else {
            self.0[word] &= !bit;
        }
    }
}

fn place(sequence: u64) -> (usize, u64) {
    let place = sequence % WINDOW;
    ((place / 64) as usize, 1 << (place % 64))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::HashSet;

    const A: Origin = Origin::from_bits(1);

    #[test]
    fn a_gap_is_found_filled_and_then_a_duplicate() {
        let mut origins = Origins::default();
        assert_eq!(origins.arrive(A, 40), Arrival::Next { gap: 0 });
        assert_eq!(origins.arrive(A, 43), Arrival::Next { gap: 2 });
        assert_eq!(origins.arrive(A, 41), Arrival::Late);
        assert_eq!(
            origins.arrive(A, 41),
            Arrival::Again,
            "it has not been dealt with"
        );
        origins.done(A, 41);
        assert_eq!(origins.arrive(A, 41), Arrival::Duplicate);
        assert_eq!(origins.arrive(A, 42), Arrival::Late);
        assert_eq!(origins.arrive(A, 39), Arrival::Again, "before the first");
    }

    #[test]
    fn one_origin_more_forgets_the_one_not_heard_for_longest() {
        let mut origins = Origins::default();
        for bits in 0..=ORIGINS as u128 {
            origins.arrive(Origin::from_bits(bits), 5);
            origins.arrive(Origin::from_bits(0), 5);
        }
        assert_eq!(origins.windows.len() + 1, ORIGINS);
        assert_eq!(origins.arrive(Origin::from_bits(0), 5), Arrival::Again);
        assert_eq!(origins.arrive(A, 5), Arrival::Next { gap: 0 });
    }

    #[test]
    fn each_origin_has_numbers_of_its_own() {
        const B: Origin = Origin::from_bits(2);
        let mut origins = Origins::default();
        for sequence in 1..4 {
            for origin in [A, B] {
                let next = Arrival::Next { gap: 0 };
                assert_eq!(origins.arrive(origin, sequence), next);
            }
            origins.done(A, sequence);
            assert_eq!(origins.arrive(A, sequence), Arrival::Duplicate);
            assert_eq!(origins.arrive(B, sequence), Arrival::Again);
        }
    }

    #[test]
    fn numbers_at_the_end_do_not_overflow() {
        let mut origins = Origins::default();
        origins.arrive(A, 1);
        assert_eq!(
            origins.arrive(A, u64::MAX),
            Arrival::Next { gap: u64::MAX - 2 }
        );
        assert_eq!(origins.arrive(A, 2), Arrival::Ancient);
        origins.done(A, 2);
        assert_eq!(origins.arrive(A, u64::MAX), Arrival::Again);
        assert_eq!(origins.arrive(A, u64::MAX - 1), Arrival::Late);
    }

    proptest! {
        /// Beside sets of all numbers ever.
        #[test]
        fn answers_as_sets_would(
            first in 1..5000_u64,
            steps in prop::collection::vec((-1500..1500_i64, any::<bool>()), 1..300),
        ) {
            let mut origins = Origins::default();
            origins.arrive(A, first);
            let (mut arrived, mut done) = (HashSet::from([first]), HashSet::new());
            let (mut last, mut at) = (first, first);
            for (step, is_done) in steps {
                at = at.saturating_add_signed(step).max(1);
                let expected = if at > last {
                    Arrival::Next { gap: at - last - 1 }
                } else if last - at >= WINDOW {
                    Arrival::Ancient
                } else if done.contains(&at) {
                    Arrival::Duplicate
                } else if at <= first || arrived.contains(&at) {
                    Arrival::Again
                } else {
                    Arrival::Late
                };
                prop_assert_eq!(origins.arrive(A, at), expected);
                arrived.insert(at);
                last = last.max(at);
                if is_done {
                    origins.done(A, at);
                    if last - at < WINDOW {
                        done.insert(at);
                    }
                }
            }
        }
    }
}

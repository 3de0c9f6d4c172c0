//! Things that a program holds, and lets go in any order.

use super::one_of;

/// What there is, by the order in which it came. What is in use is out of the table for so long.
#[derive(Debug)]
pub(crate) struct Table<T> {
    entries: Vec<Option<T>>,
}

impl<T> Table<T> {
    pub(crate) fn new() -> Self {
        Self {
            entries: Vec::new(),
        }
    }

    pub(crate) fn add(&mut self, thing: T) {
        self.entries.push(Some(thing));
    }

    /// Takes one out; with its place, for [`put_back`](Self::put_back).
    pub(crate) fn take(&mut self, pick: u8) -> Option<(usize, T)> {
        let places: Vec<_> = self.places().collect();
        let place = one_of(&places, pick)?;
        Some((place, self.entries[place].take()?))
    }

    pub(crate) fn put_back(&mut self, place: usize, thing: T) {
        self.entries[place] = Some(thing);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.places().next().is_none()
    }

    fn places(&self) -> impl Iterator<Item = usize> {
        let entries = self.entries.iter().enumerate();
        entries.filter_map(|(place, entry)| entry.as_ref().map(|_| place))
    }
}

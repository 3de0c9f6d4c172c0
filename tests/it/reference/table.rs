//! Values that a program holds, and drops in any order.

use super::one_of;

/// Values in the order in which they were added. A value that is in use is out of the table meanwhile.
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

    pub(crate) fn add(&mut self, value: T) {
        self.entries.push(Some(value));
    }

    /// Takes a value out, with its index for [`put_back`](Self::put_back).
    pub(crate) fn take(&mut self, pick: u8) -> Option<(usize, T)> {
        let indices: Vec<_> = self.indices().collect();
        let index = one_of(&indices, pick)?;
        Some((index, self.entries[index].take()?))
    }

    pub(crate) fn put_back(&mut self, index: usize, value: T) {
        self.entries[index] = Some(value);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.indices().next().is_none()
    }

    fn indices(&self) -> impl Iterator<Item = usize> {
        let entries = self.entries.iter().enumerate();
        entries.filter_map(|(index, entry)| entry.as_ref().map(|_| index))
    }
}

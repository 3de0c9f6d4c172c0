//! The source lines that have connected the slots of a signal.

use std::panic::Location;
use std::ptr;

use smallvec::SmallVec;

/// Numbers source lines, because for a slot a number takes less memory than a reference. They are few, however many
/// slots come and go.
pub(crate) struct Locations(SmallVec<[&'static Location<'static>; 1]>);

impl Locations {
    pub(crate) fn new() -> Self {
        Self(SmallVec::new())
    }

    /// The number of a source line.
    #[inline]
    pub(crate) fn number(&mut self, location: &'static Location<'static>) -> u32 {
        let mut known = self.0.iter();
        let number = known.rposition(|known| ptr::eq(*known, location));
        let number = number.unwrap_or_else(|| {
            self.0.push(location);
            self.0.len() - 1
        });
        u32::try_from(number).expect("no program has 2^32 lines")
    }

    /// The source line with a number.
    pub(crate) fn get(&self, number: u32) -> &'static Location<'static> {
        self.0[number as usize]
    }
}

//! The waitable slots that have left a signal and may still be running.

use std::collections::BTreeMap;

use crate::core::wait::Completion;
use crate::keys::Connection;
use crate::sync::CellArc;

/// Keeps the completions of waitable slots that have left, so that they can be waited for.
#[derive(Default)]
pub(crate) struct Departed {
    slots: BTreeMap<Connection, CellArc<Completion>>,
    /// How many there may be before those are forgotten that have completed, less [`FEW`].
    forget_at: usize,
}

const FEW: usize = 8;

impl Departed {
    pub(crate) fn insert(&mut self, key: Connection, completion: &CellArc<Completion>) {
        let slots = &mut self.slots;
        // To look for those that have completed costs a look at each, so it is done only when there are twice
        // as many as were still running the last time.
        if slots.len() >= self.forget_at + FEW {
            slots.retain(|_, completion| !completion.is_complete());
            self.forget_at = 2 * slots.len();
        }
        slots.insert(key, CellArc::clone(completion));
    }

    pub(crate) fn completion(&self, key: Connection) -> Option<CellArc<Completion>> {
        self.slots.get(&key).map(CellArc::clone)
    }
}

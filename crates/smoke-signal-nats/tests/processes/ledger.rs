//! What a receiver has said, over all its lives.

use std::collections::{BTreeSet, HashMap};

/// Checks order and marks as the lines come.
#[derive(Default)]
pub(crate) struct Ledger {
    /// The last number of each origin whose slot has begun.
    last: HashMap<String, u64>,
    /// The value whose slot has begun and not ended.
    begun: Option<u32>,
    /// The values whose slots have ended.
    pub(crate) ended: BTreeSet<u32>,
    /// How many slots a kill has interrupted.
    pub(crate) interrupted: u32,
}

impl Ledger {
    /// Takes a line of the receiver.
    #[track_caller]
    pub(crate) fn enter(&mut self, line: &str) {
        let words: Vec<_> = line.split(' ').collect();
        match words[..] {
            ["begin", origin, sequence, value, again] => {
                let sequence: u64 = sequence.parse().unwrap();
                match self.last.insert(origin.to_owned(), sequence) {
                    None => assert_eq!(sequence, 1, "the first of its origin: {line}"),
                    // Delivered again, because the word that it was done has not arrived.
                    Some(last) if sequence == last => assert_eq!(again, "true", "{line}"),
                    Some(last) => assert_eq!(sequence, last + 1, "in order: {line}"),
                }
                self.begun = Some(value.parse().unwrap());
            }
            ["end", value] => {
                let value = value.parse().unwrap();
                assert_eq!(self.begun.take(), Some(value));
                self.ended.insert(value);
            }
            ["ready"] => {}
            _ => panic!("what does this say? {line:?}"),
        }
    }

    pub(crate) fn is_in_a_slot(&self) -> bool {
        self.begun.is_some()
    }

    /// The receiver was killed.
    pub(crate) fn killed(&mut self) {
        if self.begun.take().is_some() {
            self.interrupted += 1;
        }
    }
}

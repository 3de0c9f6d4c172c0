//! Weak slots: methods of an object that the slot does not keep alive.

use std::sync::{Arc, Mutex};

use crate::common::{Recorder, Tracked};

mod captures;
mod expired;
mod lifetimes;
mod methods;
mod reentrancy;
mod unborn;

/// An object whose methods are slots.
#[derive(Debug)]
struct Widget {
    letter: char,
    heard: Recorder<String>,
}

impl Widget {
    fn new(letter: char) -> Arc<Self> {
        let heard = Recorder::new();
        Arc::new(Self { letter, heard })
    }

    fn letter(&self) -> char {
        self.letter
    }

    fn hear(&self, word: String) {
        self.heard.add(word);
    }

    fn append(&self, word: &str, text: &mut String) -> usize {
        text.push_str(word);
        text.push(self.letter);
        text.len()
    }
}

/// A slot that captures a value.
fn holding(tracked: Tracked) -> impl Fn(&Widget) -> char + Send + Sync + 'static {
    move |widget| {
        tracked.touch();
        widget.letter
    }
}

/// An owner of an object that a slot can release.
type Owner<T> = Arc<Mutex<Option<Arc<T>>>>;

fn owner<T>(object: &Arc<T>) -> Owner<T> {
    Arc::new(Mutex::new(Some(Arc::clone(object))))
}

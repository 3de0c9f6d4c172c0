//! One model and two views on one thread, in `Rc`s: a counter, a label that shows it, and a history that changes what
//! it captured.
//!
//! ```text
//! cargo run --example counter
//! ```

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

use smoke_signal::LocalSignal;
use smoke_signal::local::{Connector, ScopedConnection};

/// A number that others can follow.
#[derive(Default)]
struct Counter {
    value: Cell<i32>,
    changed: LocalSignal<(i32,)>,
}

impl Counter {
    fn changed(&self) -> Connector<'_, (i32,)> {
        self.changed.connector()
    }

    fn add(&self, step: i32) {
        self.value.set(self.value.get() + step);
        self.changed.emit(self.value.get());
    }
}

/// Shows the latest number, for as long as the label exists.
struct Label {
    text: RefCell<String>,
}

impl Label {
    fn new(counter: &Counter) -> Rc<Self> {
        Rc::new_cyclic(|this: &Weak<Self>| {
            counter.changed().connect_weak(this, Self::show);
            Self {
                text: RefCell::new(counter.value.get().to_string()),
            }
        })
    }

    fn show(&self, value: i32) {
        *self.text.borrow_mut() = value.to_string();
    }
}

/// Prints each change, until it is dropped.
struct History {
    _listens: ScopedConnection,
}

impl History {
    fn new(counter: &Counter) -> Self {
        let mut last = counter.value.get();
        let slot = counter.changed().connect_mut(move |value| {
            println!("{last} -> {value}");
            last = value;
        });
        Self {
            _listens: counter.changed().scoped(slot),
        }
    }
}

fn main() {
    let counter = Counter::default();
    let label = Label::new(&counter);
    let history = History::new(&counter);
    counter.add(1);
    counter.add(41);
    println!("the label shows {}", label.text.borrow());
    drop((label, history));
    assert!(counter.changed.is_empty(), "nobody listens any more");
}

//! Formatting a registry runs the code of the sink that it is written to.

use std::fmt::{self, Write};
use std::sync::Arc;

use smoke_signal::Registry;

use crate::common::{DEADLOCK, throw, thrown, within};

use super::{Outcome, a_function};

/// Calls a function with each piece of text that is written to it.
struct Sink<F: FnMut(&str)>(F);

impl<F: FnMut(&str)> Write for Sink<F> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        (self.0)(text);
        Ok(())
    }
}

#[test]
fn a_sink_may_use_the_registry() {
    within(DEADLOCK, "formatting", || {
        let registry = Arc::new(Registry::new());
        registry.on(["bar", "foo"], a_function).unwrap();
        let mut text = String::new();
        let sink = |piece: &str| {
            text.push_str(piece);
            registry.on("fresh", || ()).unwrap();
            registry.signal::<(), ()>("foo").unwrap().connect(|| ());
            assert!(!format!("{registry:#?}").contains("locked"));
        };
        write!(Sink(sink), "{registry:?}").unwrap();
        assert!(!text.contains("fresh"), "it was read before: {text}");
        write!(
            Sink(|_: &str| drop(registry.emit("foo", ()))),
            "{registry:#?}"
        )
        .unwrap();
    });
}

#[test]
fn a_sink_that_panics_leaves_the_registry_unlocked() -> Outcome {
    let registry = Registry::new();
    registry.on("foo", a_function)?;
    let panicking = |piece: &str| {
        if piece.contains("foo") {
            throw("from the sink");
        }
    };
    let message = thrown(|| write!(Sink(panicking), "{registry:#?}"));
    assert_eq!(message, "from the sink");
    assert!(
        !format!("{registry:#?}").contains("locked"),
        "{registry:#?}"
    );
    Ok(())
}

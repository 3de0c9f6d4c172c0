//! The texts of failures: what was expected, and what came instead.

use std::fmt::Debug;

use crate::testing::spy::Spy;

/// What `assert_emitted!` expands to.
#[doc(hidden)]
#[track_caller]
pub fn assert_recorded<T: PartialEq + Debug>(
    signal: &str,
    spy: &Spy<T>,
    expected: impl IntoIterator<Item = T>,
) {
    let expected = Vec::from_iter(expected);
    let seen = spy.take();
    if expected != seen {
        let [expected, seen] = [expected, seen].map(|items| items.iter().map(debug).collect());
        fail(signal, expected, seen);
    }
}

/// What `assert_not_emitted!` expands to. The spy records arguments as they are to be printed.
#[doc(hidden)]
#[track_caller]
pub fn assert_nothing_recorded(signal: &str, spy: &Spy<String>) {
    let seen = spy.take();
    if !seen.is_empty() {
        fail(signal, Vec::new(), seen);
    }
}

#[track_caller]
fn fail(signal: &str, expected: Vec<String>, seen: Vec<String>) -> ! {
    let mut text = format!("assertion failed: `{signal}` was not emitted as expected");
    for (label, lines) in [("  expected: ", expected), ("      seen: ", seen)] {
        let margin = " ".repeat(label.len());
        let lines = if lines.is_empty() {
            "nothing".to_owned()
        } else {
            lines.join(&format!("\n{margin}"))
        };
        text += "\n";
        text += label;
        text += &lines;
    }
    panic!("{text}")
}

fn debug<T: Debug>(item: &T) -> String {
    format!("{item:?}")
}

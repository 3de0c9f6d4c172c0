//! The error of waiting for an emission that does not come.

use std::error::Error;
use std::fmt::{self, Debug, Display};
use std::time::Duration;

/// The error of [`Spy::wait`](super::Spy::wait) and [`Spy::wait_for`](super::Spy::wait_for): what they waited for was not
/// emitted in time.
///
/// Its text says what came instead. Its `Debug` output is the same, because that is what `unwrap` prints.
///
/// ```
/// use smoke_signal::Signal;
/// use smoke_signal::testing::Spy;
/// use std::time::Duration;
///
/// let saved: Signal<(String,)> = Signal::new();
/// let spy = Spy::on(&saved);
/// saved.emit("a.txt".to_owned());
/// let error = spy.wait(2, Duration::from_millis(1)).unwrap_err();
/// assert_eq!(error.to_string(), "expected 2 emissions within 1ms, seen 1:\n    (\"a.txt\",)");
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct NotEmitted {
    text: String,
}

impl NotEmitted {
    /// Waited for `n` emissions. `taken` were recorded and taken before, and these have not been taken.
    pub(super) fn few(n: usize, timeout: Duration, taken: usize, seen: &[String]) -> Self {
        let plural = if n == 1 { "" } else { "s" };
        let expected = format!("expected {n} emission{plural}");
        let seen_in_all = match taken + seen.len() {
            0 => "none".to_owned(),
            recorded if taken == 0 => recorded.to_string(),
            recorded => format!("{recorded}, {taken} of them taken before"),
        };
        Self::new(&expected, timeout, &seen_in_all, seen)
    }

    /// Waited for an emission that matches. These have not been taken, and do not match.
    pub(super) fn other(timeout: Duration, seen: &[String]) -> Self {
        let others = match seen.len() {
            0 => "none".to_owned(),
            1 => "1 other".to_owned(),
            others => format!("{others} others"),
        };
        Self::new("expected a matching emission", timeout, &others, seen)
    }

    fn new(expected: &str, timeout: Duration, counted: &str, seen: &[String]) -> Self {
        let mut text = format!("{expected} within {timeout:?}, seen {counted}");
        if !seen.is_empty() {
            text += ":\n    ";
            text += &seen.join("\n    ");
        }
        Self { text }
    }
}

impl Display for NotEmitted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Debug for NotEmitted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Display::fmt(self, f)
    }
}

impl Error for NotEmitted {}

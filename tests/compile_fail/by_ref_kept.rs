//! A slot that keeps a borrowed argument: the reference ends with the call.
//! error: borrowed data escapes outside of closure

use std::sync::Mutex;

#[cfg(not(feature = "twin"))]
type Line = smoke_signal::ByRef<str>;
#[cfg(feature = "twin")]
type Line = &'static str;

static LINES: Mutex<Vec<&str>> = Mutex::new(Vec::new());

fn main() {
    let line: smoke_signal::Signal<(Line,)> = smoke_signal::Signal::new();
    line.connect(|line| LINES.lock().unwrap().push(line));
}

//! The slots that look at lines: one for each word, one that counts lines, and three for hits.

use std::io::{self, Write};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use super::{HIT, LINE, PROGRESS, WANTED};

/// What the slots have counted.
static LINES: AtomicU64 = AtomicU64::new(0);
static HITS: AtomicU64 = AtomicU64::new(0);
static NOT_UTF8: AtomicU64 = AtomicU64::new(0);
static BYTES: AtomicU64 = AtomicU64::new(0);

/// The number of hits to print.
const SHOWN: u32 = 3;

/// Connects them.
pub(super) fn connect(words: Vec<String>) {
    for word in words {
        WANTED.connect(move |line| line.contains(&word));
    }

    LINE.connect(|number, _| {
        LINES.store(number, Relaxed);
        Ok(())
    });
    let last_hit = AtomicU64::new(0);
    LINE.connect(move |number, line| {
        // Lazy: after the first match, the remaining words are not searched for.
        let is_hit = || WANTED.calls(line).any(|wanted| wanted);
        // An earlier piece of the same line may have matched.
        if last_hit.load(Relaxed) == number || !is_hit() {
            return Ok(());
        }
        last_hit.store(number, Relaxed);
        HIT.calls(number, line).collect()
    });

    HIT.connect(|_, _| {
        HITS.fetch_add(1, Relaxed);
        Ok(())
    });
    HIT.once(|_, _| writeln!(io::stdout(), "hits (only the first {SHOWN} are shown):"));
    HIT.options().max_calls(SHOWN).connect(|number, line| {
        let dots = line.chars().nth(80).map_or("", |_| "...");
        writeln!(io::stdout(), "{number:>8}  {line:.80}{dots}")
    });

    PROGRESS.connect(|bytes, not_utf8| {
        BYTES.store(bytes, Relaxed);
        NOT_UTF8.store(not_utf8, Relaxed);
    });
}

pub(super) fn print_summary() -> io::Result<()> {
    let counts = [&LINES, &NOT_UTF8, &BYTES, &HITS];
    let [lines, not_utf8, bytes, hits] = counts.map(|count| count.load(Relaxed));
    let mut out = io::stdout();
    write!(out, "{lines} lines ({not_utf8} not UTF-8), ")?;
    writeln!(out, "{bytes} bytes, {hits} hits")
}

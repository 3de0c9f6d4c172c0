//! A log scanner made of signals.
//!
//! ```text
//! cargo run --example quickstart                       # scans this repository's README.md
//! cargo run --example quickstart -- app.log            # scans a file for ERROR, WARN and panic
//! cargo run --example quickstart -- app.log timeout    # scans it for other words
//! journalctl | cargo run --example quickstart -- -     # scans standard input
//! ```

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, BufRead, BufReader, IsTerminal, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use indicatif::{ProgressBar, ProgressStyle};
use smoke_signal::{ByRef, Registry, Signal, SignatureMismatch};

/// Emitted with the number and the text of each line. Slots borrow the text, so it is not copied.
/// A long line is emitted several times, as overlapping pieces with the same number.
/// The first error of a slot ends the scan.
static LINE: Signal<(u64, ByRef<str>), io::Result<()>> = Signal::new();
/// Asks whether a line matches. The first slot that returns `true` decides.
static WANTED: Signal<(ByRef<str>,), bool> = Signal::new();
/// Emitted once for each matching line, with its number and its text or the piece that matches.
static HIT: Signal<(u64, ByRef<str>), io::Result<()>> = Signal::new();
/// Emitted with the number of lines so far that are not UTF-8.
static NOT_UTF8: Signal<(u64,)> = Signal::new();
/// Emitted with the number of bytes read so far.
static PROGRESS: Signal<(u64,)> = Signal::new();
/// The signals `scan.start` and `scan.done`, by name.
static STAGES: Registry = Registry::new();

/// What the slots have counted and found.
static LINES: AtomicU64 = AtomicU64::new(0);
static HITS: AtomicU64 = AtomicU64::new(0);
static NOT_UTF8_LINES: AtomicU64 = AtomicU64::new(0);
static BYTES: AtomicU64 = AtomicU64::new(0);
static FIRST_HIT: OnceLock<(u64, String)> = OnceLock::new();

/// The number of bytes to read at once. Longer lines are scanned in pieces, so that memory use is
/// bounded for every input.
const LONGEST_PIECE: u64 = 1 << 20;

fn main() -> ExitCode {
    let mut args = std::env::args_os().skip(1);
    let default = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");
    let path = PathBuf::from(args.next().unwrap_or_else(|| default.into()));
    let mut words = Vec::from_iter(args.map(|word| word.to_string_lossy().into_owned()));
    if words.is_empty() {
        words = ["ERROR", "WARN", "panic"].map(String::from).to_vec();
    }

    match run(&path, words) {
        Ok(()) => ExitCode::SUCCESS,
        // The reader of the output has seen enough, as in `quickstart | head -1`.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("quickstart: {}: {error}", path.display());
            ExitCode::FAILURE
        }
    }
}

fn run(path: &Path, words: Vec<String>) -> io::Result<()> {
    let (input, size): (Box<dyn Read>, Option<u64>) = if path == Path::new("-") {
        (Box::new(io::stdin()), None)
    } else {
        let file = File::open(path)?;
        let size = file.metadata()?.len();
        (Box::new(file), Some(size))
    };

    // If two pieces of a line share as many bytes, every word is whole in one of them.
    let overlap = words.iter().map(String::len).max().unwrap_or(0);
    connect_scanner(words);
    connect_progress_bar(size).map_err(io::Error::other)?;
    // The guard emits `scan.done` when it is dropped, even if the scan fails.
    let stages = STAGES.emitting_between("scan.start", "scan.done");
    let stages = stages.map_err(io::Error::other)?;
    scan(BufReader::new(input), overlap)?;
    drop(stages);
    print_summary()
}

/// Connects the slots that look at lines.
fn connect_scanner(words: Vec<String>) {
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
    HIT.once(|number, line| {
        // The slot runs only once, so the cell is empty.
        let _ = FIRST_HIT.set((number, excerpt(line)));
        Ok(())
    });
    HIT.options()
        .max_calls(3)
        .connect(|number, line| writeln!(io::stdout(), "{number:>8}  {}", excerpt(line)));

    NOT_UTF8.connect(|lines| NOT_UTF8_LINES.store(lines, Relaxed));
    PROGRESS.connect(|bytes| BYTES.store(bytes, Relaxed));
}

/// Connects a progress bar if standard error is a terminal.
fn connect_progress_bar(size: Option<u64>) -> Result<(), SignatureMismatch> {
    if !io::stderr().is_terminal() {
        return Ok(());
    }
    let bar = match size {
        Some(size) => ProgressBar::new(size).with_style(
            ProgressStyle::with_template("{bar:40} {bytes}/{total_bytes} {bytes_per_sec}")
                .expect("the template is well formed"),
        ),
        None => ProgressBar::new_spinner(),
    };
    let (started, finished) = (bar.clone(), bar.clone());
    STAGES.on("scan.start", move || started.reset_elapsed())?;
    PROGRESS.connect(move |bytes| bar.set_position(bytes));
    STAGES.on("scan.done", move || {
        finished.finish_and_clear();
        eprintln!("scanned in {:.1?}", finished.elapsed());
    })?;
    Ok(())
}

/// Reads the input line by line and emits the signals.
fn scan(mut input: impl BufRead, overlap: usize) -> io::Result<()> {
    let mut piece = Vec::new();
    let (mut number, mut bytes, mut not_utf8, mut is_utf8) = (1, 0, 0, true);
    loop {
        let mut limited = input.by_ref().take(LONGEST_PIECE);
        let read = limited.read_until(b'\n', &mut piece)?;
        bytes += read as u64;
        PROGRESS.emit(bytes);
        if piece.is_empty() {
            return Ok(());
        }

        let line_ends = piece.ends_with(b"\n") || read == 0;
        let end = if line_ends {
            piece.len()
        } else {
            // The rest of the last character may not have been read yet.
            char_start(&piece, piece.len() - 1)
        };
        let text = String::from_utf8_lossy(&piece[..end]);
        is_utf8 &= matches!(text, Cow::Borrowed(_));
        LINE.calls(number, text.trim_end_matches(['\r', '\n']))
            .collect::<io::Result<()>>()?;

        if line_ends {
            if !is_utf8 {
                not_utf8 += 1;
                NOT_UTF8.emit(not_utf8);
            }
            (number, is_utf8) = (number + 1, true);
            piece.clear();
        } else {
            piece.drain(..char_start(&piece, end.saturating_sub(overlap)));
        }
    }
}

/// The index of the first byte of the UTF-8 character to which the byte at this index belongs.
fn char_start(bytes: &[u8], index: usize) -> usize {
    let is_start = |&at: &usize| bytes[at] & 0b1100_0000 != 0b1000_0000;
    let mut nearest = (index.saturating_sub(3)..=index).rev();
    nearest.find(is_start).unwrap_or(index)
}

/// The beginning of a line, short enough to print.
fn excerpt(line: &str) -> String {
    const WIDTH: usize = 80;
    match line.char_indices().nth(WIDTH) {
        Some((end, _)) => format!("{}...", &line[..end]),
        None => line.to_owned(),
    }
}

fn print_summary() -> io::Result<()> {
    let counts = [&LINES, &BYTES, &HITS, &NOT_UTF8_LINES];
    let [lines, bytes, hits, not_utf8] = counts.map(|count| count.load(Relaxed));
    let mut out = io::stdout();
    writeln!(out, "{lines} lines, {bytes} bytes, {hits} hits")?;
    if not_utf8 > 0 {
        writeln!(
            out,
            "{not_utf8} lines are not UTF-8; invalid bytes became U+FFFD"
        )?;
    }
    match FIRST_HIT.get() {
        Some((number, line)) => writeln!(out, "first hit in line {number}: {line}"),
        None => writeln!(out, "no hit"),
    }
}

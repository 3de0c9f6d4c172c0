//! A log scanner made of signals.
//!
//! ```text
//! cargo run --example quickstart                       # scans this repository's README.md
//! cargo run --example quickstart -- app.log            # scans a file for ERROR, WARN and panic
//! cargo run --example quickstart -- app.log timeout    # scans it for other words
//! journalctl | cargo run --example quickstart -- -     # scans standard input
//! ```

use std::fs::File;
use std::io::{self, BufRead, BufReader, IsTerminal, Read};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, OnceLock};
use std::time::Instant;

use indicatif::{ProgressBar, ProgressStyle};
use smoke_signal::{ByRef, Registry, Signal, SignatureMismatch};

/// Emitted with the number and the text of each line. Slots borrow the text, so it is not copied.
static LINE: Signal<(u64, ByRef<str>)> = Signal::new();
/// Asks whether a line matches. The first slot that returns `true` decides.
static WANTED: Signal<(ByRef<str>,), bool> = Signal::new();
/// Emitted with the number and the text of each matching line.
static HIT: Signal<(u64, ByRef<str>)> = Signal::new();
/// Emitted with the number of bytes read so far.
static PROGRESS: Signal<(u64,)> = Signal::new();
/// The signals `scan.start` and `scan.done`, by name.
static STAGES: Registry = Registry::new();

/// What the slots have counted and found.
static LINES: AtomicU64 = AtomicU64::new(0);
static HITS: AtomicU64 = AtomicU64::new(0);
static BYTES: AtomicU64 = AtomicU64::new(0);
static FIRST_HIT: OnceLock<(u64, String)> = OnceLock::new();

/// Longer lines are scanned in pieces, so that memory use is bounded for every input.
const LONGEST_PIECE: u64 = 1 << 20;
/// The number of bytes to read between two emissions of `PROGRESS`.
const PROGRESS_STEP: u64 = 1 << 16;

fn main() -> ExitCode {
    let mut args = std::env::args_os().skip(1);
    let default = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");
    let path = PathBuf::from(args.next().unwrap_or_else(|| default.into()));
    let words = args.map(|word| word.to_string_lossy().into_owned());

    match run(&path, words.collect()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("quickstart: {}: {error}", path.display());
            ExitCode::FAILURE
        }
    }
}

fn run(path: &Path, words: Vec<String>) -> Result<(), Box<dyn std::error::Error>> {
    let (input, size): (Box<dyn Read>, Option<u64>) = if path == Path::new("-") {
        (Box::new(io::stdin()), None)
    } else {
        let file = File::open(path)?;
        let size = file.metadata()?.len();
        (Box::new(file), Some(size))
    };

    connect_scanner(words);
    connect_progress_bar(size)?;
    {
        // The guard emits `scan.done` when it is dropped, even if the scan fails.
        let _stages = STAGES.emitting_between("scan.start", "scan.done")?;
        scan(BufReader::new(input))?;
    }
    print_summary();
    Ok(())
}

/// Connects the slots that look at lines.
fn connect_scanner(words: Vec<String>) {
    let words = if words.is_empty() {
        ["ERROR", "WARN", "panic"].map(String::from).to_vec()
    } else {
        words
    };
    for word in words {
        WANTED.connect(move |line| line.contains(&word));
    }

    LINE.connect(|number, _| LINES.store(number, Ordering::Relaxed));
    LINE.connect(|number, line| {
        // Lazy: after the first match, the remaining words are not searched for.
        if WANTED.calls(line).any(|wanted| wanted) {
            HIT.emit(number, line);
        }
    });

    HIT.connect(|_, _| {
        HITS.fetch_add(1, Ordering::Relaxed);
    });
    HIT.once(|number, line| {
        // The slot runs only once, so the cell is empty.
        let _ = FIRST_HIT.set((number, excerpt(line)));
    });
    HIT.options()
        .max_calls(3)
        .connect(|number, line| println!("{number:>8}  {}", excerpt(line)));

    PROGRESS.connect(|bytes| BYTES.store(bytes, Ordering::Relaxed));
}

/// Connects a progress bar if standard error is a terminal.
fn connect_progress_bar(size: Option<u64>) -> Result<(), SignatureMismatch> {
    static STARTED: Mutex<Option<Instant>> = Mutex::new(None);
    STAGES.on("scan.start", || {
        *STARTED.lock().unwrap() = Some(Instant::now());
    })?;
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
    let finished = bar.clone();
    PROGRESS.connect(move |bytes| bar.set_position(bytes));
    STAGES.on("scan.done", move || finished.finish_and_clear())?;
    STAGES.on("scan.done", || {
        if let Some(started) = *STARTED.lock().unwrap() {
            eprintln!("scanned in {:.1?}", started.elapsed());
        }
    })?;
    Ok(())
}

/// Reads the input line by line and emits the signals.
fn scan(mut input: impl BufRead) -> io::Result<()> {
    let mut piece = Vec::new();
    let mut number = 1;
    let mut bytes = 0;
    let mut reported = 0;
    loop {
        let read = input
            .by_ref()
            .take(LONGEST_PIECE)
            .read_until(b'\n', &mut piece)?;
        bytes += read as u64;
        if bytes - reported >= PROGRESS_STEP || read == 0 {
            PROGRESS.emit(bytes);
            reported = bytes;
        }
        if piece.is_empty() {
            return Ok(());
        }

        let text = match std::str::from_utf8(&piece) {
            Ok(text) => text,
            // A piece of a long line may end inside a character. The next piece has the rest.
            Err(error) if error.error_len().is_none() && read > 0 => {
                std::str::from_utf8(&piece[..error.valid_up_to()]).expect("checked up to there")
            }
            Err(_) => {
                let message = format!("line {number} is not UTF-8");
                return Err(io::Error::new(io::ErrorKind::InvalidData, message));
            }
        };
        LINE.emit(number, text.trim_end_matches(['\r', '\n']));
        number += u64::from(text.ends_with('\n'));
        piece.drain(..text.len());
    }
}

/// The beginning of a line, short enough to print.
fn excerpt(line: &str) -> String {
    const WIDTH: usize = 80;
    match line.char_indices().nth(WIDTH) {
        Some((end, _)) => format!("{}...", &line[..end]),
        None => line.to_owned(),
    }
}

fn print_summary() {
    println!(
        "{} lines, {} bytes, {} hits",
        LINES.load(Ordering::Relaxed),
        BYTES.load(Ordering::Relaxed),
        HITS.load(Ordering::Relaxed),
    );
    match FIRST_HIT.get() {
        Some((number, line)) => println!("first hit in line {number}: {line}"),
        None => println!("no hit"),
    }
}

//! A log scanner made of signals. `cargo run --example quickstart -- --help` describes its use.

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, BufRead, BufReader, IsTerminal, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use indicatif::{ProgressBar, ProgressStyle};
use smoke_signal::{ByRef, Registry, Signal, SignatureMismatch};

/// Emitted with the number and the borrowed text of each line, or of each piece of a long line.
/// The first error that a slot returns ends the scan.
static LINE: Signal<(u64, ByRef<str>), io::Result<()>> = Signal::new();
/// Asks whether a line matches. The first slot that returns `true` decides.
static WANTED: Signal<(ByRef<str>,), bool> = Signal::new();
/// Emitted once for each matching line, with its number and its text or the piece that matches.
static HIT: Signal<(u64, ByRef<str>), io::Result<()>> = Signal::new();
/// Emitted with the numbers of bytes read so far and of lines that were not UTF-8.
static PROGRESS: Signal<(u64, u64)> = Signal::new();
/// The signals `scan.start` and `scan.done`, by name.
static STAGES: Registry = Registry::new();

/// What the slots have counted.
static LINES: AtomicU64 = AtomicU64::new(0);
static HITS: AtomicU64 = AtomicU64::new(0);
static NOT_UTF8: AtomicU64 = AtomicU64::new(0);
static BYTES: AtomicU64 = AtomicU64::new(0);

const USAGE: &str = "\
usage: quickstart [FILE [WORD..]]

    cargo run --example quickstart                       # scans this repository's README.md
    cargo run --example quickstart -- app.log            # scans a file for ERROR, WARN and panic
    cargo run --example quickstart -- app.log timeout    # scans it for other words
    journalctl | cargo run --example quickstart -- -     # scans standard input";

/// The number of hits to print.
const SHOWN: u32 = 3;
/// Longer lines are scanned in overlapping pieces, so that memory use is bounded for every input.
const LONGEST_PIECE: u64 = 1 << 20;
/// The number of bytes to read between two emissions of `PROGRESS`.
const PROGRESS_STEP: u64 = 1 << 16;

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
    if let Some("--help" | "-h") = path.to_str() {
        return writeln!(io::stdout(), "{USAGE}");
    }
    let (input, size): (Box<dyn Read>, Option<u64>) = if path == Path::new("-") {
        (Box::new(io::stdin()), None)
    } else {
        let file = File::open(path)?;
        let size = file.metadata()?.len();
        (Box::new(file), Some(size))
    };

    writeln!(io::stdout(), "looking for {}", words.join(", "))?;
    // If the pieces of a line overlap by this many bytes, no word is split in every piece.
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

/// Connects a progress bar if standard error is a terminal.
fn connect_progress_bar(size: Option<u64>) -> Result<(), SignatureMismatch> {
    if !io::stderr().is_terminal() {
        return Ok(());
    }
    let style = ProgressStyle::with_template("{bar:40} {bytes}/{total_bytes} {bytes_per_sec}");
    let style = style.expect("the template is well formed");
    let bar = match size {
        Some(size) => ProgressBar::new(size).with_style(style),
        None => ProgressBar::new_spinner(),
    };
    let (started, finished) = (bar.clone(), bar.clone());
    STAGES.on("scan.start", move || started.reset_elapsed())?;
    PROGRESS.connect(move |bytes, _| bar.set_position(bytes));
    STAGES.on("scan.done", move || {
        finished.finish_and_clear();
        eprintln!("scanned in {:.1?}", finished.elapsed());
    })?;
    Ok(())
}

/// Reads the input line by line and emits the signals.
fn scan(mut input: impl BufRead, overlap: usize) -> io::Result<()> {
    let mut piece = Vec::new();
    let (mut number, mut bytes, mut reported) = (1, 0, 0);
    let (mut not_utf8, mut is_utf8) = (0, true);
    loop {
        let mut limited = input.by_ref().take(LONGEST_PIECE);
        let read = limited.read_until(b'\n', &mut piece)?;
        bytes += read as u64;
        if bytes - reported >= PROGRESS_STEP || read == 0 {
            PROGRESS.emit(bytes, not_utf8);
            reported = bytes;
        }
        if piece.is_empty() {
            return Ok(());
        }

        let line_ends = piece.ends_with(b"\n") || read == 0;
        // The rest of a piece's last character may not have been read yet.
        let last = char_start(&piece, piece.len() - 1);
        let end = if line_ends { piece.len() } else { last };
        let text = String::from_utf8_lossy(&piece[..end]);
        is_utf8 &= matches!(text, Cow::Borrowed(_));
        let line = text.trim_end_matches(['\r', '\n']);
        LINE.calls(number, line).collect::<io::Result<()>>()?;

        if line_ends {
            not_utf8 += u64::from(!is_utf8);
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

fn print_summary() -> io::Result<()> {
    let counts = [&LINES, &NOT_UTF8, &BYTES, &HITS];
    let [lines, not_utf8, bytes, hits] = counts.map(|count| count.load(Relaxed));
    let mut out = io::stdout();
    write!(out, "{lines} lines ({not_utf8} not UTF-8), ")?;
    writeln!(out, "{bytes} bytes, {hits} hits")
}

//! A log scanner made of signals. `cargo run --example quickstart -- --help` describes its use.

mod hits;
mod lines;
mod progress;

use std::fs::File;
use std::io::{self, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use smoke_signal::{ByRef, Registry, Signal};

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

const USAGE: &str = "\
usage: quickstart [FILE [WORD..]]

    cargo run --example quickstart                       # scans this repository's README.md
    cargo run --example quickstart -- app.log            # scans a file for ERROR, WARN and panic
    cargo run --example quickstart -- app.log timeout    # scans it for other words
    journalctl | cargo run --example quickstart -- -     # scans standard input";

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
    hits::connect(words);
    progress::connect(size).map_err(io::Error::other)?;
    // The guard emits `scan.done` when it is dropped, even if the scan fails.
    let stages = STAGES.emitting_between("scan.start", "scan.done");
    let stages = stages.map_err(io::Error::other)?;
    lines::scan(BufReader::new(input), overlap)?;
    drop(stages);
    hits::print_summary()
}

//! The example `quickstart`, run as a program, because its signals are statics.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

/// The number of bytes that the example reads at once.
const PIECE: usize = 1 << 20;

#[test]
fn a_word_across_two_pieces_of_a_long_line_is_found() {
    for word in ["ERROR", "ÄÖÜ€🦀"] {
        for before in 0..=word.len() {
            let input = ["x".repeat(PIECE - before), word.into(), "y".repeat(9)].concat();
            let printed = scan(input.as_bytes(), &[word]);
            let expected = format!("1 lines (0 not UTF-8), {} bytes, 1 hits", input.len());
            assert!(
                printed.contains(&expected),
                "{before} bytes of {word} in the first piece: {printed}"
            );
        }
    }
}

#[test]
fn a_long_line_with_two_hits_is_one_hit() {
    let long = "x".repeat(3_000_000);
    let input = format!("ERROR{long}ERROR{long}\r\nERROR{long}WARN");
    let printed = scan(input.as_bytes(), &[]);
    let expected = format!("2 lines (0 not UTF-8), {} bytes, 2 hits", input.len());
    assert!(printed.contains(&expected), "{printed}");
    assert_eq!(shown(&printed), [1, 2], "{printed}");
}

#[test]
fn a_long_line_may_end_with_a_piece() {
    for end in ["", "\n"] {
        let input = ["x".repeat(PIECE).as_str(), end].concat();
        let printed = scan(input.as_bytes(), &[]);
        let expected = format!("1 lines (0 not UTF-8), {} bytes, 0 hits", input.len());
        assert!(printed.contains(&expected), "{end:?}: {printed}");
    }
}

#[test]
fn lines_that_are_not_utf8_are_scanned_and_counted() {
    let long = [&b"ERROR \xE9"[..], &b"x".repeat(2 * PIECE)].concat();
    let input = [b"ERROR\ncaf\xE9 WARN\n\xFF\n", &long[..], b"\nWARN\n"].concat();
    let printed = scan(&input, &[]);
    assert!(printed.contains(" 4 hits"), "{printed}");
    assert!(printed.contains("caf\u{FFFD} WARN"), "{printed}");
    assert!(printed.contains("5 lines (3 not UTF-8)"), "{printed}");

    // Pieces end and overlap inside characters.
    let printed = scan("é🦀€".repeat(PIECE / 4).as_bytes(), &["even"]);
    assert!(printed.contains("1 lines (0 not UTF-8)"), "{printed}");
}

#[test]
fn the_program_ends_quietly_if_nobody_reads_its_output() {
    let mut program = start(&["-"]);
    let mut stdin = program.stdin.take().expect("a pipe");
    stdin.write_all(b"ERROR\n").expect("it reads");
    let mut stdout = BufReader::new(program.stdout.take().expect("a pipe"));
    stdout.read_line(&mut String::new()).expect("a line");
    drop(stdout);
    // The program may have ended already.
    let _ = stdin.write_all(b"ERROR\n");
    drop(stdin);

    let output = program.wait_with_output().expect("it ends");
    assert!(output.status.success(), "{output:?}");
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}

#[test]
fn help_is_printed() {
    for option in ["--help", "-h"] {
        let printed = succeed(start(&[option]).wait_with_output().expect("it ends"));
        assert!(
            printed.contains("usage: quickstart [FILE [WORD..]]"),
            "{printed}"
        );
    }
}

#[test]
fn a_missing_file_is_an_error_of_one_line() {
    let output = start(&["no such file"])
        .wait_with_output()
        .expect("it ends");
    assert_eq!(output.status.code(), Some(1));
    let printed = String::from_utf8_lossy(&output.stderr);
    assert!(
        printed.starts_with("quickstart: no such file: "),
        "{printed}"
    );
    assert_eq!(printed.lines().count(), 1, "{printed}");
}

#[test]
fn the_output_names_the_words() {
    let printed = scan(b"", &[]);
    assert!(
        printed.starts_with("looking for ERROR, WARN, panic\n"),
        "{printed}"
    );
    let printed = scan(b"", &["timeout", "two words"]);
    assert!(
        printed.starts_with("looking for timeout, two words\n"),
        "{printed}"
    );
}

#[test]
fn the_output_says_that_only_the_first_hits_are_shown() {
    let printed = scan("ERROR\n".repeat(4).as_bytes(), &[]);
    assert!(
        printed.contains("\nhits (only the first 3 are shown):\n"),
        "{printed}"
    );
    assert!(printed.contains(" 4 hits\n"), "{printed}");
    assert_eq!(shown(&printed), [1, 2, 3], "{printed}");
}

/// What the program prints about this input.
#[track_caller]
fn scan(input: &[u8], words: &[&str]) -> String {
    let mut program = start(&[&["-"], words].concat());
    let mut stdin = program.stdin.take().expect("a pipe");
    // If the program ends early, its output says why.
    let _ = stdin.write_all(input);
    drop(stdin);
    succeed(program.wait_with_output().expect("it ends"))
}

/// The numbers of the lines that are shown as hits.
fn shown(printed: &str) -> Vec<u64> {
    let hits = printed.lines().filter(|line| line.starts_with("  "));
    hits.filter_map(|line| line.split_whitespace().next()?.parse().ok())
        .collect()
}

#[track_caller]
fn succeed(output: Output) -> String {
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// Starts the example. Cargo builds it first, if only this test has been built.
fn start(arguments: &[&str]) -> Child {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent();
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["run", "--quiet", "--offline", "--example", "quickstart"]);
    if !cfg!(debug_assertions) {
        cargo.arg("--release");
    }
    cargo
        .arg("--target-dir")
        .arg(target.expect("the target directory"))
        .arg("--")
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("Cargo runs")
}

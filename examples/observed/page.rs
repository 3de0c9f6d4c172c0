//! The page *Seeing what happens* shows the code of the example and the log that it prints.

use std::path::{MAIN_SEPARATOR_STR, Path};
use std::process::Command;

const PAGE: &str = include_str!("../../docs/tracing.md");
const EXAMPLE: &str = include_str!("observed.rs");

/// The first block of the page that begins like this.
fn block(begin: &str) -> &'static str {
    let (_, rest) = PAGE.split_once(begin).expect("the page has such a block");
    rest.split_once("```").expect("it ends").0
}

/// What the example prints.
fn printed() -> String {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent();
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["run", "--quiet", "--offline", "--example", "observed"]);
    cargo.args(["--features", "tracing", "--target-dir"]);
    cargo.arg(target.expect("the target directory"));
    let output = cargo.current_dir(env!("CARGO_MANIFEST_DIR")).output();
    let output = output.expect("cargo runs");
    assert!(output.status.success(), "{output:?}");
    let printed = String::from_utf8(output.stdout).expect("it is text");
    // The page has the separator of paths of most systems.
    printed.replace(MAIN_SEPARATOR_STR, "/")
}

#[test]
fn the_page_shows_the_log_of_the_example() {
    let printed = printed();
    assert!(printed.contains("ERROR"), "{printed}");
    assert!(
        block("```text\n") == printed,
        "the first block of text in docs/tracing.md should be what the example prints:\n{printed}"
    );
}

#[test]
fn the_page_shows_the_code_of_the_example() {
    let shown = block("```rust,ignore\n");
    let shown = shown.trim_end();
    assert!(shown.contains("fn main"), "{shown}");
    assert!(
        EXAMPLE.contains(shown),
        "it should be in the example:\n{shown}"
    );
}

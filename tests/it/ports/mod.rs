//! What the page `docs/coming-from.md` calls *like* another library, shown with this one.
//!
//! A line `// theirs: ..` above a test quotes the first cell of the row that it is for.

mod behaviours;
mod blinker;
mod boost;
mod csharp;
mod django;
mod gobject;
mod node;
mod psygnal;
mod qt;
mod signals2;
#[cfg(feature = "async")]
mod tokio;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// The sections of the page, and the files with their tests.
const FILES: [(&str, &str); 11] = [
    ("blinker", "blinker"),
    ("Django signals", "django"),
    ("psygnal", "psygnal"),
    ("Boost.Signals2", "boost"),
    ("Qt", "qt"),
    ("GObject and gtk-rs", "gobject"),
    ("Node's EventEmitter", "node"),
    ("C# events", "csharp"),
    ("The crate signals2", "signals2"),
    ("tokio's broadcast", "tokio"),
    ("tokio's watch", "tokio"),
];

#[test]
fn each_row_that_says_like_has_a_test() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = fs::read_to_string(here.join("docs/coming-from.md")).expect("the page");
    let mut rows = BTreeSet::new();
    let mut file = None;
    for line in page.lines() {
        if let Some(section) = line.strip_prefix("# ") {
            file = FILES
                .iter()
                .find(|(of, _)| *of == section)
                .map(|(_, file)| *file);
        }
        let cells: Vec<&str> = line.split(" | ").collect();
        if let [theirs, _, differs] = cells[..] {
            if differs.starts_with("like") {
                let file = file.unwrap_or_else(|| panic!("no file for {line}"));
                rows.insert((file, theirs.trim_start_matches("| ").to_owned()));
            }
        }
    }
    assert!(rows.len() > 70, "the tables are read");

    let mut tests = BTreeSet::new();
    for (_, file) in FILES {
        let path = here.join(format!("tests/it/ports/{file}.rs"));
        let text = fs::read_to_string(path).expect("a file of tests");
        let quoted = text
            .lines()
            .filter_map(|line| line.strip_prefix("// theirs: "));
        tests.extend(quoted.map(|theirs| (file, theirs.to_owned())));
    }
    let without_test: Vec<_> = rows.difference(&tests).collect();
    let without_row: Vec<_> = tests.difference(&rows).collect();
    assert!(
        without_test.is_empty(),
        "rows without a test: {without_test:?}"
    );
    assert!(
        without_row.is_empty(),
        "tests without a row: {without_row:?}"
    );
}

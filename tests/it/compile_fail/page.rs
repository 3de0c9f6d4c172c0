//! The mistakes on the page `docs/errors.md`: each snippet that does not compile comes after a quotation of what the
//! compiler says about it, and the compiler does say that.
//!
//! A quotation is made of whole lines. A line `...` in it stands for any number of lines. What differs for every reader
//! is not compared: the numbers of lines in the margin, and the name of the file. The page quotes one version of Rust;
//! with another one, whose words and error codes differ, it is only checked that the compiler complains.

use std::fs;
use std::iter;
use std::path::Path;
use std::process::Command;

use super::PACKAGE;
use super::package::{Binary, Package, errors};

/// The version that the page says it quotes.
const QUOTED: &str = "rustc 1.95.";
/// How many snippets of the page do not compile. Some have several mistakes.
const MISTAKES: usize = 18;

#[test]
fn the_compiler_says_what_the_page_quotes() {
    let mistakes = Mistake::all();
    assert_eq!(mistakes.len(), MISTAKES);
    let version = version();
    let is_quoted = version.starts_with(QUOTED);
    if !is_quoted {
        println!("the page quotes {QUOTED}x, so what {version} says is not compared with it");
    }
    let failures: Vec<String> = mistakes
        .iter()
        .filter_map(|mistake| mistake.failure(is_quoted))
        .collect();
    assert!(failures.is_empty(), "{}", failures.join("\n\n"));
}

/// Writes the snippets to files, which are the binaries of a package.
pub(super) fn binaries() -> impl Iterator<Item = Binary> {
    fs::create_dir_all(Package::directory().join("src/bin")).expect("a directory");
    Mistake::all().into_iter().map(|mistake| {
        let path = mistake.path();
        fs::write(Package::directory().join(&path), mistake.program()).expect("a file");
        Binary::new(mistake.name, path)
    })
}

struct Mistake {
    name: String,
    /// The first lines of what the compiler says.
    quotation: String,
    snippet: String,
}

impl Mistake {
    /// The mistakes in the order of the page.
    fn all() -> Vec<Self> {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/errors.md");
        let page = fs::read_to_string(path).expect("the page");
        let mut quotation = None;
        let mut mistakes = Vec::new();
        for (language, text) in fenced(&page) {
            if language == "text" {
                quotation = Some(text);
            } else if language.starts_with("rust,compile_fail") {
                mistakes.push(Self {
                    name: format!("mistake_{:02}", mistakes.len() + 1),
                    quotation: quotation.take().expect("a quotation before the snippet"),
                    snippet: text,
                });
            }
        }
        assert_eq!(quotation, None, "a quotation without a snippet");
        mistakes
    }

    fn path(&self) -> String {
        format!("src/bin/{}.rs", self.name)
    }

    /// The snippet as a program whose lines have the numbers that they have in the snippet.
    fn program(&self) -> String {
        if self.snippet.contains("fn main()") {
            self.snippet.clone()
        } else {
            format!("fn main() {{ {}}}\n", self.snippet)
        }
    }

    /// What is wrong with the quotation, if anything.
    fn failure(&self, is_quoted: bool) -> Option<String> {
        let output = PACKAGE.cargo(&["build", "--bin", &self.name]);
        let said = errors(&output).replace(&self.path(), "src/main.rs");
        let quoted = normalized(&self.quotation);
        let is_said = if is_quoted {
            is_quotation_of(&quoted, &normalized(&said))
        } else {
            let kind = quoted[0].split(['[', ':']).next().expect("a part");
            said.lines().any(|line| line.starts_with(kind))
        };
        let Self { name, .. } = self;
        (!is_said).then(|| {
            format!(
                "{name}: the page says\n{}\nand not\n{said}",
                quoted.join("\n")
            )
        })
    }
}

/// The blocks of code on a page: what comes after their opening fence, and their text.
fn fenced(page: &str) -> impl Iterator<Item = (&str, String)> {
    let mut lines = page.lines();
    iter::from_fn(move || {
        let language = lines.find_map(|line| line.strip_prefix("```"))?;
        let text: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
        Some((language, text.join("\n") + "\n"))
    })
}

/// The lines of a message without what differs for every reader: what is left of the bar in the margin.
fn normalized(message: &str) -> Vec<String> {
    let line = |line: &str| {
        let line = line.trim();
        let code = line.trim_start_matches(|digit: char| digit.is_ascii_digit());
        match code.trim_start().strip_prefix('|') {
            Some(code) => format!("|{}", code.trim_end()),
            None => line.to_owned(),
        }
    };
    message.lines().map(line).collect()
}

/// Whether the parts of a quotation occur in a text in this order, each of them without gaps.
fn is_quotation_of(quoted: &[String], said: &[String]) -> bool {
    let mut rest = said;
    quoted.split(|line| line == "...").all(|part| {
        let found = (0..=rest.len()).find(|&start| rest[start..].starts_with(part));
        found
            .inspect(|start| rest = &rest[start + part.len()..])
            .is_some()
    })
}

/// The version of the compiler that builds the snippets.
fn version() -> String {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(rustc)
        .arg("--version")
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("rustc runs");
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

#[test]
fn a_quotation_is_compared_line_by_line() {
    let said =
        normalized("error: no\n --> src/main.rs:1:1\n  |\n7 |     a\n  |     ^\n...\nnote: b\n");
    for (quoted, expected) in [
        ("error: no\n--> src/main.rs:1:1", true),
        ("error: no\n...\n31 |     a\n|     ^", true),
        ("error: no\n...\nnote: b", true),
        ("error: no\n|     a", false),
        ("error: no\n...\n|    a", false),
        ("note: b\n...\nerror: no", false),
        ("error: n", false),
    ] {
        assert_eq!(
            is_quotation_of(&normalized(quoted), &said),
            expected,
            "{quoted}"
        );
    }
}

//! The registry compared with the original, Python's smokesignal 0.7.0: random programs run there and here, and their
//! traces are equal but for the differences that `docs/smokesignal.md` lists.
//!
//! `.ci/thorough original` downloads the original and runs these tests.

mod ours;
mod program;

use std::cell::RefCell;
use std::io::{BufRead, BufReader, Lines, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, TestRunner};

use self::program::program;

/// What the original does otherwise. The page calls them:
///
/// - `order`: callbacks run in the order of registration
/// - `departure`: a disconnected callback is no longer called
/// - `budget`: a callback leaves as soon as its budget is used up
/// - `clear`: an empty list given to `clear` clears nothing
/// - `sorted`: `signals` is sorted
/// - `second`: of two errors, the first one counts
const DIFFERENCES: [&str; 6] = ["order", "departure", "budget", "clear", "sorted", "second"];

#[test]
#[ignore = "needs Python and the original: .ci/thorough original"]
fn random_programs_do_what_they_do_with_the_original() {
    let original = RefCell::new(Original::start());
    let mut runner = TestRunner::new(Config {
        failure_persistence: None,
        ..Config::default() // with the number of programs from the environment
    });
    let outcome = runner.run(&program(), |program| {
        let theirs = original.borrow_mut().run(&program.json(&DIFFERENCES));
        proptest::prop_assert_eq!(ours::run(&program), theirs);
        Ok(())
    });
    if let Err(error) = outcome {
        panic!("{error}");
    }
}

#[test]
#[ignore = "needs Python and the original: .ci/thorough original"]
fn each_difference_makes_a_difference() {
    let mut original = Original::start();
    for missing in DIFFERENCES {
        let others = Vec::from_iter(DIFFERENCES.into_iter().filter(|it| *it != missing));
        let mut runner = TestRunner::deterministic();
        let differs = (0..100_000).any(|_| {
            let program = program()
                .new_tree(&mut runner)
                .expect("a program")
                .current();
            ours::run(&program) != original.run(&program.json(&others))
        });
        assert!(differs, "{missing} is no difference");
    }
}

#[test]
#[ignore = "needs Python and the original: .ci/thorough original"]
fn the_example_port_prints_what_its_original_prints() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(here.join("examples/port.rs")).expect("the example");
    let python: Vec<&str> = text
        .lines()
        .skip_while(|line| *line != "//! ```python")
        .skip(1)
        .take_while(|line| *line != "//! ```")
        .map(|line| {
            line.trim_start_matches("//!")
                .strip_prefix(' ')
                .unwrap_or("")
        })
        .collect();
    let theirs = python3()
        .args(["-c", &python.join("\n")])
        .output()
        .expect("Python runs");
    let ours = Command::new(env!("CARGO"))
        .args(["run", "--quiet", "--offline", "--example", "port"])
        .current_dir(here)
        .output()
        .expect("Cargo runs");
    assert!(
        theirs.status.success() && ours.status.success(),
        "{theirs:?} {ours:?}"
    );
    assert_eq!(
        String::from_utf8_lossy(&ours.stdout),
        String::from_utf8_lossy(&theirs.stdout)
    );
}

fn python3() -> Command {
    let path = std::env::var_os("SMOKE_SIGNAL_ORIGINAL").expect("the directory of smokesignal.py");
    let mut python = Command::new("python3");
    python.env("PYTHONPATH", path);
    python
}

/// A process that runs programs with the original.
struct Original {
    process: Child,
    programs: ChildStdin,
    traces: Lines<BufReader<ChildStdout>>,
}

impl Original {
    fn start() -> Self {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/original/original.py");
        let mut process = python3()
            .arg(script)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("Python runs");
        let programs = process.stdin.take().expect("a pipe");
        let traces = BufReader::new(process.stdout.take().expect("a pipe")).lines();
        Self {
            process,
            programs,
            traces,
        }
    }

    /// Runs a program, and returns its trace.
    fn run(&mut self, program: &str) -> String {
        writeln!(self.programs, "{program}").expect("it reads");
        let trace = self.traces.next().expect("it has not ended");
        trace.expect("UTF-8")
    }
}

impl Drop for Original {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

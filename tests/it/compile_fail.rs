//! Programs that must not compile, each with a twin that does, in `tests/compile_fail/*.rs`.
//!
//! A line `//! error: ..` in a case contains a part of the expected error. A case and its twin differ
//! only in code under `#[cfg(not(feature = "twin"))]` and `#[cfg(feature = "twin")]`, so the twin shows
//! that this difference causes the error, and not a typo. Only a part of the message is compared,
//! because the rest differs between versions of the compiler.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const CASES: [&str; 36] = [
    "argument_not_clone",
    "argument_type",
    "by_mut_without_mut",
    "by_ref_kept",
    "by_ref_returned",
    "callback_not_callable",
    "callback_not_send",
    "callback_untyped",
    "capture_borrowed",
    "capture_not_send",
    "capture_not_sync",
    "closure_arity",
    "consuming_closure",
    "disconnect_capturing",
    "emit_arity",
    "identity_of_name",
    "identity_of_pointer",
    "names_of_numbers",
    "nine_arguments",
    "no_tuple",
    "once_capture_not_send",
    "queue_argument_not_send",
    "queue_borrowed",
    "queue_closure_arity",
    "queue_sent",
    "registry_borrowed",
    "result_type",
    "sealed_args",
    "signal_cloned",
    "slot_argument_type",
    "slot_changes_capture",
    "slot_not_callable",
    "spy_borrowed",
    "spy_not_send",
    "spy_of_thread_local",
    "unused_block",
];

// smokesignal: test_on_must_have_callables, test_once_raises
#[test]
fn misuse_does_not_compile() {
    let cases = Case::all();
    let names: Vec<&str> = cases.iter().map(|case| &*case.name).collect();
    assert_eq!(names, CASES, "a case is lost, or not in the list");

    let package = Package::with(&cases);
    let failures: Vec<String> = cases
        .iter()
        .filter_map(|case| Some(format!("{}: {}", case.name, case.failure(&package)?)))
        .collect();
    assert!(
        failures.is_empty(),
        "{} of {} cases:\n\n{}",
        failures.len(),
        cases.len(),
        failures.join("\n\n")
    );
}

struct Case {
    name: String,
    path: PathBuf,
    /// A part of the compiler's message.
    error: String,
    /// The type of the callable that the message is about, if it has no place in the source.
    callable: Option<String>,
}

impl Case {
    /// The cases by name.
    fn all() -> Vec<Self> {
        let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/compile_fail");
        let mut cases: Vec<Self> = fs::read_dir(&directory)
            .expect("the directory of cases")
            .map(|entry| Self::read(entry.expect("an entry").path()))
            .collect();
        cases.sort_by(|one, other| one.name.cmp(&other.name));
        cases
    }

    fn read(path: PathBuf) -> Self {
        let name = path.file_stem().expect("a name").to_string_lossy();
        let text = fs::read_to_string(&path).expect("a text");
        let header = |what: &str| text.lines().find_map(|line| line.strip_prefix(what));
        let error = header("//! error: ")
            .filter(|error| !error.is_empty())
            .unwrap_or_else(|| panic!("{name}: no line `//! error: ..`"));
        Self {
            error: error.to_owned(),
            callable: header("//! callable: ").map(str::to_owned),
            name: name.into_owned(),
            path,
        }
    }

    /// What is wrong with the case, if anything.
    fn failure(&self, package: &Package) -> Option<String> {
        let build = ["build", "--bin", &self.name];
        let twin = package.cargo(&[&build[..], &["--features", "twin"]].concat());
        if !twin.status.success() {
            return Some(format!("the twin does not compile\n{}", errors(&twin)));
        }
        let output = package.cargo(&build);
        if output.status.success() {
            return Some("it compiles".to_owned());
        }
        let printed = errors(&output);
        let said: Vec<&str> = messages(&printed)
            .into_iter()
            .filter(|message| message.contains(&self.error))
            .collect();
        if said.is_empty() {
            return Some(format!("no error says {:?}\n{printed}", self.error));
        }
        if !said.iter().any(|message| self.is_location_of(message)) {
            return Some(format!("the error is elsewhere\n{printed}"));
        }
        None
    }

    fn is_location_of(&self, message: &str) -> bool {
        if message.starts_with("error[E0080]") {
            // A constant that fails to evaluate is reported where it is written, in the crate. The
            // error belongs to this case if it names the closure of the case by file and line, or the type
            // of another callable.
            let file = self.path.file_name().expect("a name").to_string_lossy();
            let callable = self.callable.as_ref();
            return message.contains(&format!("{file}:"))
                || callable.is_some_and(|callable| message.contains(callable));
        }
        message
            .lines()
            .find_map(|line| line.trim_start().strip_prefix("--> "))
            .and_then(|place| place.rsplitn(3, ':').nth(2))
            .is_some_and(|path| Path::new(path) == self.path)
    }
}

fn errors(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// The messages of the compiler, errors and warnings, each with its notes.
fn messages(printed: &str) -> Vec<&str> {
    let mut messages = Vec::new();
    let (mut start, mut end) = (0, 0);
    for line in printed.split_inclusive('\n') {
        if line.starts_with("error") || line.starts_with("warning") {
            messages.push(&printed[start..end]);
            start = end;
        }
        end += line.len();
    }
    messages.push(&printed[start..]);
    messages.retain(|message| message.starts_with("error"));
    messages
}

/// A package that has the cases as its binaries.
struct Package {
    directory: PathBuf,
}

impl Package {
    fn with(cases: &[Case]) -> Self {
        let tested = env!("CARGO_MANIFEST_DIR");
        let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("compile_fail");
        fs::create_dir_all(&directory).expect("a directory");

        // `{:?}` quotes a string in TOML as in Rust.
        let mut manifest = format!(
            "[package]\nname = \"compile-fail\"\nedition = \"2024\"\n\n\
             [workspace]\n\n\
             [features]\ntwin = []\n\n\
             [dependencies]\nsmoke-signal = {{ path = {tested:?}, features = [\"testing\"] }}\n\n\
             [profile.dev]\ndebug = false\nincremental = false\n"
        );
        for Case { name, path, .. } in cases {
            let path = path.to_str().expect("a path as `tested` is");
            write!(
                manifest,
                "\n[[bin]]\nname = {name:?}\npath = {path:?}\ntest = false\n"
            )
            .expect("a string takes everything");
        }
        fs::write(directory.join("Cargo.toml"), manifest).expect("a manifest");
        // The lock file pins the versions that were downloaded for the tests.
        if let Ok(lock) = fs::read(Path::new(tested).join("Cargo.lock")) {
            // Not `fs::copy`, because Cargo writes to the file and the original may be read-only.
            fs::write(directory.join("Cargo.lock"), lock).expect("a lock file");
        }

        let package = Self { directory };
        let output = package.cargo(&["build", "--package", "smoke-signal"]);
        assert!(
            output.status.success(),
            "the crate can't be built for the cases\n{}",
            errors(&output)
        );
        package
    }

    fn cargo(&self, arguments: &[&str]) -> Output {
        let mut command =
            Command::new(std::env::var_os("CARGO").unwrap_or_else(|| env!("CARGO").into()));
        for (variable, _) in std::env::vars_os() {
            // Removes flags that are meant for the tests, such as `--cfg smoke_signal_loom`.
            if variable.to_string_lossy().ends_with("RUSTFLAGS") {
                command.env_remove(variable);
            }
        }
        command
            .args(arguments)
            .args(["--quiet", "--offline", "--color", "never"])
            .arg("--manifest-path")
            .arg(self.directory.join("Cargo.toml"))
            // A target directory of its own, because the Cargo that runs the tests may lock theirs.
            .arg("--target-dir")
            .arg(self.directory.join("target"))
            .env_remove("CARGO_TARGET_DIR")
            .env_remove("CARGO_BUILD_TARGET_DIR")
            .env_remove("CARGO_BUILD_BUILD_DIR")
            // Cargo looks up its configuration and the toolchain from here.
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .output()
            .expect("Cargo runs")
    }
}

//! Programs that must not compile, each with a twin that does, in `tests/compile_fail/*.rs`.
//!
//! A line `//! error: ..` in a case contains a part of the expected error. A case and its twin differ
//! only in code under `#[cfg(not(feature = "twin"))]` and `#[cfg(feature = "twin")]`, so the twin shows
//! that this difference causes the error, and not a typo. Only a part of the message is compared,
//! because the rest differs between versions of the compiler.
//!
//! The mistakes on the page `docs/errors.md` are compared with more of the message: see [`page`].

mod package;
#[cfg(feature = "async")] // of which the page has a mistake
mod page;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use self::package::{Binary, Package, errors, messages};

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

/// All cases, and all mistakes on the page, in one package, so the library is built once.
static PACKAGE: LazyLock<Package> = LazyLock::new(|| {
    let cases = Case::all();
    let cases = cases.iter().map(|case| Binary::new(&case.name, &case.path));
    #[cfg(feature = "async")]
    let cases = cases.chain(page::binaries());
    Package::with(cases)
});

// smokesignal: test_on_must_have_callables, test_once_raises
#[test]
fn misuse_does_not_compile() {
    let cases = Case::all();
    let names: Vec<&str> = cases.iter().map(|case| &*case.name).collect();
    assert_eq!(names, CASES, "a case is lost, or not in the list");

    let failures: Vec<String> = cases
        .iter()
        .filter_map(|case| Some(format!("{}: {}", case.name, case.failure(&PACKAGE)?)))
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
        let mut places = message
            .lines()
            .filter_map(|line| line.trim_start().strip_prefix("--> "))
            .filter_map(|place| place.rsplitn(3, ':').nth(2))
            .map(|path| Path::new(path) == self.path);
        if message.starts_with("error[E0080]") {
            // A constant that fails to evaluate is reported where it is written, in the crate. A note says whose call
            // needs it.
            return places.any(|is_here| is_here);
        }
        places.next().unwrap_or(false)
    }
}

//! A package outside of the workspace that is made to fail.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A binary of a package.
pub(super) struct Binary {
    name: String,
    path: PathBuf,
}

impl Binary {
    pub(super) fn new(name: impl Into<String>, path: impl Into<PathBuf>) -> Self {
        Self {
            name: name.into(),
            path: path.into(),
        }
    }
}

/// A package that depends on the library, with binaries to be built one by one.
pub(super) struct Package {
    directory: PathBuf,
}

impl Package {
    pub(super) fn with(binaries: impl IntoIterator<Item = Binary>) -> Self {
        let tested = env!("CARGO_MANIFEST_DIR");
        let directory = Self::directory();
        fs::create_dir_all(&directory).expect("a directory");

        let mut features = vec!["testing"];
        if cfg!(feature = "async") {
            features.push("async");
        }
        // `{:?}` quotes a string in TOML as in Rust.
        let mut manifest = format!(
            "[package]\nname = \"compile-fail\"\nedition = \"2024\"\nautobins = false\n\n\
             [workspace]\n\n\
             [features]\ntwin = []\n\n\
             [dependencies]\nsmoke-signal = {{ path = {tested:?}, features = {features:?} }}\n\n\
             [profile.dev]\ndebug = false\nincremental = false\n"
        );
        for Binary { name, path } in binaries {
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

    /// Where the package is.
    pub(super) fn directory() -> PathBuf {
        Path::new(env!("CARGO_TARGET_TMPDIR")).join("compile_fail")
    }

    pub(super) fn cargo(&self, arguments: &[&str]) -> Output {
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

pub(super) fn errors(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// The messages of the compiler, errors and warnings, each with its notes.
pub(super) fn messages(printed: &str) -> Vec<&str> {
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

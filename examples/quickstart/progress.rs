//! A progress bar, which knows the scanner only by its signals.

use std::io::{self, IsTerminal};

use indicatif::{ProgressBar, ProgressStyle};
use smoke_signal::SignatureMismatch;

use super::{PROGRESS, STAGES};

/// Connects a progress bar if standard error is a terminal.
pub(super) fn connect(size: Option<u64>) -> Result<(), SignatureMismatch> {
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

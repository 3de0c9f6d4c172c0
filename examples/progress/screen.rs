//! What shows the progress, on the main thread: bars in a terminal, lines elsewhere.

use std::io::{self, Write};

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::WORKERS;

pub(crate) fn print(line: &str) {
    // An error: nobody reads on, as in `progress | head -1`.
    let _ = writeln!(io::stdout(), "{line}");
}

/// What shows how far the workers are.
pub(crate) trait Screen {
    fn show(&mut self, worker: usize, percent: u64, primes: usize);
    fn end(&mut self, worker: usize);
}

/// A bar for each worker.
pub(crate) struct Bars(Vec<ProgressBar>);

impl Bars {
    pub(crate) fn new() -> Self {
        let all = MultiProgress::with_draw_target(ProgressDrawTarget::stdout());
        let style = ProgressStyle::with_template("{prefix} {wide_bar} {pos:>3} % {msg:>13}")
            .expect("the template is correct");
        let bar = |worker| {
            let bar = ProgressBar::new(100).with_style(style.clone());
            all.add(bar.with_prefix(format!("worker {worker}")))
        };
        Self((0..WORKERS).map(bar).collect())
    }
}

impl Screen for Bars {
    fn show(&mut self, worker: usize, percent: u64, primes: usize) {
        let bar = &self.0[worker];
        bar.set_position(percent);
        bar.set_message(format!("{primes} primes"));
    }

    fn end(&mut self, worker: usize) {
        self.0[worker].abandon(); // what it shows stays
    }
}

/// A line for each worker at each quarter.
pub(crate) struct Lines;

impl Screen for Lines {
    fn show(&mut self, worker: usize, percent: u64, primes: usize) {
        if percent % 25 == 0 {
            print(&format!("worker {worker}: {percent:3} %, {primes} primes"));
        }
    }

    fn end(&mut self, worker: usize) {
        print(&format!("worker {worker}: ended"));
    }
}

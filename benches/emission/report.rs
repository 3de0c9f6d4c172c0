//! Tables of the results, and of the thresholds that this crate has set itself.

use std::fmt;

use crate::measure::{Ratio, Samples};

/// The times of several candidates in nanoseconds. The first candidate is the floor.
pub(crate) struct Table {
    title: String,
    columns: Vec<&'static str>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// `key` is the heading of the first column.
    pub(crate) fn new(title: impl Into<String>, key: &'static str) -> Self {
        Self {
            title: title.into(),
            columns: vec![key],
            rows: Vec::new(),
        }
    }

    /// Adds a row. If it has fewer candidates than the first row, the last columns stay empty.
    pub(crate) fn row(&mut self, key: impl fmt::Display, candidates: &[Samples]) {
        if self.columns.len() == 1 {
            self.columns.extend(candidates.iter().map(|c| c.name));
        }
        let floor = &candidates[0];
        let cells = candidates.iter().map(|own| {
            if !own.best().is_finite() {
                return "unknown".to_owned(); // no round counted
            }
            let Ratio { best, median } = own.ratio_to(floor);
            format!("{:.1} ({best:.2}, {median:.2} x)", own.best())
        });
        self.rows
            .push([key.to_string()].into_iter().chain(cells).collect());
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{}: ns (ratio to the first, of the best times and the median)",
            self.title
        )?;
        let line = |f: &mut fmt::Formatter<'_>, cells: &mut dyn Iterator<Item = &str>| {
            for (index, cell) in cells.enumerate() {
                let width = if index == 0 { 12 } else { 27 };
                write!(f, "{cell:>width$}")?;
            }
            writeln!(f)
        };
        line(f, &mut self.columns.iter().copied())?;
        for row in &self.rows {
            line(f, &mut row.iter().map(String::as_str))?;
        }
        Ok(())
    }
}

/// The thresholds, and whether they held in this run.
#[derive(Default)]
pub(crate) struct Thresholds(Vec<Threshold>);

struct Threshold {
    what: String,
    ours: f64,
    floor: f64,
    figure: Ratio,
    limit: f64,
}

impl Thresholds {
    /// Adds a threshold: our best time may be at most `limit` times that of the floor.
    pub(crate) fn ratio(&mut self, what: String, ours: &Samples, floor: &Samples, limit: f64) {
        self.0.push(Threshold {
            what,
            ours: ours.best(),
            floor: floor.best(),
            figure: ours.ratio_to(floor),
            limit,
        });
    }

    /// Adds a threshold for two numbers that are not samples.
    pub(crate) fn plain(&mut self, what: String, ours: f64, floor: f64, limit: f64) {
        let ratio = ours / floor;
        self.0.push(Threshold {
            what,
            ours,
            floor,
            figure: Ratio {
                best: ratio,
                median: ratio,
            },
            limit,
        });
    }
}

impl fmt::Display for Thresholds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{:<82}{:>10}{:>10}{:>8}{:>8}{:>8}  held",
            "what", "ours", "floor", "ratio", "median", "limit"
        )?;
        for threshold in &self.0 {
            let Ratio { best, median } = threshold.figure;
            // A missed threshold is not a failure: on a shared machine, one run proves too little.
            let held = match best {
                _ if best.is_nan() => "unknown",
                _ if best <= threshold.limit => "yes",
                _ => "NO",
            };
            writeln!(
                f,
                "{:<82}{:>10.1}{:>10.1}{best:>8.2}{median:>8.2}{:>8.2}  {held}",
                threshold.what, threshold.ours, threshold.floor, threshold.limit
            )?;
        }
        Ok(())
    }
}

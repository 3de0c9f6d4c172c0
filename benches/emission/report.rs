//! Tables of what was measured, and of the bars that this crate has set itself.

use std::fmt;

use crate::measure::{Ratio, Samples};

/// What was measured of several contestants, in nanoseconds; the first is the floor.
pub(crate) struct Table {
    title: String,
    columns: Vec<&'static str>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// `key` is what the first column says.
    pub(crate) fn new(title: impl Into<String>, key: &'static str) -> Self {
        Self {
            title: title.into(),
            columns: vec![key],
            rows: Vec::new(),
        }
    }

    /// Contestants that the row above had and this one has not stay empty.
    pub(crate) fn row(&mut self, key: impl fmt::Display, contestants: &[Samples]) {
        if self.columns.len() == 1 {
            self.columns.extend(contestants.iter().map(|c| c.name));
        }
        let floor = &contestants[0];
        let cells = contestants.iter().map(|own| {
            if !own.best().is_finite() {
                return "unknown".to_owned(); // nothing could be measured
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

/// What is to hold, and whether it did in this run.
#[derive(Default)]
pub(crate) struct Bars(Vec<Bar>);

struct Bar {
    what: String,
    ours: f64,
    floor: f64,
    figure: Ratio,
    limit: f64,
}

impl Bars {
    /// The best time of one is to be within `limit` times that of the other.
    pub(crate) fn ratio(&mut self, what: String, ours: &Samples, floor: &Samples, limit: f64) {
        self.0.push(Bar {
            what,
            ours: ours.best(),
            floor: floor.best(),
            figure: ours.ratio_to(floor),
            limit,
        });
    }

    /// The same for what was counted, or has been reckoned already.
    pub(crate) fn plain(&mut self, what: String, ours: f64, floor: f64, limit: f64) {
        let ratio = ours / floor;
        self.0.push(Bar {
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

impl fmt::Display for Bars {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{:<82}{:>10}{:>10}{:>8}{:>8}{:>8}  held",
            "what", "ours", "floor", "ratio", "median", "bar"
        )?;
        for bar in &self.0 {
            let Ratio { best, median } = bar.figure;
            // A missed bar is no failure: on a shared machine one run proves too little.
            let held = match best {
                _ if best.is_nan() => "unknown",
                _ if best <= bar.limit => "yes",
                _ => "NO",
            };
            writeln!(
                f,
                "{:<82}{:>10.1}{:>10.1}{best:>8.2}{median:>8.2}{:>8.2}  {held}",
                bar.what, bar.ours, bar.floor, bar.limit
            )?;
        }
        Ok(())
    }
}

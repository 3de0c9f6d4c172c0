//! Tables, and the bar that this crate has set itself.

use std::fmt::{self, Write as _};

use crate::emit::Emissions;
use crate::measure::Ratio;
use crate::rivals::{ByRwLock, RawLoop, Signals2, SmokeSignal};
use crate::threads::Duet;

/// Not a finite number where nothing could be measured.
pub(crate) struct Cell {
    pub(crate) nanoseconds: f64,
    pub(crate) ratio: Option<Ratio>,
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.nanoseconds.is_finite() {
            return f.write_str("unknown");
        }
        write!(f, "{:.1}", self.nanoseconds)?;
        match self.ratio {
            Some(ratio) => write!(f, " ({ratio})"),
            None => Ok(()),
        }
    }
}

pub(crate) struct Table {
    title: &'static str,
    columns: Vec<&'static str>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// `key` is what a row's first column says.
    pub(crate) fn new(
        title: &'static str,
        key: &'static str,
        columns: impl Iterator<Item = &'static str>,
    ) -> Self {
        Self {
            title,
            columns: [key].into_iter().chain(columns).collect(),
            rows: Vec::new(),
        }
    }

    /// Columns that get no cell stay empty.
    pub(crate) fn row<C: fmt::Display>(
        &mut self,
        key: impl fmt::Display,
        cells: impl Iterator<Item = C>,
    ) {
        let cells = cells.map(|cell| cell.to_string());
        self.rows
            .push([key.to_string()].into_iter().chain(cells).collect());
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const KEY: usize = 8;
        const WIDTH: usize = 25;
        let line = |f: &mut fmt::Formatter<'_>, cells: &mut dyn Iterator<Item = &str>| {
            for (index, cell) in cells.enumerate() {
                let width = if index == 0 { KEY } else { WIDTH };
                write!(f, "{cell:>width$}")?;
            }
            writeln!(f)
        };
        writeln!(f, "{}", self.title)?;
        line(f, &mut self.columns.iter().copied())?;
        for row in &self.rows {
            line(f, &mut row.iter().map(String::as_str))?;
        }
        Ok(())
    }
}

/// What is to hold, and whether it did in this run; each with the ratio of the best times and the
/// median of the ratios.
pub(crate) fn bar(emissions: &[Emissions], duets: &[Duet]) -> String {
    let mut text = String::from("the bar\n");
    let mut say = |claim: &str, figure: f64, limit: f64, ratio: Ratio| {
        let verdict = match figure {
            _ if figure.is_nan() => "unknown",
            _ if figure < limit => "holds",
            _ => "missed",
        };
        writeln!(text, "  {verdict:<9}{claim}: {ratio}").expect("a string takes any text");
    };
    for row in emissions {
        let ours = row.of::<SmokeSignal>();
        if row.slots == 1 {
            for rival in [row.of::<Signals2>(), row.of::<ByRwLock>()] {
                let claim = format!("1 slot faster than {}", rival.name);
                let ratio = ours.ratio_to(rival);
                say(&claim, ratio.best, 1.0, ratio);
            }
        }
        if row.slots >= 64 {
            let claim = format!("{} slots within 1.2 x the raw loop", row.slots);
            let ratio = ours.ratio_to(row.of::<RawLoop>());
            say(&claim, ratio.best, 1.2, ratio);
        }
    }
    for duet in duets.iter().filter(|duet| duet.is_of::<SmokeSignal>()) {
        let claim = "two threads within 1.25 x one thread's time (by the median)";
        let ratio = duet.ratio();
        say(claim, ratio.median, 1.25, ratio);
    }
    text
}

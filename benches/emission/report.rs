//! Tables, and the bar that this crate has set itself.

use std::fmt::{self, Write as _};

use crate::emit::Emissions;
use crate::rivals::{ByRwLock, RawLoop, Signals2, SmokeSignal};
use crate::threads::Duet;

/// Not a finite number where nothing could be measured.
pub(crate) struct Cell {
    pub(crate) nanoseconds: f64,
    pub(crate) ratio: Option<f64>,
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.nanoseconds.is_finite() {
            return f.write_str("unknown");
        }
        write!(f, "{:.1}", self.nanoseconds)?;
        match self.ratio {
            Some(ratio) => write!(f, " ({ratio:.2} x)"),
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
        const WIDTH: usize = 20;
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

/// What is to hold, and whether it did in this run.
pub(crate) fn bar(emissions: &[Emissions], duets: &[Duet]) -> String {
    let mut text = String::from("the bar\n");
    let mut say = |claim: &str, ratio: f64, limit: f64| {
        let verdict = match ratio {
            _ if ratio.is_nan() => "unknown",
            _ if ratio < limit => "holds",
            _ => "missed",
        };
        writeln!(text, "  {verdict:<9}{claim}: {ratio:.2} x").expect("a string takes any text");
    };
    for row in emissions {
        let ours = row.of::<SmokeSignal>();
        if row.slots == 1 {
            for rival in [row.of::<Signals2>(), row.of::<ByRwLock>()] {
                let claim = format!("1 slot faster than {}", rival.name);
                say(&claim, ours.ratio_to(rival), 1.0);
            }
        }
        if row.slots >= 64 {
            let claim = format!("{} slots within 1.2 x the raw loop", row.slots);
            say(&claim, ours.ratio_to(row.of::<RawLoop>()), 1.2);
        }
    }
    let ratio_of = |is_it: fn(&Duet) -> bool| {
        let duet = duets.iter().find(|duet| is_it(duet));
        duet.map_or(f64::NAN, Duet::ratio)
    };
    let machine = ratio_of(Duet::is_of::<RawLoop>);
    let claim = format!("two threads within 1.25 x one thread's time (raw loop: {machine:.2} x)");
    say(&claim, ratio_of(Duet::is_of::<SmokeSignal>), 1.25);
    text
}

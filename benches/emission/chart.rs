//! The chart in the documentation: how many times as long as the raw loop an emission takes, by number of slots.
//!
//! It is written as SVG by hand: a few lines and words, in colours that the reader's light or dark page chooses.

use std::fmt::Write;
use std::{fs, io};

use crate::emit::Emissions;
use crate::measure::Samples;
use crate::rivals::{RawLoop, Rival, SmokeSignal};

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/emission.svg");

const WIDTH: f64 = 860.0;
const HEIGHT: f64 = 460.0;
const LEFT: f64 = 56.0;
/// Room for the names at the ends of the lines.
const RIGHT: f64 = WIDTH - 210.0;
const TOP: f64 = 52.0;
const BOTTOM: f64 = HEIGHT - 52.0;

/// The ratios that the chart shows.
const LOWEST: f64 = 0.9;
const HIGHEST: f64 = 16.0;

/// The least distance between the baselines of two names.
const LINE_HEIGHT: f64 = 17.0;

const STYLE: &str = "\
text { font: 14px system-ui, sans-serif; fill: #24292f }
.title { font-size: 16px; font-weight: 600 }
.grid { stroke: #24292f; stroke-opacity: .15 }
.line { fill: none; stroke-width: 1.8 }
.ours { fill: none; stroke-width: 4 }
text.ours { font-weight: 700; fill: #cf222e; stroke: none }
path.ours { stroke: #cf222e }
.c0 { stroke: #57606a } .c1 { stroke: #0969da } .c2 { stroke: #8250df } .c3 { stroke: #1a7f37 }
@media (prefers-color-scheme: dark) {
text { fill: #e6edf3 }
.grid { stroke: #e6edf3 }
text.ours { fill: #ff7b72 }
path.ours { stroke: #ff7b72 }
.c0 { stroke: #9198a1 } .c1 { stroke: #58a6ff } .c2 { stroke: #bc8cff } .c3 { stroke: #3fb950 }
}";

/// A line of the chart.
struct Line {
    name: &'static str,
    /// Positions on the page.
    points: Vec<(f64, f64)>,
}

/// Draws ratios of the best times. An emission without slots has none and is left out.
pub(crate) fn draw(emissions: &[Emissions]) -> io::Result<()> {
    let rows = Vec::from_iter(emissions.iter().filter(|row| row.slots > 0));
    let most = rows.iter().map(|row| row.slots).max().unwrap_or(1);
    let names = rows[0].candidates.iter().map(|candidate| candidate.name);
    let lines = Vec::from_iter(names.map(|name| {
        Line {
            name,
            points: rows
                .iter()
                .filter_map(|row| point(row, name, most))
                .collect(),
        }
    }));
    fs::write(
        FILE,
        svg(&lines, &rows, most).expect("a `String` can be written to"),
    )?;
    println!("drawn: docs/emission.svg");
    Ok(())
}

fn point(row: &Emissions, name: &str, most: u32) -> Option<(f64, f64)> {
    let best = |name| {
        let of = |candidate: &&Samples| candidate.name == name;
        row.candidates.iter().find(of).map(Samples::best)
    };
    let ratio = best(name)? / best(RawLoop::NAME)?;
    Some((across(row.slots, most), down(ratio)))
}

/// Where a number of slots is on the page, by its logarithm.
fn across(slots: u32, most: u32) -> f64 {
    LEFT + (RIGHT - LEFT) * f64::from(slots).ln() / f64::from(most).ln()
}

/// Where a ratio is on the page, by its logarithm.
fn down(ratio: f64) -> f64 {
    let share = (ratio.clamp(LOWEST, HIGHEST) / LOWEST).ln() / (HIGHEST / LOWEST).ln();
    BOTTOM - (BOTTOM - TOP) * share
}

fn svg(lines: &[Line], rows: &[&Emissions], most: u32) -> Result<String, std::fmt::Error> {
    let mut svg = String::new();
    writeln!(
        svg,
        r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}">"#
    )?;
    writeln!(svg, "<style>{STYLE}</style>")?;
    writeln!(
        svg,
        r#"<text class="title" x="{LEFT}" y="26">emit on one thread: time, in multiples of a raw loop (lower is better)</text>"#
    )?;
    for ratio in [1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0] {
        let y = down(ratio);
        writeln!(
            svg,
            r#"<path class="grid" d="M{LEFT} {y:.1}H{RIGHT}"/><text x="{:.1}" y="{:.1}" text-anchor="end">{ratio}</text>"#,
            LEFT - 8.0,
            y + 5.0
        )?;
    }
    for row in rows {
        writeln!(
            svg,
            r#"<text x="{:.1}" y="{:.1}" text-anchor="middle">{}</text>"#,
            across(row.slots, most),
            BOTTOM + 20.0,
            row.slots
        )?;
    }
    writeln!(
        svg,
        r#"<text x="{:.1}" y="{:.1}" text-anchor="middle">slots connected</text>"#,
        f64::midpoint(LEFT, RIGHT),
        BOTTOM + 42.0
    )?;
    for (class, line) in classes(lines) {
        let points = line.points.iter().enumerate().map(|(nth, (x, y))| {
            let command = if nth == 0 { 'M' } else { 'L' };
            format!("{command}{x:.1} {y:.1}")
        });
        let path = points.collect::<String>();
        writeln!(svg, r#"<path class="{class}" d="{path}"/>"#)?;
    }
    for ((x, y), class, name) in labels(lines) {
        writeln!(
            svg,
            r#"<text class="{class}" x="{:.1}" y="{:.1}">{}</text>"#,
            x + 10.0,
            y + 5.0,
            name.replace('<', "&lt;").replace('>', "&gt;")
        )?;
    }
    writeln!(svg, "</svg>")?;
    Ok(svg)
}

/// The lines with their classes, ours last, so that nothing hides it.
fn classes(lines: &[Line]) -> Vec<(String, &Line)> {
    let (ours, others): (Vec<_>, Vec<_>) = lines
        .iter()
        .partition(|line| line.name == SmokeSignal::NAME);
    let others = others.into_iter().enumerate();
    let others = others.map(|(nth, line)| (format!("line c{}", nth % 4), line));
    let ours = ours.into_iter().map(|line| ("ours".to_owned(), line));
    others.chain(ours).collect()
}

/// The names at the ends of the lines, moved apart where they would overlap.
fn labels(lines: &[Line]) -> Vec<((f64, f64), &'static str, &'static str)> {
    let mut labels: Vec<_> = lines
        .iter()
        .filter_map(|line| {
            let class = if line.name == SmokeSignal::NAME {
                "ours"
            } else {
                ""
            };
            Some((*line.points.last()?, class, line.name))
        })
        .collect();
    labels.sort_by(|((_, one), ..), ((_, other), ..)| other.total_cmp(one));
    let mut lowest = BOTTOM;
    for ((x, y), ..) in &mut labels {
        // Most lines end at the right. A name in the middle has nothing to overlap with.
        if *x > RIGHT - 1.0 {
            *y = y.min(lowest);
            lowest = *y - LINE_HEIGHT;
        }
    }
    labels
}

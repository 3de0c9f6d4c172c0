//! The chart in the documentation: the cost of an emission per slot, by number of slots.

use std::error::Error;

use plotters::prelude::*;

use crate::emit::Emissions;

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/emission.svg");

/// Draws the best times. An emission without slots has no time per slot and is left out.
pub(crate) fn draw(emissions: &[Emissions]) -> Result<(), Box<dyn Error>> {
    let rows = || emissions.iter().filter(|row| row.slots > 0);
    let most = rows().map(|row| row.slots).max().unwrap_or(1);
    let names: Vec<_> = emissions[0].candidates.iter().map(|c| c.name).collect();

    let area = SVGBackend::new(FILE, (800, 480)).into_drawing_area();
    area.fill(&WHITE)?;
    let mut chart = ChartBuilder::on(&area)
        .caption("emit, one thread: nanoseconds per slot", ("sans-serif", 20))
        .margin(12)
        .x_label_area_size(44)
        .y_label_area_size(56)
        .build_cartesian_2d((1..most).log_scale(), (1_f64..40.0).log_scale())?;
    chart
        .configure_mesh()
        .light_line_style(BLACK.mix(0.06))
        .x_desc("slots connected")
        .y_desc("ns per slot")
        .draw()?;
    for (index, name) in names.into_iter().enumerate() {
        let points = rows().filter_map(|row| {
            let samples = row.candidates.iter().find(|c| c.name == name)?;
            Some((row.slots, samples.best() / f64::from(row.slots)))
        });
        let color = Palette99::pick(index);
        let style = color.stroke_width(if index == 1 { 4 } else { 2 });
        chart
            .draw_series(LineSeries::new(points, style).point_size(3))?
            .label(name)
            .legend(move |(x, y)| PathElement::new([(x, y), (x + 18, y)], style));
    }
    chart
        .configure_series_labels()
        .background_style(WHITE)
        .border_style(BLACK.mix(0.3))
        .draw()?;
    area.present()?;
    println!("drawn: docs/emission.svg");
    Ok(())
}

//! What emission and changes cost, next to a raw loop over boxed closures and to what else one could
//! use.
//!
//! `cargo bench --bench emission` measures everything (with `--all-features` async signals too) and
//! ends in a table of the bars; with `-- quick` in less than a minute. With `-- chart` it draws
//! `docs/emission.svg` from what it measured. Without `--bench`, as `cargo test --benches` calls it, it
//! runs a tiny round of everything, to prove that every contestant calls its slots.

#[cfg(feature = "async")]
mod awaiting;
mod by_name;
mod chart;
mod churn;
mod connect;
mod emit;
mod measure;
mod nested;
mod noise;
mod report;
mod rivals;
mod threads;

use measure::Effort;
use report::Bars;

fn main() {
    let effort = Effort::from_arguments();
    let mut bars = Bars::default();

    let emissions = emit::run(effort);
    effort.show(&emit::table(&emissions));
    emit::bars(&emissions, &mut bars);
    emit::unused(effort, &mut bars);

    let duets = threads::run(effort);
    effort.show(&threads::table(&duets));
    effort.show(&threads::rounds(&duets));
    threads::bars(&duets, &mut bars);

    let beside = churn::beside_changes(effort);
    effort.show(&churn::beside_table(&beside));
    churn::beside_bars(&beside, &mut bars);

    let connecting = connect::run(effort);
    effort.show(&connect::table(&connecting));
    connect::bars(&connecting, &mut bars);

    let churn = churn::run(effort);
    effort.show(&churn::table(&churn));
    churn::bars(&churn, &mut bars);

    let by_name = by_name::run(effort);
    effort.show(&by_name::table(&by_name));
    by_name::bars(&by_name, &mut bars);

    let nested = nested::run(effort);
    effort.show(&nested::table(&nested));
    nested::bars(&nested, &mut bars);

    #[cfg(feature = "async")]
    awaiting::run(effort, &mut bars);

    if effort != Effort::Quick {
        effort.show(&noise::table(&noise::run(effort)));
    }
    effort.show(&bars);

    if effort == Effort::Check {
        println!("every contestant called its slots as often as it should");
    }
    if std::env::args().any(|argument| argument == "chart") {
        chart::draw(&emissions).expect("the chart can be written");
    }
}

//! The cost of emissions and changes, compared with a raw loop over boxed closures and with what one
//! could use instead of this crate.
//!
//! `cargo bench --bench emission` measures everything (with `--features async`, async signals too; with `tracing`, what
//! that feature costs) and prints a table of thresholds at the end. `-- quick` takes less than a minute. `-- local`
//! measures only signals of one thread, `-- queue` only queues, and `-- beside` only emissions beside a thread that changes
//! the signal. `-- chart` also draws `docs/emission.svg` from the results. Without `--bench`, as run by
//! `cargo test --benches`, it runs one short round to prove that every candidate calls its slots.

#[cfg(feature = "async")]
mod awaiting;
mod beside;
mod by_name;
mod chart;
mod churn;
mod connect;
mod emit;
mod local;
mod measure;
mod nested;
mod noise;
mod queue;
mod report;
mod rivals;
mod scale;
mod threads;

use measure::Effort;
use report::Thresholds;

fn main() {
    let effort = Effort::from_arguments();
    let mut thresholds = Thresholds::default();

    let given = |word: &str| std::env::args().any(|argument| argument == word);
    if given("local") {
        local::run(effort, &mut thresholds);
        return effort.show(&thresholds);
    }

    if given("beside") {
        beside::run(effort, &mut thresholds);
        return effort.show(&thresholds);
    }

    if given("queue") {
        queue::run(effort, &mut thresholds);
        return effort.show(&thresholds);
    }

    let emissions = emit::run(effort);
    effort.show(&emit::table(&emissions));
    emit::thresholds(&emissions, &mut thresholds);
    emit::unused(effort, &mut thresholds);
    effort.show(&emit::weak_table(&emit::weak(effort)));

    local::run(effort, &mut thresholds);

    let pairs = threads::run(effort);
    effort.show(&threads::table(&pairs));
    effort.show(&threads::rounds(&pairs));
    threads::thresholds(&pairs, &mut thresholds);

    beside::run(effort, &mut thresholds);

    let connecting = connect::run(effort);
    effort.show(&connect::table(&connecting));
    connect::thresholds(&connecting, &mut thresholds);
    effort.show(&connect::one_table(&connect::one(effort)));

    let churn = churn::run(effort);
    effort.show(&churn::table(&churn));
    churn::thresholds(&churn, &mut thresholds);

    let by_name = by_name::run(effort);
    effort.show(&by_name::table(&by_name));
    by_name::thresholds(&by_name, &mut thresholds);

    let nested = nested::run(effort);
    effort.show(&nested::table(&nested));
    nested::thresholds(&nested, &mut thresholds);

    scale::run(effort, &mut thresholds);
    queue::run(effort, &mut thresholds);

    #[cfg(feature = "async")]
    awaiting::run(effort, &mut thresholds);

    if effort != Effort::Quick {
        effort.show(&noise::table(&noise::run(effort)));
    }
    effort.show(&thresholds);

    if effort == Effort::Check {
        println!("every candidate called its slots the right number of times");
    }
    if given("chart") {
        chart::draw(&emissions).expect("the chart can be written");
    }
}

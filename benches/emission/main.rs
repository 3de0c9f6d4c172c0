//! What an emission costs, next to a raw loop over boxed closures and to what else one could use.
//!
//! `cargo bench` measures and prints tables: the best time of each contestant, the ratio of the best
//! times and the median of the ratios in each round. Without `--bench`, as `cargo test --benches` calls it,
//! it runs a tiny round of everything, to prove that every contestant calls its slots.

mod by_name;
mod connect;
mod emit;
mod measure;
mod report;
mod rivals;
mod threads;

use measure::Effort;

fn main() {
    let full = std::env::args().any(|argument| argument == "--bench");
    let effort = if full { Effort::Full } else { Effort::Check };

    let emit = emit::run(effort);
    let threads = threads::run(effort);
    let connect = connect::run(effort);
    let by_name = by_name::run(effort);

    let mut text = String::new();
    for table in [
        emit::table(&emit),
        threads::table(&threads),
        connect::table(&connect),
        by_name::table(&by_name),
    ] {
        text.push_str(&table.to_string());
        text.push('\n');
    }
    text.push_str(&report::bar(&emit, &threads));

    // A missed bar is no failure: on a shared machine one run proves too little. The text says it.
    match effort {
        Effort::Full => print!("{text}"),
        Effort::Check => println!("every contestant called its slots as often as it should"),
    }
}

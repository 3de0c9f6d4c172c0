//! Draws the pictures that the documentation shows: `docs/types.svg` and `docs/one-emission.svg`.
//!
//! ```text
//! cargo run --package smoke-signal-pictures               # draws them
//! cargo run --package smoke-signal-pictures -- --check    # fails if they are not as they would be drawn
//! ```

mod drawing;
mod one_emission;
mod types;

use std::path::Path;
use std::process::ExitCode;
use std::{env, fs};

fn main() -> ExitCode {
    let check = env::args().any(|argument| argument == "--check");
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs");
    let mut code = ExitCode::SUCCESS;
    for (name, picture) in [
        ("types.svg", types::picture()),
        ("one-emission.svg", one_emission::picture()),
    ] {
        let file = docs.join(name);
        let drawn = fs::read_to_string(&file).unwrap_or_default();
        if drawn == picture {
            println!("docs/{name} is up to date");
        } else if check {
            println!("docs/{name} is out of date: cargo run --package smoke-signal-pictures");
            code = ExitCode::FAILURE;
        } else {
            fs::write(&file, picture).expect("docs can be written to");
            println!("docs/{name} has been drawn");
        }
    }
    code
}

//! `Arg` implemented outside of the crate. The same trait, unsealed, could be implemented.
//! error: sealed::Arg` is not satisfied

#[cfg(not(feature = "twin"))]
use smoke_signal::Arg;

#[cfg(feature = "twin")]
trait Arg: 'static {
    type In<'a>;
    fn lend<'s>(held: &'s mut Self::In<'_>) -> Self::In<'s>;
}

enum Metres {}

impl Arg for Metres {
    type In<'a> = f64;

    fn lend<'s>(held: &'s mut f64) -> f64 {
        *held
    }
}

fn main() {
    println!("{}", Metres::lend(&mut 1.0));
}

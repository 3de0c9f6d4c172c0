//! `Args` implemented outside of the crate. The same trait, unsealed, could be implemented.
//! error: sealed::Args` is not satisfied

#[cfg(not(feature = "twin"))]
use smoke_signal::Args;

#[cfg(feature = "twin")]
trait Args: 'static {
    type In<'a>;
    fn lend<'s>(held: &'s mut Self::In<'_>) -> Self::In<'s>;
}

enum Point {}

impl Args for Point {
    type In<'a> = (f64, f64);

    fn lend<'s>(held: &'s mut (f64, f64)) -> (f64, f64) {
        *held
    }
}

fn main() {
    println!("{:?}", Point::lend(&mut (1.0, 2.0)));
}

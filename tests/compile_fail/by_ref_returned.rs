//! A slot that returns a borrowed argument: results outlive the call.
//! error: lifetime may not live long enough

#[cfg(not(feature = "twin"))]
type Line = smoke_signal::ByRef<str>;
#[cfg(feature = "twin")]
type Line = &'static str;

fn main() {
    let trimmed: smoke_signal::Signal<(Line,), &'static str> = smoke_signal::Signal::new();
    trimmed.connect(|line| line.trim());
}

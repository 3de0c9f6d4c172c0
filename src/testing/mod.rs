//! For tests of code that uses signals: [`Spy`] records what is emitted, [`assert_emitted!`] and [`assert_not_emitted!`]
//! compare it with what is expected. The page [`testing_signals`](crate::testing_signals) shows how to test what.
//!
//! Needs the feature `testing`, which adds no dependency. Enable it where your tests are built:
//!
//! ```toml
//! [dependencies]
//! smoke-signal = "0.1"
//!
//! [dev-dependencies]
//! smoke-signal = { version = "0.1", features = ["testing"] }
//! ```
//!
//! ```
//! use smoke_signal::testing::Spy;
//! use smoke_signal::{Signal, assert_emitted};
//!
//! static SAVED: Signal<(String,)> = Signal::new();
//!
//! fn save(path: &str) {
//!     SAVED.emit(path.to_owned());
//! }
//!
//! assert_emitted!(SAVED, [("a.txt".to_owned(),)] => save("a.txt"));
//!
//! let spy = Spy::on(&SAVED).this_thread();
//! save("a.txt");
//! save("b.txt");
//! assert_eq!(spy.len(), 2);
//! assert_eq!(spy.calls()[1], ("b.txt".to_owned(),));
//! ```

mod failure;
mod log;
mod macros;
mod not_emitted;
mod spy;
mod watch;

pub use self::failure::{assert_nothing_recorded, assert_recorded};
pub use self::not_emitted::NotEmitted;
pub use self::spy::Spy;
pub use self::watch::{OwnedArgs, Watch, Watchable};
pub use crate::{assert_emitted, assert_not_emitted};

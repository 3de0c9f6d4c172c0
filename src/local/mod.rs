//! Signals for one thread: what belongs to a [`LocalSignal`].
//!
//! The types here are to a `LocalSignal` what those of the same names at the crate's root are to a
//! [`Signal`](crate::Signal). [When to take which](crate::local_signals) has a page of its own.
//!
//! ```
//! use smoke_signal::LocalSignal;
//! use smoke_signal::local::ScopedConnection;
//! use std::cell::Cell;
//! use std::rc::Rc;
//!
//! struct Counter {
//!     shown: Rc<Cell<u32>>,
//!     _listens: ScopedConnection,
//! }
//!
//! let clicked: LocalSignal<()> = LocalSignal::new();
//! let shown = Rc::new(Cell::new(0));
//! let counter = Counter {
//!     shown: Rc::clone(&shown),
//!     _listens: clicked.connect_scoped(move || shown.set(shown.get() + 1)),
//! };
//! clicked.emit();
//! assert_eq!(counter.shown.get(), 1);
//! ```

mod arity;
mod block;
mod calls;
mod connector;
mod emitting;
mod engine;
mod options;
mod owner;
mod scoped;
mod signal;
#[cfg(feature = "testing")]
mod silent;
mod tuple;
mod weak_object;

pub use self::block::BlockGuard;
#[cfg(feature = "std")]
pub use self::calls::CatchUnwind;
pub use self::calls::{Calls, Keyed};
pub use self::connector::Connector;
pub use self::emitting::Emitting;
pub use self::options::ConnectOptions;
pub use self::scoped::ScopedConnection;
pub use self::signal::LocalSignal;
pub use self::weak_object::WeakObject;

//! draft
#![forbid(unsafe_code)]

mod args;
mod arity;
mod calls;
mod core;
mod emitting;
mod options;
mod returns;
mod signal;
mod slot;
mod sync;

pub use crate::args::{Arg, Args, ByMut, ByRef};
pub use crate::calls::{Calls, CatchUnwind};
pub use crate::emitting::Emitting;
pub use crate::options::ConnectOptions;
pub use crate::returns::{IntoIter, Returns};
pub use crate::signal::Signal;

slotmap::new_key_type! {
    /// A slot's key.
    pub struct Connection;
}

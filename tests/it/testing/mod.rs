//! The test kit: `Spy`, `assert_emitted!` and `assert_not_emitted!`.

#[cfg(feature = "async")]
mod asynchronous;
mod macros;
mod records;
mod slots;
mod threads;
mod waiting;

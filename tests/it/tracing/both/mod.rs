//! What is told of signals for threads and of signals for one thread alike: the same tests for both.

mod local;
mod threads;

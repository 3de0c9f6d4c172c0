//! Bridges over a `Loopback`: all that does not depend on a server.

mod closing;
mod codecs;
mod common;
mod delivery;
mod echo;
mod links;

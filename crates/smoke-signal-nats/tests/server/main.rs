//! Bridges to a real `nats-server`, one for each test.

#[path = "../it/common.rs"]
#[allow(dead_code, reason = "shared with the tests over a loopback")]
mod common;
mod core;
mod durable;
#[path = "../harness/mod.rs"]
mod harness;
mod outage;
mod raw;
mod redelivery;
mod security;
mod strangers;

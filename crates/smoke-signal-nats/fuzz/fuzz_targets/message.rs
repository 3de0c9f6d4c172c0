//! What comes from the network, from its first byte to the arguments of an emission.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| smoke_signal_nats::fuzzing::messages(data));

//! Random programs on bridges whose server fails as it is told: what is emitted, how the connection fails and when, and
//! which deliveries panic. They check the outgoing queue, the pump, the reader and the threads that deliver, as a whole.
//!
//! Durable: what was accepted is stored once, in order, and heard once by every other bridge, in order. Core: what is
//! heard is in order, and what is not heard is counted.

mod programs;
mod world;

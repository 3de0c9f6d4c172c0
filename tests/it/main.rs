//! The integration tests: one binary, with a module for each topic.
//!
//! Many tests have a counterpart in another signal library, which a comment above them names.
//!
//! For each rule in the crate's documentation, the library was broken on purpose as described here, and the
//! tests named here were seen to fail:
//!
//! | rule | broken on purpose | fails, among others |
//! |---|---|---|
//! | 1 order | slots are not sorted; `first` is ignored | `order::a_slot_in_reused_storage_comes_last`, `order::the_newest_first_slot_leads_its_group` |
//! | 2 one snapshot | `disconnect`, `disconnect_all` do not mark the slot as disconnected | `changes::a_slot_disconnected_before_its_call_is_not_called`, `changes::a_slot_clears_the_signal` |
//! | 2 each call | arguments cloned before the charge; charged after the call | `arguments::a_clone_that_panics_ends_the_emission_but_is_charged`, `changes::a_slot_disconnects_itself` |
//! | 3 no lock | captures dropped under the lock; `connect_with_key`'s closure called under it | `reentrancy::every_method_may_be_called_from_everywhere` |
//! | 4 budgets | read and written in two steps; the last call does not disconnect; `max_calls(0)` connects | `limits::budgets_are_exact_across_threads`, `limits::a_slot_is_disconnected_before_its_last_call`, `limits::max_calls_0_never_connects` |
//! | 5 `true` once | `disconnect` always returns `true` | `disconnect::disconnect_is_true_once` |
//! | 6 prompt drop | `disconnect`, `disconnect_all` do not invalidate the snapshot | `memory::captures_are_dropped_when_disconnect_returns`, `memory::captures_are_dropped_when_disconnect_all_returns` |
//! | 7 panics | `Calls` advances after the call | `calls::after_a_panic_a_lazy_emission_continues_with_the_next_slot` |
//! | 8 guards | silent on unwinding; the second panic, or its payload's, is not caught | `guards::a_guard_emits_while_unwinding_and_the_panic_continues`, `guards::a_second_panic_is_discarded_without_an_abort` |
//! | 9 clones | the last slot gets a clone too | `arguments::arguments_are_cloned_for_all_slots_but_the_last` |
//! | 10 visibility | `connect`, or `connect_with_key`, does not invalidate the snapshot | `changes::a_slot_connected_during_an_emission_is_first_called_by_the_next`, `reference` |
//! | 11 no `unsafe` | the compiler refuses it | |

mod common;

#[cfg(feature = "tracing")]
mod a_subscriber;
mod arguments;
#[cfg(feature = "async")]
mod asynchronous;
mod blocking;
mod both;
mod calls;
mod changes;
mod compile_fail;
mod connector;
mod disconnect;
mod endings;
mod faults;
mod guards;
mod inference;
mod keyed;
mod limits;
mod listing;
mod local;
mod memory;
mod named;
mod order;
mod original;
mod panics;
mod ports;
mod queue;
mod recipes;
mod reentrancy;
mod reference;
mod registry;
#[cfg(feature = "async")]
mod registry_async;
mod registry_threads;
mod scoped;
mod smokesignal;
#[cfg(feature = "async")]
mod streams;
mod testing;
mod threads;
#[cfg(feature = "tracing")]
mod tracing;
mod traits;
mod tuples;
mod waiting;
mod weak;

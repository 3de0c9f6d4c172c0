//! What signals for threads and signals for one thread promise alike: the same tests for both.
//!
//! Seen to fail when the engine of `LocalSignal` was broken on purpose:
//!
//! | broken on purpose | fails, among others |
//! |---|---|
//! | a slot that leaves is not marked | `a_slot_that_leaves_before_its_turn_is_not_called` |
//! | the last call does not disconnect | `a_budget_is_exact_and_ends_before_the_last_call` |
//! | an emission puts its list back although that was changed | `changes_during_an_emission_reach_the_next` |
//! | the slots of a dropped signal are forgotten | `what_is_tied_to_a_slot_ends_after_the_signal` |
//! | a weak slot never waits for its object | `an_object_may_be_born_after_its_slot` |

mod local;
mod threads;

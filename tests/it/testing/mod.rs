//! The test kit: `Spy`, `assert_emitted!` and `assert_not_emitted!`.
//!
//! Seen to fail when the kit was broken on purpose:
//!
//! | broken on purpose | fails, among others |
//! |---|---|
//! | `this_thread` keeps what others emitted before, or still counts it | `threads::this_thread_forgets_what_others_emitted_before` |
//! | `this_thread` records what others emit afterwards | `threads::eight_threads_on_one_signal_see_only_what_they_emit` |
//! | it is asked only before the item is made, or only after | `threads::an_item_that_another_thread_is_making_is_forgotten_too`, `threads::emissions_of_other_threads_clone_nothing_for_the_spy_and_do_not_call_its_closure` |
//! | `wait` counts from its call, or does not count what was taken | `waiting::wait_counts_from_the_beginning` |
//! | `wait_for` skips what is there | `waiting::wait_for_looks_at_what_is_there_first` |
//! | nobody is woken | `waiting::wait_returns_once_other_threads_have_emitted` |
//! | items are cloned under the lock | `waiting::items_may_emit_and_use_the_spy_while_they_are_cloned_or_printed` |
//! | items that were looked at are put back behind newer ones | `waiting::a_predicate_may_emit_and_use_the_spy` |
//! | a spy is first in its group | `slots::a_spy_is_the_last_of_its_group_when_it_is_made` |
//! | the slot of a spy is not checked before it is called | `slots::a_spy_is_blocked_and_disconnected_like_any_slot`, `slots::a_spy_that_is_dropped_during_an_emission_is_not_called_by_it` |
//! | a dropped spy stays connected, or takes items | `slots::a_spy_disconnects_when_it_is_dropped`, `slots::an_item_that_comes_after_its_spy_is_dropped_at_once` |
//! | the macros count what all threads emit | `macros::only_the_emissions_of_this_thread_count` |
//! | the macros count what the list of expected emissions emits | `macros::what_is_expected_is_evaluated_first_and_does_not_count` |
//! | the macros ignore the order | `macros::several_emissions_are_compared_in_order` |

#[cfg(feature = "async")]
mod asynchronous;
mod macros;
mod records;
mod slots;
mod threads;
mod waiting;

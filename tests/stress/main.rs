//! Stress: threads on all cores, and noise beside them, use one signal or registry at random, for a
//! while. What must come out even in the end, whatever they did, is asserted.
//!
//! `SMOKE_SIGNAL_STRESS_SECONDS` sets how long all scenarios together take (2 by default), and
//! `SMOKE_SIGNAL_STRESS_SEED` the seed that is printed by each. What each thread does follows from the
//! seed; in what order they meet does not. A hang fails after a time that nothing here takes.
//!
//! Each law was seen to fail when the library was broken on purpose:
//!
//! | law | broken on purpose | fails |
//! |---|---|---|
//! | slots are called by group, within it in order | the list is published without being arranged; groups, or `first`, do not count | `coming_and_going` |
//! | once connected, a slot is called | a change leaves the former list published; the copy of a list lacks a slot | `coming_and_going`, `registry`, `weak` |
//! | a slot is disconnected or left | what has left keeps its key | `coming_and_going` |
//! | one `disconnect` answers `true` | it asks whether the slot is there, then takes it out; a wait always answers `true` | `disconnects`; `coming_and_going` |
//! | what has left is not called, by emissions under way either | slots that leave are not marked; the list they leave is not marked; an emission asks for that mark only as it begins | `coming_and_going`, `nested` |
//! | a scope disconnects | its end does nothing | `coming_and_going` |
//! | every call has its result | an emission that begins to ask each slot forgets the results so far, or drops one | `nested`, `registry` |
//! | every emission calls each slot once | one that begins to ask each slot skips one, or goes back by one | `blocks` |
//! | budgets are exact | counted down in two steps, for a slot and over several names | `budgets`, `registry` |
//! | the last call takes its slot out | it leaves it there; it leaves the callback's other names as they are | `budgets`, `registry` |
//! | live slots are bounded | slots that have left are kept until all leave | `coming_and_going` |
//! | every capture is dropped | what has left is forgotten, or lists that were replaced are | all that count captures |
//! | after a wait no call is running, and the captures are gone | nobody waits; only who has disconnected the slot does; the slot is over as it leaves, or before its captures are dropped; its end is not noted | `waiting` |
//! | every wait ends | its end wakes nobody, or one of several | `waiting`, by a hang |
//! | a slot goes with its object | it never expires; `disconnect` counts what has expired; a call keeps the object alive | `weak` |
//! | a callback leaves all its names | it leaves the first only | `registry` |
//! | an emission by name tells how many ran | it counts slots, not calls | `budgets`, `registry` |
//! | what is blocked is not called | the list is not marked as a slot is blocked; blocked slots are not counted; a second guard is not counted; `block_all` leaves the list published | `blocks` |
//! | what is not blocked is called | a guard's drop does nothing; `unblock_all` leaves the list of no slots; one guard of several unblocks all | `blocks` |
//! | a stream gives or misses every item, in order | items go to the front; missed ones are not counted; one is lost where there is room; the end comes before what is buffered | `streams` |
//! | a reader is woken | by no item; not by the end | `streams`, by a hang |

#[path = "../it/common.rs"]
#[allow(dead_code, reason = "what the other binary uses")]
mod common;
mod live;
mod scenario;

mod blocks;
mod budgets;
mod coming_and_going;
mod disconnects;
mod nested;
mod registry;
#[cfg(feature = "async")]
mod streams;
mod waiting;
mod weak;

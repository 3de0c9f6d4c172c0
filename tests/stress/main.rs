//! Stress tests: threads on all cores, with others that make noise, use one signal or registry at random
//! for a while. Each test asserts what must hold in the end, whatever the threads did.
//!
//! `SMOKE_SIGNAL_STRESS_SECONDS` sets how long all scenarios together take (2 by default), and
//! `SMOKE_SIGNAL_STRESS_SEED` sets the seed, which a failing scenario prints. The seed determines what each
//! thread does, but not how the threads are scheduled. A hang fails after a generous timeout.
//!
//! Each law was seen to fail when the library was broken on purpose:
//!
//! | law | broken on purpose | fails |
//! |---|---|---|
//! | slots are called by group, and in order within it | a snapshot is published before it is sorted; groups, or `first`, are ignored | `churn` |
//! | once connected, a slot is called | a change leaves the old snapshot published; a copied snapshot lacks a slot | `churn`, `registry`, `weak` |
//! | a slot is either disconnected or still connected | a disconnected slot keeps its key | `churn` |
//! | one `disconnect` returns `true` | it finds the slot and removes it in two steps; a wait always returns `true` | `disconnects`; `churn` |
//! | disconnected slots are not called, even by emissions in progress | disconnected slots, or their snapshot, are not marked; an emission reads the mark only as it begins | `churn`, `nested` |
//! | a scoped handle disconnects | its drop does nothing | `churn` |
//! | every call has its result | an emission that switches to checking each slot loses the results so far, or one of them | `nested`, `registry` |
//! | every emission calls each slot once | one that switches to checking each slot skips one, or repeats one | `blocks` |
//! | budgets are exact | counted down in two steps, for a slot and over several names | `budgets`, `registry` |
//! | the last call disconnects its slot | the slot stays; the callback's other names stay | `budgets`, `registry` |
//! | live slots are bounded | disconnected slots are kept until all are disconnected | `churn` |
//! | every capture is dropped | disconnected slots, or replaced snapshots, are leaked | all that count captures |
//! | after a wait no call is running, and the captures are dropped | nobody waits; only the thread that disconnected the slot waits; the slot completes when it is disconnected, or before its captures are dropped; completion is not recorded | `waiting` |
//! | every wait ends | completion wakes nobody, or only one of several | `waiting`, by a hang |
//! | a slot is disconnected with its object | it never expires; `disconnect` counts expired slots; a call leaks the object | `weak` |
//! | a callback is removed from all its names | it is removed only from the first | `registry` |
//! | an emission by name returns how many callbacks ran | it counts slots, not calls | `budgets`, `registry` |
//! | blocked slots are not called | blocking does not mark the snapshot; blocked slots are not counted; a second guard is not counted; `block_all` leaves the snapshot published | `blocks` |
//! | other slots are called | a guard's drop does nothing; the end of `block_all` leaves the empty snapshot; one of several guards unblocks all | `blocks` |
//! | a stream yields or misses every item, in order | items are added at the front; missed items are not counted; an item is lost although there is room; the stream ends before its buffered items | `streams` |
//! | a reader is woken | items do not wake it; the end does not wake it | `streams`, by a hang |
//! | a queue delivers or misses every call, in the order of each emitter | QUEUE_A | `queue` |
//! | a queue delivers nothing of a slot that has been disconnected, and drops it | QUEUE_B | `queue` |
//! | the queue's thread is woken | QUEUE_C | `queue`, by a hang |

#[path = "../it/common.rs"]
#[allow(dead_code, reason = "the other test binary uses the rest")]
mod common;
mod live;
mod scenario;

mod blocks;
mod budgets;
mod churn;
mod disconnects;
mod nested;
mod queue;
mod registry;
#[cfg(feature = "async")]
mod streams;
mod waiting;
mod weak;

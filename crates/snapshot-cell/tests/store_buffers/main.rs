//! An explorer of store buffers. It tries every execution of small programs on a machine where each thread has a
//! first-in, first-out buffer of stores, as x86 has. There a light barrier does nothing, a full fence waits until the
//! buffer of its thread is empty, and a heavy barrier waits for each other thread in turn, in any order, while all of
//! them run on.
//!
//! `loom` cannot tell the two barriers apart. This model can, and knows little else: the accesses of the algorithm,
//! written once more as steps of one access each. It shows what goes wrong where fenced and promoted words meet.
//!
//! Two laws must hold in every execution. A writer that has taken out a pointer, and finds that it owns the only strong
//! count, may edit the value: no guard exists. And once all threads have ended, no debt is left.
//!
//! Each test in `faults` leaves out one access, or the barrier after it, and expects that a law is broken.

#![cfg(not(smoke_signal_loom))]

mod machine;

use machine::{
    Drop, Edit, FENCED, Fault, Load, NOTHING, Operation, PROMOTED, Program, Promote, Release, Swap,
    Word,
};

const READER: &[Operation] = &[Load(0, 0), Drop(0)];
const WRITER: &[Operation] = &[Swap(0, NOTHING), Edit, Release];

/// The name of each program, the words of its cells, and its threads.
const PROGRAMS: &[(&str, [Word; 2], &[&[Operation]])] = &[
    ("a fenced word", [FENCED, NOTHING], &[READER, WRITER]),
    ("a promoted word", [PROMOTED, NOTHING], &[READER, WRITER]),
    (
        "promotion, and publication again",
        [FENCED, NOTHING],
        &[
            &[Load(0, 0), Promote(0), Drop(0), Load(0, 0), Drop(0)],
            &[
                Swap(0, NOTHING),
                Edit,
                Swap(0, FENCED),
                Swap(0, NOTHING),
                Edit,
            ],
        ],
    ),
    (
        "promotion by another thread",
        [FENCED, NOTHING],
        &[
            &[Load(0, 0), Drop(0), Load(0, 1), Drop(1)],
            &[Promote(0)],
            WRITER,
        ],
    ),
    (
        "a promoted word published again as a fenced one",
        [PROMOTED, NOTHING],
        &[
            &[Load(0, 0), Load(0, 1), Drop(0), Drop(1)],
            &[
                Swap(0, NOTHING),
                Edit,
                Swap(0, FENCED),
                Swap(0, NOTHING),
                Edit,
            ],
        ],
    ),
    (
        "two guards, the first dropped elsewhere",
        [PROMOTED, NOTHING],
        &[
            &[Load(0, 0), Load(0, 1), Drop(1), Drop(0)],
            &[Drop(0)],
            WRITER,
        ],
    ),
    (
        "one value in two cells, fenced and promoted",
        [PROMOTED, FENCED],
        &[
            &[Load(1, 0), Load(0, 1), Drop(1)],
            &[Drop(0), Swap(0, NOTHING)],
            &[Swap(1, NOTHING)],
        ],
    ),
    (
        "writers that nobody serialises",
        [PROMOTED, NOTHING],
        &[
            READER,
            &[Swap(0, NOTHING), Swap(0, FENCED)],
            &[Swap(0, NOTHING)],
        ],
    ),
];

/// One program of so many executions that it needs an optimised build.
const LARGE: (&str, [Word; 2], &[&[Operation]]) = (
    "one value in two cells, and a debt that is settled while it is announced",
    [PROMOTED, FENCED],
    &[
        &[Load(1, 0), Load(0, 1), Drop(1)],
        &[Drop(0)],
        &[Swap(0, NOTHING)],
        &[Swap(1, NOTHING)],
    ],
);

fn programs(fault: Option<Fault>) -> impl Iterator<Item = (&'static str, Program)> {
    let large = (!cfg!(debug_assertions)).then_some(&LARGE);
    PROGRAMS
        .iter()
        .chain(large)
        .map(move |&(name, words, threads)| {
            let program = Program {
                words,
                threads,
                fault,
            };
            (name, program)
        })
}

#[test]
fn no_law_is_broken() {
    for (name, program) in programs(None) {
        let states = program
            .explore()
            .unwrap_or_else(|law| panic!("{name}: {law}"));
        println!("{name}: {states} states");
    }
}

mod faults {
    use super::{Fault, programs};

    #[track_caller]
    fn breaks(fault: Fault) {
        let broken = programs(Some(fault))
            .find_map(|(name, program)| Some((name, program.explore().err()?)));
        let (name, law) = broken.unwrap_or_else(|| panic!("without {fault:?}, no law is broken"));
        println!("{name}: {law}");
    }

    macro_rules! each {
        ($($(#[$attribute:meta])? $name:ident: $fault:ident,)*) => {
            $(
                #[test]
                $(#[$attribute])?
                fn $name() {
                    breaks(Fault::$fault);
                }
            )*
        };
    }

    each! {
        fence_after_fill: FenceAfterFill,
        second_read: SecondRead,
        heavy_after_exchange: HeavyAfterExchange,
        fence_after_clear: FenceAfterClear,
        pending_checked: PendingChecked,
        settlement_by_swap: SettlementBySwap,
        heavy_before_settlement: HeavyBeforeSettlement,
        heavy_in_settlement: HeavyInSettlement,
        #[cfg_attr(debug_assertions, ignore = "needs an optimised build")]
        number_of_debt: NumberOfDebt,
    }
}

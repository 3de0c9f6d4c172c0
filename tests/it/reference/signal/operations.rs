//! Programs: what is done to a signal, and what its slots do when they are called, as data that can
//! be generated, shrunk, and printed.

/// A sequence of operations with the slots that it connects.
#[derive(Clone, Debug)]
#[cfg_attr(fuzzing, derive(arbitrary::Arbitrary))]
pub(crate) struct Program {
    /// What slots do while they are called: each is connected with one of these.
    pub(crate) scripts: Vec<Vec<Operation>>,
    pub(crate) steps: Vec<Operation>,
    /// At the end, the signal is dropped before the handles and iterators that are left, not after.
    pub(crate) signal_goes_first: bool,
}

/// A number that picks one of what there is: it is taken modulo how many there are.
pub(crate) type Pick = u8;

/// One step of a program, or of a slot's script.
#[derive(Clone, Debug)]
#[cfg_attr(fuzzing, derive(arbitrary::Arbitrary))]
pub(crate) enum Operation {
    Connect(Connect),
    Disconnect(Who),
    DisconnectAll,
    DisconnectAndWait(Who),

    Scope(Who),
    EndScope(Pick),
    Release(Pick),

    Block(Who),
    BlockAll,
    /// Drops a guard of a slot or of the whole signal.
    Unblock(Pick),

    /// Lets go of the object of a weak slot.
    DropObject(Who),

    Emit {
        /// Nested in a slot, a panic is caught where the emission was started.
        caught: bool,
    },
    Calls {
        /// An iterator that goes on after panics: `calls().catch_unwind()`.
        catching: bool,
    },
    /// One `next` of an iterator.
    Advance(Pick),
    /// Calls all that is left of an iterator, and drops it.
    Exhaust(Pick),
    DropCalls(Pick),

    /// Makes a guard that emits when it is dropped.
    Guard,
    DropGuard(Pick),

    /// Panics; with a guard in scope, which the unwinding drops, if there is one.
    Panic {
        guarded: bool,
    },
    DropSignal,
}

/// Which slot an operation is about.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(fuzzing, derive(arbitrary::Arbitrary))]
pub(crate) enum Who {
    /// The one whose script it is; outside of slots, none.
    Me,
    /// One of those connected now, in call order.
    Connected(Pick),
    /// One of all that ever were.
    Any(Pick),
}

/// How a slot is connected.
#[derive(Clone, Debug)]
#[cfg_attr(fuzzing, derive(arbitrary::Arbitrary))]
pub(crate) struct Connect {
    pub(crate) kind: Kind,
    pub(crate) script: Pick,
    pub(crate) group: i8,
    pub(crate) first: bool,
    pub(crate) max_calls: Option<u8>,
    pub(crate) waitable: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(fuzzing, derive(arbitrary::Arbitrary))]
pub(crate) enum Kind {
    Plain,
    Once,
    WithKey,
    /// By a `connect_with_key` whose closure panics.
    WithKeyPanics,
    /// With an object, which [`Operation::DropObject`] lets go.
    Weak,
}

/// How many operations the slots of one program perform at most, all calls together.
pub(crate) const FUEL: usize = 200;

/// How many slots may be called one inside the other.
pub(crate) const DEPTH: usize = 3;

//! Programs: what is done to a registry, and what its callbacks do when they are called, as data
//! that can be generated, shrunk, and printed.

/// A sequence of operations with the callbacks that it registers.
#[derive(Clone, Debug)]
#[cfg_attr(fuzzing, derive(arbitrary::Arbitrary))]
pub(crate) struct Program {
    /// What callbacks do while they are called: each has one of these.
    pub(crate) scripts: Vec<Vec<Operation>>,
    pub(crate) steps: Vec<Operation>,
    /// At the end, the registry is dropped before the handles and guards that are left, not after.
    pub(crate) registry_goes_first: bool,
}

/// A number that picks one of what there is: it is taken modulo how many there are.
pub(crate) type Pick = u8;

/// Picks one of [`NAMES`].
pub(crate) type Name = Pick;

/// One step of a program, or of a callback's script.
#[derive(Clone, Debug)]
#[cfg_attr(fuzzing, derive(arbitrary::Arbitrary))]
pub(crate) enum Operation {
    On(Vec<Name>, Limit, Callable),
    /// Registers a callback with another signature, if one of the names is bound: it is refused.
    OnMismatched(Vec<Name>),
    Disconnect(Who),
    DisconnectFrom(Who, Vec<Name>),
    Clear(Vec<Name>),
    ClearAll,

    Scope(Who),
    EndScope(Pick),
    Release(Pick),

    Emit {
        name: Name,
        /// Nested in a callback, a panic is caught where the emission was started.
        caught: bool,
    },
    /// Makes a guard that emits the name when it is dropped.
    Guard(Name),
    /// Emits the first name, and makes a guard of the second.
    GuardBetween(Name, Name),
    DropGuard(Pick),

    /// Connects a slot to the typed signal behind a name.
    ConnectTyped(Name, Pick),
    /// Disconnects a slot, of a callback or not, from the typed signal behind a name.
    DisconnectTyped(Name, Pick),
    DisconnectAllTyped(Name),
    BlockTyped(Name, Pick),
    Unblock(Pick),
    EmitTyped {
        name: Name,
        caught: bool,
    },

    /// Panics; with a guard in scope, which the unwinding drops, if there is one.
    Panic {
        guarded: bool,
    },
}

/// With which call a callback is registered.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(fuzzing, derive(arbitrary::Arbitrary))]
pub(crate) enum Limit {
    On,
    OnMax(u8),
    Once,
}

/// What is registered.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(fuzzing, derive(arbitrary::Arbitrary))]
pub(crate) enum Callable {
    /// One of [`FUNCTIONS`] functions, each with the script of its number.
    Function(Pick),
    /// A new closure with captures, with that script.
    Closure(Pick),
}

/// Which callback an operation is about.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(fuzzing, derive(arbitrary::Arbitrary))]
pub(crate) enum Who {
    /// The one whose script it is; outside of callbacks, none.
    Me,
    Function(Pick),
    /// One of all that were ever registered, by its receiver.
    CallbackKey(Pick),
}

pub(crate) const NAMES: [&str; 4] = ["bar", "", "foo", "baz"];

pub(crate) const FUNCTIONS: usize = 3;

/// The place in [`NAMES`].
pub(crate) fn place(name: Name) -> usize {
    usize::from(name) % NAMES.len()
}

/// How many operations the callbacks of one program perform at most, all calls together.
pub(crate) const FUEL: usize = 200;

/// How many callbacks may be called one inside the other.
pub(crate) const DEPTH: usize = 3;

//! Programs: operations on a registry, and on behalf of its callbacks when they are called, as data
//! that can be generated, shrunk and printed.

/// A sequence of operations, and the scripts of the callbacks that it registers.
#[derive(Clone, Debug)]
#[cfg_attr(fuzzing, derive(arbitrary::Arbitrary))]
pub(crate) struct Program {
    /// What callbacks do while they are called. Each callback has one of these scripts.
    pub(crate) scripts: Vec<Vec<Operation>>,
    pub(crate) steps: Vec<Operation>,
    /// Whether, at the end, the registry is dropped before the remaining handles and guards.
    pub(crate) registry_is_dropped_first: bool,
}

/// A number that picks an element, modulo the number of elements.
pub(crate) type Pick = u8;

/// Picks one of [`NAMES`].
pub(crate) type Name = Pick;

/// One step of a program, or of a callback's script.
#[derive(Clone, Debug)]
#[cfg_attr(fuzzing, derive(arbitrary::Arbitrary))]
pub(crate) enum Operation {
    On(Vec<Name>, Limit, Callable),
    /// If one of the names is bound, tries to register a callback with another signature.
    OnMismatched(Vec<Name>),
    Disconnect(Target),
    DisconnectFrom(Target, Vec<Name>),
    Clear(Vec<Name>),
    ClearAll,
    Remove(Vec<Name>),

    Scope(Target),
    EndScope(Pick),
    Release(Pick),

    Emit {
        name: Name,
        /// Whether a panic is caught where the emission was started, if that is inside a callback.
        caught: bool,
    },
    /// Makes a guard that emits the name when it is dropped.
    Guard(Name),
    /// Emits the first name, and makes a guard that emits the second.
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

    /// Panics. If guarded, unwinding drops a guard, if there is one.
    Panic {
        guarded: bool,
    },
}

/// The method that registers a callback.
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
    /// One of [`FUNCTIONS`] functions, each with the script at its own index.
    Function(Pick),
    /// A new closure with captures, with this script.
    Closure(Pick),
}

/// The callback that an operation applies to.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(fuzzing, derive(arbitrary::Arbitrary))]
pub(crate) enum Target {
    /// The callback whose script this is; none outside of callbacks.
    Itself,
    Function(Pick),
    /// Any callback, present or past, by its key.
    Any(Pick),
}

pub(crate) const NAMES: [&str; 4] = ["bar", "", "foo", "baz"];

pub(crate) const FUNCTIONS: usize = 3;

/// The index in [`NAMES`].
pub(crate) fn index_of(name: Name) -> usize {
    usize::from(name) % NAMES.len()
}

/// The maximum number of operations that the callbacks of a program perform, over all calls.
pub(crate) const FUEL: usize = 200;

/// The maximum nesting of calls.
pub(crate) const DEPTH: usize = 3;

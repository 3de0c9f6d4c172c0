//! Programs: operations on a signal, and on behalf of its slots when they are called, as data that
//! can be generated, shrunk and printed.

/// A sequence of operations, and the scripts of the slots that it connects.
#[derive(Clone, Debug)]
#[cfg_attr(fuzzing, derive(arbitrary::Arbitrary))]
pub(crate) struct Program {
    /// What slots do while they are called. Each slot has one of these scripts.
    pub(crate) scripts: Vec<Vec<Operation>>,
    pub(crate) steps: Vec<Operation>,
    /// Whether, at the end, the signal is dropped before the remaining handles and iterators.
    pub(crate) signal_is_dropped_first: bool,
}

impl Program {
    /// The program with plain slots instead of those that only signals for one thread can have.
    pub(crate) fn for_threads(&self) -> Self {
        self.mapped(&|operation| {
            if let Operation::Connect(connect) = operation {
                if connect.kind == Kind::Mut {
                    connect.kind = Kind::Plain;
                }
            }
        })
    }

    /// The program without waiting, which only signals for threads can do.
    pub(crate) fn for_one_thread(&self) -> Self {
        self.mapped(&|operation| match operation {
            Operation::Connect(connect) => connect.waitable = false,
            Operation::DisconnectAndWait(target) => *operation = Operation::Disconnect(*target),
            _ => {}
        })
    }

    fn mapped(&self, change: &dyn Fn(&mut Operation)) -> Self {
        let mut program = self.clone();
        let scripts = program.scripts.iter_mut().flatten();
        scripts.chain(&mut program.steps).for_each(change);
        program
    }
}

/// A number that picks an element, modulo the number of elements.
pub(crate) type Pick = u8;

/// One step of a program, or of a slot's script.
#[derive(Clone, Debug)]
#[cfg_attr(fuzzing, derive(arbitrary::Arbitrary))]
pub(crate) enum Operation {
    Connect(Connect),
    Disconnect(Target),
    DisconnectAll,
    DisconnectAndWait(Target),

    Scope(Target),
    EndScope(Pick),
    Release(Pick),
    /// Consumes a handle by `disconnect`.
    DisconnectScoped(Pick),
    /// Tries on the signal whatever takes a key, with the key of a slot of another signal.
    Foreign(Pick),

    Block(Target),
    BlockAll,
    /// Drops a guard of a slot or of the whole signal.
    Unblock(Pick),

    /// Drops the owner of the object of a weak slot.
    DropObject(Target),

    Emit {
        /// Whether a panic is caught where the emission was started, if that is inside a slot.
        caught: bool,
    },
    Calls {
        /// Whether the iterator continues after panics: `calls().catch_unwind()`.
        catching: bool,
    },
    /// One `next` of an iterator.
    Advance(Pick),
    /// Calls all remaining slots of an iterator, and drops it.
    Exhaust(Pick),
    DropCalls(Pick),

    /// Makes a guard that emits when it is dropped.
    Guard,
    DropGuard(Pick),
    CancelGuard(Pick),

    /// Panics. If guarded, unwinding drops a guard, if there is one.
    Panic {
        guarded: bool,
    },
    DropSignal,
}

/// The slot that an operation applies to.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(fuzzing, derive(arbitrary::Arbitrary))]
pub(crate) enum Target {
    /// The slot whose script this is; none outside of slots.
    Itself,
    /// One of the connected slots, in call order.
    Connected(Pick),
    /// Any slot, present or past.
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
    /// By `connect_mut`, which only signals for one thread have.
    Mut,
    Once,
    WithKey,
    /// By a `connect_with_key` whose closure panics.
    WithKeyPanics,
    /// With an object whose owner [`Operation::DropObject`] drops.
    Weak,
}

/// The maximum number of operations that the slots of a program perform, over all calls.
pub(crate) const FUEL: usize = 200;

/// The maximum nesting of calls.
pub(crate) const DEPTH: usize = 3;

//! What can be observed of a registry.

use crate::reference::Thrown;

/// Callbacks are numbered here in the order in which they were registered. Slots of typed signals have
/// numbers of their own.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Event {
    /// The callback that `on`, `on_max` or `once` registered.
    Registered(usize),
    /// Whether a mismatched `on` was refused.
    Refused(bool),
    /// The result of `disconnect` or `disconnect_from`.
    Disconnected(bool),
    /// The count that `remove` returns.
    Removed(usize),
    /// Whether `block` returned a guard.
    Blocked(bool),
    Called(Called),
    Returned(Called),
    /// The count that `emit` returns.
    Emitted(usize),
    /// The results of the typed signal's `emit`.
    EmittedTyped(Vec<Called>),
    /// A panic is caught.
    Caught(Thrown),
    /// What can be seen after an operation.
    Seen(Seen),
}

/// What is called. Every closure and every slot has a capture, whose number identifies it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Called {
    Function(usize),
    Capturing(usize),
}

/// The visible state of a registry, and how often each capture was dropped.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Seen {
    /// `None` if the registry was dropped.
    pub(crate) registry: Option<RegistrySeen>,
    /// How often each capture, present or past, was dropped.
    pub(crate) drops: Vec<usize>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct RegistrySeen {
    /// By key.
    pub(crate) keys: Vec<CallbackSeen>,
    /// By the function itself.
    pub(crate) functions: Vec<CallbackSeen>,
    pub(crate) names: Vec<NameSeen>,
    /// The result of `names`.
    pub(crate) bound: Vec<String>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct CallbackSeen {
    pub(crate) signals: Vec<String>,
    /// The names to which it responds.
    pub(crate) responds_to: Vec<&'static str>,
    pub(crate) calls_left: Option<u32>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct NameSeen {
    /// Whether other arguments are refused.
    pub(crate) is_bound: bool,
    /// The slots of its signal in call order; `None` if it has no signal yet.
    pub(crate) slots: Option<Vec<SlotSeen>>,
}

/// A `SlotInfo`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct SlotSeen {
    pub(crate) calls_left: Option<u32>,
    pub(crate) blocked: bool,
}

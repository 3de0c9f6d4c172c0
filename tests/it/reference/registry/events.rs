//! What can be observed of a registry: the model foresees it, the library shows it.

use crate::reference::Thrown;

/// Callbacks are known by the number of their receiver here, in the order in which they were
/// registered; slots of typed signals by a number of their own.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Event {
    /// What `on`, `on_max` or `once` gives.
    Registered(usize),
    /// What a mismatched `on` gives: whether it was refused.
    Refused(bool),
    /// What `disconnect` or `disconnect_from` answers.
    Disconnected(bool),
    /// What `block` answers: whether there is a guard.
    Blocked(bool),
    Called(Called),
    Returned(Called),
    /// What `emit` gives: how many slots ran.
    Emitted(usize),
    /// What the typed signal's `emit` gives: what its slots returned.
    EmittedTyped(Vec<Called>),
    /// A panic arrives where it is caught.
    Caught(Thrown),
    /// What can be seen after an operation.
    Seen(Seen),
}

/// What is called. Every closure and every slot has a capture, and is known by its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Called {
    Function(usize),
    Capturing(usize),
}

/// What a registry shows, and what has become of the captures.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Seen {
    /// `None`: the registry has been dropped.
    pub(crate) registry: Option<RegistrySeen>,
    /// For each capture that ever was, how often it has been dropped.
    pub(crate) drops: Vec<usize>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct RegistrySeen {
    /// By receiver.
    pub(crate) receivers: Vec<CallbackSeen>,
    /// By the function itself.
    pub(crate) functions: Vec<CallbackSeen>,
    pub(crate) names: Vec<NameSeen>,
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
    /// Other arguments are refused.
    pub(crate) is_bound: bool,
    /// The slots of its signal in call order; `None` if it has none yet.
    pub(crate) slots: Option<Vec<SlotSeen>>,
}

/// A `SlotInfo`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct SlotSeen {
    pub(crate) calls_left: Option<u32>,
    pub(crate) blocked: bool,
}

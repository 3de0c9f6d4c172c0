//! The types that a name is bound to, and the error if it is used with others.

use std::any::{TypeId, type_name};
use std::error::Error;
use std::fmt;
use std::panic::Location;

use crate::args::Args;

/// Precedes the signature of a signal whose callbacks return futures.
const ASYNC: &str = "async ";

/// A type, and its name for messages.
#[derive(Clone, Copy)]
struct Type {
    id: TypeId,
    name: &'static str,
}

impl Type {
    fn of<T: 'static>() -> Self {
        Self {
            id: TypeId::of::<T>(),
            name: type_name::<T>(),
        }
    }
}

/// The argument types and the result type of a signal.
#[derive(Clone, Copy)]
pub(crate) struct Signature {
    /// Whether the callbacks return futures of the result.
    is_async: bool,
    args: Type,
    /// `None` if it is not known yet, or if any type is accepted.
    ret: Option<Type>,
}

impl Signature {
    pub(crate) fn of<A: Args, R: 'static>() -> Self {
        Self {
            is_async: false,
            args: Type::of::<A>(),
            ret: Some(Type::of::<R>()),
        }
    }

    #[cfg(feature = "async")]
    pub(crate) fn of_async<A: Args, R: 'static>() -> Self {
        Self {
            is_async: true,
            ..Self::of::<A, R>()
        }
    }

    pub(crate) fn of_args<A: Args>() -> Self {
        Self {
            is_async: false,
            args: Type::of::<A>(),
            ret: None,
        }
    }

    /// Returns whether one signal can have both signatures.
    pub(crate) fn agrees_with(&self, other: &Self) -> bool {
        self.is_async == other.is_async
            && self.args.id == other.args.id
            && match (self.ret, other.ret) {
                (Some(ret), Some(other)) => ret.id == other.id,
                _ => true,
            }
    }
}

impl fmt::Display for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_async {
            f.write_str(ASYNC)?;
        }
        f.write_str(self.args.name)?;
        match self.ret {
            Some(ret) => write!(f, " -> {}", ret.name),
            None => Ok(()),
        }
    }
}

/// The error returned when a name of a [`Registry`](crate::Registry) is used with types other than
/// those it is bound to.
///
/// ```
/// let registry = smoke_signal::Registry::new();
/// registry.on("saved", |_path: String| ()).unwrap();
///
/// let error = registry.emit("saved", (42,)).unwrap_err();
/// assert_eq!(error.name(), "saved");
/// assert_eq!(error.bound(), "(alloc::string::String,) -> ()");
/// assert_eq!(error.requested(), "(i32,)");
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct SignatureMismatch(Box<Details>);

#[derive(Clone, PartialEq, Eq)]
struct Details {
    name: String,
    bound: String,
    requested: String,
    bound_at: &'static Location<'static>,
}

impl SignatureMismatch {
    pub(crate) fn new(
        name: &str,
        bound: &Signature,
        requested: &Signature,
        bound_at: &'static Location<'static>,
    ) -> Self {
        Self(Box::new(Details {
            name: name.to_owned(),
            bound: bound.to_string(),
            requested: requested.to_string(),
            bound_at,
        }))
    }

    /// Tells a subscriber that this was requested at a source line. No lock may be held.
    #[cfg(feature = "tracing")]
    pub(crate) fn tell(&self, at: &'static Location<'static>) {
        let Details {
            name,
            bound,
            requested,
            bound_at,
        } = &*self.0;
        crate::trace::mismatch(name, at, bound, requested, bound_at);
    }

    /// Returns the name.
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// Returns the types that the name is bound to, as `(arguments) -> result`. If its callbacks
    /// return futures, `async` is in front. If nothing has fixed the result type yet, only the
    /// arguments are shown.
    pub fn bound(&self) -> &str {
        &self.0.bound
    }

    /// Returns the types that the caller asked for, as `(arguments) -> result`, or only the
    /// arguments if the call accepts any result.
    pub fn requested(&self) -> &str {
        &self.0.requested
    }

    /// Returns the source line that bound the name.
    pub fn bound_at(&self) -> &'static Location<'static> {
        self.0.bound_at
    }
}

impl fmt::Display for SignatureMismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Details {
            name,
            bound,
            requested,
            bound_at,
        } = &*self.0;
        write!(
            f,
            "signal {name:?} is bound to `{bound}` at {bound_at} and can't be used as `{requested}`"
        )?;
        if bound.starts_with(ASYNC) && !requested.starts_with(ASYNC) {
            f.write_str(": its callbacks return futures, so emit it with `emit_async`")?;
        }
        Ok(())
    }
}

impl fmt::Debug for SignatureMismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignatureMismatch")
            .field("name", &self.0.name)
            .field("bound", &self.0.bound)
            .field("requested", &self.0.requested)
            .field("bound_at", &format_args!("{}", self.0.bound_at))
            .finish_non_exhaustive()
    }
}

impl Error for SignatureMismatch {}

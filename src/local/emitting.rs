//! The guard that emits when it is dropped.

use alloc::rc::{Rc, Weak};
use core::fmt;

use crate::args::Args;
#[cfg(feature = "std")]
use crate::discard::discard;
use crate::local::engine::Core;
#[cfg(feature = "tracing")]
use crate::local::engine::observed::emit_observed;
use crate::returns::Returns;
use crate::trace::Origin;

/// A guard that emits once, when it is dropped: at the end of its scope, by `drop`, or on unwinding. Created by
/// [`LocalSignal::emitting`](crate::LocalSignal#method.emitting).
///
/// It calls the slots that are connected when it is dropped. It does not keep its signal alive: if
/// the signal is gone by then, nothing is emitted. [`cancel`](Self::cancel) prevents the emission.
///
/// `let _ = signal.emitting()` drops the guard at once, and therefore emits at once. Bind it to a
/// name: `let _guard`.
///
/// # Panics
///
/// A panicking slot unwinds out of the drop, as out of `emit`. If the thread is already unwinding,
/// the first panic continues and the slot's panic is discarded, so the process does not abort. Without the feature
/// `std`, a second panic cannot be caught, and the process does abort.
#[must_use = "an unbound guard emits at once; bind it to a name"]
pub struct Emitting<'a, A: Args = ()> {
    target: Weak<dyn Emit<A>>,
    /// Taken when the guard is dropped.
    args: Option<A::In<'a>>,
    origin: Origin,
}

impl<'a, A: Args> Emitting<'a, A> {
    pub(crate) fn new(target: Weak<dyn Emit<A>>, args: A::In<'a>, origin: Origin) -> Self {
        Self {
            target,
            args: Some(args),
            origin,
        }
    }

    /// Drops the guard and its arguments without emitting.
    ///
    /// ```
    /// use smoke_signal::LocalSignal;
    ///
    /// let failed: LocalSignal<(&str,)> = LocalSignal::new();
    ///
    /// failed.connect(|what| unreachable!("{what} has not failed"));
    /// let guard = failed.emitting("copy");
    /// // Had something failed here, `failed` would have been emitted.
    /// guard.cancel();
    /// ```
    pub fn cancel(mut self) {
        self.args = None;
    }
}

/// The target that a guard emits.
pub(crate) trait Emit<A: Args> {
    fn emit(self: Rc<Self>, args: A::In<'_>, origin: Origin);
}

impl<A: Args, R> Emit<A> for Core<A, R> {
    #[cfg_attr(not(feature = "tracing"), allow(unused_variables))]
    fn emit(self: Rc<Self>, args: A::In<'_>, origin: Origin) {
        let snapshot = self.snapshot();
        #[cfg(feature = "tracing")]
        if let Some(observer) = self.observer(origin, &snapshot) {
            drop(self);
            return emit_observed(snapshot, args, &observer, &mut Returns::new());
        }
        // Released before the slots are called, so that they can observe their signal being dropped.
        drop(self);
        if let Some(list) = snapshot {
            list.emit(args, &mut Returns::new());
        }
    }
}

impl<A: Args> Drop for Emitting<'_, A> {
    fn drop(&mut self) {
        let Some(args) = self.args.take() else { return };
        let (target, origin) = (self.target.upgrade(), self.origin);
        let emit = || {
            if let Some(target) = target {
                target.emit(args, origin);
            }
        };
        #[cfg(feature = "std")]
        if std::thread::panicking() {
            // A panic that leaves a drop during unwinding aborts the process, so it is caught. If the slots
            // share state with the code that is unwinding, keeping it consistent is up to them.
            let emission = std::panic::catch_unwind(core::panic::AssertUnwindSafe(emit));
            if let Err(payload) = emission {
                discard(payload);
            }
            return;
        }
        emit();
    }
}

impl<A: Args> fmt::Debug for Emitting<'_, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Emitting").finish_non_exhaustive()
    }
}

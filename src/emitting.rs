//! The guard that emits when it is dropped.

use std::fmt;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Weak;
use std::thread;

use crate::args::Args;
use crate::core::Core;
#[cfg(feature = "tracing")]
use crate::core::observed::emit_observed;
use crate::discard::discard;
use crate::returns::Returns;
use crate::trace::Origin;

/// A guard that emits once, when it is dropped: at the end of its scope, by `drop`, or on
/// unwinding. Created by [`Signal::emitting`](crate::Signal#method.emitting) and
/// [`Registry::emitting`](crate::Registry::emitting). In smokesignal, this is the context manager
/// `emitting`.
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
/// the first panic continues and the slot's panic is discarded, so the process does not abort. The same
/// goes for guards that this slot, or one that it calls, drops meanwhile: a guard cannot tell whether the
/// panic under way is what drops it.
#[must_use = "an unbound guard emits at once; bind it to a name"]
pub struct Emitting<'a, A: Args = ()> {
    target: Box<dyn Emit<A> + Send + Sync>,
    /// Taken when the guard is dropped.
    args: Option<A::In<'a>>,
    origin: Origin,
}

impl<'a, A: Args> Emitting<'a, A> {
    pub(crate) fn new(
        target: impl Emit<A> + Send + Sync + 'static,
        args: A::In<'a>,
        origin: Origin,
    ) -> Self {
        Self {
            target: Box::new(target),
            args: Some(args),
            origin,
        }
    }

    /// Drops the guard and its arguments without emitting.
    ///
    /// ```
    /// use smoke_signal::Signal;
    ///
    /// static FAILED: Signal<(&'static str,)> = Signal::new();
    ///
    /// FAILED.connect(|what| unreachable!("{what} has not failed"));
    /// let guard = FAILED.emitting("copy");
    /// // Had something failed here, `FAILED` would have been emitted.
    /// guard.cancel();
    /// ```
    pub fn cancel(mut self) {
        self.args = None;
    }
}

/// The target that a guard emits.
pub(crate) trait Emit<A: Args> {
    fn emit(&self, args: A::In<'_>, origin: Origin);
}

impl<A: Args, R> Emit<A> for Weak<Core<A, R>> {
    #[cfg_attr(not(feature = "tracing"), allow(unused_variables))]
    fn emit(&self, args: A::In<'_>, origin: Origin) {
        if let Some(core) = self.upgrade() {
            let snapshot = core.snapshot();
            #[cfg(feature = "tracing")]
            if let Some(observer) = core.observer(origin, &snapshot) {
                drop(core);
                emit_observed(snapshot, args, &observer, Returns::new());
                return;
            }
            // Released before the slots are called, so that they can observe their signal being dropped.
            drop(core);
            if let Some(list) = snapshot.as_deref() {
                list.emit_rest(args, Returns::new());
            }
        }
    }
}

impl<A: Args> Drop for Emitting<'_, A> {
    fn drop(&mut self) {
        let Some(args) = self.args.take() else { return };
        if !thread::panicking() {
            return self.target.emit(args, self.origin);
        }
        // A panic that leaves a drop during unwinding aborts the process, so it is caught. If the slots
        // share state with the code that is unwinding, keeping it consistent is up to them.
        let emission =
            panic::catch_unwind(AssertUnwindSafe(|| self.target.emit(args, self.origin)));
        if let Err(payload) = emission {
            discard(payload);
        }
    }
}

impl<A: Args> fmt::Debug for Emitting<'_, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Emitting").finish_non_exhaustive()
    }
}

//! The kinds of slots that call a closure.

use std::sync::Weak;

use crate::args::Args;
use crate::core::slot::{
    Arguments, Check, Head, Object, Presence, Slot, SlotHooks, SlotView, Witness,
};
use crate::owner::SlotOwner;
use crate::sync::{Mutex, lock};
use crate::weak_object::WeakObject;
use crate::weak_object::sealed::Downgrade;

/// A closure that may be called any number of times.
pub(crate) struct ClosureSlot<F> {
    head: Head,
    f: F,
}

impl<F> ClosureSlot<F> {
    #[inline]
    pub(crate) fn new(max_calls: Option<u32>, f: F) -> Self {
        let head = Head::new(max_calls);
        Self { head, f }
    }
}

impl<A: Args, R, F> Slot<A, R> for ClosureSlot<F>
where
    F: for<'a> Fn(A::In<'a>) -> R + Send + Sync + 'static,
{
    fn view(&self) -> SlotView<'_> {
        SlotView {
            head: &self.head,
            hooks: None,
        }
    }

    #[inline]
    fn call(&self, args: A::In<'_>) -> R {
        (self.f)(args)
    }

    fn try_call(&self, owner: &SlotOwner, args: Arguments<'_, '_, A>) -> Option<R> {
        try_call_closure(self, &self.head, owner, args)
    }
}

/// [`ClosureSlot::try_call`], compiled once per type of signal instead of once per closure.
#[inline(never)]
fn try_call_closure<A: Args, R>(
    slot: &dyn Slot<A, R>,
    head: &Head,
    owner: &SlotOwner,
    args: Arguments<'_, '_, A>,
) -> Option<R> {
    head.acquire_call(owner)
        .then(|| args.pass(|args| slot.call(args)))
}

/// A closure that is called once and consumed by the call.
pub(crate) struct OnceSlot<A: Args, R> {
    head: Head,
    f: Mutex<Option<BoxedOnce<A, R>>>,
}

type BoxedOnce<A, R> = Box<dyn for<'a> FnOnce(<A as Args>::In<'a>) -> R + Send>;

impl<A: Args, R> OnceSlot<A, R> {
    #[inline]
    pub(crate) fn new<F>(f: F) -> Self
    where
        F: for<'a> FnOnce(A::In<'a>) -> R + Send + 'static,
    {
        Self::boxed(Box::new(f))
    }

    fn boxed(f: BoxedOnce<A, R>) -> Self {
        Self {
            head: Head::new(Some(1)),
            f: Mutex::new(Some(f)),
        }
    }
}

impl<A: Args, R> Slot<A, R> for OnceSlot<A, R> {
    fn view(&self) -> SlotView<'_> {
        SlotView {
            head: &self.head,
            hooks: None,
        }
    }

    fn call(&self, args: A::In<'_>) -> R {
        let f = lock(&self.f).take();
        f.expect("a budget of one lets one call begin")(args)
    }

    fn try_call(&self, owner: &SlotOwner, args: Arguments<'_, '_, A>) -> Option<R> {
        try_call_closure(self, &self.head, owner, args)
    }
}

/// A closure that is called with an object that it does not keep alive.
pub(crate) struct WeakSlot<T: ?Sized, F> {
    head: Head,
    object: Weak<T>,
    f: F,
}

impl<T: ?Sized, F> WeakSlot<T, F> {
    #[inline]
    pub(crate) fn new<W>(max_calls: Option<u32>, object: &W, f: F) -> Self
    where
        W: WeakObject + Downgrade<Target = T>,
    {
        let mut head = Head::new(max_calls);
        if object.may_be_unborn() {
            head.await_object();
        }
        let object = object.downgraded();
        Self { head, object, f }
    }
}

impl<A: Args, R, T, F> Slot<A, R> for WeakSlot<T, F>
where
    T: ?Sized + Send + Sync + 'static,
    F: for<'a> Fn(&T, A::In<'a>) -> R + Send + Sync + 'static,
{
    fn view(&self) -> SlotView<'_> {
        SlotView {
            head: &self.head,
            hooks: Some(&self.object),
        }
    }

    fn call(&self, _args: A::In<'_>) -> R {
        unreachable!("a weak slot is called only through `try_call`")
    }

    // The whole attempt is one virtual call. With a second one for the closure, as in `try_call_closure`,
    // an emission to weak slots takes half as long again.
    fn try_call(&self, owner: &SlotOwner, args: Arguments<'_, '_, A>) -> Option<R> {
        // Checked first: a slot that is not called does not keep the object alive, not even for a moment.
        let check = self.head.check();
        if check == Check::NotCallable && !self.head.find_object(&self.object, owner) {
            return None;
        }
        let Some(object) = self.object.upgrade() else {
            self.head.disconnect(owner);
            return None;
        };
        // Checked again if the slot has waited for its object until now.
        let called = check == Check::Callable || self.head.acquire_limited_call(owner);
        let result = called.then(|| args.pass(|args| (self.f)(&object, args)));
        drop(object); // explicitly, or a panic in its drop would leak the result: see `Core::emit`
        result
    }
}

impl<T: ?Sized + Send + Sync> Object for Weak<T> {
    fn is_owned(&self) -> bool {
        self.strong_count() > 0
    }
}

impl<T: ?Sized + Send + Sync + 'static> SlotHooks for Weak<T> {
    fn is_weak(&self) -> bool {
        true
    }

    fn witness(&self) -> Option<Witness> {
        Some(Witness(Box::new(self.clone())))
    }

    fn presence(&self, head: &Head) -> Presence {
        let awaited = head.is_awaiting(); // before the count: see `Presence`
        head.presence(awaited, self.strong_count() > 0)
    }
}

/// Takes the place of a slot that has left, until the list is compacted. Never in a published list.
pub(crate) struct Tombstone(Head);

impl Tombstone {
    pub(crate) fn new() -> Self {
        Self(Head::new(None))
    }
}

impl<A: Args, R> Slot<A, R> for Tombstone {
    fn view(&self) -> SlotView<'_> {
        SlotView {
            head: &self.0,
            hooks: None,
        }
    }

    fn call(&self, _args: A::In<'_>) -> R {
        unreachable!("published lists have no tombstones")
    }

    fn try_call(&self, _owner: &SlotOwner, _args: Arguments<'_, '_, A>) -> Option<R> {
        None
    }
}

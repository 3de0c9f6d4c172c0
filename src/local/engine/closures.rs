//! The kinds of slots that call a closure.

use alloc::boxed::Box;
use alloc::rc::{Rc, Weak};
use core::cell::Cell;

use crate::args::Args;
use crate::local::engine::slot::{Arguments, Check, Head, Presence, Slot, SlotHooks};
use crate::local::owner::SlotOwner;
use crate::local::weak_object::WeakObject;
use crate::local::weak_object::sealed::Downgrade;

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
    F: for<'a> Fn(A::In<'a>) -> R + 'static,
{
    fn head(&self) -> &Head {
        &self.head
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
    f: Cell<Option<BoxedOnce<A, R>>>,
}

type BoxedOnce<A, R> = Box<dyn for<'a> FnOnce(<A as Args>::In<'a>) -> R>;

impl<A: Args, R> OnceSlot<A, R> {
    #[inline]
    pub(crate) fn new<F>(f: F) -> Self
    where
        F: for<'a> FnOnce(A::In<'a>) -> R + 'static,
    {
        Self::boxed(Box::new(f))
    }

    fn boxed(f: BoxedOnce<A, R>) -> Self {
        Self {
            head: Head::new(Some(1)),
            f: Cell::new(Some(f)),
        }
    }
}

impl<A: Args, R> Slot<A, R> for OnceSlot<A, R> {
    fn head(&self) -> &Head {
        &self.head
    }

    fn call(&self, args: A::In<'_>) -> R {
        let f = self.f.take();
        f.expect("a budget of one lets one call begin")(args)
    }

    fn try_call(&self, owner: &SlotOwner, args: Arguments<'_, '_, A>) -> Option<R> {
        try_call_closure(self, &self.head, owner, args)
    }
}

/// A closure that changes what it captured, and is not called while it runs.
pub(crate) struct MutSlot<A: Args, R> {
    head: Head,
    /// `None` while it runs: nothing is borrowed then. Boxed, so that only a pointer moves.
    f: Cell<Option<BoxedMut<A, R>>>,
    running: Running,
}

type BoxedMut<A, R> = Box<dyn for<'a> FnMut(<A as Args>::In<'a>) -> R>;

/// Whether a call of a [`MutSlot`] is running, and how many it has kept from beginning.
#[derive(Default)]
struct Running {
    is_running: Cell<bool>,
    missed: Cell<u64>,
}

impl SlotHooks for Running {
    fn is_running(&self) -> bool {
        self.is_running.get()
    }

    fn missed(&self) -> u64 {
        self.missed.get()
    }
}

impl<A: Args, R> MutSlot<A, R> {
    #[inline]
    pub(crate) fn new<F>(max_calls: Option<u32>, f: F) -> Self
    where
        F: for<'a> FnMut(A::In<'a>) -> R + 'static,
    {
        Self::boxed(max_calls, Box::new(f))
    }

    fn boxed(max_calls: Option<u32>, f: BoxedMut<A, R>) -> Self {
        Self {
            head: Head::new(max_calls),
            f: Cell::new(Some(f)),
            running: Running::default(),
        }
    }
}

impl<A: Args, R> Slot<A, R> for MutSlot<A, R> {
    fn head(&self) -> &Head {
        &self.head
    }

    fn hooks(&self) -> Option<&dyn SlotHooks> {
        Some(&self.running)
    }

    #[inline]
    fn call(&self, args: A::In<'_>) -> R {
        let f = self.f.take();
        self.running.is_running.set(true);
        let mut call = MutCall { slot: self, f };
        let f = call.f.as_mut();
        f.expect("it is not called while it runs")(args)
    }

    fn try_call(&self, owner: &SlotOwner, args: Arguments<'_, '_, A>) -> Option<R> {
        if self.running.is_running() {
            if self.head.is_connected() {
                self.running.missed.set(self.running.missed.get() + 1);
            }
            return None;
        }
        self.head
            .acquire_call(owner)
            .then(|| args.pass(|args| self.call(args)))
    }
}

/// A running call of a [`MutSlot`], which may end in a panic.
struct MutCall<'s, A: Args, R> {
    slot: &'s MutSlot<A, R>,
    f: Option<BoxedMut<A, R>>,
}

impl<A: Args, R> Drop for MutCall<'_, A, R> {
    fn drop(&mut self) {
        self.slot.f.set(self.f.take());
        self.slot.running.is_running.set(false);
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
        let head = Head::new(max_calls);
        if object.may_be_unborn() {
            head.await_object();
        }
        let object = object.downgraded();
        Self { head, object, f }
    }
}

impl<A: Args, R, T, F> Slot<A, R> for WeakSlot<T, F>
where
    T: ?Sized + 'static,
    F: for<'a> Fn(&T, A::In<'a>) -> R + 'static,
{
    fn head(&self) -> &Head {
        &self.head
    }

    fn hooks(&self) -> Option<&dyn SlotHooks> {
        Some(&self.object)
    }

    fn call(&self, _args: A::In<'_>) -> R {
        unreachable!("a weak slot is called only through `try_call`")
    }

    fn try_call(&self, owner: &SlotOwner, args: Arguments<'_, '_, A>) -> Option<R> {
        let check = self.head.check();
        if check == Check::NotCallable && !self.head.find_object(&self.object, owner) {
            return None;
        }
        let Some(object) = self.object.upgrade() else {
            self.head.disconnect(owner);
            return None;
        };
        let called = match check {
            Check::Callable => true,
            Check::Limited => self.head.charge(owner),
            // The slot has waited for its object until now.
            Check::NotCallable => self.head.acquire_call(owner),
        };
        let result = called.then(|| args.pass(|args| (self.f)(&object, args)));
        drop(object); // explicitly, or a panic in its drop would leak the result: see `Core::emit`
        result
    }
}

impl<T: ?Sized> SlotHooks for Weak<T> {
    fn is_weak(&self) -> bool {
        true
    }

    fn presence(&self, head: &Head) -> Presence {
        head.presence(self.strong_count() > 0)
    }
}

/// Takes the place of a slot that has left, until the list is compacted. Emissions never see it.
pub(crate) struct Tombstone(Head);

impl Tombstone {
    pub(crate) fn new() -> Rc<Self> {
        Rc::new(Self(Head::new(None)))
    }
}

impl<A: Args, R> Slot<A, R> for Tombstone {
    fn head(&self) -> &Head {
        &self.0
    }

    fn call(&self, _args: A::In<'_>) -> R {
        unreachable!("emissions see no tombstones")
    }

    fn try_call(&self, _owner: &SlotOwner, _args: Arguments<'_, '_, A>) -> Option<R> {
        None
    }
}

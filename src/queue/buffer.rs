//! The calls of one slot that have been stored and not delivered yet.

use std::collections::VecDeque;
use std::mem;

use crate::sync::{Mutex, MutexGuard, lock};

/// Its type is that of the arguments, so that storing them needs no allocation for each call.
pub(super) struct Buffer<A>(Mutex<Calls<A>>);

pub(super) struct Calls<A> {
    /// The arguments of each call with its number. The numbers ascend.
    stored: VecDeque<(u64, A)>,
    /// A further call can be added without telling anybody: the store knows that calls are here, and the hook has
    /// been called for them.
    pub(super) announced: bool,
}

impl<A> Calls<A> {
    #[inline]
    pub(super) fn push(&mut self, number: u64, arguments: A) {
        self.stored.push_back((number, arguments));
    }

    pub(super) fn len(&self) -> usize {
        self.stored.len()
    }
}

impl<A> Buffer<A> {
    pub(super) fn new() -> Self {
        Self(Mutex::new(Calls {
            stored: VecDeque::new(),
            announced: false,
        }))
    }

    #[inline]
    pub(super) fn lock(&self) -> MutexGuard<'_, Calls<A>> {
        lock(&self.0)
    }

    /// Takes the oldest call. Returns its arguments, and the number of the next.
    pub(super) fn pop(&self) -> (A, Option<u64>) {
        let mut calls = self.lock();
        let (_, arguments) = calls.stored.pop_front().expect("a call is stored");
        let next = calls.stored.front().map(|&(number, _)| number);
        calls.announced &= next.is_some();
        (arguments, next)
    }

    /// Takes all calls.
    pub(super) fn take(&self) -> VecDeque<(u64, A)> {
        let mut calls = self.lock();
        calls.announced = false;
        mem::take(&mut calls.stored)
    }
}

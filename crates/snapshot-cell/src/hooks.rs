//! What tests may change: nothing, unless they are compiled with `--cfg smoke_signal_loom` or the feature
//! `__test_hooks`.

/// Every so many fenced loads of a thread, what was loaded is promoted. Odd, because an even number would never promote
/// the second of two cells that are loaded in turn.
const PROMOTION_PERIOD: u32 = 4093;

#[cfg(not(any(smoke_signal_loom, feature = "__test_hooks")))]
mod switches {
    #[inline]
    pub(crate) fn promotion_period() -> u32 {
        super::PROMOTION_PERIOD
    }
}

#[cfg(any(smoke_signal_loom, feature = "__test_hooks"))]
mod switches {
    use std::sync::atomic::{AtomicU32, Ordering};

    static PERIOD: AtomicU32 = AtomicU32::new(super::PROMOTION_PERIOD);

    pub(crate) fn promotion_period() -> u32 {
        PERIOD.load(Ordering::Relaxed)
    }

    /// Promotes at every so many fenced loads of a thread.
    pub fn set_promotion_period(period: u32) {
        PERIOD.store(period, Ordering::Relaxed);
    }
}

#[cfg(smoke_signal_loom)]
mod model {
    use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

    static SLOTS: AtomicUsize = AtomicUsize::new(1);
    static THREADS: AtomicBool = AtomicBool::new(false);

    /// The number of slots that are used, beside the spare one. Each is one more access in every scan.
    pub(crate) fn is_used(slot: usize) -> bool {
        slot < SLOTS.load(Ordering::Relaxed) || slot == crate::record::SPARE
    }

    pub(crate) fn models_threads() -> bool {
        THREADS.load(Ordering::Relaxed)
    }

    /// Sets how many slots are used.
    pub fn set_slots(slots: usize) {
        SLOTS.store(slots, Ordering::Relaxed);
    }

    /// Sets whether `loom` sees how threads get records and hand them back.
    pub fn set_models_threads(models: bool) {
        THREADS.store(models, Ordering::Relaxed);
    }
}

#[cfg(not(smoke_signal_loom))]
mod model {
    #[inline]
    pub(crate) fn is_used(_slot: usize) -> bool {
        true
    }
}

#[cfg(feature = "__test_hooks")]
mod pauses {
    use std::cell::Cell;
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::{hint, thread};

    static ONE_IN: AtomicU32 = AtomicU32::new(0);
    static SEED: AtomicU32 = AtomicU32::new(1);

    std::thread_local! {
        static RANDOM: Cell<u32> = const { Cell::new(0) };
    }

    /// Makes one in so many steps between accesses pause, or none if `steps` is zero.
    pub fn pause_one_in(steps: u32) {
        ONE_IN.store(steps, Ordering::Relaxed);
    }

    pub(crate) fn pause() {
        let one_in = ONE_IN.load(Ordering::Relaxed);
        if one_in == 0 {
            return;
        }
        let mut random = RANDOM.get();
        if random == 0 {
            random = SEED.fetch_add(0x9e37_79b9, Ordering::Relaxed) | 1;
        }
        random ^= random << 13;
        random ^= random >> 17;
        random ^= random << 5;
        RANDOM.set(random);
        if random % one_in == 0 {
            match (random >> 16) % 4 {
                0 => thread::yield_now(),
                1 => (0..random >> 22).for_each(|_| hint::spin_loop()),
                _ => (0..random >> 27).for_each(|_| hint::spin_loop()),
            }
        }
    }
}

/// A place between two accesses where the stress test may pause.
macro_rules! step {
    () => {
        #[cfg(feature = "__test_hooks")]
        $crate::hooks::pause();
    };
}

#[cfg(smoke_signal_loom)]
pub(crate) use model::models_threads;
#[cfg(smoke_signal_loom)]
pub use model::{set_models_threads, set_slots};
#[cfg(feature = "__test_hooks")]
pub(crate) use pauses::pause;
#[cfg(feature = "__test_hooks")]
pub use pauses::pause_one_in;
#[cfg(any(smoke_signal_loom, feature = "__test_hooks"))]
pub use switches::set_promotion_period;
pub(crate) use {model::is_used, step, switches::promotion_period};

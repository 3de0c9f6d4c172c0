//! Running a scenario: its duration, threads and random numbers.

use std::env;
use std::hint;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crate::common::{self, DEADLOCK, Numbers, within};

/// The number of tests that share the time.
const SCENARIOS: u32 = if cfg!(feature = "async") { 10 } else { 9 };

/// How many slots, objects or callbacks of a scenario are shared by all threads.
pub(crate) const TABLE: usize = 24;

fn set_by<T: std::str::FromStr>(variable: &str) -> Option<T> {
    let value = env::var(variable).ok()?;
    let value = value.parse().ok();
    Some(value.unwrap_or_else(|| panic!("{variable} must be a number")))
}

fn time_for_each() -> Duration {
    let seconds = set_by("SMOKE_SIGNAL_STRESS_SECONDS").unwrap_or(2.0);
    Duration::from_secs_f64(seconds) / SCENARIOS
}

fn seed() -> u32 {
    static SEED: OnceLock<u32> = OnceLock::new();
    *SEED.get_or_init(|| {
        set_by("SMOKE_SIGNAL_STRESS_SEED").unwrap_or_else(|| {
            let now = SystemTime::now().duration_since(UNIX_EPOCH);
            now.expect("after 1970").subsec_nanos()
        })
    })
}

fn cores() -> usize {
    thread::available_parallelism().map_or(2, usize::from)
}

/// More threads than cores, so that some are preempted in the middle of an operation.
pub(crate) fn threads() -> usize {
    cores() + 2
}

/// Runs one scenario at a time, and prints the seed if it fails or hangs.
pub(crate) fn scenario(name: &str, work: impl FnOnce(Scenario) + Send + 'static) {
    static ONE: Mutex<()> = Mutex::new(());
    let _one = lock(&ONE);
    let (seed, time) = (seed(), time_for_each());
    let what = format!("{name}, SMOKE_SIGNAL_STRESS_SEED={seed}");
    println!("{what}");
    let until = Instant::now() + time;
    within(time + DEADLOCK, &what, move || {
        work(Scenario { seed, until });
    });
}

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The duration and random numbers of a scenario.
pub(crate) struct Scenario {
    seed: u32,
    until: Instant,
}

impl Scenario {
    fn numbers(&self, thread: usize) -> Numbers {
        // Odd multipliers spread the threads' seeds; this kind of generator must not start at 0.
        let thread = u32::try_from(thread).expect("few threads");
        let mixed = (self.seed ^ thread.wrapping_mul(0x9E37_79B9)).wrapping_mul(0x85EB_CA6B);
        Numbers(mixed | 1)
    }

    fn is_on(&self) -> bool {
        Instant::now() < self.until
    }

    /// Runs steps on all threads until the time is up.
    pub(crate) fn run(&self, step: impl Fn(&mut Numbers, usize) + Sync) {
        let over = AtomicBool::new(false);
        thread::scope(|scope| {
            for _ in 0..cores() {
                scope.spawn(|| make_noise(&over));
            }
            let threads: Vec<_> = (0..threads())
                .map(|thread| {
                    let (step, mut numbers) = (&step, self.numbers(thread));
                    scope.spawn(move || {
                        while self.is_on() {
                            step(&mut numbers, thread);
                        }
                    })
                })
                .collect();
            let outcomes: Vec<_> = threads
                .into_iter()
                .map(thread::ScopedJoinHandle::join)
                .collect();
            over.store(true, SeqCst);
            for outcome in outcomes {
                outcome.unwrap_or_else(|payload| panic!("{}", common::message(&*payload)));
            }
        });
    }

    /// Runs rounds until the time is up. One thread sets up each round, all threads run it, and one checks it.
    pub(crate) fn rounds<S: Sync>(
        &self,
        mut set_up: impl FnMut(&mut Numbers) -> S,
        play: impl Fn(&S, &mut Numbers, usize) + Sync,
        mut check: impl FnMut(S),
    ) {
        let mut numbers = self.numbers(threads());
        while self.is_on() {
            let round = set_up(&mut numbers);
            let salt = numbers.next();
            common::together(threads(), |thread| {
                let mut numbers = Numbers((self.numbers(thread).next() ^ salt) | 1);
                play(&round, &mut numbers, thread);
            });
            check(round);
        }
    }
}

/// Occasionally keeps the cores busy, so that the other threads must wait.
fn make_noise(over: &AtomicBool) {
    let mut numbers = Numbers(1);
    while !over.load(SeqCst) {
        for _ in 0..numbers.below(5000) {
            hint::spin_loop();
        }
        if numbers.below(4) == 0 {
            thread::sleep(Duration::from_micros(200));
        } else {
            thread::yield_now();
        }
    }
}

//! Readers and writers on all cores, for as many seconds as `SNAPSHOT_CELL_STRESS_SECONDS` says, or two.
//!
//! With the feature `__test_hooks` threads pause at random between the accesses of the algorithm, and values are also
//! promoted at every first and second load. Without it, what is left is promotion at every 4093rd load, and no pauses.
//!
//! ```text
//! SNAPSHOT_CELL_STRESS_SECONDS=60 cargo test --release -p snapshot-cell --features __test_hooks --test stress
//! ```
//!
//! Values check themselves for use after drop, and in-place edits for readers. At the end, strong counts are exact and
//! only live values are left.
//!
//! # Faults that it finds
//!
//! | broken on purpose | what fails within 18 seconds on two cores |
//! |---|---|
//! | no second read; slots compared with the bit; a debt taken while a slot holds its pointer | use after drop |
//! | a look stops behind the first slot; a record is deactivated while it holds something | use after drop |
//! | no settlement by the swap; `pending` not checked by promoted guards, or by others | a value was not dropped |
//!
//! It does not find a barrier that is left out: what a store buffer hides is too short for that. That is what
//! `tests/store_buffers` and `tests/models` are for.

#![cfg(not(smoke_signal_loom))]

use std::env;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use snapshot_cell::{Guard, SnapshotCell};

static ALIVE: AtomicUsize = AtomicUsize::new(0);

/// Several words that are equal, unless the value is being edited or has been dropped. They are read without atomics, so
/// that sanitizers see races too.
struct Value([u64; 4]);

impl Value {
    fn new(number: u64) -> Arc<Self> {
        ALIVE.fetch_add(1, Ordering::Relaxed);
        Arc::new(Self([number; 4]))
    }

    #[track_caller]
    fn check(&self) {
        // Volatile, so that the compiler does not know what it finds.
        // SAFETY: it is a reference.
        let words = unsafe { std::ptr::from_ref(&self.0).read_volatile() };
        assert!(words[0] != u64::MAX, "use after drop");
        assert_eq!(words, [words[0]; 4], "edited while it is read");
    }
}

impl Drop for Value {
    fn drop(&mut self) {
        self.check();
        self.0 = [u64::MAX; 4];
        std::hint::black_box(&mut self.0);
        ALIVE.fetch_sub(1, Ordering::Relaxed);
    }
}

type Cell = SnapshotCell<Value>;

struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 33) % bound
    }
}

fn seconds() -> Duration {
    let seconds = env::var("SNAPSHOT_CELL_STRESS_SECONDS");
    Duration::from_secs_f64(seconds.map_or(2.0, |seconds| seconds.parse().expect("a number")))
}

/// A cell whose writers are serialised, as those of a signal are. The list that it publishes is theirs to edit.
struct Signal {
    cell: Cell,
    list: Mutex<Arc<Value>>,
}

impl Signal {
    fn new() -> Self {
        let list = Value::new(0);
        Self {
            cell: Cell::from(Some(Arc::clone(&list))),
            list: Mutex::new(list),
        }
    }

    /// Takes the list out, edits it in place or replaces it, and publishes it.
    fn change(&self, random: &mut Random) {
        let mut list = self.list.lock().unwrap();
        drop(self.cell.swap(None));
        let number = random.below(1 << 40);
        match Arc::get_mut(&mut list) {
            Some(value) => {
                for word in &mut value.0 {
                    *word = number;
                    std::hint::black_box(word);
                }
            }
            None => *list = Value::new(number),
        }
        if random.below(8) > 0 {
            drop(self.cell.swap(Some(Arc::clone(&list))));
        }
    }
}

fn read(guard: &Guard<Value>) {
    if let Some(value) = guard.as_deref() {
        value.check();
    }
}

/// One phase: readers, nested readers, guards that are moved, writers, and threads that come and go.
fn run(time: Duration, seed: u64, changes_one_in: u64) {
    let signals = Arc::new([Signal::new(), Signal::new()]);
    let raw = Arc::new(Cell::from(Some(Value::new(1))));
    let end = Arc::new(AtomicBool::new(false));
    let cores = thread::available_parallelism().map_or(2, usize::from);
    let (sender, receiver) = mpsc::sync_channel::<Guard<Value>>(64);
    let mut threads = Vec::new();
    for thread in 0..cores as u64 + 2 {
        let (signals, raw, end, sender) = (
            Arc::clone(&signals),
            Arc::clone(&raw),
            Arc::clone(&end),
            sender.clone(),
        );
        threads.push(thread::spawn(move || {
            let mut random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ (thread + 1) << 20);
            let mut kept = Vec::new();
            while !end.load(Ordering::Relaxed) {
                let signal = &signals[usize::try_from(random.below(2)).unwrap()];
                match random.below(32) {
                    0 if random.below(changes_one_in) == 0 => signal.change(&mut random),
                    1 => {
                        let guards: [_; 10] = std::array::from_fn(|_| signal.cell.load());
                        guards.iter().for_each(read);
                    }
                    2 => kept.push(signal.cell.load()),
                    3 => kept.truncate(2),
                    4 => drop(sender.try_send(signal.cell.load())),
                    5 if random.below(changes_one_in) == 0 => {
                        // Nobody serialises these.
                        let old = raw.swap(Some(Value::new(random.below(1 << 40))));
                        old.unwrap().check();
                    }
                    9..17 => {
                        if let Some(value) = signal.cell.load_promoted() {
                            let inner = raw.load_promoted();
                            value.check();
                            if let Some(value) = inner {
                                value.check();
                            }
                        }
                    }
                    6 => {
                        let guard = raw.load();
                        let _ = signal.cell.load();
                        read(&guard);
                    }
                    7 => {
                        // In its own emission.
                        let guard = signal.cell.load();
                        if random.below(changes_one_in) == 0 {
                            signal.change(&mut random);
                        }
                        read(&guard);
                    }
                    8 if random.below(16) == 0 => {
                        // Threads that start together, and whose guards outlive them.
                        let others = [0, 1].map(|which| {
                            let (signals, guard) = (Arc::clone(&signals), signal.cell.load());
                            thread::spawn(move || {
                                let first = signals[which].cell.load();
                                read(&guard);
                                read(&first);
                                (first, signals[1 - which].cell.load())
                            })
                        });
                        for other in others {
                            let (first, second) = other.join().unwrap();
                            read(&first);
                            read(&second);
                        }
                    }
                    _ => read(&signal.cell.load()),
                }
                kept.iter().for_each(read);
            }
        }));
    }
    drop(sender);
    let dropper = thread::spawn(move || receiver.iter().for_each(|guard| read(&guard)));
    thread::sleep(time);
    end.store(true, Ordering::Relaxed);
    for thread in threads {
        thread.join().unwrap();
    }
    dropper.join().unwrap();
    for signal in &*signals {
        drop(signal.cell.swap(None));
        let list = signal.list.lock().unwrap();
        assert_eq!(Arc::strong_count(&list), 1, "a debt was lost");
    }
    drop(signals);
    drop(raw);
    assert_eq!(ALIVE.load(Ordering::Relaxed), 0, "a value was not dropped");
}

#[test]
fn stress() {
    let start = Instant::now();
    let time = seconds();
    let seed = u64::from(std::process::id());
    println!("seed {seed}");
    let mut phases = Vec::new();
    for changes_one_in in [1, 64, 4096] {
        for period in [1, 2, 4093, u32::MAX] {
            for pause in [0, 4, 100] {
                phases.push((changes_one_in, period, pause));
            }
        }
    }
    if !cfg!(feature = "__test_hooks") {
        phases = vec![(1, 4093, 0), (64, 4093, 0), (4096, 4093, 0)];
    }
    if env::var_os("SNAPSHOT_CELL_STRESS_FENCED").is_some() {
        // For ThreadSanitizer, which does not know `membarrier`.
        snapshot_cell::disable_membarrier();
    }
    let each = time / u32::try_from(phases.len()).unwrap();
    for (phase, (changes_one_in, period, pause)) in (0..).zip(phases) {
        #[cfg(feature = "__test_hooks")]
        {
            snapshot_cell::__hooks::set_promotion_period(period);
            snapshot_cell::__hooks::pause_one_in(pause);
        }
        println!("changes 1 in {changes_one_in}, promotion 1 in {period}, pauses 1 in {pause}");
        run(each, seed + phase, changes_one_in);
    }
    println!("{:?}", start.elapsed());
}

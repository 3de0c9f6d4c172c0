//! Slots of several groups that all threads connect, call and disconnect.

use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, AtomicU32, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex, MutexGuard};

use smoke_signal::{Connection, Signal, WaitError};

use crate::common::Numbers;
use crate::live::{Held, Live};
use crate::scenario::{TABLE, lock, scenario, threads};

/// One slot: its options and what happened to it.
struct Record {
    held: Held,
    thread: usize,
    group: i32,
    /// Its position among the slots of its group and thread.
    rank: i64,
    calls: AtomicUsize,
    results: AtomicUsize,
    disconnects: AtomicU32,
}

impl Drop for Record {
    fn drop(&mut self) {
        if self.calls.load(SeqCst) != self.results.load(SeqCst) {
            self.held.0.unaccounted.fetch_add(1, SeqCst);
        }
    }
}

type Churned = Signal<(), Arc<Record>>;

#[derive(Clone)]
struct Entry {
    key: Connection,
    record: Arc<Record>,
}

/// The state shared by all threads.
struct Churn {
    signal: Churned,
    table: Vec<Mutex<Option<Entry>>>,
    live: Arc<Live>,
    ranks: AtomicI64,
    connects: AtomicUsize,
    disconnects: AtomicUsize,
}

impl Churn {
    fn connect(&self, numbers: &mut Numbers, thread: usize) -> Entry {
        let first = numbers.below(4) == 0;
        let group = i32::try_from(numbers.below(3)).unwrap() - 1;
        let rank = self.ranks.fetch_add(1, SeqCst) + 1;
        let record = Arc::new(Record {
            held: Held::new(&self.live),
            thread,
            group,
            rank: if first { -rank } else { rank },
            calls: AtomicUsize::new(0),
            results: AtomicUsize::new(0),
            disconnects: AtomicU32::new(0),
        });
        let own = Arc::clone(&record);
        let slot = move || {
            own.calls.fetch_add(1, SeqCst);
            Arc::clone(&own)
        };
        let mut options = self.signal.options().group(group);
        if first {
            options = options.first();
        }
        if numbers.below(3) == 0 {
            options = options.waitable();
        }
        let key = if numbers.below(2) == 0 {
            options.connect(slot)
        } else {
            options.connect_with_key(|_| slot)
        };
        self.connects.fetch_add(1, SeqCst);
        Entry { key, record }
    }

    /// Emits, checks the order, and returns which slots were called.
    #[track_caller]
    fn emit(&self, numbers: &mut Numbers) -> Vec<Arc<Record>> {
        let results: Vec<_> = match numbers.below(3) {
            0 => self.signal.calls().collect(),
            _ => self.signal.emit().into_vec(),
        };
        let mut ranks = HashMap::new();
        let mut groups = i32::MIN;
        for result in &results {
            result.results.fetch_add(1, SeqCst);
            assert!(groups <= result.group, "the order of groups");
            groups = result.group;
            let former = ranks.insert((result.group, result.thread), result.rank);
            assert!(former < Some(result.rank), "the order within a group");
        }
        results
    }

    /// Emits, and returns whether this slot was called.
    #[track_caller]
    fn calls(&self, numbers: &mut Numbers, sought: &Arc<Record>) -> bool {
        let called = self.emit(numbers);
        called.iter().any(|record| Arc::ptr_eq(record, sought))
    }

    fn disconnect(&self, numbers: &mut Numbers, entry: &Entry) {
        let (signal, key) = (&self.signal, entry.key);
        let did = match numbers.below(4) {
            0 => match signal.disconnect_and_wait(key) {
                Ok(did) => did,
                Err(refused) => {
                    assert_eq!(refused, WaitError::NotWaitable);
                    signal.disconnect(key)
                }
            },
            _ => signal.disconnect(key),
        };
        if did {
            self.disconnects.fetch_add(1, SeqCst);
            let before = entry.record.disconnects.fetch_add(1, SeqCst);
            assert_eq!(before, 0, "disconnected once");
        }
        if did || numbers.below(2) == 0 {
            let gone = !signal.contains(key);
            let called = self.calls(numbers, &entry.record);
            assert!(!(gone && called), "called after it was disconnected");
        }
    }

    fn entry(&self, numbers: &mut Numbers) -> MutexGuard<'_, Option<Entry>> {
        lock(&self.table[numbers.below(TABLE)])
    }
}

#[test]
fn slots_that_are_connected_and_disconnected() {
    scenario("churn", |scenario| {
        let churn = Churn {
            signal: Signal::new(),
            table: (0..TABLE).map(|_| Mutex::default()).collect(),
            live: Arc::default(),
            ranks: AtomicI64::new(0),
            connects: AtomicUsize::new(0),
            disconnects: AtomicUsize::new(0),
        };
        scenario.run(|numbers, thread| match numbers.below(8) {
            0 | 1 => {
                let entry = churn.connect(numbers, thread);
                assert!(churn.calls(numbers, &entry.record), "called once connected");
                let former = churn.entry(numbers).replace(entry);
                if let Some(former) = former {
                    churn.disconnect(numbers, &former);
                }
            }
            2 => {
                // No other thread has this slot.
                let entry = churn.connect(numbers, thread);
                drop(churn.signal.scoped(entry.key));
                assert!(
                    !churn.signal.disconnect(entry.key),
                    "the handle disconnected it"
                );
                churn.disconnects.fetch_add(1, SeqCst);
                assert!(
                    !churn.calls(numbers, &entry.record),
                    "called after its handle was dropped"
                );
            }
            3 | 4 => {
                // It stays in the table, so others may disconnect it at the same time.
                let entry = churn.entry(numbers).clone();
                if let Some(entry) = entry {
                    churn.disconnect(numbers, &entry);
                }
            }
            5 => {
                let mut calls = churn.signal.calls();
                for called in calls.by_ref().take(numbers.below(TABLE)) {
                    called.results.fetch_add(1, SeqCst);
                }
                // A slot is disconnected during the emission, here or on another thread.
                let entry = churn.entry(numbers).clone();
                let Some(entry) = entry else { return };
                churn.disconnect(numbers, &entry);
                for called in calls.take(numbers.below(TABLE)) {
                    called.results.fetch_add(1, SeqCst);
                    let is_gone = Arc::ptr_eq(&called, &entry.record);
                    assert!(
                        !is_gone,
                        "called after it was disconnected by an emission in progress"
                    );
                }
            }
            _ => {
                churn.emit(numbers);
                // Each thread may hold one old snapshot.
                let most = (threads() + 1) * (TABLE + threads());
                let now = usize::try_from(churn.live.now.load(SeqCst)).unwrap();
                assert!(now <= most, "{now} slots are alive");
            }
        });
        let left = churn.signal.len();
        let gone = churn.disconnects.load(SeqCst);
        assert_eq!(
            churn.connects.load(SeqCst),
            gone + left,
            "disconnected or still connected"
        );
        churn.signal.disconnect_all();
        drop(churn.table);
        churn.live.assert_none();
    });
}

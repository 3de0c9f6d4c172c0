//! Callbacks on several names of one registry are registered, called and removed.

use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex, OnceLock, Weak};
use std::thread::{self, ThreadId};

use smoke_signal::{CallbackKey, Registry};

use crate::common::{Counter, Numbers};
use crate::live::{Held, Live};
use crate::scenario::{TABLE, lock, scenario};

const NAMES: [&str; 3] = ["a", "b", "c"];

/// A callback shared by all threads.
#[derive(Clone)]
struct Called {
    key: CallbackKey,
    limit: Option<u32>,
    calls: Counter,
    /// Its captured value.
    held: Weak<Held>,
    /// How many calls reported that they disconnected it.
    disconnects: Arc<AtomicU32>,
    /// A thread that has seen it disconnected, and may not call it again.
    gone_for: Arc<OnceLock<ThreadId>>,
}

impl Called {
    fn limit(&self) -> usize {
        self.limit.map_or(usize::MAX, |limit| limit as usize)
    }

    #[track_caller]
    fn disconnect(&self, registry: &Registry) {
        if registry.disconnect(self.key) {
            let before = self.disconnects.fetch_add(1, SeqCst);
            assert_eq!(before, 0, "disconnected once");
        }
        assert!(!registry.disconnect(self.key));
        assert!(registry.signals(self.key).is_empty());
        self.gone_for.get_or_init(|| thread::current().id());
        assert!(self.calls.get() <= self.limit(), "within its budget");
    }
}

#[test]
fn a_registry_over_several_names() {
    scenario("registry", |scenario| {
        let (live, registry) = (Arc::<Live>::default(), Registry::new());
        let table: Vec<Mutex<Option<Called>>> = (0..TABLE).map(|_| Mutex::default()).collect();
        let (calls, ran) = (Counter::default(), AtomicUsize::new(0));
        let emit = |name: &str, times: usize| {
            for _ in 0..times {
                ran.fetch_add(registry.emit(name, (7,)).unwrap(), SeqCst);
            }
        };
        let register = |numbers: &mut Numbers, names: &[&str]| {
            let own = Counter::default();
            let gone_for = Arc::<OnceLock<ThreadId>>::default();
            let held = Arc::new(Held::new(&live));
            let weak = Arc::downgrade(&held);
            let (all, counter) = (calls.clone(), own.clone());
            let is_gone_for = Arc::clone(&gone_for);
            let callback = move |_: i32| {
                held.touch();
                let is_gone = is_gone_for.get() == Some(&thread::current().id());
                assert!(!is_gone, "called after it was disconnected");
                all.add();
                counter.add();
            };
            let (key, limit) = match numbers.below(3) {
                0 => (registry.on(names, callback), None),
                1 => (registry.once(names, callback), Some(1)),
                _ => (registry.on_max(names, 9, callback), Some(9)),
            };
            Called {
                key: key.unwrap(),
                limit,
                calls: own,
                held: weak,
                disconnects: Arc::default(),
                gone_for,
            }
        };
        scenario.run(|numbers, thread| match numbers.below(8) {
            0 | 1 => {
                let names = &NAMES[numbers.below(3)..];
                let called = register(numbers, names);
                let former = lock(&table[numbers.below(TABLE)]).replace(called);
                if let Some(former) = former {
                    former.disconnect(&registry);
                }
            }
            2 => {
                // No other thread emits or clears these names, so the outcome is known.
                let [own, spare] = ["own", "spare"].map(|name| format!("{name} {thread}"));
                let called = register(numbers, &[&*own, &*spare]);
                let times = numbers.below(12);
                emit(&own, times);
                let limit = called.limit();
                assert_eq!(called.calls.get(), times.min(limit), "an exact budget");
                for name in [&own, &spare] {
                    assert_eq!(registry.responds_to(called.key, name), times < limit);
                }
                let is_held = called.held.strong_count() > 0;
                assert_eq!(
                    is_held,
                    times < limit,
                    "its captures are dropped with the last call"
                );
                assert_eq!(registry.disconnect(called.key), times < limit);
                emit(&own, 1);
                emit(&spare, 1);
                assert_eq!(called.calls.get(), times.min(limit), "disconnected");
            }
            3 => {
                let called = lock(&table[numbers.below(TABLE)]).clone();
                if let Some(called) = called {
                    called.disconnect(&registry);
                }
            }
            4 if numbers.below(16) == 0 => registry.clear(&NAMES[..=numbers.below(3)]),
            _ => emit(NAMES[numbers.below(3)], 2),
        });
        assert_eq!(
            calls.get(),
            ran.load(SeqCst),
            "calls and the counts that emissions returned"
        );
        registry.clear_all();
        for name in NAMES {
            assert_eq!(registry.emit(name, (0,)), Ok(0));
        }
        live.assert_none();
    });
}

//! The memory contract in the crate's documentation: a thread that observes a change also observes what
//! happened before it. The data itself is written and read with relaxed ordering.

use std::sync::Arc;

use loom::sync::atomic::{AtomicUsize, Ordering};
use loom::thread;
use smoke_signal::{BlockGuard, Connection, ScopedConnection, Signal};

use crate::{alongside, signal, with_preemptions};

/// Data written before a change, and read by threads that observe the change.
#[derive(Clone, Default)]
struct Data(Arc<AtomicUsize>);

impl Data {
    fn write(&self) {
        self.0.store(1, Ordering::Relaxed);
    }

    fn assert_visible(&self) {
        assert_eq!(
            self.0.load(Ordering::Relaxed),
            1,
            "written before, but not visible"
        );
    }
}

/// What a thread did before `connect` is visible to the slot. Two threads call it: one may publish the
/// snapshot and the other find it. Two preemptions.
fn before_connecting(connect: impl Fn(&Signal<()>, &Data) + Copy + Send + Sync + 'static) {
    for snapshot_published in [false, true] {
        with_preemptions(2, move || {
            let signal = signal();
            if snapshot_published {
                drop(signal.calls());
            }
            let data = Data::default();
            let data_seen = data.clone();
            let emitter = crate::emitter(&signal);
            let connecter = alongside(&signal, move |signal| {
                data.write();
                connect(signal, &data);
            });
            if !signal.is_empty() {
                data_seen.assert_visible();
            }
            signal.emit();
            connecter.join().unwrap();
            emitter.join().unwrap();
        });
    }
}

#[test]
fn before_connect() {
    before_connecting(|signal, data| {
        let data = data.clone();
        signal.connect(move || data.assert_visible());
    });
}

#[test]
fn before_once() {
    before_connecting(|signal, data| {
        let data = data.clone();
        signal.once(move || data.assert_visible());
    });
}

#[test]
fn before_connect_with_key() {
    before_connecting(|signal, data| {
        signal.connect_with_key(|_| {
            let data = data.clone();
            move || data.assert_visible()
        });
    });
}

/// A waitable slot is stored in a cell of its own.
#[test]
fn before_a_waitable_connect() {
    before_connecting(|signal, data| {
        let data = data.clone();
        let options = signal.options().waitable();
        options.connect(move || data.assert_visible());
    });
}

/// What a thread did before a change by which a slot is skipped is visible to emissions that skip it, both
/// in progress and new ones, and to queries.
///
/// `prepare` runs before the threads start, and makes what `change` uses.
fn before_skipping<P: 'static>(
    prepare: impl Fn(&Signal<()>, Connection) -> P + Copy + Send + Sync + 'static,
    change: impl Fn(&Signal<()>, Connection, P) -> Option<BlockGuard> + Copy + Send + Sync + 'static,
    under_way_too: bool,
) {
    let find: [fn(&Signal<()>, Connection) -> bool; 3] = [
        |signal, _| signal.emit().is_empty(),
        |signal, slot| signal.is_empty() || signal.is_blocked(slot),
        |signal, slot| !signal.contains(slot) || signal.is_blocked(slot),
    ];
    // A slot with a budget is checked elsewhere.
    for (snapshot_published, limited) in [(false, false), (true, false), (true, true)] {
        for find in find {
            loom::model(move || {
                let signal = signal();
                let options = signal.options();
                let slot = if limited {
                    options.max_calls(9).connect(|| ())
                } else {
                    options.connect(|| ())
                };
                if snapshot_published {
                    drop(signal.calls());
                }
                let mut under_way = signal.calls();
                let prepared = prepare(&signal, slot);
                let data = Data::default();
                let finder = thread::spawn({
                    let (signal, data) = (Arc::clone(&signal), data.clone());
                    move || {
                        if under_way_too && under_way.next().is_none() {
                            data.assert_visible();
                        }
                        drop(under_way);
                        if find(&signal, slot) {
                            data.assert_visible();
                        }
                    }
                });
                data.write();
                let guard = change(&signal, slot, prepared);
                assert!(find(&signal, slot), "changed, but not observed");
                finder.join().unwrap();
                drop(guard);
            });
        }
    }
}

fn nothing(_: &Signal<()>, _: Connection) {}

#[test]
fn before_disconnect() {
    let disconnect = |signal: &Signal<()>, slot, ()| {
        signal.disconnect(slot);
        None
    };
    before_skipping(nothing, disconnect, true);
}

#[test]
fn before_disconnect_all() {
    let disconnect_all = |signal: &Signal<()>, _, ()| {
        signal.disconnect_all();
        None
    };
    before_skipping(nothing, disconnect_all, true);
}

#[test]
fn before_the_drop_of_a_scope() {
    let drop_scoped = |_: &Signal<()>, _, scoped: ScopedConnection| {
        drop(scoped);
        None
    };
    before_skipping(Signal::scoped, drop_scoped, true);
}

#[test]
fn before_block() {
    let block = |signal: &Signal<()>, slot, ()| signal.block(slot);
    before_skipping(nothing, block, true);
}

/// Applies to new emissions, not to those in progress.
#[test]
fn before_block_all() {
    let block_all = |signal: &Signal<()>, _, ()| Some(signal.block_all());
    before_skipping(nothing, block_all, false);
}

/// What a thread did before it ended a block is visible to the slot when it is called again.
#[test]
fn before_unblock() {
    for all in [false, true] {
        loom::model(move || {
            let signal = signal();
            let data = Data::default();
            let slot = signal.connect({
                let data = data.clone();
                move || data.assert_visible()
            });
            let guard = if all {
                signal.block_all()
            } else {
                signal.block(slot).unwrap()
            };
            let emitter = crate::emitter(&signal);
            data.write();
            drop(guard);
            assert_eq!(signal.emit().len(), 1);
            emitter.join().unwrap();
        });
    }
}

/// What any call of a waitable slot did is visible after a wait, whichever of two emissions made the call
/// and whoever disconnected the slot. Two preemptions.
#[test]
fn before_the_end_of_a_wait() {
    with_preemptions(2, || {
        let signal = signal();
        let begun = Arc::new(AtomicUsize::new(0));
        let ended = Arc::new(AtomicUsize::new(0));
        let slot = signal.options().waitable().connect({
            let (begun, ended) = (Arc::clone(&begun), Arc::clone(&ended));
            move || {
                begun.fetch_add(1, Ordering::Relaxed);
                ended.fetch_add(1, Ordering::Relaxed);
            }
        });
        let others = [crate::emitter(&signal), crate::emitter(&signal)];
        assert_eq!(signal.disconnect_and_wait(slot), Ok(true));
        let (begun_then, ended_then) =
            (begun.load(Ordering::Relaxed), ended.load(Ordering::Relaxed));
        assert_eq!(begun_then, ended_then);
        let ran: usize = others.into_iter().map(|e| e.join().unwrap()).sum();
        assert_eq!(ended_then, ran, "all calls had returned, and are visible");
    });
}

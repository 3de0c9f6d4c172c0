//! The results of an emission.

use std::cell::Cell;
use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::mem;
use std::panic::catch_unwind;
use std::rc::Rc;

use smoke_signal::{ByRef, Returns, Signal};

use crate::common::{Counter, Tracked, message, throw, together};

use super::{Bare, returning};

fn hash(value: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

/// The results of `n` slots: values that count their drops.
fn tracked(n: usize, drops: &Counter) -> Returns<Tracked> {
    let signal: Signal<(), Tracked> = Signal::new();
    for _ in 0..n {
        let drops = drops.clone();
        signal.connect(move || drops.tracked());
    }
    signal.emit()
}

// signals2: basic_signal_test, vec_combiner_test; Django: test_exact
#[test]
fn results_are_read_as_a_slice() {
    let signal = returning(&[3, 1, 2]);
    let mut results = signal.emit();
    assert_eq!((results.len(), results.is_empty()), (3, false));
    assert_eq!((results.first(), results.last()), (Some(&3), Some(&2)));
    assert_eq!((results[1], results.get(3)), (1, None));
    assert_eq!(results.iter().max(), Some(&3));
    assert_eq!(*results, [3, 1, 2]);
    assert_eq!(&results[1..], [1, 2]);

    results.sort_unstable();
    results[0] = 0;
    assert_eq!(results, [0, 2, 3]);
    for result in &mut results {
        *result *= 2;
    }
    let mut sum = 0;
    for result in &results {
        sum += result;
    }
    assert_eq!(sum, 10);

    signal.disconnect_all();
    let none = signal.emit();
    assert!(none.is_empty());
    assert_eq!(none.into_iter().next(), None);
}

// signals2: vec_combiner_test; Django: test_exact
#[test]
fn results_compare_with_arrays_slices_and_vectors() {
    let results = returning(&["a", "b"]).emit();
    assert_eq!(results, ["a", "b"]);
    assert_eq!(results, &["a", "b"]);
    assert_eq!(results, ["a", "b"][..]);
    assert_eq!(results, &["a", "b"][..]);
    assert_eq!(results, vec!["a", "b"]);
    assert_eq!(results, ["a".to_owned(), "b".to_owned()], "as `str` does");
    for other in [&["a"][..], &["b", "a"], &["a", "b", "b"], &[]] {
        assert_ne!(results, *other);
        assert_ne!(results, other);
        assert_ne!(results, other.to_vec());
    }
    assert_ne!(results, ["a"]);
    assert_ne!(results, &["b", "a"]);
}

// signals2: vec_combiner_test; Django: test_exact
#[test]
fn results_are_cloned_compared_and_hashed() {
    // As many as fit inline, and more.
    for n in [0, 4, 5, 9] {
        let numbers: Vec<usize> = (0..n).collect();
        let results = returning(&numbers).emit();
        let clone = results.clone();
        assert_eq!(clone, results);
        assert_eq!(hash(&clone), hash(&results));
        assert_eq!(HashSet::from([results, clone]).len(), 1);
        assert_ne!(returning(&numbers).emit(), returning(&[99]).emit());
    }
}

// signals2: vec_combiner_test; Django: test_exact
#[test]
fn results_are_iterated_from_both_ends() {
    for n in [0, 1, 4, 5, 9] {
        let numbers: Vec<usize> = (0..n).collect();
        let signal = returning(&numbers);
        assert_eq!(signal.emit().into_vec(), numbers);
        assert_eq!(signal.emit().into_iter().collect::<Vec<_>>(), numbers);
        assert!(
            signal
                .emit()
                .into_iter()
                .rev()
                .eq(numbers.iter().rev().copied())
        );

        let mut results = signal.emit().into_iter();
        for left in (0..n).rev() {
            assert_eq!(results.len(), left + 1);
            assert_eq!(results.size_hint(), (left + 1, Some(left + 1)));
            let taken = if left % 2 == 0 {
                results.next()
            } else {
                results.next_back()
            };
            assert!(taken.is_some());
        }
        assert_eq!(results.len(), 0);
        // Fused.
        assert_eq!((results.next(), results.next_back()), (None, None));
        assert_eq!(results.next(), None);
    }
}

// signals2: vec_combiner_test; Django: test_exact
#[test]
fn more_results_than_fit_inline() {
    for n in [4, 5, 100, 1000] {
        let numbers: Vec<usize> = (0..n).collect();
        assert_eq!(returning(&numbers).emit(), numbers);
    }
}

// Boost.Signals2: regression_test.cpp, return_move_only_test
#[test]
fn results_are_dropped_once_however_they_are_used() {
    for n in [1, 4, 5, 9] {
        let drops = Counter::default();
        drop(tracked(n, &drops));
        assert_eq!(drops.get(), n, "whole");

        let drops = Counter::default();
        let mut results = tracked(n, &drops).into_iter();
        drop(results.next());
        assert_eq!(drops.get(), 1, "the result taken from the front");
        drop(results.next_back());
        assert_eq!(drops.get(), n.min(2), "the result taken from the end");
        drop(results);
        assert_eq!(drops.get(), n, "the remaining results");

        let drops = Counter::default();
        let results = tracked(n, &drops).into_vec();
        assert_eq!((results.len(), drops.get()), (n, 0), "moved");
        drop(results);
        assert_eq!(drops.get(), n);

        let drops = Counter::default();
        let mut results = tracked(n, &drops);
        drop(mem::replace(&mut results[0], Counter::default().tracked()));
        assert_eq!(drops.get(), 1);
        drop(results);
        assert_eq!(drops.get(), n);
    }
}

// Boost.Signals2: regression_test.cpp, return_move_only_test
#[test]
fn results_so_far_are_dropped_when_a_slot_panics() {
    for n in [1, 4, 5, 9] {
        let drops = Counter::default();
        let signal: Signal<(), Tracked> = Signal::new();
        for _ in 0..n {
            let drops = drops.clone();
            signal.connect(move || drops.tracked());
        }
        signal.connect(|| throw("no result"));
        let payload = catch_unwind(|| signal.emit().len()).unwrap_err();
        assert_eq!(message(&*payload), "no result");
        assert_eq!(drops.get(), n);
    }
}

// Boost.Signals2: regression_test.cpp, return_move_only_test, reference_return_test
#[test]
fn results_stay_on_the_thread_that_emits() {
    static SIGNAL: Signal<(ByRef<Rc<Cell<usize>>>,), Bare> = Signal::new();
    for _ in 0..5 {
        SIGNAL.connect(|shared| {
            shared.set(shared.get() + 1);
            Bare(Rc::new(Cell::new(1)))
        });
    }
    together(4, |_| {
        let shared = Rc::new(Cell::new(0));
        let results = SIGNAL.emit(&shared);
        assert_eq!(shared.get(), 5);
        assert!(results.iter().all(|bare| Rc::strong_count(&bare.0) == 1));
        let sum: u8 = SIGNAL.calls(&shared).map(|bare| bare.0.get()).sum();
        assert_eq!((sum, shared.get()), (5, 10));
    });
}

#[test]
fn results_become_a_slice_reference_or_a_vector() {
    fn longest<T: AsRef<[String]>>(texts: T) -> usize {
        texts.as_ref().iter().map(String::len).max().unwrap_or(0)
    }

    for slots in [0, 3, 9] {
        let signal = Signal::<(), String>::new();
        for n in 0..slots {
            signal.connect(move || "x".repeat(n));
        }
        let results = signal.emit();
        assert_eq!(longest(&results), slots.saturating_sub(1));
        let vector: Vec<String> = results.into();
        assert_eq!(signal.emit(), vector);
        assert_eq!(Vec::from(signal.emit()).len(), slots);
    }
}

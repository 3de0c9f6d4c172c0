//! What the recipes of `docs/recipes.md` claim and their snippets cannot show: races.

use std::fs;
use std::mem;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::thread;

use smoke_signal::{Connection, Signal};

use crate::common::{Recorder, together};

// The code of the recipe *Late subscribers get the last value*.
include!("latest.rs");

const ROUNDS: u32 = 300;
const VALUES: u32 = 40;

fn latest() -> Latest<u32> {
    Latest {
        value: Mutex::new((1, 0)),
        changed: Signal::new(),
    }
}

/// Records a value, but lets the other threads go first.
fn add(record: &Recorder<u32>, value: u32) {
    thread::yield_now();
    record.add(value);
}

#[test]
fn the_page_has_the_code_that_is_tested_here() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/recipes.md");
    let page = fs::read_to_string(page).expect("the page");
    assert!(page.contains(include_str!("latest.rs")));
}

#[test]
fn a_late_subscriber_gets_each_value_once_and_in_order() {
    for _ in 0..ROUNDS {
        let latest = latest();
        let record = Recorder::new();
        // One thread sets 1, 2, 3 .. while the other one joins.
        together(2, |thread| {
            if thread == 0 {
                (1..=VALUES).for_each(|value| latest.set(value));
            } else {
                let record = record.clone();
                latest.follow(move |value| add(&record, value));
            }
        });
        let seen = record.take();
        let expected = Vec::from_iter(seen[0]..=VALUES);
        assert_eq!(seen, expected, "each from the first one on");
    }
}

#[test]
fn of_values_that_threads_set_at_once_subscribers_see_none_twice_none_late_and_the_last() {
    for _ in 0..ROUNDS {
        let latest = latest();
        let (early, late) = (Recorder::new(), Recorder::new());
        let follow = |record: &Recorder<u32>| {
            let record = record.clone();
            latest.follow(move |value| add(&record, value));
        };
        follow(&early);
        together(3, |thread| match thread {
            0 => (1..=VALUES).for_each(|value| latest.set(value)),
            1 => (1..=VALUES).for_each(|value| latest.set(1000 + value)),
            _ => follow(&late),
        });
        let (_, last) = *latest.value.lock().unwrap();
        let (early, late) = (early.take(), late.take());
        for seen in [&early, &late] {
            assert_eq!(seen.last(), Some(&last), "{seen:?}");
            // Each thread sets its values in ascending order.
            let (mine, others): (Vec<u32>, Vec<u32>) =
                seen.iter().partition(|value| **value < 1000);
            for of_one_thread in [mine, others] {
                assert!(of_one_thread.is_sorted_by(|a, b| a < b), "{seen:?}");
            }
        }
        // Nor do the two see values in different orders.
        let both = |value: &&u32| early.contains(value) && late.contains(value);
        assert!(early.iter().filter(both).eq(late.iter().filter(both)));
    }
}

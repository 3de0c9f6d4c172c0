//! Checks that concurrent threads behave as if they had taken their steps one after the other, in one of
//! the possible orders.

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::sync::{Arc, Mutex};

use loom::model::Builder;
use loom::sync::atomic::{AtomicUsize, Ordering};
use loom::thread;

use crate::checker;

/// One step of one thread; returns its outcome as text.
pub(crate) type Step = Box<dyn FnOnce() -> String>;

pub(crate) fn step<T: Debug>(operation: impl FnOnce() -> T + 'static) -> Step {
    Box::new(move || format!("{:?}", operation()))
}

/// The steps of each thread in order, and what is observed after all threads have ended.
pub(crate) struct Scenario {
    pub(crate) threads: Vec<Vec<Step>>,
    pub(crate) afterwards: Step,
}

/// The outcome of a scenario.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Outcome {
    /// By thread, then by step.
    pub(crate) answers: Vec<Vec<String>>,
    pub(crate) afterwards: String,
}

/// The thread that takes each step.
pub(crate) type Order = Vec<usize>;

/// A point at which threads meet that otherwise do not meet in `loom`'s model. It tries who passes first,
/// and adds no ordering between them.
#[derive(Clone, Default)]
pub(crate) struct Crossing(Arc<AtomicUsize>);

impl Crossing {
    pub(crate) fn pass(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

/// Runs the scenario in every interleaving that `loom` distinguishes, and asserts that each outcome is
/// that of some order of whole steps, or one that `also` adds. Every outcome of whole steps must occur,
/// too, so a scenario whose threads never meet fails.
///
/// For `preemptions` see [`checker`].
pub(crate) fn check(
    name: &str,
    preemptions: Option<usize>,
    set_up: impl Fn() -> Scenario + Send + Sync + 'static,
    also: impl Fn(&[(Order, Outcome)]) -> Option<Outcome>,
) {
    let set_up = Arc::new(set_up);
    let in_order = outcomes_in_order(&set_up);
    let must: BTreeSet<_> = in_order.iter().map(|(_, o)| o.clone()).collect();
    let may: BTreeSet<_> = also(&in_order).into_iter().chain(must.clone()).collect();

    let seen = Arc::new(Mutex::new(BTreeSet::new()));
    checker(preemptions).check({
        let (name, seen) = (name.to_owned(), Arc::clone(&seen));
        move || {
            let outcome = run_concurrently(set_up());
            assert!(
                may.contains(&outcome),
                "{name}: no order of steps leads to\n{outcome:#?}\nbut to\n{may:#?}",
            );
            seen.lock().unwrap().insert(outcome);
        }
    });
    let seen = seen.lock().unwrap();
    let missed: Vec<_> = must.difference(&seen).collect();
    assert!(missed.is_empty(), "{name}: never seen: {missed:#?}");
}

/// The outcome of two threads of which one emits a last call, while the other looks at the signal between the
/// two steps of that call: it is charged, and then its slot is disconnected. The other thread still finds
/// the slot connected.
pub(crate) fn between_charge_and_disconnect(
    emits: [bool; 2],
    in_order: &[(Order, Outcome)],
) -> Option<Outcome> {
    let (emission, other) = match emits {
        [true, false] => (0, 1),
        [false, true] => (1, 0),
        _ => return None,
    };
    let first = |thread| {
        &in_order
            .iter()
            .find(|(order, _)| order[0] == thread)
            .unwrap()
            .1
    };
    let mut between = first(emission).clone();
    between.answers[other].clone_from(&first(other).answers[other]);
    Some(between)
}

/// Runs the scenario on its threads. The last is the thread that set it up.
fn run_concurrently(mut scenario: Scenario) -> Outcome {
    let run = |steps: Vec<Step>| steps.into_iter().map(|step| step()).collect::<Vec<_>>();
    let here = scenario.threads.pop().unwrap();
    let threads: Vec<_> = (scenario.threads.into_iter())
        .map(|steps| thread::spawn(move || run(steps)))
        .collect();
    let here = run(here);
    let mut answers: Vec<_> = threads.into_iter().map(|t| t.join().unwrap()).collect();
    answers.push(here);
    Outcome {
        answers,
        afterwards: (scenario.afterwards)(),
    }
}

/// The outcome of the scenario for each order of its steps, on one thread.
fn outcomes_in_order(
    set_up: &Arc<impl Fn() -> Scenario + Send + Sync + 'static>,
) -> Vec<(Order, Outcome)> {
    let steps: Vec<_> = alone(set_up, |scenario| {
        scenario.threads.iter().map(Vec::len).collect()
    });
    let outcome = |order: Order| {
        let outcome = alone(set_up, {
            let order = order.clone();
            move |scenario| run_in_order(scenario, &order)
        });
        (order, outcome)
    };
    orders(&steps).into_iter().map(outcome).collect()
}

/// The result of `run` on the scenario, without other threads.
fn alone<T: Send + 'static>(
    set_up: &Arc<impl Fn() -> Scenario + Send + Sync + 'static>,
    run: impl Fn(Scenario) -> T + Send + Sync + 'static,
) -> T {
    let result = Arc::new(Mutex::new(None));
    Builder::new().check({
        let (set_up, result) = (Arc::clone(set_up), Arc::clone(&result));
        move || *result.lock().unwrap() = Some(run(set_up()))
    });
    result.lock().unwrap().take().unwrap()
}

fn run_in_order(scenario: Scenario, order: &[usize]) -> Outcome {
    let mut answers = vec![Vec::new(); scenario.threads.len()];
    let mut threads: Vec<_> = scenario.threads.into_iter().map(Vec::into_iter).collect();
    for &thread in order {
        answers[thread].push(threads[thread].next().unwrap()());
    }
    Outcome {
        answers,
        afterwards: (scenario.afterwards)(),
    }
}

/// All orders of these numbers of steps by thread.
fn orders(steps: &[usize]) -> Vec<Order> {
    if steps.iter().all(|&left| left == 0) {
        return vec![Vec::new()];
    }
    let mut all = Vec::new();
    for thread in (0..steps.len()).filter(|&thread| steps[thread] > 0) {
        let mut rest = steps.to_vec();
        rest[thread] -= 1;
        all.extend((orders(&rest).into_iter()).map(|order| [vec![thread], order].concat()));
    }
    all
}

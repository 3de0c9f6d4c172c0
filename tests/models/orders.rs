//! The judge of what threads may do to each other: whatever they do at once must look as if they had
//! done it step by step, in one of the orders that there are.

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::sync::{Arc, Mutex};

use loom::model::Builder;
use loom::sync::atomic::{AtomicUsize, Ordering};
use loom::thread;

use crate::checker;

/// What one thread does at one point; tells what came of it.
pub(crate) type Step = Box<dyn FnOnce() -> String>;

pub(crate) fn step<T: Debug>(deed: impl FnOnce() -> T + 'static) -> Step {
    Box::new(move || format!("{:?}", deed()))
}

/// What each thread does, one step after the other, and what is to be seen when all have ended.
pub(crate) struct Scene {
    pub(crate) threads: Vec<Vec<Step>>,
    pub(crate) afterwards: Step,
}

/// What came of a scene.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Outcome {
    /// By thread, then by step.
    pub(crate) answers: Vec<Vec<String>>,
    pub(crate) afterwards: String,
}

/// Which thread takes the next step, until all have taken theirs.
pub(crate) type Order = Vec<usize>;

/// Where threads meet that meet nowhere else in `loom`'s eyes: it tries who passes first, and brings
/// no other order between them.
#[derive(Clone, Default)]
pub(crate) struct Crossing(Arc<AtomicUsize>);

impl Crossing {
    pub(crate) fn pass(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

/// Plays the scene in every order of steps within the steps that `loom` knows, and asserts that each
/// outcome is one that an order of whole steps has, or that `also` adds to those. All that whole
/// steps lead to must have been seen, too: no scene goes by without its threads having met.
///
/// `preemptions`: as for the [`checker`].
pub(crate) fn check(
    name: &str,
    preemptions: Option<usize>,
    set: impl Fn() -> Scene + Send + Sync + 'static,
    also: impl Fn(&[(Order, Outcome)]) -> Option<Outcome>,
) {
    let set = Arc::new(set);
    let in_order = outcomes_in_order(&set);
    let must: BTreeSet<_> = in_order.iter().map(|(_, o)| o.clone()).collect();
    let may: BTreeSet<_> = also(&in_order).into_iter().chain(must.clone()).collect();

    let seen = Arc::new(Mutex::new(BTreeSet::new()));
    checker(preemptions).check({
        let (name, seen) = (name.to_owned(), Arc::clone(&seen));
        move || {
            let outcome = play_at_once(set());
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

/// The outcome of two threads of which one emits, and has a last call to make, while the other does
/// something between the two steps that a last call is: it is charged, then what is called leaves. The
/// other finds it there still, and may take it out: the call begins all the same.
pub(crate) fn between_charge_and_leave(
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

/// Plays the scene on as many threads as it has, the last of them the one that has set it.
fn play_at_once(mut scene: Scene) -> Outcome {
    let play = |steps: Vec<Step>| steps.into_iter().map(|step| step()).collect::<Vec<_>>();
    let here = scene.threads.pop().unwrap();
    let threads: Vec<_> = (scene.threads.into_iter())
        .map(|steps| thread::spawn(move || play(steps)))
        .collect();
    let here = play(here);
    let mut answers: Vec<_> = threads.into_iter().map(|t| t.join().unwrap()).collect();
    answers.push(here);
    Outcome {
        answers,
        afterwards: (scene.afterwards)(),
    }
}

/// What comes of the scene in each order of its steps, on one thread.
fn outcomes_in_order(
    set: &Arc<impl Fn() -> Scene + Send + Sync + 'static>,
) -> Vec<(Order, Outcome)> {
    let steps: Vec<_> = alone(set, |scene| scene.threads.iter().map(Vec::len).collect());
    let outcome = |order: Order| {
        let outcome = alone(set, {
            let order = order.clone();
            move |scene| play_in_order(scene, &order)
        });
        (order, outcome)
    };
    orders(&steps).into_iter().map(outcome).collect()
}

/// What `play` makes of the scene without other threads.
fn alone<T: Send + 'static>(
    set: &Arc<impl Fn() -> Scene + Send + Sync + 'static>,
    play: impl Fn(Scene) -> T + Send + Sync + 'static,
) -> T {
    let result = Arc::new(Mutex::new(None));
    Builder::new().check({
        let (set, result) = (Arc::clone(set), Arc::clone(&result));
        move || *result.lock().unwrap() = Some(play(set()))
    });
    result.lock().unwrap().take().unwrap()
}

fn play_in_order(scene: Scene, order: &[usize]) -> Outcome {
    let mut answers = vec![Vec::new(); scene.threads.len()];
    let mut threads: Vec<_> = scene.threads.into_iter().map(Vec::into_iter).collect();
    for &thread in order {
        answers[thread].push(threads[thread].next().unwrap()());
    }
    Outcome {
        answers,
        afterwards: (scene.afterwards)(),
    }
}

/// All orders of so many steps of each thread.
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

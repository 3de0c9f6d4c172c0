//! The machine, and the algorithm as steps of one access each.

use std::collections::HashSet;

/// The words of two cells, two slots of one record, and its `pending`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum Place {
    Word(usize),
    Slot(usize),
    Pending,
}

impl Place {
    fn index(self) -> usize {
        match self {
            Place::Word(cell) => cell,
            Place::Slot(slot) => 2 + slot,
            Place::Pending => 4,
        }
    }
}

/// There is one pointer in all. A word and a slot hold nothing, or it, fenced or promoted. In this order, the greater of
/// two slots is what a look at both finds.
pub(crate) type Word = u8;
pub(crate) const NOTHING: Word = 0;
pub(crate) const FENCED: Word = 1;
pub(crate) const PROMOTED: Word = 2;

#[derive(Clone, Copy)]
pub(crate) enum Operation {
    /// Loads from a cell into a slot.
    Load(usize, usize),
    /// Promotes the word of a cell, if it is fenced.
    Promote(usize),
    /// Drops the guard in a slot, which perhaps another thread has loaded.
    Drop(usize),
    /// Puts what this thread holds, or nothing, into a cell, and holds what was there.
    Swap(usize, Word),
    /// Edits the value, if the strong count allows it.
    Edit,
    /// Drops what this thread holds.
    Release,
}
pub(crate) use Operation::{Drop, Edit, Load, Promote, Release, Swap};

#[derive(Clone, Default, PartialEq, Eq, Hash)]
struct Thread {
    operation: usize,
    /// The next step of the operation.
    step: u8,
    buffer: Vec<(usize, Word)>,
    // What the operation remembers. Cleared at its end.
    word: Word,
    found: Word,
    /// The debt that it has announced, or is about to.
    debt: u8,
    is_announced: bool,
    /// The threads that a heavy barrier still waits for.
    awaited: Vec<usize>,
    /// The step after a settlement.
    after: u8,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Debt {
    number: u8,
    is_announced: bool,
}

#[derive(Clone, PartialEq, Eq, Hash)]
struct State {
    memory: [Word; 5],
    threads: Vec<Thread>,
    /// The word under which the guard of each slot was validated.
    guards: [Word; 2],
    lock: bool,
    debt: Option<Debt>,
    debts_so_far: u8,
    strong_count: usize,
}

/// What may be left out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Fault {
    FenceAfterFill,
    SecondRead,
    HeavyAfterExchange,
    FenceAfterClear,
    PendingChecked,
    SettlementBySwap,
    HeavyBeforeSettlement,
    HeavyInSettlement,
    NumberOfDebt,
}

pub(crate) struct Program {
    pub(crate) words: [Word; 2],
    pub(crate) threads: &'static [&'static [Operation]],
    pub(crate) fault: Option<Fault>,
}

// Steps that several operations share. Smaller ones are their own.
const CLEARED: u8 = 10;
const CHECK: u8 = 11;
const SETTLE: u8 = 20;
const LOOK: u8 = 21;
const LOOK_AGAIN: u8 = 22;
const UNLOCK: u8 = 23;
const UNLOCK_FOR_HEAVY: u8 = 24;
const HEAVY_IN_SETTLEMENT: u8 = 25;
const PEEK: u8 = 30;
const PEEK_AGAIN: u8 = 31;
const END: u8 = 99;

impl State {
    fn load(&self, thread: usize, place: Place) -> Word {
        let buffer = &self.threads[thread].buffer;
        let own = buffer.iter().rev().find(|store| store.0 == place.index());
        own.map_or(self.memory[place.index()], |store| store.1)
    }

    fn store(&mut self, thread: usize, place: Place, word: Word) {
        self.threads[thread].buffer.push((place.index(), word));
    }

    /// Whether a step that is a full fence, or a locked instruction, may be taken now.
    fn is_drained(&self, thread: usize) -> bool {
        self.threads[thread].buffer.is_empty()
    }

    fn goto(mut self, thread: usize, step: u8) -> Vec<Self> {
        let state = &mut self.threads[thread];
        state.step = step;
        if step == END {
            let buffer = std::mem::take(&mut state.buffer);
            *state = Thread {
                operation: state.operation + 1,
                buffer,
                ..Thread::default()
            };
        }
        vec![self]
    }

    fn start_heavy(mut self, thread: usize, step: u8) -> Vec<Self> {
        self.threads[thread].awaited = (0..self.threads.len())
            .filter(|&other| other != thread)
            .collect();
        self.goto(thread, step)
    }

    /// Goes on if each other thread has had an empty buffer since the barrier began.
    fn heavy(self, thread: usize, then: u8) -> Vec<Self> {
        if self.threads[thread].awaited.is_empty() {
            let mut next = self;
            next.threads[thread].is_announced = true;
            return next.goto(thread, then);
        }
        let mut states = Vec::new();
        for (at, &other) in self.threads[thread].awaited.iter().enumerate() {
            if self.is_drained(other) {
                let mut next = self.clone();
                next.threads[thread].awaited.remove(at);
                states.push(next);
            }
        }
        states
    }

    /// A full fence if `fenced`, and nothing otherwise. Returns `None` if the step has to wait.
    fn order(self, thread: usize, fenced: bool, then: u8) -> Vec<Self> {
        if fenced && !self.is_drained(thread) {
            return Vec::new();
        }
        self.goto(thread, then)
    }
}

impl Program {
    fn has(&self, access: Fault) -> bool {
        self.fault != Some(access)
    }

    fn start(&self) -> State {
        let [one, two] = self.words;
        State {
            memory: [one, two, NOTHING, NOTHING, NOTHING],
            threads: vec![Thread::default(); self.threads.len()],
            guards: [NOTHING; 2],
            lock: false,
            debt: None,
            debts_so_far: 0,
            strong_count: self.words.iter().filter(|&&word| word != NOTHING).count(),
        }
    }

    /// Every state that one step of the thread leads to. None if it has ended or must wait.
    #[allow(clippy::too_many_lines)] // one arm for each step
    fn steps(&self, mut s: State, t: usize) -> Result<Vec<State>, &'static str> {
        let Some(&operation) = self.threads[t].get(s.threads[t].operation) else {
            return Ok(Vec::new());
        };
        let Thread {
            step,
            word,
            found,
            debt,
            is_announced,
            after,
            ..
        } = s.threads[t].clone();
        Ok(match (operation, step) {
            // Settlement, with the lock held from its first step to `UNLOCK`.
            (_, SETTLE) => {
                if s.lock || !s.is_drained(t) {
                    return Ok(Vec::new());
                }
                s.lock = true;
                let Some(owed) = &mut s.debt else {
                    return Ok(s.goto(t, UNLOCK));
                };
                // Another debt of the same pointer may have taken the place of the one that was announced.
                if owed.number == debt || !self.has(Fault::NumberOfDebt) {
                    owed.is_announced |= is_announced;
                }
                s.goto(t, LOOK)
            }
            (_, LOOK) => {
                s.threads[t].found = s.load(t, Place::Slot(0));
                s.goto(t, LOOK_AGAIN)
            }
            (_, LOOK_AGAIN) => {
                let found = found.max(s.load(t, Place::Slot(1)));
                if found == NOTHING {
                    s.debt = None;
                    s.strong_count -= 1;
                    s.store(t, Place::Pending, 0);
                } else if found == PROMOTED && self.has(Fault::HeavyInSettlement) {
                    let owed = s.debt.expect("it was there, and the lock is held");
                    if !owed.is_announced {
                        s.threads[t].debt = owed.number;
                        return Ok(s.goto(t, UNLOCK_FOR_HEAVY));
                    }
                }
                s.goto(t, UNLOCK)
            }
            (_, UNLOCK) => {
                if !s.is_drained(t) {
                    return Ok(Vec::new());
                }
                s.lock = false;
                s.goto(t, after)
            }
            (_, UNLOCK_FOR_HEAVY) => {
                if !s.is_drained(t) {
                    return Ok(Vec::new());
                }
                s.lock = false;
                s.start_heavy(t, HEAVY_IN_SETTLEMENT)
            }
            (_, HEAVY_IN_SETTLEMENT) => s.heavy(t, SETTLE),

            // After a slot was cleared, by a guard or by a load that starts over.
            (_, CLEARED) => {
                let fenced = word == FENCED && self.has(Fault::FenceAfterClear);
                s.order(t, fenced, CHECK)
            }
            (_, CHECK) => {
                let pending = s.load(t, Place::Pending) != 0 && self.has(Fault::PendingChecked);
                s.goto(t, if pending { SETTLE } else { after })
            }

            (Load(cell, _), 0) => {
                let word = s.load(t, Place::Word(cell));
                s.threads[t].word = word;
                s.goto(t, if word == NOTHING { END } else { 1 })
            }
            (Load(_, slot), 1) => {
                s.store(t, Place::Slot(slot), word);
                s.goto(t, 2)
            }
            (Load(..), 2) => {
                let fenced = word == FENCED && self.has(Fault::FenceAfterFill);
                s.order(t, fenced, 3)
            }
            (Load(cell, slot), 3) => {
                if s.load(t, Place::Word(cell)) == word || !self.has(Fault::SecondRead) {
                    s.guards[slot] = word;
                    s.goto(t, END)
                } else {
                    s.store(t, Place::Slot(slot), NOTHING);
                    s.threads[t].after = 0;
                    s.goto(t, CLEARED)
                }
            }

            (Promote(cell), _) => {
                if !s.is_drained(t) {
                    return Ok(Vec::new());
                }
                let word = &mut s.memory[Place::Word(cell).index()];
                *word = if *word == FENCED { PROMOTED } else { *word };
                s.goto(t, END)
            }

            (Drop(slot), 0) => {
                let place = Place::Slot(slot).index();
                let on_its_way =
                    |thread: &Thread| thread.buffer.iter().any(|store| store.0 == place);
                if s.threads
                    .iter()
                    .enumerate()
                    .any(|(at, thread)| at != t && on_its_way(thread))
                {
                    return Ok(Vec::new()); // a guard that is moved takes its fill along
                }
                if s.guards[slot] == NOTHING {
                    return Ok(s.goto(t, END)); // nothing was loaded, or not yet: both are tried
                }
                s.threads[t].word = std::mem::replace(&mut s.guards[slot], NOTHING);
                s.store(t, Place::Slot(slot), NOTHING);
                s.threads[t].after = END;
                s.goto(t, CLEARED)
            }

            (Swap(cell, new), 0) => {
                if !s.is_drained(t) {
                    return Ok(Vec::new());
                }
                let word = std::mem::replace(&mut s.memory[Place::Word(cell).index()], new);
                s.threads[t].word = word;
                s.goto(t, if word == NOTHING { END } else { 1 })
            }
            (Swap(..), 1) if word == PROMOTED && self.has(Fault::HeavyAfterExchange) => {
                s.start_heavy(t, 2)
            }
            // The exchange is a fence already. Without one, nothing could be left out here.
            (Swap(..), 1) => s.goto(t, 3),
            (Swap(..), 2) => s.heavy(t, 3),
            (Swap(..), 3) => {
                s.threads[t].is_announced = false;
                s.threads[t].found = s.load(t, Place::Slot(0));
                s.goto(t, 4)
            }
            (Swap(..), 4) => {
                let found = found.max(s.load(t, Place::Slot(1)));
                s.threads[t].found = found;
                s.goto(t, if found == NOTHING { END } else { 5 })
            }
            (Swap(..), 5) => {
                if s.lock || !s.is_drained(t) {
                    return Ok(Vec::new());
                }
                s.lock = true;
                if s.debt.is_none() {
                    s.debts_so_far += 1;
                    s.debt = Some(Debt {
                        number: s.debts_so_far,
                        is_announced: false,
                    });
                    s.strong_count += 1;
                    s.store(t, Place::Pending, 1);
                }
                s.threads[t].debt = s.debt.map_or(0, |debt| debt.number);
                s.goto(t, 6)
            }
            (Swap(..), 6) => {
                if !s.is_drained(t) {
                    return Ok(Vec::new());
                }
                s.lock = false;
                s.goto(t, 7)
            }
            (Swap(..), 7)
                if word.max(found) == PROMOTED && self.has(Fault::HeavyBeforeSettlement) =>
            {
                s.start_heavy(t, 8)
            }
            (Swap(..), 7) if word.max(found) == PROMOTED => {
                s.threads[t].is_announced = true;
                s.goto(t, 9)
            }
            // So are the steps that lock and unlock.
            (Swap(..), 7) => s.goto(t, PEEK),
            (Swap(..), 8) => s.heavy(t, 9),
            (Swap(..), 9) => {
                s.threads[t].after = END;
                s.goto(
                    t,
                    if self.has(Fault::SettlementBySwap) {
                        SETTLE
                    } else {
                        END
                    },
                )
            }
            // A look without the lock.
            (Swap(..), PEEK) => {
                s.threads[t].found = s.load(t, Place::Slot(0));
                s.goto(t, PEEK_AGAIN)
            }
            (Swap(..), PEEK_AGAIN) => {
                let found = found.max(s.load(t, Place::Slot(1)));
                s.goto(t, if found == FENCED { END } else { 9 })
            }

            (Edit, _) => {
                if s.strong_count == 1 && s.guards != [NOTHING; 2] {
                    return Err("a value is edited while a guard reads it");
                }
                s.goto(t, END)
            }
            (Release, _) => {
                s.strong_count -= 1;
                if s.strong_count == 0 && s.guards != [NOTHING; 2] {
                    return Err("a value is dropped while a guard reads it");
                }
                s.goto(t, END)
            }
            (_, step) => unreachable!("step {step}"),
        })
    }

    /// Tries every execution. Returns how many states there are, or which law was broken.
    pub(crate) fn explore(&self) -> Result<usize, &'static str> {
        let mut seen = HashSet::from([self.start()]);
        let mut open = vec![self.start()];
        while let Some(state) = open.pop() {
            let mut next = Vec::new();
            for t in 0..self.threads.len() {
                next.extend(self.steps(state.clone(), t)?);
                if let [(place, word), ..] = state.threads[t].buffer[..] {
                    let mut drained = state.clone();
                    drained.threads[t].buffer.remove(0);
                    drained.memory[place] = word;
                    next.push(drained);
                }
            }
            if next.is_empty() {
                let has_ended = |t: usize| state.threads[t].operation == self.threads[t].len();
                if !(0..self.threads.len()).all(has_ended) {
                    return Err("deadlock");
                }
                if state.debt.is_some() && state.guards == [NOTHING; 2] {
                    return Err("a debt is lost");
                }
            }
            for state in next {
                if seen.insert(state.clone()) {
                    open.push(state);
                }
            }
        }
        Ok(seen.len())
    }
}

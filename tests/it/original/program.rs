//! Random programs, and their text for the original.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

/// The names, of which the last two have an argument.
pub(super) const NAMES: [&str; 5] = ["a", "b", "c", "m", "n"];
/// How many names have no argument.
pub(super) const PLAIN: usize = 3;
/// The number of callbacks. As many as [`PLAIN`] take no argument, the others one.
pub(super) const CALLBACKS: usize = 5;

/// Operations of a program, and what each of its callbacks does when it is called.
#[derive(Clone, Debug)]
pub(super) struct Program {
    pub(super) scripts: Vec<Vec<Operation>>,
    pub(super) steps: Vec<Operation>,
}

/// An index in [`NAMES`].
pub(super) type Name = usize;
/// The number of a callback.
pub(super) type Callback = usize;

#[derive(Clone, Debug)]
pub(super) enum Operation {
    On(Vec<Name>, Callback, Option<u32>),
    Once(Vec<Name>, Callback),
    Emit(Name, u32),
    /// What is emitted at the beginning, at the end, and done in between.
    Emitting(Option<Name>, Name, Vec<Operation>),
    Disconnect(Callback),
    DisconnectFrom(Callback, Vec<Name>),
    Clear(Vec<Name>),
    ClearAll,
    Signals(Callback),
    RespondsTo(Callback, Name),
    Throw,
}

/// A callback, and names that it can be registered for.
fn callback_and_names() -> impl Strategy<Value = (Callback, Vec<Name>)> {
    (0..CALLBACKS).prop_flat_map(|callback| {
        let names = if callback < PLAIN {
            0..PLAIN
        } else {
            PLAIN..NAMES.len()
        };
        (Just(callback), vec(names, 0..3))
    })
}

fn simple() -> impl Strategy<Value = Operation> {
    let name = 0..NAMES.len();
    prop_oneof![
        6 => (callback_and_names(), option::of(0..4_u32)).prop_map(|((callback, names), limit)| Operation::On(names, callback, limit)),
        2 => callback_and_names().prop_map(|(callback, names)| Operation::Once(names, callback)),
        8 => (name.clone(), 0..9_u32).prop_map(|(name, value)| Operation::Emit(name, value)),
        2 => (0..CALLBACKS).prop_map(Operation::Disconnect),
        2 => callback_and_names().prop_map(|(callback, names)| Operation::DisconnectFrom(callback, names)),
        1 => vec(name.clone(), 0..3).prop_map(Operation::Clear),
        1 => Just(Operation::ClearAll),
        1 => (0..CALLBACKS).prop_map(Operation::Signals),
        1 => (0..CALLBACKS, name).prop_map(|(callback, name)| Operation::RespondsTo(callback, name)),
        1 => Just(Operation::Throw),
    ]
}

fn operation() -> impl Strategy<Value = Operation> {
    let body = vec(simple(), 0..4);
    prop_oneof![
        8 => simple(),
        1 => (option::of(0..PLAIN), 0..PLAIN, body).prop_map(|(enter, exit, body)| Operation::Emitting(enter, exit, body)),
    ]
}

pub(super) fn program() -> impl Strategy<Value = Program> {
    let scripts = vec(vec(operation(), 0..4), CALLBACKS);
    (scripts, vec(operation(), 1..20)).prop_map(|(scripts, steps)| Program { scripts, steps })
}

impl Program {
    /// As JSON, with the differences that are to be made up for.
    pub(super) fn json(&self, differences: &[&str]) -> String {
        let scripts = list(&self.scripts, |script| list(script, Operation::json));
        let steps = list(&self.steps, Operation::json);
        format!(r#"{{"differences":{differences:?},"scripts":{scripts},"steps":{steps}}}"#)
    }
}

impl Operation {
    fn json(&self) -> String {
        let names = |names: &[Name]| list(names, |name| quoted(*name));
        match self {
            Self::On(on, callback, limit) => {
                let limit = limit.map_or("null".to_owned(), |limit| limit.to_string());
                format!(r#"["on",{},{callback},{limit}]"#, names(on))
            }
            Self::Once(on, callback) => format!(r#"["once",{},{callback}]"#, names(on)),
            Self::Emit(name, _) if *name < PLAIN => format!(r#"["emit",{}]"#, quoted(*name)),
            Self::Emit(name, value) => format!(r#"["emit",{},{value}]"#, quoted(*name)),
            Self::Emitting(enter, exit, body) => {
                let enter = enter.map_or("null".to_owned(), quoted);
                let body = list(body, Self::json);
                format!(r#"["emitting",{enter},{},{body}]"#, quoted(*exit))
            }
            Self::Disconnect(callback) => format!(r#"["disconnect",{callback}]"#),
            Self::DisconnectFrom(callback, from) => {
                format!(r#"["disconnect_from",{callback},{}]"#, names(from))
            }
            Self::Clear(cleared) => format!(r#"["clear",{}]"#, names(cleared)),
            Self::ClearAll => r#"["clear_all"]"#.to_owned(),
            Self::Signals(callback) => format!(r#"["signals",{callback}]"#),
            Self::RespondsTo(callback, name) => {
                format!(r#"["responds_to",{callback},{}]"#, quoted(*name))
            }
            Self::Throw => r#"["throw"]"#.to_owned(),
        }
    }
}

fn quoted(name: Name) -> String {
    format!("{:?}", NAMES[name])
}

fn list<T>(items: &[T], json: impl Fn(&T) -> String) -> String {
    format!("[{}]", Vec::from_iter(items.iter().map(json)).join(","))
}

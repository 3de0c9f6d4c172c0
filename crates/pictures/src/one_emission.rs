//! One emission and one change of the same signal: who holds what, and where they meet.

use crate::drawing::Colour::{Blue, Green, Grey, Red};
use crate::drawing::{Area, Boxed, Colour, Drawing};

/// The boxes of the emission, of what both share, and of the change: where they begin, and their widths.
const EMISSION: (i32, i32) = (16, 268);
const SHARED: (i32, i32) = (338, 208);
const CHANGE: (i32, i32) = (598, 226);

pub(crate) fn picture() -> String {
    let mut drawing = Drawing::new();
    let emission = emission(&mut drawing);
    let shared = shared(&mut drawing);
    let change = change(&mut drawing);

    // What the emission reads.
    across(&mut drawing, emission.load, shared.cell, 0, Green);
    across(&mut drawing, emission.calls, shared.checks, 0, Green);
    across(&mut drawing, emission.checks, shared.slot, -9, Green);
    // What the change writes.
    across(&mut drawing, change.take, shared.cell, 0, Red);
    across(&mut drawing, change.copy, shared.checks, 0, Red);
    across(&mut drawing, change.mark, shared.slot, 9, Red);
    across(&mut drawing, change.publish, shared.copy, 0, Red);

    // The copy becomes what the next emission reads.
    let (rail, from, to) = (SHARED.0 - 24, shared.copy, shared.cell);
    drawing.dashed_arrow(
        &[
            (from.x, from.middle()),
            (rail, from.middle()),
            (rail, to.middle() + 14),
            (to.x, to.middle() + 14),
        ],
        Red,
    );
    for (y, note) in [
        (476, "An empty cell: lock, publish the list, and go on."),
        (
            496,
            "To block a slot: let the list check all, mark the slot.",
        ),
    ] {
        drawing.text((EMISSION.0, y), "q", note);
    }
    drawing.finish(
        524,
        "An emission and a change of the same signal: what they read and write, and where the fast path ends",
    )
}

/// An arrow between boxes beside each other, into the side of `to`, `below` its middle.
fn across(drawing: &mut Drawing, from: Area, to: Area, below: i32, colour: Colour) {
    let y = to.middle() + below;
    assert!((from.y..from.bottom()).contains(&y), "a horizontal arrow");
    let points = if from.x < to.x {
        [(from.right(), y), (to.x, y)]
    } else {
        [(from.x, y), (to.right(), y)]
    };
    drawing.arrow(&points, colour);
}

struct Emission {
    load: Area,
    calls: Area,
    checks: Area,
}

fn emission(drawing: &mut Drawing) -> Emission {
    let mut step =
        |y: i32, colour: Colour, lines: &[&str]| boxed(drawing, EMISSION, y, colour, false, lines);
    let load = step(
        52,
        Green,
        &["1  Read the list", "from the cell, without a lock"],
    );
    let calls = step(
        136,
        Green,
        &["2  Call slot after slot", "as long as the checks say: none"],
    );
    let checks = step(
        244,
        Blue,
        &[
            "3  Or look at each slot first",
            "gone, blocked or used up: pass it",
            "else charge its budget, clone",
            "the arguments, call it",
        ],
    );
    let end = step(
        372,
        Grey,
        &[
            "4  Let go of the list",
            "if it was the last to hold it,",
            "drop the slots that have left",
        ],
    );
    let x = EMISSION.0 + 24;
    for (from, to) in [(load, calls), (calls, checks), (checks, end)] {
        drawing.arrow(&[(x, from.bottom()), (x, to.y)], Grey);
    }
    let y = 215;
    drawing.dashed_line(&[(EMISSION.0, y), (EMISSION.0 + EMISSION.1, y)], Blue);
    drawing.text((x + 14, y - 7), "green", "the fast path");
    drawing.text((x + 14, y + 19), "blue", "ends at the first other answer");
    drawing.heading((EMISSION.0, 24), Green, "An emission, on any thread");
    drawing.text((EMISSION.0, 42), "q", "holds its list, and no lock");
    Emission {
        load,
        calls,
        checks,
    }
}

struct Shared {
    cell: Area,
    checks: Area,
    slot: Area,
    copy: Area,
}

fn shared(drawing: &mut Drawing) -> Shared {
    drawing.heading((SHARED.0, 24), Grey, "What both see");
    let mut part =
        |y: i32, dashed: bool, lines: &[&str]| boxed(drawing, SHARED, y, Grey, dashed, lines);
    let cell = part(52, false, &["The cell", "what the next one reads"]);
    let checks = part(154, false, &["Its checks", "none, some, or all slots"]);
    let slot = part(
        260,
        false,
        &["Its slots", "each a mark, a budget,", "and a closure"],
    );
    let copy = part(
        372,
        true,
        &["A copy", "without what has left,", "with what is new"],
    );
    let list = Area {
        x: SHARED.0 - 10,
        y: 124,
        width: SHARED.1 + 20,
        height: slot.bottom() + 10 - 124,
    };
    drawing.frame(list);
    drawing.text((SHARED.0 + 10, 143), "q", "The list that it has read");
    Shared {
        cell,
        checks,
        slot,
        copy,
    }
}

struct Change {
    take: Area,
    copy: Area,
    mark: Area,
    publish: Area,
}

fn change(drawing: &mut Drawing) -> Change {
    let mut step =
        |y: i32, colour: Colour, lines: &[&str]| boxed(drawing, CHANGE, y, colour, false, lines);
    let take = step(52, Red, &["1  Lock, take the list", "out of the cell"]);
    let copy = step(
        136,
        Red,
        &[
            "2  Is it being read?",
            "no: edit its slots",
            "yes: let it check all slots,",
            "and edit a copy",
        ],
    );
    let mark = step(264, Red, &["3  Mark the slot", "as gone"]);
    let publish = step(
        372,
        Red,
        &["4  Publish, then unlock", "the copy, if there is one"],
    );
    let end = step(
        464,
        Grey,
        &["5  Drop what was removed", "closures, and what they own"],
    );
    let y = 446;
    drawing.dashed_line(&[(CHANGE.0, y), (CHANGE.0 + CHANGE.1, y)], Red);
    drawing.text(
        (CHANGE.0 + 10, y - 8),
        "red",
        "the mutex is held until here",
    );
    let x = CHANGE.0 + CHANGE.1 - 24;
    for (from, to) in [(take, copy), (copy, mark), (mark, publish), (publish, end)] {
        drawing.arrow(&[(x, from.bottom()), (x, to.y)], Grey);
    }
    drawing.heading((CHANGE.0, 24), Red, "A change, on any thread");
    drawing.text((CHANGE.0, 42), "q", "connect or disconnect");
    Change {
        take,
        copy,
        mark,
        publish,
    }
}

fn boxed(
    drawing: &mut Drawing,
    (x, width): (i32, i32),
    y: i32,
    colour: Colour,
    dashed: bool,
    lines: &[&str],
) -> Area {
    drawing.boxed(&Boxed {
        at: (x, y),
        width,
        colour,
        dashed,
        call: "",
        lines,
    })
}

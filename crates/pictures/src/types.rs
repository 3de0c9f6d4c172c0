//! The types, and who hands out whom: two trees below the signal.

use crate::drawing::Colour::{Blue, Green, Grey, Red};
use crate::drawing::{Area, Boxed, Colour, Drawing};

/// The distance between the tops of two boxes of a tree.
const STEP: i32 = 62;
/// Where the boxes of the trees begin.
const TOP: i32 = 136;
/// How far below the signal the line to the left tree branches off.
const FORK: i32 = 16;
/// Where the boxes of a tree begin, to the right of its trunk.
const INDENT: i32 = 26;

/// Boxes that somebody hands out, below each other.
struct Tree {
    colour: Colour,
    /// Where the line that leads to the boxes runs down.
    trunk: i32,
    /// Where the boxes end.
    right: i32,
}

impl Tree {
    /// Draws the box of a type, with the call that returns it.
    fn add(&self, drawing: &mut Drawing, row: i32, call: &str, lines: &[&str]) -> Area {
        let x = self.trunk + INDENT;
        let area = drawing.boxed(&Boxed {
            at: (x, TOP + row * STEP),
            width: self.right - x,
            colour: self.colour,
            dashed: false,
            call,
            lines,
        });
        drawing.arrow(
            &[(self.trunk, area.middle()), (x, area.middle())],
            self.colour,
        );
        area
    }

    /// The boxes that `parent` hands out.
    fn below(&self, parent: Area) -> Self {
        Self {
            trunk: parent.x + 18,
            ..*self
        }
    }

    /// Draws the line from a box above to the last of the boxes.
    fn grow(&self, drawing: &mut Drawing, from: i32, last: Area) {
        let points = [(self.trunk, from), (self.trunk, last.middle())];
        drawing.line(&points, self.colour);
    }
}

pub(crate) fn picture() -> String {
    let mut drawing = Drawing::new();
    let signal = sources(&mut drawing);
    let bottom = listen(&mut drawing, signal);
    emit(&mut drawing, signal);
    for (row, legend) in (0..).zip([
        "A box: a type, and the call that returns it.",
        "Arrows to `Connection`: these have `connect` too.",
        "A dashed border: made by `new`.",
    ]) {
        let at = (468, bottom - 38 + 19 * row);
        drawing.text(at, "q", legend);
    }
    drawing.finish(
        bottom + 8,
        "The types of smoke-signal, and which of them hands out which",
    )
}

/// What is handed out to listen. Returns where it ends.
fn listen(drawing: &mut Drawing, signal: Area) -> i32 {
    let fork = signal.bottom() + FORK;
    let tree = Tree {
        colour: Blue,
        trunk: 16,
        right: 392,
    };
    let connector = tree.add(
        drawing,
        0,
        "connector()",
        &["`Connector`", "the right to listen, not to emit"],
    );
    let options = tree.add(
        drawing,
        1,
        "options()",
        &["`ConnectOptions`", "group, first, call limit, waitable"],
    );
    let connection = tree.add(
        drawing,
        2,
        "connect(f)",
        &["`Connection`", "the key of a slot: 8 bytes, `Copy`"],
    );
    let keys = tree.below(connection);
    keys.add(
        drawing,
        3,
        "scoped(key)",
        &["`ScopedConnection`", "disconnects when it is dropped"],
    );
    let guard = keys.add(
        drawing,
        4,
        "block(key)",
        &["`BlockGuard`", "pauses the slot until it is dropped"],
    );
    keys.grow(drawing, connection.bottom(), guard);
    let stream = tree.add(
        drawing,
        5,
        "stream(16)",
        &["`SignalStream`", "emissions, for an async task"],
    );
    let corner = signal.x + 60;
    drawing.line(
        &[
            (corner, signal.bottom()),
            (corner, fork),
            (tree.trunk, fork),
        ],
        Blue,
    );
    tree.grow(drawing, fork, stream);
    drawing.heading((tree.trunk + 12, fork + 22), Blue, "to listen");

    let queue = drawing.boxed(&Boxed {
        at: (connection.x, TOP + 6 * STEP),
        width: connection.width,
        colour: Red,
        dashed: true,
        call: "",
        lines: &["`Queue`", "calls closures on its own thread"],
    });
    let rail = connection.right() + 18;
    for (from, colour, to) in [
        (connector, Blue, connection.middle() - 6),
        (options, Blue, connection.middle() - 6),
        (queue, Red, connection.middle() + 10),
    ] {
        let from = (from.right(), from.middle());
        let points = [from, (rail, from.1), (rail, to), (connection.right(), to)];
        drawing.arrow(&points, colour);
    }
    queue.bottom()
}

/// What is handed out to emit, and to look.
fn emit(drawing: &mut Drawing, signal: Area) {
    let tree = Tree {
        colour: Green,
        trunk: 442,
        right: 824,
    };
    tree.add(
        drawing,
        0,
        "emit(..)",
        &["`Returns<R>`", "the results of all slots, in order"],
    );
    let calls = tree.add(
        drawing,
        1,
        "calls(..)",
        &["`Calls`", "an iterator: each step calls a slot"],
    );
    let adapters = tree.below(calls);
    adapters.add(
        drawing,
        2,
        "keyed()",
        &["`Keyed`", "tells which slot returned what"],
    );
    let unwind = adapters.add(
        drawing,
        3,
        "catch_unwind()",
        &["`CatchUnwind`", "goes on after a slot has panicked"],
    );
    adapters.grow(drawing, calls.bottom(), unwind);
    tree.add(
        drawing,
        4,
        "emitting(..)",
        &["`Emitting`", "a guard that emits when it is dropped"],
    );
    let info = tree.add(
        drawing,
        5,
        "slots()",
        &["`SlotInfo`", "who listens, and from which line"],
    );
    tree.grow(drawing, signal.bottom(), info);
    drawing.heading(
        (tree.trunk + 12, signal.bottom() + FORK + 22),
        Green,
        "to emit, and to look",
    );
}

/// What a program begins with. Returns the box of the signal.
fn sources(drawing: &mut Drawing) -> Area {
    let registry = drawing.boxed(&Boxed {
        at: (16, 20),
        width: 200,
        colour: Grey,
        dashed: true,
        call: "",
        lines: &["`Registry`", "signals by name"],
    });
    let signal = drawing.boxed(&Boxed {
        at: (334, 8),
        width: 250,
        colour: Grey,
        dashed: true,
        call: "",
        lines: &[
            "`Signal<A, R>`",
            "`LocalSignal`: on one thread",
            "`AsyncSignal`: slots are async",
        ],
    });
    let y = registry.middle();
    drawing.arrow(&[(registry.right(), y), (signal.x, y)], Grey);
    drawing.text((registry.right() + 12, y - 8), "", "`signal(name)`");
    signal
}

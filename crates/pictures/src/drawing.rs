//! Boxes, arrows and texts as SVG, in colours that the reader's light or dark page chooses.
//!
//! Fonts differ from reader to reader. So texts are measured with generous widths, and a box that is too small for its
//! text is a panic.

/// The width of the pictures: about that of a README.
pub(crate) const WIDTH: i32 = 840;

/// The least room between a text and the border of its box.
const MARGIN: i32 = 10;
/// The distance between the baselines of the lines of a box.
const LINE: i32 = 18;

const STYLE: &str = "\
text { font: 13px system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', sans-serif; fill: #1f2328 }
.b { font-weight: 600; font-size: 14px }
.c { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace; font-size: 12px }
.q { fill: #59636e }
rect { fill: #f6f8fa; stroke: #d1d9e0; stroke-width: 1.2 }
path { fill: none; stroke: #59636e; stroke-width: 1.6 }
marker path { fill: #59636e; stroke: none }
.dashed { stroke-dasharray: 5 4 }
.frame { fill: none; stroke: #d1d9e0 }
.blue { fill: #0969da } rect.blue { fill: #ddf4ff; stroke: #54aeff } path.blue { fill: none; stroke: #0969da } marker path.blue { fill: #0969da }
.green { fill: #1a7f37 } rect.green { fill: #dafbe1; stroke: #4ac26b } path.green { fill: none; stroke: #1a7f37 } marker path.green { fill: #1a7f37 }
.red { fill: #bc4c00 } rect.red { fill: #fff1e5; stroke: #fb8f44 } path.red { fill: none; stroke: #bc4c00 } marker path.red { fill: #bc4c00 }
@media (prefers-color-scheme: dark) {
text { fill: #e6edf3 }
.q { fill: #9198a1 }
rect { fill: #151b23; stroke: #3d444d }
path { stroke: #9198a1 }
marker path { fill: #9198a1 }
.frame { fill: none; stroke: #3d444d }
.blue { fill: #79c0ff } rect.blue { fill: #121d2f; stroke: #1f6feb } path.blue { fill: none; stroke: #58a6ff } marker path.blue { fill: #58a6ff }
.green { fill: #56d364 } rect.green { fill: #12261e; stroke: #238636 } path.green { fill: none; stroke: #3fb950 } marker path.green { fill: #3fb950 }
.red { fill: #ffa657 } rect.red { fill: #2a1d12; stroke: #bd561d } path.red { fill: none; stroke: #f0883e } marker path.red { fill: #f0883e }
}";

/// What a box, an arrow or a text is about.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Colour {
    Grey,
    Blue,
    Green,
    Red,
}

impl Colour {
    fn class(self) -> &'static str {
        match self {
            Self::Grey => "",
            Self::Blue => "blue",
            Self::Green => "green",
            Self::Red => "red",
        }
    }

    /// The name of the head of its arrows.
    fn marker(self) -> &'static str {
        match self {
            Self::Grey => "to",
            Self::Blue => "to-blue",
            Self::Green => "to-green",
            Self::Red => "to-red",
        }
    }
}

fn class(colour: Colour, dashed: bool) -> String {
    let dashed = if dashed { "dashed" } else { "" };
    format!("{} {dashed}", colour.class()).trim().to_owned()
}

/// A box with lines of text, of which the first is a heading.
pub(crate) struct Boxed<'l> {
    pub(crate) at: (i32, i32),
    pub(crate) width: i32,
    pub(crate) colour: Colour,
    /// Whether its border is dashed.
    pub(crate) dashed: bool,
    /// Code at the right of the heading.
    pub(crate) call: &'l str,
    pub(crate) lines: &'l [&'l str],
}

/// Where something is.
#[derive(Clone, Copy)]
pub(crate) struct Area {
    pub(crate) x: i32,
    pub(crate) y: i32,
    pub(crate) width: i32,
    pub(crate) height: i32,
}

impl Area {
    pub(crate) fn right(self) -> i32 {
        self.x + self.width
    }

    pub(crate) fn bottom(self) -> i32 {
        self.y + self.height
    }

    pub(crate) fn middle(self) -> i32 {
        self.y + self.height / 2
    }
}

pub(crate) struct Drawing {
    elements: String,
}

impl Drawing {
    pub(crate) fn new() -> Self {
        Self {
            elements: String::new(),
        }
    }

    /// Draws a box as high as its lines need.
    pub(crate) fn boxed(&mut self, boxed: &Boxed<'_>) -> Area {
        let Boxed {
            at: (x, y),
            width,
            colour,
            dashed,
            call,
            lines,
        } = *boxed;
        let rows = i32::try_from(lines.len()).expect("few lines");
        let height = rows * LINE + 14;
        let class = class(colour, dashed);
        self.element(&format!(
            r#"<rect class="{class}" x="{x}" y="{y}" width="{width}" height="{height}" rx="7"/>"#
        ));
        for (row, line) in (0..).zip(lines) {
            let beside = if row == 0 {
                width_of(&format!("`{call}`"), false)
            } else {
                0
            };
            let needed = width_of(line, row == 0) + beside + 2 * MARGIN;
            assert!(needed <= width, "`{line}` needs {needed}, not {width}");
            let class = if row == 0 { "b" } else { "" };
            self.text((x + MARGIN, y + 21 + row * LINE), class, line);
        }
        if !call.is_empty() {
            let (class, x, y) = (colour.class(), x + width - MARGIN, y + 21);
            let call = spans(&format!("`{call}`"));
            self.element(&format!(
                r#"<text class="{class}" x="{x}" y="{y}" text-anchor="end">{call}</text>"#
            ));
        }
        Area {
            x,
            y,
            width,
            height,
        }
    }

    pub(crate) fn heading(&mut self, at: (i32, i32), colour: Colour, text: &str) {
        self.text(at, &format!("b {}", colour.class()), text);
    }

    /// Draws a text that begins at a position. What is in backticks is code.
    pub(crate) fn text(&mut self, (x, y): (i32, i32), class: &str, text: &str) {
        let end = x + width_of(text, class.starts_with('b'));
        assert!(x >= 0 && end <= WIDTH, "`{text}` is cut off: {end}");
        let text = spans(text);
        self.element(&format!(
            r#"<text class="{class}" x="{x}" y="{y}">{text}</text>"#
        ));
    }

    /// Draws straight lines through points.
    pub(crate) fn line(&mut self, points: &[(i32, i32)], colour: Colour) {
        self.path(points, &class(colour, false), "");
    }

    pub(crate) fn dashed_line(&mut self, points: &[(i32, i32)], colour: Colour) {
        self.path(points, &class(colour, true), "");
    }

    /// Draws straight lines with a head at the last point.
    pub(crate) fn arrow(&mut self, points: &[(i32, i32)], colour: Colour) {
        let head = format!(r#" marker-end="url(#{})""#, colour.marker());
        self.path(points, &class(colour, false), &head);
    }

    pub(crate) fn dashed_arrow(&mut self, points: &[(i32, i32)], colour: Colour) {
        let head = format!(r#" marker-end="url(#{})""#, colour.marker());
        self.path(points, &class(colour, true), &head);
    }

    /// Draws a frame around other things.
    pub(crate) fn frame(&mut self, area: Area) {
        let Area {
            x,
            y,
            width,
            height,
        } = area;
        self.element(&format!(
            r#"<rect class="frame" x="{x}" y="{y}" width="{width}" height="{height}" rx="10"/>"#
        ));
    }

    fn path(&mut self, points: &[(i32, i32)], class: &str, head: &str) {
        let points = points.iter().map(|(x, y)| format!("{x} {y}"));
        let path = Vec::from_iter(points).join("L");
        self.element(&format!(r#"<path class="{class}" d="M{path}"{head}/>"#));
    }

    fn element(&mut self, element: &str) {
        self.elements += &element.replace(r#" class="""#, "");
        self.elements.push('\n');
    }

    /// The file. `title` is for those who do not see the picture.
    pub(crate) fn finish(self, height: i32, title: &str) -> String {
        let markers = [Colour::Grey, Colour::Blue, Colour::Green, Colour::Red].map(|colour| {
            let (name, class) = (colour.marker(), colour.class());
            format!(
                "<marker id=\"{name}\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"8\" markerHeight=\"8\" \
                 markerUnits=\"userSpaceOnUse\" orient=\"auto\"><path class=\"{class}\" d=\"M0 0L8 4L0 8z\"/></marker>\n"
            )
        });
        let markers = markers.concat();
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" width=\"{WIDTH}\" \
             height=\"{height}\" role=\"img\">\n<title>{title}</title>\n<style>{STYLE}</style>\n<defs>\n{markers}</defs>\n\
             {}</svg>\n",
            self.elements
        )
    }
}

/// The text with what is in backticks as code.
fn spans(text: &str) -> String {
    let text = text
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;");
    let parts = text.split('`').enumerate();
    let spans = parts.map(|(nth, part)| match nth % 2 {
        0 => part.to_owned(),
        _ => format!(r#"<tspan class="c">{part}</tspan>"#),
    });
    spans.collect()
}

/// How much room a text needs in a wide font.
fn width_of(text: &str, bold: bool) -> i32 {
    let parts = text.split('`').enumerate();
    let tenths = parts.map(|(nth, part)| {
        let each = match (nth % 2 == 0, bold) {
            (true, false) => 72,
            (true, true) => 84,
            (false, false) => 73,
            (false, true) => 80,
        };
        i32::try_from(part.chars().count()).expect("a short text") * each
    });
    tenths.sum::<i32>() / 10
}

//! A subscriber that records what it is told, as text.

use std::collections::BTreeMap;
use std::fmt::{self, Write};
use std::mem;
use std::panic::Location;
use std::sync::{Arc, LazyLock, Mutex};

use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id, Record};
use tracing::{Dispatch, Event, Level, Metadata, Subscriber, subscriber};

/// What a subscriber was told. Clones share one log.
#[derive(Clone)]
pub(crate) struct Log {
    level: Level,
    /// The line that others are counted from.
    base: u32,
    told: Arc<Mutex<Told>>,
}

#[derive(Default)]
struct Told {
    lines: Vec<String>,
    /// The text of each span.
    spans: BTreeMap<u64, String>,
    last_id: u64,
    /// How many spans are entered.
    depth: usize,
}

impl Log {
    /// A log that hears of this level and those above it. Lines are counted from the line that calls this.
    #[track_caller]
    pub(crate) fn at(level: Level) -> Self {
        Self {
            level,
            base: Location::caller().line(),
            told: Arc::default(),
        }
    }

    /// Runs `work` with this log as the subscriber of the thread.
    pub(crate) fn during<T>(&self, work: impl FnOnce() -> T) -> T {
        with_default(self.clone(), work)
    }

    /// Returns what was told since the last `take`.
    ///
    /// A span is `+ DEBUG emit{..}` when it is made, `> emit{..}` and `< emit{..}` when it is entered and exited, `- emit{..}`
    /// when it is closed. What is told inside a span is indented. Of a location only the line is shown, counted from that
    /// of the log: `@-2` is two lines above it. The field `connection` is left out.
    pub(crate) fn take(&self) -> Vec<String> {
        mem::take(&mut self.told.lock().unwrap().lines)
    }

    fn tell(&self, change: impl FnOnce(&mut Told) -> String) {
        let mut told = self.told.lock().unwrap();
        let line = change(&mut told);
        let indented = "  ".repeat(told.depth) + &line;
        told.lines.push(indented);
    }
}

/// Runs `work` with a subscriber of this thread.
pub(crate) fn with_default<T>(
    subscriber: impl Subscriber + Send + Sync + 'static,
    work: impl FnOnce() -> T,
) -> T {
    LazyLock::force(&DEAF);
    subscriber::with_default(subscriber, work)
}

/// Two subscribers that want to hear of nothing. If there is only one subscriber in the process, `tracing` takes it for
/// granted that it is that of the thread which first comes to a place that tells something, and asks no other again. So
/// what a thread without a subscriber did first, another one would never be told.
static DEAF: LazyLock<[Dispatch; 2]> = LazyLock::new(|| [Deaf, Deaf].map(Dispatch::new));

struct Deaf;

impl Subscriber for Deaf {
    fn enabled(&self, _metadata: &Metadata<'_>) -> bool {
        false
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(LevelFilter::OFF)
    }

    fn new_span(&self, _attributes: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _span: &Id, _values: &Record<'_>) {}

    fn record_follows_from(&self, _span: &Id, _follows: &Id) {}

    fn event(&self, _event: &Event<'_>) {}

    fn enter(&self, _span: &Id) {}

    fn exit(&self, _span: &Id) {}
}

/// Returns what a subscriber of all levels is told while `work` runs. Lines are counted from the line that calls this.
#[track_caller]
pub(crate) fn log<T>(work: impl FnOnce() -> T) -> Vec<String> {
    let log = Log::at(Level::TRACE);
    log.during(work);
    log.take()
}

/// Returns the events among what is told while `work` runs, without level and indentation.
#[track_caller]
pub(crate) fn events<T>(work: impl FnOnce() -> T) -> Vec<String> {
    events_of(log(work))
}

pub(crate) fn events_of(lines: Vec<String>) -> Vec<String> {
    let events = lines.into_iter().map(|line| line.trim_start().to_owned());
    let events = events.filter(|line| !line.starts_with(['+', '-', '<', '>']));
    events
        .map(|line| line.split_once(' ').expect("a level").1.to_owned())
        .collect()
}

/// The spans in a log, as they are made.
pub(crate) fn made(lines: Vec<String>) -> Vec<String> {
    let lines = lines.into_iter().map(|line| line.trim_start().to_owned());
    lines.filter(|line| line.starts_with('+')).collect()
}

impl Subscriber for Log {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        *metadata.level() <= self.level
    }

    fn new_span(&self, attributes: &Attributes<'_>) -> Id {
        let mut text = Text::new(self.base);
        attributes.record(&mut text);
        let metadata = attributes.metadata();
        assert_eq!(metadata.target(), "smoke_signal");
        let span = format!("{}{{{}}}", metadata.name(), text.fields.trim_start());
        let mut id = 0;
        self.tell(|told| {
            told.last_id += 1;
            id = told.last_id;
            told.spans.insert(id, span.clone());
            format!("+ {} {span}", metadata.level())
        });
        Id::from_u64(id)
    }

    fn record(&self, _span: &Id, _values: &Record<'_>) {}

    fn record_follows_from(&self, _span: &Id, _follows: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut text = Text::new(self.base);
        event.record(&mut text);
        let metadata = event.metadata();
        assert_eq!(metadata.target(), "smoke_signal");
        assert!(event.is_contextual());
        self.tell(|_| format!("{} {}{}", metadata.level(), text.message, text.fields));
    }

    fn enter(&self, span: &Id) {
        self.tell(|told| format!("> {}", told.spans[&span.into_u64()]));
        self.told.lock().unwrap().depth += 1;
    }

    fn exit(&self, span: &Id) {
        self.tell(|told| {
            told.depth -= 1;
            format!("< {}", told.spans[&span.into_u64()])
        });
    }

    fn try_close(&self, id: Id) -> bool {
        self.tell(|told| {
            let span = told.spans.remove(&id.into_u64());
            format!("- {}", span.expect("it is open"))
        });
        true
    }
}

/// The message and the other fields of a span or an event.
struct Text {
    base: u32,
    message: String,
    fields: String,
}

impl Text {
    fn new(base: u32) -> Self {
        Self {
            base,
            message: String::new(),
            fields: String::new(),
        }
    }

    fn add(&mut self, field: &Field, value: impl fmt::Display) {
        match field.name() {
            "message" => self.message = value.to_string(),
            "connection" => assert!(value.to_string().contains('v'), "a key"),
            name => write!(self.fields, " {name}={value}").unwrap(),
        }
    }
}

impl Visit for Text {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let text = format!("{value:?}");
        // `%` makes a location a `Debug` that shows file, line and column.
        match text.rsplitn(3, ':').collect::<Vec<_>>()[..] {
            [column, line, file] if file.contains(".rs") => {
                assert!(column.parse::<u32>().is_ok(), "{text}");
                let line: i64 = line.parse().expect("a number");
                self.add(field, format_args!("@{:+}", line - i64::from(self.base)));
            }
            _ => self.add(field, text),
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.add(field, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.add(field, value);
    }
}

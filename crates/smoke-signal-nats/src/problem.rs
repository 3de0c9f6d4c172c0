//! What went wrong, for those who operate the program.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// Something that went wrong without an error for anybody: a message was lost or skipped, a slot panicked, the server is
/// gone. Given to [`Builder::on_problem`](crate::Builder::on_problem), and logged with `tracing` at the level WARN unless
/// that is set.
///
/// Each kind is reported once for each subject, and counted in [`Stats`](crate::Stats) each time. The exceptions are
/// [`Disconnected`](ProblemKind::Disconnected) and [`SetAside`](ProblemKind::SetAside), which are reported each time.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Problem {
    /// What kind it is of.
    pub kind: ProblemKind,
    /// The subject concerned, if it is about one.
    pub subject: Option<Arc<str>>,
    /// What happened, for people.
    pub detail: String,
}

/// The kinds of [`Problem`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ProblemKind {
    /// The connection was lost, or cannot be made. The bridge tries again by itself.
    Disconnected,
    /// The server refused something, for example a permission is missing or a stream is full.
    Server,
    /// The outgoing queue is full. ([`refused`](crate::Stats::refused))
    Full,
    /// The codec has no form for the arguments of an emission. ([`refused`](crate::Stats::refused))
    Unencodable,
    /// An emission is larger than the limit of the bridge or of the server. ([`refused`](crate::Stats::refused))
    TooLarge,
    /// Messages were lost on the way. ([`missed`](crate::Stats::missed))
    Missed,
    /// A message was skipped. ([`undecodable`](crate::Stats::undecodable))
    Undecodable,
    /// A slot panicked. ([`panicked`](crate::Stats::panicked))
    Panicked,
    /// Slots panicked at each delivery of a message, which has been given up. ([`set_aside`](crate::Stats::set_aside))
    SetAside,
    /// Something has passed through too many bridges. ([`looped`](crate::Stats::looped))
    Looped,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.subject {
            Some(subject) => write!(f, "{subject}: {}", self.detail),
            None => f.write_str(&self.detail),
        }
    }
}

type Hook = dyn Fn(&Problem) + Send + Sync;

/// Where problems go.
#[derive(Clone, Default)]
pub(crate) struct Reporter {
    hook: Option<Arc<Hook>>,
}

impl Reporter {
    pub(crate) fn new(hook: impl Fn(&Problem) + Send + Sync + 'static) -> Self {
        Self {
            hook: Some(Arc::new(hook)),
        }
    }

    /// Reports. A panic of the hook ends here, because it would end a thread of ours or an emission.
    pub(crate) fn report(&self, kind: ProblemKind, subject: Option<Arc<str>>, detail: String) {
        let problem = Problem {
            kind,
            subject,
            detail,
        };
        if let Some(hook) = &self.hook {
            crate::discard::quietly(catch_unwind(AssertUnwindSafe(|| hook(&problem))));
        } else {
            tracing::warn!(kind = ?problem.kind, "{problem}");
        }
    }

    /// Reports if `reported` does not have this kind yet. `detail` is called only then.
    pub(crate) fn once(
        &self,
        reported: &Reported,
        kind: ProblemKind,
        subject: &Arc<str>,
        detail: impl FnOnce() -> String,
    ) {
        if reported.first(kind) {
            self.report(kind, Some(Arc::clone(subject)), detail());
        }
    }
}

impl fmt::Debug for Reporter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reporter").finish_non_exhaustive()
    }
}

/// The kinds that have been reported.
#[derive(Debug, Default)]
pub(crate) struct Reported(AtomicU32);

impl Reported {
    /// True once for each kind.
    fn first(&self, kind: ProblemKind) -> bool {
        let bit = 1 << kind as u32;
        self.0.load(Ordering::Relaxed) & bit == 0
            && self.0.fetch_or(bit, Ordering::Relaxed) & bit == 0
    }
}

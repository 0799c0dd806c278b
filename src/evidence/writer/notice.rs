//! What a log says about itself, as records of their own types (docs/evidence/record-v1.md). The
//! writer knows when; how such a record reads is for whoever opens the log to say.

use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use transparency_log::Checkpoint;

type MakeRecord = dyn Fn(&Notice<'_>) -> Vec<u8> + Send + Sync;

/// Makes the bytes of the record about a notice.
#[derive(Clone)]
pub struct Notices(Arc<MakeRecord>);

impl Notices {
    /// Calls this for each notice. What it returns must fit into a log.
    pub fn new(record: impl Fn(&Notice<'_>) -> Vec<u8> + Send + Sync + 'static) -> Self {
        Self(Arc::new(record))
    }

    /// The bytes of the record about a notice.
    pub fn record(&self, notice: &Notice<'_>) -> Vec<u8> {
        (self.0)(notice)
    }
}

impl fmt::Debug for Notices {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Notices")
    }
}

/// Something that happened to a log.
#[derive(Debug)]
pub enum Notice<'a> {
    /// It begins, or a process goes on with it.
    Start {
        /// The head that it goes on from: of this log, or of the replica's log before it.
        resumes: Option<&'a Checkpoint>,
    },
    /// It ends, or a process stops writing it.
    Stop {
        /// Why.
        reason: StopReason,
        /// The origin of the log that follows.
        next: Option<&'a str>,
    },
    /// Records were lost.
    Gap(&'a Gap),
    /// What other logs' heads were.
    CrossLink(&'a [SeenHead]),
}

/// Why nobody writes any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StopReason {
    /// The process was asked to end.
    Signal,
    /// The process ends because of an error.
    Error,
    /// The log is old or large enough.
    RollOver,
}

/// Records that were lost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gap {
    /// How many.
    pub count: u64,
    /// When the first was lost.
    pub from: SystemTime,
    /// When the last was.
    pub to: SystemTime,
    /// What kept them from being written.
    pub cause: GapCause,
}

/// What kept records from being written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum GapCause {
    /// The store failed.
    Storage,
    /// Too many waited.
    QueueFull,
    /// No log can hold a record that large.
    TooLarge,
}

/// The head of another log as it was seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenHead {
    /// What it says.
    pub head: Checkpoint,
    /// The signed note, whole.
    pub note: String,
}

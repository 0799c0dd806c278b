//! Records as lines on standard output, for the cluster's log pipeline.
//!
//! One thread writes: whoever waits shares one write with all that wait. What could not be written is
//! told by a gap record as soon as something can be.

use std::io::Write;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use tokio::sync::oneshot;

use crate::evidence::digest::Digest;
use crate::evidence::record::Entry;
use crate::evidence::writer::{Gap, GapCause, Notice, Notices, StopReason};

/// How many records may wait. With `before-response` there are never more than connections.
const QUEUE_MAX: usize = 4096;
/// How many records one write takes.
const BATCH_MAX: usize = 256;

/// Why a line is not written.
#[derive(Clone, Debug, thiserror::Error)]
pub enum LineError {
    /// They come faster than the pipe takes them.
    #[error("too many records wait for standard output")]
    QueueFull,
    /// The pipe is broken.
    #[error("standard output does not take records: {0}")]
    Write(Arc<str>),
    /// The writer has ended.
    #[error("the server is stopping")]
    Closed,
}

type Answer = Result<(), LineError>;

enum Message {
    Item {
        entry: Entry,
        at: SystemTime,
        answer: Option<oneshot::Sender<Answer>>,
    },
    Close(oneshot::Sender<()>),
}

/// Writes lines.
pub struct Lines {
    queue: SyncSender<Message>,
    losses: Losses,
}

/// What was lost and is not told yet.
#[derive(Clone, Default)]
struct Losses(Arc<Mutex<Option<Gap>>>);

impl Losses {
    fn add(&self, cause: GapCause, at: SystemTime) {
        let mut gap = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let gap = gap.get_or_insert(Gap {
            count: 0,
            from: at,
            to: at,
            cause,
        });
        gap.count += 1;
        gap.from = gap.from.min(at);
        gap.to = gap.to.max(at);
    }

    fn take(&self) -> Option<Gap> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Puts back what could not be told.
    fn restore(&self, untold: Gap) {
        let mut gap = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *gap = Some(match gap.take() {
            None => untold,
            Some(later) => Gap {
                count: untold.count + later.count,
                to: untold.to.max(later.to),
                ..untold
            },
        });
    }
}

impl Lines {
    /// Begins to write to `out`, which `notices` open.
    ///
    /// # Errors
    /// When there is no thread for it.
    pub fn start(out: impl Write + Send + 'static, notices: Notices) -> std::io::Result<Self> {
        let (queue, waiting) = sync_channel(QUEUE_MAX);
        let losses = Losses::default();
        let writer = Writer {
            out,
            notices,
            losses: losses.clone(),
            number: 0,
            is_torn: false,
        };
        std::thread::Builder::new()
            .name("evidence".to_owned())
            .spawn(move || writer.run(&waiting))?;
        Ok(Self { queue, losses })
    }

    /// Writes a record; returns when the pipe has it.
    ///
    /// # Errors
    /// [`LineError`].
    pub async fn append(&self, entry: Entry) -> Answer {
        let (answer, answered) = oneshot::channel();
        self.send(entry, Some(answer))?;
        answered.await.unwrap_or(Err(LineError::Closed))
    }

    /// Writes a record without waiting.
    ///
    /// # Errors
    /// When too many wait.
    pub fn enqueue(&self, entry: Entry) -> Answer {
        self.send(entry, None)
    }

    fn send(&self, entry: Entry, answer: Option<oneshot::Sender<Answer>>) -> Answer {
        let at = SystemTime::now();
        match self.queue.try_send(Message::Item { entry, at, answer }) {
            Ok(()) => Ok(()),
            Err(TrySendError::Full(_)) => {
                self.losses.add(GapCause::QueueFull, at);
                Err(LineError::QueueFull)
            }
            Err(TrySendError::Disconnected(_)) => Err(LineError::Closed),
        }
    }

    /// Writes what waits, and the end.
    pub async fn close(&self) {
        let (closed, is_closed) = oneshot::channel();
        let queue = self.queue.clone();
        // The queue may be full of what waits before it.
        let sent = tokio::task::spawn_blocking(move || queue.send(Message::Close(closed)).is_ok());
        if sent.await.unwrap_or_default() {
            let _ = is_closed.await;
        }
    }
}

struct Writer<W> {
    out: W,
    notices: Notices,
    losses: Losses,
    number: u64,
    /// Whether the last line may be without its end.
    is_torn: bool,
}

impl<W: Write> Writer<W> {
    fn run(mut self, waiting: &Receiver<Message>) {
        let mut first = Vec::new();
        self.add_notice(&Notice::Start { resumes: None }, &mut first);
        if self.write(&first).is_err() {
            self.losses.add(GapCause::Storage, SystemTime::now());
        }
        while let Ok(message) = waiting.recv() {
            let more = std::iter::from_fn(|| waiting.try_recv().ok());
            let batch: Vec<Message> = std::iter::once(message)
                .chain(more)
                .take(BATCH_MAX)
                .collect();
            if let Some(closed) = self.write_batch(batch) {
                let _ = closed.send(());
                return;
            }
        }
    }

    /// Writes a batch at once; returns whom to tell of the end when it is the last.
    fn write_batch(&mut self, batch: Vec<Message>) -> Option<oneshot::Sender<()>> {
        let mut text = Vec::new();
        let (mut answers, mut closing) = (Vec::new(), None);
        let gap = self.losses.take();
        if let Some(gap) = &gap {
            self.add_notice(&Notice::Gap(gap), &mut text);
        }
        for message in batch {
            match message {
                Message::Item { entry, at, answer } => {
                    self.add(&entry.bytes, entry.leaf, &mut text);
                    answers.push((at, answer));
                }
                Message::Close(closed) => {
                    let reason = StopReason::Signal;
                    self.add_notice(&Notice::Stop { reason, next: None }, &mut text);
                    closing = Some(closed);
                }
            }
        }
        let result = self.write(&text);
        if result.is_err() {
            if let Some(gap) = gap {
                self.losses.restore(gap);
            }
            answers
                .iter()
                .for_each(|(at, _)| self.losses.add(GapCause::Storage, *at));
        }
        for answer in answers.into_iter().filter_map(|(_, answer)| answer) {
            // Who waited may have given up.
            let _ = answer.send(result.clone());
        }
        closing
    }

    fn add_notice(&mut self, notice: &Notice<'_>, text: &mut Vec<u8>) {
        let bytes = self.notices.record(notice);
        self.add(&bytes, Digest::of_leaf(&bytes), text);
    }

    fn add(&mut self, record: &[u8], leaf: Digest, text: &mut Vec<u8>) {
        let head = format!(r#"{{"leaf":"{leaf}","number":{},"record":"#, self.number);
        text.extend_from_slice(head.as_bytes());
        text.extend_from_slice(record);
        text.extend_from_slice(b"}\n");
        // A number that is missing from the pipeline is a line that was lost.
        self.number += 1;
    }

    fn write(&mut self, text: &[u8]) -> Answer {
        // What is left of a line that could not be written must not spoil the next one.
        let end: &[u8] = if self.is_torn { b"\n" } else { b"" };
        let written = self
            .out
            .write_all(end)
            .and_then(|()| self.out.write_all(text));
        let written = written.and_then(|()| self.out.flush());
        self.is_torn = written.is_err();
        written.map_err(|error| LineError::Write(error.to_string().into()))
    }
}

#[cfg(test)]
mod tests;

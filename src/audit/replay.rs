//! Replaying audit logs: what would have been refused, and for whom, before anyone enforces it.
//!
//! An audit log holds objects as they were sent, before admission; of a patch only the bytes, unless
//! it was told to keep answers; and never what was there before. What rests on that is not
//! evaluated. Everything is judged as the webhook would have judged it, one event at a time.

use std::collections::{HashMap, HashSet, VecDeque};
use std::fs::File;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io::{self, BufRead, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use admission_cel::json::{Json, ParseOptions};
use admission_policy::request::Operation;
use bumpalo::Bump;
use clap::Args;

pub(crate) mod event;
pub(crate) mod lines;
mod query;
pub mod report;
mod sent;

use self::event::{Event, Wish};
use self::lines::{Line, Lines};
use self::sent::{Reader, Reading};
use super::examine::Examiner;
use super::inputs::Inputs;
use super::outcome::{AuditLogOrigin, Origin, Outcome, State, Subject};
use crate::policy::prose::count;

/// What a file that gzip made begins with.
const GZIP: [u8; 2] = [0x1f, 0x8b];
/// How many requests are remembered, so that what two logs hold is judged once; 8 bytes each.
const REMEMBERED_MAX: usize = 1_000_000;

/// Which logs to replay.
#[derive(Args, Clone, Debug, Default)]
pub struct ReplayArguments {
    /// Judge the requests in this audit log of an API server instead, level Request or above; `-` is
    /// standard input (may be given several times, in the order of time). Manifests that are given
    /// as well say what is known of the cluster
    #[arg(long = "audit-log", value_name = "FILE")]
    logs: Vec<PathBuf>,
}

impl ReplayArguments {
    /// Whether anything is to be replayed.
    pub fn is_given(&self) -> bool {
        !self.logs.is_empty()
    }

    /// Replays the logs, and says on standard error what was passed over.
    ///
    /// # Errors
    /// That of `report`.
    pub(super) fn replay<E>(
        &self,
        inputs: &Inputs,
        examiner: &Examiner<'_>,
        report: &mut dyn FnMut(Outcome) -> Result<(), E>,
    ) -> Result<(), E> {
        for input in &inputs.files {
            // They are not judged, so nobody else tells of them.
            let unusable = input.read().err();
            unusable.map_or(Ok(()), |why| report(unreadable(file(&input.name()), why)))?;
        }
        let mut replay = Replay {
            reader: Reader {
                set: &examiner.rules.set,
                templates: examiner.rules.baseline.pod_templates(),
                kinds: examiner.known.kinds(),
            },
            examiner,
            namespaces: HashMap::new(),
            seen: Seen::default(),
            passed_over: PassedOver::default(),
        };
        for log in &self.logs {
            replay.log(log, report)?;
        }
        for note in replay.passed_over.notes() {
            eprintln!("note: {note}");
        }
        Ok(())
    }
}

/// What was not judged and need not be told one by one.
#[derive(Debug, Default)]
struct PassedOver {
    bare: usize,
    refused: usize,
    twice: usize,
}

impl PassedOver {
    fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        let mut note = |number: usize, text: &str| {
            if number > 0 {
                notes.push(format!("{} {text}", count(number, "request")));
            }
        };
        note(
            self.bare,
            "not judged: the log holds no object of them; have the API server log them at level \
             Request instead of Metadata",
        );
        note(
            self.refused,
            "not judged: the API server refused them or failed anyway",
        );
        note(self.twice, "judged once, though the logs hold them twice");
        notes
    }
}

/// The requests that were judged last.
#[derive(Debug, Default)]
struct Seen {
    hashes: HashSet<u64>,
    order: VecDeque<u64>,
}

impl Seen {
    /// Whether a request is new.
    fn insert(&mut self, audit_id: &str) -> bool {
        let mut hasher = DefaultHasher::new();
        audit_id.hash(&mut hasher);
        let hash = hasher.finish();
        if !self.hashes.insert(hash) {
            return false;
        }
        self.order.push_back(hash);
        if self.order.len() > REMEMBERED_MAX
            && let Some(oldest) = self.order.pop_front()
        {
            self.hashes.remove(&oldest);
        }
        true
    }
}

struct Replay<'r> {
    reader: Reader<'r>,
    examiner: &'r Examiner<'r>,
    /// Namespaces as the log tells of them, by name.
    namespaces: HashMap<String, String>,
    seen: Seen,
    passed_over: PassedOver,
}

type Report<'r, E> = dyn FnMut(Outcome) -> Result<(), E> + 'r;

impl Replay<'_> {
    fn log<E>(&mut self, path: &Path, report: &mut Report<'_, E>) -> Result<(), E> {
        let name = match path.as_os_str() == "-" {
            true => "<stdin>".to_owned(),
            false => path.display().to_string(),
        };
        let mut lines = match open(path) {
            Ok(lines) => lines,
            Err(error) => return report(unreadable(file(&name), error.to_string())),
        };
        loop {
            let line = match lines.next_document() {
                Ok(None) => return Ok(()),
                Ok(Some(line)) => line,
                Err(error) => return report(unreadable(file(&name), cannot_be_read(&error))),
            };
            self.line(&name, &line, report)?;
        }
    }

    fn line<E>(&mut self, log: &str, line: &Line, report: &mut Report<'_, E>) -> Result<(), E> {
        let arena = Bump::new();
        let options = ParseOptions {
            skip_managed_fields: true,
        };
        let origin = AuditLogOrigin {
            name: format!("{log}:{}", line.number),
            file: log.to_owned(),
            line: line.number,
            ..AuditLogOrigin::default()
        };
        let document = match Json::parse_with(&line.bytes, &arena, options) {
            Ok(document) => document,
            Err(_) if !line.is_ended => {
                let reason = "the log ends within this event, as it does where it is rotated or \
                              still written; the event is not judged";
                return report(Outcome {
                    origin: Origin::AuditLog(Arc::new(origin)),
                    subject: Subject::default(),
                    state: State::NotEvaluated {
                        reason: reason.to_owned(),
                    },
                    workload: None,
                });
            }
            Err(error) => {
                let origin = Origin::AuditLog(Arc::new(origin));
                return report(unreadable(
                    origin,
                    format!("this line is not JSON: {error}"),
                ));
            }
        };
        match Event::all(document) {
            Ok(events) => events
                .into_iter()
                .try_for_each(|event| self.event(event, &origin, report)),
            Err(problem) => report(unreadable(Origin::AuditLog(Arc::new(origin)), problem)),
        }
    }

    fn event<E>(
        &mut self,
        event: Event<'_>,
        line: &AuditLogOrigin,
        report: &mut Report<'_, E>,
    ) -> Result<(), E> {
        let arena = Bump::new();
        let origin = || {
            Origin::AuditLog(Arc::new(AuditLogOrigin {
                audit_id: event.audit_id().to_owned(),
                time: event.time().to_owned(),
                user: event.user().name.to_owned(),
                verb: event.verb().to_owned(),
                ..line.clone()
            }))
        };
        let reading = self.reader.read(event, origin(), &arena);
        let is_new = matches!(reading, Reading::Passed) || self.seen.insert(event.audit_id());
        let outcome = match reading {
            Reading::Passed => None,
            _ if !is_new => {
                // Of a connection, beginning and end are logged.
                let is_connection = event.wish() == Wish::Admitted(Operation::Connect);
                self.passed_over.twice += usize::from(!is_connection);
                None
            }
            Reading::Refused => {
                self.passed_over.refused += 1;
                None
            }
            Reading::Bare => {
                self.passed_over.bare += 1;
                None
            }
            Reading::NotEvaluated(reason) => Some(Outcome {
                origin: origin(),
                subject: subject(event, &self.reader),
                state: State::NotEvaluated { reason },
                workload: None,
            }),
            Reading::Judged(mut candidate) => {
                let namespace = event.reference("namespace");
                let then = self.namespaces.get(namespace);
                candidate.details.namespace = then
                    .and_then(|text| Json::parse(arena.alloc_str(text).as_bytes(), &arena).ok());
                Some(self.examiner.candidate(&candidate))
            }
        };
        // What it says about a namespace holds for later requests.
        match sent::namespace_told(event) {
            Some((name, Some(namespace))) => {
                self.namespaces
                    .insert(name.to_owned(), namespace.to_string());
            }
            Some((name, None)) => {
                self.namespaces.remove(name);
            }
            None => {}
        }
        outcome.map_or(Ok(()), report)
    }
}

/// What is known of an object that is not in the log.
fn subject(event: Event<'_>, reader: &Reader<'_>) -> Subject {
    let (group, version) = (event.reference("apiGroup"), event.reference("apiVersion"));
    let resource = event.reference("resource");
    let kind = reader.kinds.kind_of(group, resource).unwrap_or(resource);
    Subject {
        api_version: match group {
            "" => version.to_owned(),
            group => format!("{group}/{version}"),
        },
        kind: match event.reference("subresource") {
            "" => kind.to_owned(),
            subresource => format!("{kind}/{subresource}"),
        },
        namespace: event.reference("namespace").to_owned(),
        name: event.reference("name").to_owned(),
        ..Subject::default()
    }
}

fn file(name: &str) -> Origin {
    Origin::File(Arc::from(name))
}

fn unreadable(origin: Origin, message: String) -> Outcome {
    Outcome {
        origin,
        subject: Subject::default(),
        state: State::Unreadable {
            message,
            place: None,
        },
        workload: None,
    }
}

fn cannot_be_read(error: &io::Error) -> String {
    format!("cannot be read: {error}")
}

/// Opens a log; of what is compressed it says what to do.
pub(crate) fn open(path: &Path) -> Result<Lines<Box<dyn BufRead>>, String> {
    let source: Box<dyn io::Read> = match path.as_os_str() == "-" {
        true => Box::new(io::stdin()),
        false => Box::new(File::open(path).map_err(|error| cannot_be_read(&error))?),
    };
    let mut reader = BufReader::new(source);
    let mut start = Vec::with_capacity(GZIP.len());
    (&mut reader)
        .take(GZIP.len() as u64)
        .read_to_end(&mut start)
        .map_err(|error| cannot_be_read(&error))?;
    if start == GZIP {
        let shown = path.display();
        return Err(format!(
            "compressed; unpack it: gunzip -c {shown} | cattlegrid … --audit-log -"
        ));
    }
    Ok(Lines::new(Box::new(io::Cursor::new(start).chain(reader))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_latest_requests_are_remembered() {
        let mut seen = Seen::default();
        assert!(seen.insert("a"));
        assert!(!seen.insert("a"));
        for number in 0..REMEMBERED_MAX {
            seen.insert(&number.to_string());
        }
        assert!(seen.insert("a"), "forgotten");
        assert_eq!(seen.order.len(), REMEMBERED_MAX);
        assert_eq!(seen.hashes.len(), REMEMBERED_MAX);
    }
}

//! Keys, head and intent of a log: signatures, and that they belong together.

use transparency_log::note::Note;
use transparency_log::{Checkpoint, VerifierKey};

use super::bundles::records_of;
use super::finding::{Kind, LogReport};
use super::{Expectations, Seen};
use crate::evidence::key;
use crate::evidence::storage::{Storage, StorageError};
use crate::evidence::writer::intent::Intent;

/// The keys of `key.pub`; none if it is missing or unreadable, which is found.
pub async fn keys(
    storage: &dyn Storage,
    report: &mut LogReport,
) -> Result<Vec<VerifierKey>, StorageError> {
    let Some(stored) = storage.read(&report.path("key.pub")).await? else {
        report.find(
            Kind::Removed,
            "key.pub",
            None,
            "the log's public keys are missing",
        );
        return Ok(Vec::new());
    };
    let keys = key::read_public_file(&stored.bytes);
    if keys.is_none() {
        let message = "holds no verifier keys, one a line, of one name";
        report.find(Kind::Malformed, "key.pub", None, message);
    }
    Ok(keys.unwrap_or_default())
}

/// Verifies the head; sets it in the report if it can be believed.
pub fn check_head(
    report: &mut LogReport,
    bytes: &[u8],
    keys: &[VerifierKey],
    expected: &Expectations,
) {
    let (head, note) = match Checkpoint::parse(bytes) {
        Ok(parsed) => parsed,
        Err(error) => {
            report.find(Kind::Malformed, "checkpoint", None, error.to_string());
            return;
        }
    };
    if !report.directory.is_empty() && !head.origin.ends_with(&format!("/{}", report.directory)) {
        let message = format!("is the head of another log, `{}`", head.origin);
        report.find(Kind::Forged, "checkpoint", None, message);
        return;
    }
    if keys.iter().any(|key| key.name() != head.origin) {
        let message = format!("holds keys of another log than `{}`", head.origin);
        report.find(Kind::Forged, "key.pub", None, message);
    }
    if let Err(error) = note.verify_exactly(keys) {
        let message = format!("is not signed by the keys in key.pub, and nobody else: {error}");
        report.find(Kind::Forged, "checkpoint", None, message);
        return;
    }
    if !expected.pins.is_empty()
        && let Err(error) = note.verify(&expected.pins.of_log(&head.origin))
    {
        let message = format!("is signed by no pinned key: {error}");
        report.find(Kind::Forged, "checkpoint", None, message);
    }
    report.note = String::from_utf8_lossy(bytes).into_owned();
    report.head = Some(head);
}

/// Verifies the intent; `None` if it cannot be believed.
pub fn check_intent(
    report: &mut LogReport,
    bytes: &[u8],
    keys: &[VerifierKey],
    origin: Option<&str>,
) -> Option<Intent> {
    let intent = match Note::parse(bytes) {
        Ok(note) => match note.verify_exactly(keys) {
            Ok(()) => Intent::from_text(note.text()),
            Err(error) => {
                report.find(Kind::Forged, "intent", None, error.to_string());
                return None;
            }
        },
        Err(error) => {
            report.find(Kind::Malformed, "intent", None, error.to_string());
            return None;
        }
    };
    let Some(intent) = intent else {
        report.find(Kind::Malformed, "intent", None, "announces no commit");
        return None;
    };
    if origin.is_some_and(|origin| origin != intent.origin) {
        let message = format!("announces a commit of another log, `{}`", intent.origin);
        report.find(Kind::Forged, "intent", None, message);
        return None;
    }
    let size = report.size();
    if intent.to != size && intent.from != size {
        let (from, to) = (intent.from, intent.to);
        let message = format!(
            "announces the commit from {from} to {to} records, but the head has {size}: head or \
             intent was set back"
        );
        report.find(Kind::RolledBack, "intent", None, message);
        return None;
    }
    Some(intent)
}

/// Compares the log with heads from elsewhere.
pub fn check_seen(report: &mut LogReport, seen: &[Seen], keys: &[VerifierKey]) {
    for seen in seen {
        let is_signed = Note::parse(&seen.note).is_ok_and(|note| note.verify(keys).is_ok());
        if !is_signed {
            let message = format!("its keys did not sign the head in `{}`", seen.from);
            report.find(Kind::Forged, "key.pub", None, message);
            continue;
        }
        compare(report, &seen.head, &format!("the head in `{}`", seen.from));
    }
}

/// Compares the log with a head that it should have had.
pub fn compare(report: &mut LogReport, seen: &Checkpoint, from: &str) {
    let Some(head) = report.head.clone() else {
        return;
    };
    if seen.size > head.size {
        let message = format!(
            "has {}; {from} had {}: the later ones are gone",
            records_of(head.size),
            seen.size
        );
        let gone = Some(head.size..seen.size);
        report.find(Kind::RolledBack, "checkpoint", gone, message);
        return;
    }
    let leaves = usize::try_from(seen.size).ok();
    let Some(before) = leaves.and_then(|size| report.leaves.get(..size)) else {
        return;
    };
    if transparency_log::Hash::root(before) != seen.root {
        let message = format!(
            "contradicts {from}: the first {} are not those that it was over",
            records_of(seen.size)
        );
        report.find(Kind::Forked, "checkpoint", Some(0..seen.size), message);
    }
}

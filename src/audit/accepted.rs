//! Known findings, which do not fail: `--accepted FILE` and `--write-accepted FILE`.
//!
//! An entry covers findings with its fingerprint that lead to no more than its action, as often as
//! it says: what would be denied by now was not accepted as a warning.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::PathBuf;

use admission_policy::finding::Verdict;
use anyhow::{Context as _, Result, bail};
use clap::Args;

mod file;
pub mod identity;

pub use file::Entry;

use super::outcome::{Found, Outcome, Severity, State, Subject};
use super::output::OutputFile;
use super::summary::Summary;
use crate::policy::prose::count;

/// What is known already.
#[derive(Args, Clone, Debug)]
pub struct AcceptedArguments {
    /// File with known findings, which do not fail
    #[arg(long, value_name = "FILE")]
    accepted: Option<PathBuf>,
    /// Accept all findings of this run: write them to this file
    #[arg(long, value_name = "FILE")]
    write_accepted: Option<PathBuf>,
}

/// Known findings, and what is found of them.
#[derive(Debug, Default)]
pub struct Accepted {
    /// By fingerprint: what the file says, and how many of it have not been found yet.
    known: BTreeMap<String, (Entry, usize)>,
    /// What to write, by fingerprint.
    found: BTreeMap<String, Entry>,
    write_to: Option<PathBuf>,
}

impl AcceptedArguments {
    /// Reads the file.
    ///
    /// # Errors
    /// When it cannot be read, or says something that nobody can have meant.
    pub fn read(&self) -> Result<Accepted> {
        let mut accepted = Accepted {
            write_to: self.write_accepted.clone(),
            ..Accepted::default()
        };
        let Some(file) = &self.accepted else {
            return Ok(accepted);
        };
        // The file to be updated need not be there yet.
        if !file.exists() && accepted.write_to.as_ref() == Some(file) {
            return Ok(accepted);
        }
        for entry in file::read(file)? {
            let (fingerprint, times) = (entry.fingerprint.clone(), entry.times);
            accepted.known.insert(fingerprint, (entry, times));
        }
        Ok(accepted)
    }
}

impl Accepted {
    /// Marks what is known, in the order of the input.
    pub fn mark(&mut self, outcome: &mut Outcome) {
        if self.known.is_empty() && self.write_to.is_none() {
            return;
        }
        let State::Judged { findings, .. } = &mut outcome.state else {
            return;
        };
        for found in findings.iter_mut().filter(|found| may_be_accepted(found)) {
            found.is_accepted = self.takes(found);
            if self.write_to.is_some() {
                self.remember(found, &outcome.subject);
                found.is_accepted = true;
            }
        }
    }

    fn takes(&mut self, found: &Found) -> bool {
        match self.known.get_mut(&found.identity.fingerprint) {
            Some((entry, left)) if *left > 0 && entry.action.severity() <= found.action => {
                *left -= 1;
                true
            }
            _ => false,
        }
    }

    fn remember(&mut self, found: &Found, subject: &Subject) {
        let fingerprint = found.identity.fingerprint.clone();
        let entry = Entry::new(found, subject);
        let kept = self
            .found
            .entry(fingerprint)
            .or_insert(Entry { times: 0, ..entry });
        kept.times += 1;
        kept.action = kept.action.graver(file::Action::of(found.action));
    }

    /// Entries of which fewer were found than they say, with how many fewer. None where not
    /// everything could be read: they might be there.
    pub fn gone(&self, summary: &Summary) -> Vec<Entry> {
        if summary.unreadable > 0 {
            return Vec::new();
        }
        let left = self.known.values().filter(|(_, left)| *left > 0);
        let gone = left.map(|(entry, left)| Entry {
            times: *left,
            ..entry.clone()
        });
        let mut gone: Vec<Entry> = gone.collect();
        gone.sort();
        gone
    }

    /// Writes what was found, if asked to, and tells on standard error what is gone and what was
    /// written.
    ///
    /// # Errors
    /// When it cannot be written, or not everything could be read: the file would lack what was not
    /// found.
    pub fn report(&self, summary: &Summary) -> Result<()> {
        let Some(file) = &self.write_to else {
            for entry in &summary.gone {
                eprintln!("note: accepted and gone, remove it: {entry}");
            }
            return Ok(());
        };
        if summary.unreadable > 0 {
            bail!(
                "{}: not written, since not everything could be read",
                file.display()
            );
        }
        let mut entries: Vec<Entry> = self.found.values().cloned().collect();
        entries.sort();
        let text = file::text(file, &entries)?;
        let mut output = OutputFile::create(file)?;
        let written = output.write_all(text.as_bytes());
        written.with_context(|| output.cannot_be_written())?;
        output.keep()?;
        let times = entries.iter().map(|entry| entry.times).sum();
        let findings = count(times, "finding");
        eprintln!("note: {findings} accepted in {}", file.display());
        Ok(())
    }
}

/// Exceptions have an owner and an expiry of their own, and nobody can accept what is not known.
fn may_be_accepted(found: &Found) -> bool {
    found.severity != Severity::Excepted
        && !matches!(found.finding.verdict, Verdict::NotEvaluated(_))
}

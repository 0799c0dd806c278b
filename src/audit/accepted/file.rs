//! The file of known findings: YAML or JSON, sorted, to be read in a pull request.

use std::cmp::Ordering;
use std::fmt;
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use serde::{Deserialize, Serialize};

use super::identity::FINGERPRINT_BYTES;
use crate::audit::outcome::{Found, Severity, Subject};
use crate::message::without_controls;

/// The first word of the format; another one is another format.
const VERSION: &str = "accepted/v1";
/// More is no list that anybody reviews.
const FILE_BYTES_MAX: u64 = 16 * 1024 * 1024;
/// What a file written by the program begins with.
const HEADER: &str = "\
# Findings that are known and do not fail `cattlegrid audit --accepted`. Review what is added; remove
# what is mended. Written by `cattlegrid audit --write-accepted`.
";

#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct File {
    version: String,
    findings: Vec<Entry>,
}

/// A known finding.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// The policy that found it.
    pub policy: String,
    /// The object, such as `Job agents/triage-*`.
    pub object: String,
    /// The place in the object, with names in place of positions; empty for the object as a whole.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub path: String,
    /// What was said; absent where the policy is confidential.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub message: String,
    /// The gravest that may follow from it.
    pub action: Action,
    /// How many findings with this fingerprint there are.
    #[serde(default = "once", skip_serializing_if = "is_once")]
    pub times: usize,
    /// What identifies it: all that counts.
    pub fingerprint: String,
}

/// What follows from a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// The request is denied.
    Deny,
    /// The user is warned.
    Warn,
    /// It is recorded.
    Audit,
}

fn once() -> usize {
    1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for it")]
fn is_once(times: &usize) -> bool {
    *times == 1
}

impl Action {
    /// Of a severity; what is let off leads to no more than a record.
    pub fn of(severity: Severity) -> Self {
        match severity {
            Severity::Deny => Self::Deny,
            Severity::Warn => Self::Warn,
            Severity::Audit | Severity::Excepted => Self::Audit,
        }
    }

    /// The same among severities.
    pub fn severity(self) -> Severity {
        match self {
            Self::Deny => Severity::Deny,
            Self::Warn => Severity::Warn,
            Self::Audit => Severity::Audit,
        }
    }

    /// The graver of two.
    #[must_use]
    pub fn graver(self, other: Self) -> Self {
        self.min(other)
    }
}

impl Entry {
    /// What to write about a finding.
    pub(super) fn new(found: &Found, subject: &Subject) -> Self {
        Self {
            policy: found.finding.policy.to_string(),
            object: subject.to_string(),
            path: found.identity.path.clone(),
            message: match found.is_confidential {
                true => String::new(),
                false => found.finding.message.clone(),
            },
            action: Action::of(found.action),
            times: 1,
            fingerprint: found.identity.fingerprint.clone(),
        }
    }

    fn key(&self) -> (&str, &str, &str, &str, &str) {
        let Self {
            policy,
            object,
            path,
            message,
            fingerprint,
            ..
        } = self;
        (object, policy, path, message, fingerprint)
    }
}

/// One line, with nothing that steers a terminal.
impl fmt::Display for Entry {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            policy,
            object,
            path,
            message,
            times,
            ..
        } = self;
        let mut line = format!("[{policy}] {object}");
        for part in [path, message].into_iter().filter(|part| !part.is_empty()) {
            line = format!("{line}: {part}");
        }
        if *times > 1 {
            line = format!("{line} ({times} times)");
        }
        formatter.write_str(&without_controls(line))
    }
}

/// By object, then policy, then place: findings of one object stand together.
impl Ord for Entry {
    fn cmp(&self, other: &Self) -> Ordering {
        self.key().cmp(&other.key())
    }
}

impl PartialOrd for Entry {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// The entries of a file.
///
/// # Errors
/// When it is not of this format, or says something that nobody can have meant.
pub(super) fn read(file: &Path) -> Result<Vec<Entry>> {
    let name = file.display();
    let size = std::fs::metadata(file).with_context(|| format!("{name}: cannot be read"))?;
    if size.len() > FILE_BYTES_MAX {
        bail!("{name}: larger than {FILE_BYTES_MAX} bytes");
    }
    let text = std::fs::read_to_string(file).with_context(|| format!("{name}: cannot be read"))?;
    parse(&text).with_context(|| format!("{name}: no file of accepted findings"))
}

fn parse(text: &str) -> Result<Vec<Entry>> {
    let File { version, findings } = serde_saphyr::from_str(text)?;
    if version != VERSION {
        bail!("version is `{version}`, which this program does not know; it knows {VERSION}");
    }
    let mut fingerprints = std::collections::BTreeSet::new();
    for Entry {
        fingerprint, times, ..
    } in &findings
    {
        let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        if fingerprint.len() != 2 * FINGERPRINT_BYTES || !fingerprint.bytes().all(is_digit) {
            bail!("`{fingerprint}` is no fingerprint; copy one from -o json");
        }
        if *times == 0 {
            bail!("{fingerprint}: `times` is 0; remove the entry");
        }
        if !fingerprints.insert(fingerprint) {
            bail!("{fingerprint} is there twice; say `times: 2`, or remove one");
        }
    }
    Ok(findings)
}

/// The text of a file: JSON if it is called so, otherwise YAML.
pub(super) fn text(file: &Path, entries: &[Entry]) -> Result<String> {
    let content = File {
        version: VERSION.to_owned(),
        findings: entries.to_vec(),
    };
    let is_json = file.extension().is_some_and(|ending| ending == "json");
    Ok(match is_json {
        true => format!("{}\n", serde_json::to_string_pretty(&content)?),
        false => format!("{HEADER}{}", serde_saphyr::to_string(&content)?),
    })
}

#[cfg(test)]
mod tests;

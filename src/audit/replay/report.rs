//! What the replay of audit logs found, for a person: by user and policy.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use crate::audit::outcome::{AuditLogOrigin, Outcome, Severity, State};
use crate::message::without_controls;
use crate::policy::prose::count;

/// How many requests are shown per user and policy, and how many are named behind what could not be
/// evaluated.
const SHOWN_MAX: usize = 3;

/// Requests by user and policy; holds no more than a few lines for each.
#[derive(Debug, Default)]
pub struct Report {
    users: BTreeMap<String, User>,
    /// By reason and rule, or kind where no rule is meant.
    open: BTreeMap<String, BTreeMap<String, Tally>>,
    is_used: bool,
}

#[derive(Debug, Default)]
struct User {
    /// Requests that would be denied.
    denied: Tally,
    policies: BTreeMap<(Severity, String), Tally>,
}

/// Requests that have something in common.
#[derive(Debug, Default)]
struct Tally {
    requests: usize,
    /// Times as logged, which sort as they are.
    first: String,
    last: String,
    shown: Vec<String>,
}

impl Tally {
    fn add(&mut self, origin: &AuditLogOrigin, lines: impl IntoIterator<Item = String>) {
        self.requests += 1;
        let time = origin.time.as_str();
        if self.first.is_empty() || time < self.first.as_str() {
            time.clone_into(&mut self.first);
        }
        if time > self.last.as_str() {
            time.clone_into(&mut self.last);
        }
        if self.requests <= SHOWN_MAX {
            self.shown.extend(lines.into_iter().map(without_controls));
        }
    }

    /// How often and when.
    fn when(&self) -> String {
        let requests = count(self.requests, "request");
        let (first, last) = (to_second(&self.first), to_second(&self.last));
        match (first.as_str(), first == last) {
            // Of a line that cannot be read no time is known.
            ("", _) => requests,
            (_, true) => format!("{requests}, {first}"),
            (_, false) => format!("{requests}, {first} to {last}"),
        }
    }

    fn unshown(&self) -> usize {
        self.requests.saturating_sub(SHOWN_MAX)
    }
}

impl Report {
    /// Takes the outcome of a request.
    pub fn add(&mut self, origin: &AuditLogOrigin, outcome: &Outcome) {
        self.is_used = true;
        let Outcome { subject, state, .. } = outcome;
        let findings = match state {
            // Told on standard error, whatever the format.
            State::Unreadable { .. } => return,
            State::NotEvaluated { reason } => {
                let what = match origin.verb.as_str() {
                    "" => origin.name.clone(),
                    verb => format!("{verb} {subject}"),
                };
                let rules = self.open.entry(reason.clone()).or_default();
                let tally = rules.entry(String::new()).or_default();
                return tally.add(origin, [what]);
            }
            State::Judged { findings, .. } => findings,
        };
        let mut by_policy: BTreeMap<(Severity, String), Vec<String>> = BTreeMap::new();
        let mut open = BTreeSet::new();
        for found in findings {
            let policy = found.finding.policy.to_string();
            if let Some(reason) = found.open_question() {
                open.insert((reason.to_owned(), policy));
                continue;
            }
            if found.is_accepted {
                continue;
            }
            let path = match found.path().as_str() {
                "" => String::new(),
                path => format!("{path} of "),
            };
            let message = &found.finding.message;
            let line = format!("{}: {path}{subject}: {message}", origin.name);
            let lines = by_policy.entry((found.severity, policy)).or_default();
            lines.push(line);
        }
        for (reason, policy) in open {
            let rules = self.open.entry(reason).or_default();
            let what = format!("{} {subject}", origin.verb);
            rules.entry(policy).or_default().add(origin, [what]);
        }
        if by_policy.is_empty() {
            return;
        }
        let user = self.users.entry(origin.user.clone()).or_default();
        if by_policy.keys().any(|key| key.0 == Severity::Deny) {
            user.denied.add(origin, []);
        }
        for (key, lines) in by_policy {
            user.policies.entry(key).or_default().add(origin, lines);
        }
    }

    /// Prints it; nothing where no log was replayed.
    ///
    /// # Errors
    /// When `output` takes nothing more.
    pub fn write(&self, output: &mut dyn Write) -> io::Result<()> {
        for (name, user) in &self.users {
            let title = match user.denied.requests {
                0 => "would be refused nothing".to_owned(),
                _ => format!("would be refused {}", user.denied.when()),
            };
            writeln!(output, "{} {title}", without_controls(name.clone()))?;
            for ((severity, policy), tally) in &user.policies {
                let severity = severity.name();
                writeln!(output, "  {severity}[{policy}] {}", tally.when())?;
                for line in &tally.shown {
                    writeln!(output, "    {line}")?;
                }
                if tally.unshown() > 0 {
                    writeln!(output, "    and {}", more(tally.unshown()))?;
                }
            }
            writeln!(output)?;
        }
        for (reason, rules) in &self.open {
            writeln!(
                output,
                "not evaluated: {}",
                without_controls(reason.clone())
            )?;
            for (policy, tally) in rules {
                let mut what = tally.shown.clone();
                what.sort();
                what.dedup();
                let what = what.join(", ");
                let more = match tally.unshown() {
                    0 => String::new(),
                    unshown => format!(" and {}", more(unshown)),
                };
                let policy = match policy.as_str() {
                    "" => String::new(),
                    policy => format!("{policy}: "),
                };
                let when = tally.when();
                writeln!(output, "  {policy}{when}: {what}{more}")?;
            }
            writeln!(output)?;
        }
        if self.is_used {
            writeln!(output, "{}", self.in_total())?;
        }
        Ok(())
    }

    fn in_total(&self) -> String {
        let refused = self.users.values().map(|user| &user.denied);
        let refused: Vec<&Tally> = refused.filter(|denied| denied.requests > 0).collect();
        let requests: usize = refused.iter().map(|denied| denied.requests).sum();
        match requests {
            0 => "no request would be refused".to_owned(),
            _ => {
                let users = count(refused.len(), "user");
                format!("{} of {users} would be refused", count(requests, "request"))
            }
        }
    }
}

/// `2026-11-16T03:15:00.123456Z` without what is less than a second.
fn to_second(time: &str) -> String {
    match time.split_once('.') {
        Some((seconds, _)) => format!("{seconds}Z"),
        None => time.to_owned(),
    }
}

fn more(number: usize) -> String {
    format!("{number} more")
}

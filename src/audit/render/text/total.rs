//! What was found in total.

use std::collections::BTreeMap;
use std::io::{self, Write};

use crate::audit::outcome::{Found, Severity};
use crate::audit::summary::Summary;
use crate::policy::prose::count;

/// So many findings fit on a screen or two; more are counted by policy.
const OVERVIEW_FROM: usize = 20;

/// How many findings there are of each policy.
#[derive(Debug, Default)]
pub struct Overview {
    policies: BTreeMap<(Severity, String), usize>,
    findings: usize,
}

impl Overview {
    /// Counts a finding.
    pub fn add(&mut self, found: &Found) {
        if found.is_accepted {
            return;
        }
        let key = (found.severity, found.finding.policy.to_string());
        *self.policies.entry(key).or_default() += 1;
        self.findings += 1;
    }

    /// Prints a line for each policy, the most frequent first, where there are many findings.
    ///
    /// # Errors
    /// When `output` takes nothing more.
    pub fn write(&self, output: &mut dyn Write) -> io::Result<()> {
        if self.findings < OVERVIEW_FROM {
            return Ok(());
        }
        let mut policies: Vec<_> = self.policies.iter().collect();
        policies.sort_by_key(|((severity, _), times)| (*severity, std::cmp::Reverse(**times)));
        for ((severity, policy), times) in policies {
            writeln!(output, "{times:>6} {:<8} {policy}", severity.name())?;
        }
        writeln!(
            output,
            "`cattlegrid policy explain POLICY` tells why, and how to comply\n"
        )
    }
}

/// The last line: what was found in total.
pub fn in_total(summary: &Summary) -> String {
    let mut parts = vec![format!("{} judged", count(summary.judged, "object"))];
    if summary.denied > 0 {
        let objects = count(summary.denied_objects, "object");
        parts.push(format!("{} in {objects}", count(summary.denied, "denial")));
    }
    for (number, noun) in [
        (summary.warned, "warning"),
        (summary.recorded, "audit finding"),
    ] {
        if number > 0 {
            parts.push(count(number, noun));
        }
    }
    if summary.excepted > 0 {
        parts.push(format!("{} excepted", summary.excepted));
    }
    if summary.accepted > 0 {
        parts.push(format!("{} accepted", summary.accepted));
    }
    if summary.not_evaluated_rules > 0 {
        let rules = count(summary.not_evaluated_rules, "rule");
        parts.push(format!("{rules} not evaluated"));
    }
    if summary.not_evaluated_objects > 0 {
        let objects = count(summary.not_evaluated_objects, "object");
        parts.push(format!("{objects} not evaluated"));
    }
    if summary.unreadable > 0 {
        parts.push(format!("{} unreadable", count(summary.unreadable, "input")));
    }
    if parts.len() == 1 {
        parts.push("nothing found".to_owned());
    }
    parts.join(", ")
}

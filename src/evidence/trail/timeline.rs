//! The records of a trail for people, in order of time.

use super::job::Job;
use super::text::{end_lines, lost_text};
use super::{Step, Trail};
use crate::evidence::record::{
    Decision, Event, FailureClass, FindingVerdict, Outcome, RecordedFinding, Review, Treatment,
};
use crate::policy::prose::count;

/// Digits of a leaf hash that tell it from every other one of a log.
const LEAF_DIGITS: usize = 12;

/// Every record in order of time, under its day.
pub fn lines(trail: &Trail) -> Vec<String> {
    let mut steps: Vec<&Step> = trail.events.iter().chain(&trail.gaps).collect();
    steps.sort_by_key(|step| step.record.time);
    let mut lines = Vec::new();
    let mut day = String::new();
    for step in steps {
        let time = step.record.time.to_string();
        let (date, clock) = time.split_once('T').unwrap_or(("", &time));
        if date != day {
            date.clone_into(&mut day);
            lines.extend([String::new(), format!("{day} (UTC)")]);
        }
        let mark = mark(trail, step);
        let clock = clock.trim_end_matches('Z');
        for (place, line) in of_step(step).into_iter().enumerate() {
            let before = match place {
                0 => format!("{clock} {mark}"),
                _ => " ".repeat(clock.len() + 1 + mark.len() + "attempt  ".len()),
            };
            lines.push(format!("  {before}{line}"));
        }
    }
    lines
}

/// How a record is cited: its log, its number there, and the beginning of its leaf hash.
fn cite(step: &Step) -> String {
    let leaf = step.leaf.to_string();
    let digits = leaf.split_once(':').map_or("", |(_, digits)| digits);
    let digits = digits.get(..LEAF_DIGITS).unwrap_or(digits);
    format!("{}#{} {digits}", step.log, step.number)
}

/// Which of several Jobs a record belongs to.
fn mark(trail: &Trail, step: &Step) -> String {
    if trail.jobs.len() < 2 {
        return " ".to_owned();
    }
    let of = |job: &Job| step.job.as_deref() == Some(&job.uid);
    match trail.jobs.iter().position(of) {
        Some(place) => format!(" [{}] ", place + 1),
        None => " [-] ".to_owned(),
    }
}

fn of_step(step: &Step) -> Vec<String> {
    let mut lines = match &step.record.event {
        Event::Attempt(review) => of_review("attempt", review),
        Event::Decision(review) => of_review("allowed", review),
        Event::End { review, end } => {
            let mut lines = of_review("deleted", review);
            lines.extend(end_lines(end, ""));
            lines
        }
        Event::Gap(gap) => vec![format!("GAP      {}", lost_text(gap))],
        _ => Vec::new(),
    };
    if step.is_unanswered {
        lines
            .push("no decision followed: it was refused in between, or changed nothing".to_owned());
    }
    for left_out in &step.record.truncated {
        let (member, kept, of) = (&left_out.member, left_out.kept, left_out.of);
        lines.push(format!("the record holds {kept} of {of} of {member}"));
    }
    lines.push(cite(step));
    lines
}

fn of_review(label: &str, review: &Review<'_>) -> Vec<String> {
    let label = if review.is_denied() { "DENIED" } else { label };
    let mut what = format!("{} {}", review.operation(), review.resource());
    if let Some(subject) = &review.subject {
        let generated = subject
            .generate_name
            .as_ref()
            .map(|prefix| format!("{prefix}*"));
        let name = subject.name.as_ref().map(ToString::to_string).or(generated);
        let parts = [subject.namespace.as_deref(), name.as_deref()];
        let parts: Vec<&str> = parts.into_iter().flatten().collect();
        what.push_str(&format!(" {}", parts.join("/")));
    }
    let mut lines = vec![format!("{label:<9}{}", what.trim())];
    if let Some(source) = &review.source {
        lines.push(format!("by {}", source.user));
    }
    if let Some(outcome) = &review.outcome {
        lines.extend(of_outcome(outcome));
    }
    lines
}

fn of_outcome(outcome: &Outcome<'_>) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(failure) = outcome.failure {
        lines.push(format!("could not be judged: {}", why(failure)));
    }
    if outcome.break_glass {
        lines.push("BREAK-GLASS".to_owned());
    }
    if !outcome.mutations.is_empty() {
        lines.push(format!("completed by {}", outcome.mutations.join(", ")));
    }
    lines.extend(outcome.findings.iter().map(of_finding));
    let silent = outcome.verdicts.len();
    if outcome.findings.is_empty() && silent > 0 && outcome.decision == Decision::Allow {
        lines.push(format!("passes {}", count(silent, "policy")));
    }
    lines
}

fn why(failure: FailureClass) -> &'static str {
    match failure {
        FailureClass::Undecodable => "the review is malformed",
        FailureClass::Namespace => "its Namespace is unknown or cannot be read",
        FailureClass::LookUp => "a look-up failed",
        FailureClass::Evaluation => "the rules could not be evaluated",
        FailureClass::Panic => "the program failed",
    }
}

fn of_finding(finding: &RecordedFinding<'_>) -> String {
    let verdict = match finding.verdict {
        FindingVerdict::Fail => "fails",
        FindingVerdict::Error => "cannot be evaluated",
        FindingVerdict::NotEvaluated => "not evaluated",
    };
    let treatment = match finding.treatment {
        Treatment::Deny => "denied".to_owned(),
        Treatment::Warn => "warned of".to_owned(),
        Treatment::Audit => "recorded only".to_owned(),
        Treatment::Excepted => {
            let name = finding.exception.as_deref().unwrap_or_default();
            format!("let off by exception {name}")
        }
    };
    let path = finding
        .path
        .as_ref()
        .map_or(String::new(), |path| match finding.of {
            Some(_) => format!(" {path} (before)"),
            None => format!(" {path}"),
        });
    let validation = finding
        .validation
        .map_or(String::new(), |n| format!(", validation {n}"));
    format!(
        "[{}]{path}: {verdict}, {treatment}{validation}",
        finding.policy
    )
}

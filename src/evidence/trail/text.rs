//! A trail for people: what it comes to, then every record in order of time with its place in the
//! logs. All of it may repeat what somebody wrote into an object.

use std::io::{self, Write};

use super::job::{Job, Pod};
use super::{Step, Trail, count_of};
use crate::evidence::record::{
    Decision, End, EndState, Event, FailureClass, FindingVerdict, Gap, Outcome, RecordedFinding,
    Review, Treatment,
};
use crate::message::without_controls;
use crate::policy::prose::count;

/// Digits of a leaf hash that tell it from every other one of a log.
const LEAF_DIGITS: usize = 12;
/// Columns of what stands before a fact of the summary.
const LABEL_COLUMNS: usize = 14;

/// Writes it.
///
/// # Errors
/// When `output` takes nothing more.
pub fn write(trail: &Trail, output: &mut dyn Write) -> io::Result<()> {
    let mut lines = Vec::new();
    if !trail.logs.hold {
        lines.extend(warning(trail));
    }
    lines.push(format!("Investigation {}", trail.investigation));
    lines.push(String::new());
    for (label, fact) in summary(trail) {
        lines.push(format!("{label:<LABEL_COLUMNS$}{fact}"));
    }
    lines.extend(timeline(trail));
    for line in lines {
        writeln!(output, "{}", without_controls(line))?;
    }
    Ok(())
}

fn warning(trail: &Trail) -> Vec<String> {
    let findings = &trail.logs.findings;
    let mut lines = vec![format!(
        "THE LOGS DO NOT HOLD: {}. What follows may be incomplete, or not what was written.",
        count(findings.len(), "finding")
    )];
    for finding in findings {
        let (kind, path, message) = (finding.kind, &finding.path, &finding.message);
        lines.push(format!("  {kind}: {path}: {message}"));
    }
    lines.push(String::new());
    lines
}

fn summary(trail: &Trail) -> Vec<(String, String)> {
    let mut facts = Vec::new();
    let mut add = |label: &str, fact: String| facts.push((label.to_owned(), fact));
    let logs = &trail.logs;
    let state = match (logs.hold, logs.key_pinned) {
        (false, _) => "do not hold",
        (true, true) => "hold, signed by a pinned key",
        (true, false) => "hold; key not pinned: give --key to know whose they are",
    };
    let (records, of) = (count_of(logs.records, "record"), count(logs.count, "log"));
    add("Logs", format!("{records} in {of}: {state}"));
    if logs.unreadable > 0 {
        let unreadable = count_of(logs.unreadable, "record");
        add(
            "",
            format!("{unreadable} of a newer version cannot be read"),
        );
    }
    if let Some(by) = &trail.requested_by {
        let claimed = by.claimed.as_ref().map_or(String::new(), |claimed| {
            format!(", claimed to be for {}", claimed.requested_by)
        });
        add("Requested by", format!("{}{claimed}", by.user));
    }
    for user in &trail.other_users {
        add(
            "Also used by",
            format!("{user}, another user under the same ID"),
        );
    }
    for (number, job) in trail.jobs.iter().enumerate() {
        let label = match trail.jobs.len() {
            1 => job.kind.clone(),
            _ => format!("{} [{}]", job.kind, number + 1),
        };
        let mut job = of_job(job).into_iter();
        add(&label, job.next().unwrap_or_default());
        job.for_each(|line| add("", line));
    }
    if trail.jobs.is_empty() {
        add("Job", "none came of it".to_owned());
    }
    if trail.denied > 0 {
        add("Denied", count(trail.denied, "request"));
    }
    if trail.break_glass > 0 {
        add("Break-glass", count(trail.break_glass, "request"));
    }
    for exception in &trail.exceptions {
        let (name, owner, expires) = (&exception.name, &exception.owner, &exception.expires);
        add(
            "Exception",
            format!("{name}, owned by {owner}, until {expires}"),
        );
    }
    for gap in &trail.gaps {
        if let Event::Gap(lost) = &gap.record.event {
            add("Gap", lost_text(lost));
        }
    }
    facts
}

fn of_job(job: &Job) -> Vec<String> {
    let place = match (&job.namespace, &job.name) {
        (Some(namespace), Some(name)) => format!("{namespace}/{name}"),
        (_, Some(name)) => name.to_string(),
        _ => "without a name".to_owned(),
    };
    let cluster = job
        .cluster
        .as_ref()
        .and_then(|cluster| cluster.name.as_ref());
    let cluster = cluster.map_or(String::new(), |name| format!(" of cluster {name}"));
    let mut lines = vec![format!("{place}{cluster}, uid {}", job.uid)];
    let labels = [
        ("phase", &job.phase),
        ("profile", &job.profile),
        ("account", &job.account),
    ];
    let labels = labels.into_iter();
    let labels: Vec<String> = labels
        .filter_map(|(label, text)| Some(format!("{label} {}", text.as_ref()?)))
        .collect();
    if !labels.is_empty() {
        lines.push(labels.join(", "));
    }
    lines.push(match job.admitted {
        Some(time) => format!("admitted {time}"),
        None => "no record tells of its creation".to_owned(),
    });
    match (&job.end, job.is_unseen) {
        (Some(end), _) => {
            let took = job
                .seconds
                .map_or(String::new(), |seconds| format!(" after {seconds} s"));
            lines.extend(end_lines(end, &took));
        }
        (None, true) => lines.push(
            "nothing of it was recorded afterwards: it may never have been stored, or has not \
             started"
                .to_owned(),
        ),
        (None, false) => lines.push(
            "never closed: no record says that it was deleted; it may still run, or be kept"
                .to_owned(),
        ),
    }
    lines.extend(job.pods.iter().flat_map(of_pod));
    lines
}

fn of_pod(pod: &Pod) -> Vec<String> {
    let name = pod.name.as_ref().unwrap_or(&pod.uid);
    let Some(end) = &pod.end else {
        return vec![format!("Pod {name}: no end recorded")];
    };
    let mut lines = end_lines(end, "");
    if let Some(first) = lines.first_mut() {
        *first = format!("Pod {name} {first}");
    }
    lines
}

fn end_lines(end: &End<'_>, took: &str) -> Vec<String> {
    let state = match end.state {
        EndState::Succeeded => "succeeded",
        EndState::Failed => "failed",
        EndState::Unfinished => "was deleted before it ended",
    };
    let reason = end
        .reason
        .as_ref()
        .map_or(String::new(), |reason| format!(": {reason}"));
    let mut lines = vec![format!("{state}{took}{reason}")];
    for container in &end.containers {
        let mut facts = Vec::new();
        facts.extend(container.exit_code.map(|code| format!("exit code {code}")));
        facts.extend(container.signal.map(|signal| format!("signal {signal}")));
        facts.extend(container.reason.as_ref().map(ToString::to_string));
        let restarts = container
            .restarts
            .and_then(|number| usize::try_from(number).ok());
        facts.extend(restarts.map(|number| count(number, "restart")));
        if facts.is_empty() {
            facts.push("no exit recorded".to_owned());
        }
        lines.push(format!(
            "  container {}: {}",
            container.container,
            facts.join(", ")
        ));
    }
    lines
}

fn lost_text(gap: &Gap) -> String {
    let number = match gap.count {
        Some(number) => count_of(number, "record"),
        None => "an unknown number of records".to_owned(),
    };
    format!(
        "{number}, about whatever, lost from {} to {}",
        gap.from, gap.to
    )
}

/// How a record is cited: its log, its number there, and the beginning of its leaf hash.
fn cite(step: &Step) -> String {
    let leaf = step.leaf.to_string();
    let digits = leaf.split_once(':').map_or("", |(_, digits)| digits);
    let digits = digits.get(..LEAF_DIGITS).unwrap_or(digits);
    format!("{}#{} {digits}", step.log, step.number)
}

fn timeline(trail: &Trail) -> Vec<String> {
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
        FailureClass::Evidence => "its record could not be written",
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

//! A trail for people: what it comes to, then its records. All of it may repeat what somebody wrote into an object.

use std::io::{self, Write};

use super::job::{Job, Pod};
use super::{Trail, timeline};
use crate::evidence::record::{End, EndState, Event, Gap};
use crate::evidence::verify::records_of;
use crate::message::without_controls;
use crate::policy::prose::count;

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
    lines.extend(timeline::lines(trail));
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
    let (records, of) = (records_of(logs.records), count(logs.count, "log"));
    add("Logs", format!("{records} in {of}: {state}"));
    if logs.unreadable > 0 {
        let unreadable = records_of(logs.unreadable);
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

pub(super) fn end_lines(end: &End<'_>, took: &str) -> Vec<String> {
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

pub(super) fn lost_text(gap: &Gap) -> String {
    let number = match gap.count {
        Some(number) => records_of(number),
        None => "an unknown number of records".to_owned(),
    };
    format!(
        "{number}, perhaps of this investigation, lost from {} to {}",
        gap.from, gap.to
    )
}

//! `evidence trail`: everything that logs hold about one investigation, in order of time.

mod collect;
mod job;
mod text;
mod timeline;

use std::collections::BTreeSet;
use std::io::Write;
use std::process::ExitCode;

use clap::Args;
use serde::Serialize;
use serde_json::Value;

use self::collect::{Collected, Item, collect};
use self::job::{Job, Jobs};
use super::digest::Digest;
use super::reading::{LogArguments, Reading};
use super::record::{Claimed, Event, ExceptionUse, Record, Review, Source, Text, Time};
use super::verify::{EXIT_FINDINGS, EXIT_HOLDS, Finding, Output, Report, records_of};

/// Names the form of the JSON output, `docs/evidence/trail-v1.schema.json`.
const VERSION: &str = "cattlegrid.dev/evidence-trail/v1";
/// How many IDs are offered for one that is unknown.
const OFFERED_MAX: usize = 3;
/// How alike an ID must be to be offered.
const SIMILARITY_MIN: f64 = 0.8;

/// What `evidence trail` is given.
#[derive(Debug, Args)]
pub struct Arguments {
    /// The investigation's ID, label `cattlegrid.dev/investigation` of its Job
    #[arg(value_name = "INVESTIGATION")]
    investigation: String,
    #[command(flatten)]
    logs: LogArguments,
    /// Form of the output
    #[arg(short, long, value_enum, default_value_t = Output::Text)]
    output: Output,
}

/// Everything about one investigation.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Trail {
    version: &'static str,
    investigation: String,
    logs: Logs,
    /// Who used the ID first.
    #[serde(skip_serializing_if = "Option::is_none")]
    requested_by: Option<Requester>,
    /// Who else asked for something under the same ID.
    other_users: Vec<Text<'static>>,
    /// What was admitted under the ID: mostly one Job.
    jobs: Vec<Job>,
    /// Whether the end of each of them is recorded.
    #[serde(rename = "closed")]
    is_closed: bool,
    /// Requests that were denied.
    denied: usize,
    break_glass: usize,
    exceptions: Vec<ExceptionUse<'static>>,
    /// Records that were lost while it lasted, or may have been.
    gaps: Vec<Step>,
    events: Vec<Step>,
}

/// What the trail is made from.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Logs {
    #[serde(rename = "holds")]
    hold: bool,
    key_pinned: bool,
    count: usize,
    records: u64,
    /// Records that this program cannot read.
    unreadable: u64,
    findings: Vec<Finding>,
}

/// Who asked for an investigation.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Requester {
    user: Text<'static>,
    #[serde(skip_serializing_if = "Option::is_none")]
    claimed: Option<Claimed<'static>>,
}

/// One record of a trail.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Step {
    log: String,
    number: u64,
    leaf: Digest,
    /// The uid of the Job that it belongs to; absent where no Job came of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    job: Option<String>,
    /// An attempt that no decision followed.
    #[serde(rename = "unanswered", skip_serializing_if = "std::ops::Not::not")]
    is_unanswered: bool,
    /// The record, whole.
    #[serde(rename = "record")]
    document: Value,
    #[serde(skip)]
    record: Record<'static>,
}

/// Prints the trail that the arguments ask for.
///
/// # Errors
/// The logs could not be read, or nothing in them is about the investigation.
pub async fn run(arguments: &Arguments, output: &mut dyn Write) -> anyhow::Result<ExitCode> {
    anyhow::ensure!(
        !arguments.investigation.contains('/'),
        "`{}` cannot be an investigation: its ID comes first, then the URL of the logs",
        arguments.investigation
    );
    let reading = Reading::open(&arguments.logs).await?;
    let collected = collect(&reading, &arguments.investigation).await?;
    if collected.items.is_empty() {
        return Err(unknown(&reading, &arguments.investigation, &collected).await?);
    }
    let trail = Trail::of(&arguments.investigation, &reading.report, collected);
    match arguments.output {
        Output::Text => text::write(&trail, output)?,
        Output::Json => {
            serde_json::to_writer_pretty(&mut *output, &trail)?;
            writeln!(output)?;
        }
    }
    Ok(ExitCode::from(match trail.logs.hold {
        true => EXIT_HOLDS,
        false => EXIT_FINDINGS,
    }))
}

/// Says what was searched, and which IDs are like the one that is not there.
async fn unknown(
    reading: &Reading,
    investigation: &str,
    collected: &Collected,
) -> anyhow::Result<anyhow::Error> {
    let mut like = BTreeSet::new();
    reading
        .each(|located| {
            if let Ok(record) = &located.record
                && let Some(id) = record.review().and_then(Review::investigation)
                && strsim::jaro_winkler(investigation, id) >= SIMILARITY_MIN
            {
                like.insert(id.to_owned());
            }
            Ok(())
        })
        .await?;
    let mut like: Vec<String> = like.into_iter().collect();
    like.sort_by(|one, two| {
        let alike = |id: &str| strsim::jaro_winkler(investigation, id);
        alike(two).total_cmp(&alike(one))
    });
    like.truncate(OFFERED_MAX);
    let mut text = format!(
        "no record is about investigation `{investigation}`; {} searched",
        records_of(collected.searched)
    );
    if !like.is_empty() {
        text.push_str(&format!("; did you mean `{}`?", like.join("`, `")));
    }
    if !reading.report.holds() {
        text.push_str(
            "; the logs do not hold, so it may have been removed: `cattlegrid evidence verify` says \
             what was",
        );
    }
    Ok(anyhow::Error::msg(text))
}

impl Trail {
    fn of(investigation: &str, report: &Report, collected: Collected) -> Self {
        let logs = Logs {
            hold: report.holds(),
            key_pinned: report.is_pinned,
            count: report.logs.len(),
            records: collected.searched,
            unreadable: collected.unreadable,
            findings: report.all_findings().cloned().collect(),
        };
        let mut items = collected.items;
        items.sort_by(|one, two| one.order().cmp(&two.order()));
        let jobs = Jobs::of(&items);
        let reviews = || items.iter().filter_map(|item| item.record.review());
        let denied = reviews().filter(|review| review.is_denied()).count();
        let outcomes = || reviews().filter_map(|review| review.outcome.as_ref());
        let mut exceptions: Vec<ExceptionUse<'static>> = Vec::new();
        for exception in outcomes().flat_map(|outcome| &outcome.exceptions) {
            if !exceptions.contains(exception) {
                exceptions.push(exception.clone());
            }
        }
        let break_glass = outcomes().filter(|outcome| outcome.break_glass).count();
        let (requested_by, other_users) = users(&items);
        let is_closed = jobs.all.iter().all(|job| job.end.is_some());
        let gaps = gaps(collected.gaps, &items, is_closed);
        let steps = items.into_iter().zip(jobs.of_items).map(|(item, of)| {
            let is_unanswered = of.is_unanswered;
            Step {
                is_unanswered,
                ..Step::of(item, of.job)
            }
        });
        Self {
            version: VERSION,
            investigation: investigation.to_owned(),
            logs,
            requested_by,
            other_users,
            is_closed,
            denied,
            break_glass,
            exceptions,
            gaps,
            events: steps.collect(),
            jobs: jobs.all,
        }
    }
}

impl Requester {
    fn of(source: &Source<'static>) -> Self {
        Self {
            user: source.user.clone(),
            claimed: source.claimed.clone(),
        }
    }
}

impl Step {
    fn of(item: Item, job: Option<String>) -> Self {
        Self {
            log: item.log,
            number: item.number,
            leaf: item.leaf,
            job,
            is_unanswered: false,
            document: item.document,
            record: item.record,
        }
    }
}

/// Who asked first for what the ID is for, and who else did.
fn users(items: &[Item]) -> (Option<Requester>, Vec<Text<'static>>) {
    let mut first: Option<Requester> = None;
    let mut others = Vec::new();
    let reviews = items.iter().filter_map(|item| item.record.review());
    for review in reviews.filter(|review| review.asks_for_a_job()) {
        let Some(source) = &review.source else {
            continue;
        };
        match &mut first {
            None => first = Some(Requester::of(source)),
            Some(first) if first.user != source.user => {
                if !others.contains(&source.user) {
                    others.push(source.user.clone());
                }
            }
            Some(first) => first.claimed = first.claimed.take().or(source.claimed.clone()),
        }
    }
    (first, others)
}

/// Gaps between the first and the last record; without an end, all after the first. Logs of other
/// clusters lose other records.
fn gaps(gaps: Vec<Item>, items: &[Item], is_closed: bool) -> Vec<Step> {
    let (Some(first), Some(last)) = (items.first(), items.last()) else {
        return Vec::new();
    };
    let (from, to) = (first.record.time, last.record.time);
    let overlaps = |gap_from: Time, gap_to: Time| gap_to >= from && (gap_from <= to || !is_closed);
    let concerns = |item: &Item| match &item.record.event {
        Event::Gap(gap) => {
            overlaps(gap.from, gap.to)
                && items.iter().any(|of| {
                    of.cluster()
                        .is_none_or(|cluster| item.cluster().is_none_or(|lost| lost == cluster))
                })
        }
        _ => false,
    };
    let mut gaps: Vec<Item> = gaps.into_iter().filter(concerns).collect();
    gaps.sort_by(|one, two| one.order().cmp(&two.order()));
    gaps.into_iter().map(|gap| Step::of(gap, None)).collect()
}

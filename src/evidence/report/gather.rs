//! From records to a report, in one pass.
//!
//! Records come log by log, not in the order of time: whatever depends on that order is put into it
//! at the end. What is kept grows with names, hours, changes of configuration and investigations, not
//! with records.

use std::collections::{BTreeMap, BTreeSet};

use super::model::{Act, Failure, Gap, Gaps, Log, PolicySetUse, Records, Report, Used, VERSION};
use super::name;
use super::reference::{Earliest, Reference, References};
use crate::audit::render::{PROGRAM, VERSION as PROGRAM_VERSION};
use crate::evidence::digest::Digest;
use crate::evidence::period::Period;
use crate::evidence::reading::Located;
use crate::evidence::record::{Decision, Event, Gap as Lost, Outcome, Place, Record, Review};
use crate::evidence::verify::{LogReport, Report as Verification};
use crate::policy::page::Page;

mod answers;
mod changes;
mod effects;
mod lives;
mod rules;
mod workloads;

use self::answers::AnswersByGroup;
use self::changes::Changes;
use self::effects::Effects;
use self::lives::Lives;
use self::rules::{Figures, RulesSeen};
use self::workloads::Admitted;

/// The policies that a report explains.
#[derive(Debug)]
pub struct Described {
    /// What there is to tell about each.
    pub pages: Vec<Page>,
    /// The digest of the set.
    pub set: Option<Digest>,
}

/// Gathers a report.
#[derive(Debug)]
pub struct Gatherer<'d> {
    period: Period,
    described: &'d Described,
    used: Option<Used>,
    used_by_log: BTreeMap<String, u64>,
    clusters: BTreeSet<String>,
    records: Records,
    sets: BTreeMap<Digest, PolicySetUse>,
    answers: AnswersByGroup,
    rules: RulesSeen<'d>,
    changes: Changes,
    lives: Lives,
    admitted: Admitted,
    failures: BTreeMap<String, Failure>,
    break_glass: Earliest<Act, 200>,
    gaps: Gaps,
    figures: Figures,
}

/// Where a record is, and who wrote it.
struct At<'r> {
    reference: Reference,
    place: &'r Place,
    /// What its cluster is called; empty where it is unknown.
    cluster: &'r str,
}

impl<'d> Gatherer<'d> {
    /// Nothing yet.
    pub fn new(period: Period, described: &'d Described) -> Self {
        Self {
            period,
            described,
            used: None,
            used_by_log: BTreeMap::new(),
            clusters: BTreeSet::new(),
            records: Records::default(),
            sets: BTreeMap::new(),
            answers: AnswersByGroup::default(),
            rules: RulesSeen::new(&described.pages),
            changes: Changes::default(),
            lives: Lives::default(),
            admitted: Admitted::default(),
            failures: BTreeMap::new(),
            break_glass: Earliest::default(),
            gaps: Gaps::default(),
            figures: Figures::default(),
        }
    }

    /// Adds a record, if it belongs to the period.
    pub fn add(&mut self, located: &Located<'_>) {
        let record = match &located.record {
            Ok(record) => record,
            Err(_) => {
                self.records.unreadable += 1;
                return;
            }
        };
        let cluster = record.place.cluster.as_ref();
        let at = At {
            reference: Reference::new(located, record.time),
            place: &record.place,
            cluster: cluster
                .and_then(|cluster| cluster.name.as_deref().or(cluster.uid.as_deref()))
                .unwrap_or_default(),
        };
        let is_in = match &record.event {
            // Records are lost when they are lost, not when that is told.
            Event::Gap(gap) => self.period.overlaps(gap.from, gap.to),
            _ => self.period.contains(record.time),
        };
        if is_in {
            self.count(&at, located.log, record);
            self.event(&at, &record.event);
        } else if let Event::Configuration(configuration) = &record.event
            && !self.period.is_before(record.time)
        {
            // Exceptions from before may still be in force.
            self.changes.before(&at, configuration);
        }
    }

    fn count(&mut self, at: &At<'_>, log: &LogReport, record: &Record<'static>) {
        let time = record.time;
        let used = self.used.get_or_insert(Used {
            first: time,
            last: time,
        });
        used.first = used.first.min(time);
        used.last = used.last.max(time);
        let directory = log.directory.clone();
        *self.used_by_log.entry(directory).or_default() += 1;
        if !at.cluster.is_empty() {
            self.clusters.insert(at.cluster.to_owned());
        }
        self.records.total += 1;
        *self.records.by_type.entry(record.kind()).or_default() += 1;
        if !record.truncated.is_empty() {
            self.records.truncated.refer(&at.reference);
        }
        self.figures.records.refer(&at.reference);
    }

    fn event(&mut self, at: &At<'_>, event: &Event<'static>) {
        match event {
            Event::Attempt(review) => self.review(at, review, false),
            Event::Decision(review) => self.review(at, review, true),
            Event::End { review, end } => self.lives.ended(at, review, end),
            Event::Configuration(configuration) => {
                self.figures.configuration.refer(&at.reference);
                self.changes.during(at, configuration);
            }
            Event::Gap(gap) => self.gap(at, gap),
            Event::CrossLink(_) | Event::Start(_) | Event::Stop(_) => {}
        }
    }

    fn review(&mut self, at: &At<'_>, review: &Review<'_>, is_decision: bool) {
        let Some(outcome) = &review.outcome else {
            return;
        };
        for policy in &outcome.mutations {
            self.rules.completed(policy, &at.reference);
        }
        // Nothing follows an attempt that was refused: it is the answer. Others become decisions.
        if !is_decision && outcome.decision == Decision::Allow {
            return;
        }
        let effects = Effects::of(outcome);
        self.answers.add(at, review, outcome, &effects);
        self.rules.add(&effects, &at.reference);
        self.set(at, review);
        self.failure(at, outcome);
        self.lives.decided(at, review, outcome);
        for exception in &outcome.exceptions {
            self.changes.used(at, exception);
        }
        if outcome.break_glass {
            self.break_glass.add(&at.reference, || act(review, outcome));
            self.figures.break_glass.refer(&at.reference);
        }
        if let (Some(subject), Some(workload)) = (&review.subject, &review.workload) {
            self.figures.workloads.refer(&at.reference);
            self.admitted.add(subject, workload);
        }
    }

    fn set(&mut self, at: &At<'_>, review: &Review<'_>) {
        let Some(digest) = review.rules.as_ref().and_then(|rules| rules.policy_set) else {
            return;
        };
        let time = at.reference.time;
        let set = self.sets.entry(digest).or_insert(PolicySetUse {
            digest,
            described: self.described.set == Some(digest),
            answers: 0,
            first: time,
            last: time,
        });
        set.answers += 1;
        set.first = set.first.min(time);
        set.last = set.last.max(time);
    }

    fn failure(&mut self, at: &At<'_>, outcome: &Outcome<'_>) {
        let Some(class) = outcome.failure else {
            return;
        };
        let failure = self.failures.entry(name(&class)).or_insert(Failure {
            class,
            refused: 0,
            allowed: 0,
            records: References::default(),
        });
        match outcome.decision {
            Decision::Allow => failure.allowed += 1,
            Decision::Deny => failure.refused += 1,
        }
        failure.records.refer(&at.reference);
    }

    fn gap(&mut self, at: &At<'_>, gap: &Lost) {
        self.figures.gaps.refer(&at.reference);
        match gap.count {
            Some(count) => self.gaps.lost = self.gaps.lost.saturating_add(count),
            None => self.gaps.uncounted += 1,
        }
        self.gaps.all.add(&at.reference, || Gap {
            cause: name(&gap.cause),
            count: gap.count,
            from: gap.from,
            to: gap.to,
            replica: at.place.replica.clone(),
        });
    }

    /// The report of what was added, and of the logs that it is from.
    pub fn finish(mut self, verification: &Verification) -> Report {
        let is_one_cluster = self.clusters.len() <= 1;
        let cluster = |name: &str| (!is_one_cluster).then(|| name.to_owned());
        let end = self.period.to.or(self.used.map(|used| used.last));
        let begin = self.period.from.or(self.used.map(|used| used.first));
        self.figures.heads = verification.logs.iter().filter(|log| is_read(log)).count() as u64;
        let (phases, namespaces, users, groups_left_out) = self.answers.groups(&cluster);
        let (controls, indicators, policies) = self.rules.finish(&self.figures);
        let used_by_log = self.used_by_log;
        Report {
            version: VERSION,
            program: format!("{PROGRAM}/{PROGRAM_VERSION}"),
            holds: verification.holds(),
            key_pinned: verification.is_pinned,
            period: self.period,
            used: self.used,
            findings: verification.findings.clone(),
            audit_log: None,
            logs: verification
                .logs
                .iter()
                .map(|log| of_log(log, used_by_log.get(&log.directory)))
                .collect(),
            records: self.records,
            policy_sets: self.sets.into_values().collect(),
            over_time: self.answers.over_time(begin, end),
            answers: self.answers.all,
            phases,
            namespaces,
            users,
            groups_left_out,
            controls,
            indicators,
            policies,
            exceptions: self.changes.exceptions(end, &cluster),
            break_glass: self.break_glass,
            failures: self.failures.into_values().collect(),
            gaps: self.gaps,
            configuration: self.changes.shown,
            investigations: self.lives.finish(end, &cluster),
            credentials: self.admitted.credentials(),
            surfaces: self.admitted.surfaces(),
        }
    }
}

/// Whether a log's records were read.
fn is_read(log: &LogReport) -> bool {
    log.head.is_some() && log.leaves.len() as u64 == log.size()
}

fn of_log(log: &LogReport, used: Option<&u64>) -> Log {
    let head = log.head.as_ref();
    Log {
        directory: log.directory.clone(),
        origin: head.map(|head| head.origin.clone()),
        size: log.size(),
        root: head.map(|head| head.root.to_string()),
        head: head.map(|_| Digest::of(log.note.as_bytes())),
        holds: log.findings.is_empty(),
        recomputed: is_read(log),
        used: used.copied().unwrap_or_default(),
        notices: log.notices.clone(),
        findings: log.findings.clone(),
    }
}

fn act(review: &Review<'_>, outcome: &Outcome<'_>) -> Act {
    let text = |text: &Option<crate::evidence::record::Text<'_>>| {
        text.as_deref().unwrap_or_default().to_owned()
    };
    let subject = review.subject.as_ref();
    let source = review.source.as_ref();
    Act {
        user: source.map_or_else(String::new, |source| source.user.to_string()),
        operation: text(&review.request.operation),
        resource: text(&review.request.resource),
        object: subject.map_or_else(String::new, |subject| {
            let names = [&subject.namespace, &subject.name];
            let names: Vec<&str> = names.into_iter().flatten().map(AsRef::as_ref).collect();
            names.join("/")
        }),
        investigation: subject.map_or_else(String::new, |subject| text(&subject.investigation)),
        decision: outcome.decision,
    }
}

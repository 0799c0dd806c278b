//! Workloads as they were admitted, by the records of a log.

use std::collections::BTreeSet;

use anyhow::{Context as _, Result};
use tokio::runtime::Builder;

use super::Arguments;
use super::collect::{Collection, Sighting};
use super::model::{Logs, Named, ReadLog, Source};
use crate::audit::request::group_and_version;
use crate::audit::workload::{Agent, Pods};
use crate::evidence::bounds::Truncation;
use crate::evidence::reading::{Located, LogArguments, Reading};
use crate::evidence::record::{
    Decision, Event, FindingVerdict, Outcome, Review, Subject, Text, Time,
};
use crate::evidence::verify::{LogReport, Report};
use crate::evidence::workload::runs_pods;

/// How a record says that the whole of a workload was left out.
const WORKLOAD: &str = "workload";

/// Collects the workloads that records of allowed requests describe.
///
/// # Errors
/// When the logs cannot be read.
pub(super) fn read(
    arguments: &Arguments,
    url: &str,
    collection: &mut Collection,
) -> Result<Source> {
    let period = arguments.period.period()?;
    let logs = LogArguments {
        url: url.to_owned(),
        expected: arguments.expected.clone(),
    };
    let runtime = Builder::new_current_thread().enable_all().build();
    let runtime = runtime.context("the runtime cannot be started")?;
    let mut reader = Reader {
        namespace: arguments.basis.namespace.as_deref(),
        collection,
        read: Logs {
            period,
            ..Logs::default()
        },
    };
    let report = runtime.block_on(async {
        let reading = Reading::open(&logs).await?;
        reading.each(|located| reader.add(located)).await?;
        anyhow::Ok(reading.report)
    })?;
    Ok(Source::Log(reader.read.with(&report)))
}

struct Reader<'r> {
    /// The one namespace to list.
    namespace: Option<&'r str>,
    collection: &'r mut Collection,
    read: Logs,
}

impl Reader<'_> {
    fn add(&mut self, located: Located<'_>) -> Result<()> {
        let Ok(record) = located.record else {
            self.read.unreadable += 1;
            return Ok(());
        };
        let period = self.read.period;
        if let Event::Gap(gap) = &record.event {
            self.read.gaps += usize::from(period.overlaps(gap.from, gap.to));
        }
        if !period.contains(record.time) {
            return Ok(());
        }
        self.read.records += 1;
        match record.event {
            Event::Decision(review) => {
                let position = format!("{}/{}", located.log.directory, located.number);
                self.decision(*review, record.time, record.truncated, &position)
            }
            _ => Ok(()),
        }
    }

    /// Takes a decision, if a workload was admitted by it.
    fn decision(
        &mut self,
        review: Review<'static>,
        time: Time,
        truncated: Vec<Truncation>,
        position: &str,
    ) -> Result<()> {
        let (Some(subject), Some(outcome)) = (review.subject, review.outcome) else {
            return Ok(());
        };
        let is_elsewhere =
            self.namespace.is_some() && self.namespace != subject.namespace.as_deref();
        if is_elsewhere || outcome.decision == Decision::Deny {
            return Ok(());
        }
        if truncated.iter().any(|cut| cut.member == WORKLOAD) {
            let what = format!("{} {} (record {position})", subject.kind, name_of(&subject));
            let reason = "the record would have been too long with what it runs";
            self.collection.omitted(what, reason);
        }
        // Policies match nobody else.
        let is_agent = subject.agent_namespace.is_some() || !outcome.verdicts.is_empty();
        let agent = Agent::of(is_agent, false);
        if review.workload.is_some() && self.collection.leaves_out(agent) {
            return Ok(());
        }
        let (group, _) = group_and_version(&subject.api_version);
        let is_custom = !runs_pods(group, &subject.kind);
        let text = |text: &Option<Text<'static>>| text.as_deref().map(str::to_owned);
        let is_of_workload = |cut: &Truncation| cut.member.starts_with(WORKLOAD);
        let cut: Vec<Truncation> = truncated.into_iter().filter(is_of_workload).collect();
        for template in review
            .workload
            .into_iter()
            .flat_map(|found| found.templates)
        {
            self.collection.sight(Sighting {
                agent,
                namespace: text(&subject.namespace),
                named: Named {
                    kind: subject.kind.to_string(),
                    name: name_of(&subject),
                    path: is_custom.then(|| template.path.to_string()),
                    file: None,
                },
                pods: Pods {
                    phase: text(&subject.phase),
                    profile: text(&subject.profile),
                    account: text(&subject.account),
                    template,
                },
                policies: violated(&outcome),
                truncated: cut.clone(),
                uid: text(&subject.uid),
                time: Some(time),
            })?;
        }
        Ok(())
    }
}

fn violated(outcome: &Outcome<'_>) -> BTreeSet<String> {
    let findings = outcome.findings.iter();
    let violated = findings
        .filter(|found| matches!(found.verdict, FindingVerdict::Fail | FindingVerdict::Error));
    violated.map(|found| found.policy.to_string()).collect()
}

fn name_of(subject: &Subject<'_>) -> String {
    match (&subject.name, &subject.generate_name) {
        (Some(name), _) => name.to_string(),
        (None, Some(prefix)) => format!("{prefix}*"),
        (None, None) => "(unnamed)".to_owned(),
    }
}

impl Logs {
    /// With what the verification says.
    fn with(self, report: &Report) -> Self {
        let log = |log: &LogReport| ReadLog {
            directory: log.directory.clone(),
            origin: log.head.as_ref().map(|head| head.origin.clone()),
            size: log.size(),
            root: log.head.as_ref().map(|head| head.root.to_string()),
        };
        Self {
            holds: report.holds(),
            key_pinned: report.is_pinned,
            logs: report.logs.iter().map(log).collect(),
            findings: report.all_findings().cloned().collect(),
            ..self
        }
    }
}

//! What an inventory is made from, and what it leaves out.

use super::{Line, Section, Table, cell, code, text};
use crate::evidence::inventory::model::{Inventory, Logs, Source, Summary};
use crate::evidence::period::Period;
use crate::policy::prose::count;

/// The paragraphs at the top.
pub(super) fn introduction(inventory: &Inventory) -> Vec<String> {
    let mut paragraphs = match &inventory.source {
        Source::Manifests { completed: true } => vec![
            "Workloads of manifests, completed as admission does where a namespace enforces."
                .to_owned(),
        ],
        Source::Manifests { completed: false } => {
            vec!["Workloads of manifests, as they are written.".to_owned()]
        }
        Source::Cluster => vec!["Workloads of a cluster, as they are stored.".to_owned()],
        Source::Log(logs) => of_logs(logs),
    };
    paragraphs.extend(left_out(&inventory.summary));
    paragraphs.push(
        "What is listed is read off the objects; what a container does with it is not. The page \
         supports an assessment and satisfies nothing by itself."
            .to_owned(),
    );
    paragraphs
}

fn left_out(summary: &Summary) -> Option<String> {
    let counted = [
        (summary.not_agents, "workload", "of no agent"),
        (
            summary.undecided,
            "workload",
            "in namespaces that are not known",
        ),
        (summary.other_objects, "object", "without a Pod template"),
    ];
    let counted = counted.into_iter().filter(|(number, ..)| *number > 0);
    let counted: Vec<String> = counted
        .map(|(number, noun, which)| format!("{} {which}", count(number, noun)))
        .collect();
    (!counted.is_empty()).then(|| format!("Not listed: {}.", counted.join(", ")))
}

fn of_logs(logs: &Logs) -> Vec<String> {
    let mut paragraphs = Vec::new();
    if !logs.holds {
        let findings = count(logs.findings.len(), "finding");
        paragraphs.push(format!(
            "THE LOGS DO NOT HOLD: {findings}, told at the end. What is listed may be wrong or \
             incomplete."
        ));
    }
    let Period { from, to } = logs.period;
    let from = from.map_or_else(String::new, |from| format!(" from {from}"));
    let to = to.map_or_else(String::new, |to| format!(" until {to}"));
    let pinned = match logs.key_pinned {
        true => "signed by a pinned key",
        false => "whose key is not pinned",
    };
    let (read, records) = (count(logs.logs.len(), "log"), count(logs.records, "record"));
    paragraphs.push(format!(
        "Workloads as they were admitted{from}{to}: {records} in {read}, {pinned}."
    ));
    if logs.gaps > 0 {
        let gaps = count(logs.gaps, "gap");
        paragraphs.push(format!(
            "Records of that time were lost ({gaps}): workloads may be missing."
        ));
    }
    if logs.unreadable > 0 {
        let records = count(logs.unreadable, "record");
        paragraphs.push(format!(
            "{records} cannot be read by this program; a newer one may."
        ));
    }
    paragraphs
}

/// The logs and what speaks against them; nothing for other sources.
pub(super) fn logs(source: &Source) -> Option<Section> {
    let Source::Log(logs) = source else {
        return None;
    };
    let heads = logs.logs.iter().map(|log| {
        let of = |text: &Option<String>| text.as_deref().map_or_else(Line::new, code);
        vec![
            cell(code(&log.directory)),
            cell(of(&log.origin)),
            cell(text(&log.size.to_string())),
            cell(of(&log.root)),
        ]
    });
    let mut tables = vec![Table {
        caption: "Heads",
        columns: &["Directory", "Origin", "Records", "Root"],
        rows: heads.collect(),
    }];
    let findings = logs.findings.iter().map(|finding| {
        vec![
            cell(text(&finding.kind.to_string())),
            cell(code(&finding.path)),
            cell(text(&finding.message)),
        ]
    });
    if !logs.holds {
        tables.push(Table {
            caption: "What does not hold",
            columns: &["What", "Where", "Why"],
            rows: findings.collect(),
        });
    }
    Some(Section {
        heading: text("Logs"),
        facts: Vec::new(),
        tables,
    })
}

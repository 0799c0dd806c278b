//! A verification as text, and as JSON.

use std::io::{self, Write};

use serde_json::{Value, json};

use super::bundles::records_of;
use super::finding::{LogReport, Report};
use super::witness::Witness;
use crate::policy::prose::count;

/// Names the form of the JSON output.
const VERSION: &str = "cattlegrid.dev/evidence-verification/v1";

/// One line for each log, notice and finding, and one for all.
pub fn text(report: &Report, output: &mut dyn Write) -> io::Result<()> {
    for log in &report.logs {
        let state = match log.findings.is_empty() {
            true => "holds",
            false => "does not hold",
        };
        let records = records_of(log.size());
        writeln!(output, "{}: {records}, {state}", log.name())?;
        for notice in &log.notices {
            writeln!(output, "  note: {notice}")?;
        }
    }
    for line in report.witness.iter().flat_map(Witness::lines) {
        writeln!(output, "{line}")?;
    }
    for finding in report.all_findings() {
        let (kind, path, message) = (finding.kind, &finding.path, &finding.message);
        writeln!(output, "{kind}: {path}: {message}")?;
    }
    let records = records_of(report.logs.iter().map(LogReport::size).sum());
    let logs = count(report.logs.len(), "log");
    let pinned = match report.is_pinned {
        true => "signed by a pinned key",
        false => "key not pinned: give --key to know whose they are",
    };
    match report.all_findings().count() {
        0 => writeln!(output, "holds: {records} in {logs}; {pinned}"),
        findings => {
            let findings = count(findings, "finding");
            writeln!(output, "does not hold: {findings} in {logs}")
        }
    }
}

/// The same for machines.
pub fn json(report: &Report, output: &mut dyn Write) -> io::Result<()> {
    let log = |log: &LogReport| -> Value {
        json!({
            "directory": log.directory,
            "origin": log.head.as_ref().map(|head| &head.origin),
            "size": log.size(),
            "root": log.head.as_ref().map(|head| head.root.to_string()),
            "holds": log.findings.is_empty(),
            "notices": log.notices,
            "findings": log.findings,
        })
    };
    let value = json!({
        "version": VERSION,
        "holds": report.holds(),
        "keyPinned": report.is_pinned,
        "logs": report.logs.iter().map(log).collect::<Vec<_>>(),
        "findings": report.findings,
        "auditLog": report.witness,
    });
    serde_json::to_writer_pretty(&mut *output, &value)?;
    writeln!(output)
}

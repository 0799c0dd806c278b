//! A verification as text, and as JSON.

use std::io::{self, Write};

use serde_json::{Value, json};

use super::finding::{LogReport, Report};

/// Names the form of the JSON output.
const VERSION: &str = "cattlegrid.dev/evidence-verification/v1";

/// One line for each log, notice and finding, and one for all.
pub fn text(report: &Report, output: &mut dyn Write) -> io::Result<()> {
    for log in &report.logs {
        let state = match log.findings.is_empty() {
            true => "holds",
            false => "does not hold",
        };
        writeln!(output, "{}: {} records, {state}", log.name(), log.size())?;
        for notice in &log.notices {
            writeln!(output, "  note: {notice}")?;
        }
    }
    for finding in report.all_findings() {
        let (kind, path, message) = (finding.kind, &finding.path, &finding.message);
        writeln!(output, "{kind}: {path}: {message}")?;
    }
    let records: u64 = report.logs.iter().map(LogReport::size).sum();
    let logs = report.logs.len();
    let pinned = match report.is_pinned {
        true => "signed by a pinned key",
        false => "key not pinned: give --key to know whose they are",
    };
    match report.all_findings().count() {
        0 => writeln!(output, "holds: {records} records in {logs} logs; {pinned}"),
        count => writeln!(output, "does not hold: {count} findings in {logs} logs"),
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
    });
    serde_json::to_writer_pretty(&mut *output, &value)?;
    writeln!(output)
}

//! What differs, for a person at a terminal.

use std::io::{self, Write};

use super::check::Report;
use crate::policy::folder::Folder;
use crate::policy::prose::count;

/// Prints reports as they come and counts them.
#[derive(Debug, Default)]
pub(super) struct Renderer {
    policies: usize,
    cases: usize,
    differing: usize,
    unusable: usize,
    gaps: usize,
    unreadable: usize,
}

impl Renderer {
    /// Counts a folder that could not be read.
    pub(super) fn unreadable(&mut self) {
        self.unreadable += 1;
    }

    /// Whether something could not be run.
    pub(super) fn failed(&self) -> bool {
        self.unreadable + self.unusable > 0
    }

    /// Whether something differs or is missing.
    pub(super) fn found_something(&self) -> bool {
        self.differing + self.gaps > 0
    }

    /// Prints what came of a folder.
    pub(super) fn add(
        &mut self,
        folder: &Folder,
        report: &Report,
        output: &mut dyn Write,
    ) -> io::Result<()> {
        let label = folder.label();
        self.policies += folder.policies().count();
        self.cases += report.cases.len();
        let file = folder
            .tests
            .as_ref()
            .map(|tests| tests.source.name.as_str());
        for case in report.failures() {
            writeln!(output, "{label}: {}", case.name)?;
            writeln!(output, "  --> {}:{}", file.unwrap_or_default(), case.line)?;
            match &case.result {
                Ok(differences) => {
                    self.differing += 1;
                    for line in differences.iter().flat_map(|d| lines(&d.to_string())) {
                        writeln!(output, "    {line}")?;
                    }
                }
                Err(error) => {
                    self.unusable += 1;
                    writeln!(output, "    cannot be run: {error}")?;
                }
            }
            writeln!(output)?;
        }
        for gap in &report.gaps {
            self.gaps += 1;
            writeln!(output, "{gap}")?;
            writeln!(output, "  --> {}\n", folder.path.display())?;
        }
        Ok(())
    }

    /// Prints the summary.
    pub(super) fn finish(&self, output: &mut dyn Write) -> io::Result<()> {
        let cases = count(self.cases, "case");
        let policies = count(self.policies, "policy");
        let mut parts = vec![format!("{cases} of {policies}")];
        for (number, what) in [
            (self.differing, "differ (- expected, + found)"),
            (self.unusable, "cannot be run"),
        ] {
            if number > 0 {
                parts.push(format!("{number} {what}"));
            }
        }
        if self.gaps > 0 {
            parts.push(count(self.gaps, "gap"));
        }
        if self.unreadable > 0 {
            parts.push(format!("{} unreadable", count(self.unreadable, "folder")));
        }
        if parts.len() == 1 {
            parts.push("all as expected".to_owned());
        }
        writeln!(output, "{}", parts.join(", "))
    }
}

fn lines(text: &str) -> Vec<String> {
    text.lines().map(str::to_owned).collect()
}

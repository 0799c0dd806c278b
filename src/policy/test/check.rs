//! Running the cases of a folder, and what they leave untried.

use serde_json::Value;

use super::completeness::Tried;
use crate::policy::differences::{Difference, differences};
use crate::policy::folder::{Folder, Tests};
use crate::policy::run;

/// What came of a folder.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Report {
    /// The cases in the order of the file.
    pub cases: Vec<CaseReport>,
    /// What the folder lacks, a line each.
    pub gaps: Vec<String>,
}

/// What came of a case.
#[derive(Clone, Debug, PartialEq)]
pub struct CaseReport {
    /// Its name.
    pub name: String,
    /// Its line in `tests.yaml`, from 1.
    pub line: usize,
    /// How it differs from what is expected; or why it cannot be run.
    pub result: Result<Vec<Difference>, String>,
}

impl Report {
    /// The cases that did not come out as expected.
    pub fn failures(&self) -> impl Iterator<Item = &CaseReport> {
        let passed = |case: &&CaseReport| matches!(&case.result, Ok(found) if found.is_empty());
        self.cases.iter().filter(move |case| !passed(case))
    }
}

/// Runs the cases of a folder on a baseline, and looks for what they leave untried.
pub fn check(folder: &Folder, baseline: &Value) -> Report {
    let mut report = Report::default();
    let has_policy = folder.set.policies().next().is_some();
    match &folder.tests {
        Some(tests) if has_policy => run_cases(folder, tests, baseline, &mut report),
        Some(_) => report
            .gaps
            .push("tests.yaml has no policy beside it".to_owned()),
        None if has_policy => report
            .gaps
            .push("there is no tests.yaml; without cases nobody knows what it does".to_owned()),
        None => {
            report.gaps.push("there is no policy here".to_owned());
            return report;
        }
    }
    for file in &folder.unused {
        let file = file.display();
        report.gaps.push(format!(
            "{file} is unused: it holds neither policies, bindings nor tests; remove it"
        ));
    }
    report
}

fn run_cases(folder: &Folder, tests: &Tests, baseline: &Value, report: &mut Report) {
    let mut tried = Tried::default();
    for case in &tests.cases {
        let result = run::run(case, &folder.set, baseline).map(|outcome| {
            tried.note(&outcome);
            differences(case, &outcome)
        });
        report.cases.push(CaseReport {
            name: case.name.clone(),
            line: case.line,
            result,
        });
    }
    report.gaps.extend(tried.gaps(&folder.set, &tests.cases));
}

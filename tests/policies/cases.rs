//! Every case of every `tests.yaml`, run offline.

use cattlegrid::policy::run;

use crate::folders;

#[test]
fn every_case_comes_out_as_its_file_says() {
    let baseline = folders::baseline();
    let mut report = Vec::new();
    let mut count = 0;
    for folder in folders::all() {
        for case in &folder.cases {
            count += 1;
            let lines = match run::run(case, &folder.set, &baseline) {
                Ok(outcome) => {
                    let differences = run::differences(case, &outcome);
                    differences.iter().map(ToString::to_string).collect()
                }
                Err(error) => vec![error],
            };
            if !lines.is_empty() {
                let lines = lines.join("\n    ");
                report.push(format!("{}: {}\n    {lines}", folder.id, case.name));
            }
        }
    }
    assert!(
        report.is_empty(),
        "{} of {count} cases differ:\n{}",
        report.len(),
        report.join("\n")
    );
}

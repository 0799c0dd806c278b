//! What `cattlegrid policy test` says about the shipped policies.

use cattlegrid::policy::folder;
use cattlegrid::policy::test::check::check;

use crate::folders;

#[test]
fn every_case_comes_out_as_its_file_says_and_nothing_is_untried() {
    let baseline = folders::baseline();
    let mut report = Vec::new();
    for files in folder::find(&[folders::root()]).unwrap() {
        let folder = files.read().unwrap_or_else(|errors| panic!("{errors}"));
        let label = folder.label();
        let found = check(&folder, &baseline);
        report.extend(found.gaps.iter().map(|gap| format!("{label}: {gap}")));
        report.extend(found.failures().map(|case| match &case.result {
            Ok(differences) => {
                let lines: Vec<String> = differences.iter().map(ToString::to_string).collect();
                format!("{label}: {}\n{}", case.name, lines.join("\n"))
            }
            Err(error) => format!("{label}: {}: {error}", case.name),
        }));
    }
    assert!(report.is_empty(), "{}", report.join("\n\n"));
}

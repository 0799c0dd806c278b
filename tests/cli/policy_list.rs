//! `cattlegrid policy list`.

use serde_json::json;

use crate::{cattlegrid, directory, stderr, stdout};

const NAMELESS: &str = "\
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: teams}
spec:
  matchConstraints:
    resourceRules:
      - {apiGroups: [''], apiVersions: [v1], operations: [CREATE], resources: [configmaps]}
  validations: [{expression: 'true'}]
";

#[test]
fn the_table_has_a_line_for_each_policy() {
    let output = cattlegrid(&["policy", "list"]);
    let text = stdout(&output);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let heading: Vec<&str> = text
        .lines()
        .next()
        .unwrap_or_default()
        .split_whitespace()
        .collect();
    assert_eq!(heading, ["ID", "KIND", "TITLE"]);
    for (id, kind) in [("host-paths", "validation"), ("inject-bounds", "mutation")] {
        let line = text.lines().find(|line| line.starts_with(id));
        assert!(line.unwrap_or_default().contains(kind), "{text}");
    }
}

#[test]
fn json_holds_what_there_is_to_tell() {
    let output = cattlegrid(&["policy", "list", "-o", "json"]);
    let list: serde_json::Value = serde_json::from_str(&stdout(&output)).unwrap();
    let policies = list["policies"].as_array().unwrap();
    let policy = policies.iter().find(|p| p["id"] == "resources").unwrap();
    assert_eq!(policy["kind"], "validation");
    assert_eq!(policy["controls"][0]["id"], "SC-5");
    let parameters = policy["parameters"].as_array().unwrap();
    assert!(
        parameters
            .iter()
            .any(|parameter| parameter["path"] == "spec.defaultProfile"
                && parameter["shipped"] == "large"),
        "{parameters:?}"
    );
}

#[test]
fn controls_are_listed_with_how_far_support_goes() {
    let text = stdout(&cattlegrid(&["policy", "list", "--controls"]));
    let block = text
        .split("\n\n")
        .find(|block| block.starts_with("SI-14 "))
        .unwrap_or_default();
    assert!(block.starts_with("SI-14 Non-persistence (supplemental)\n"));
    assert!(block.contains("in no baseline"), "{block}");
    assert!(block.contains("left to you: "), "{block}");
    assert!(block.contains("persistent-volumes"), "{block}");
    let output = cattlegrid(&["policy", "list", "--controls", "-o", "json"]);
    let list: serde_json::Value = serde_json::from_str(&stdout(&output)).unwrap();
    let controls = list["controls"].as_array().unwrap();
    assert_eq!(controls[0]["id"], "AC-2(7)");
    let of_log = controls.iter().find(|c| c["id"] == "AU-9(3)").unwrap();
    assert_eq!(
        (&of_log["policies"], &of_log["baseline"]),
        (&json!([]), &json!("high"))
    );
    assert!(of_log["log"]["extent"].is_string(), "{of_log}");
}

#[test]
fn policies_of_others_are_listed_though_they_say_little() {
    let files = directory(&[("teams/policy.yaml", NAMELESS)]);
    let root = files.path().to_str().unwrap();
    let output = cattlegrid(&["policy", "list", "--policies", root]);
    assert_eq!(
        stdout(&output),
        "ID     KIND        TITLE\nteams  validation\n"
    );
    let output = cattlegrid(&["policy", "list", "--policies", root, "--controls"]);
    let text = stdout(&output);
    // What the log supports, it supports whatever the policies are.
    assert!(text.starts_with("AC-6(9) "), "{text}");
    assert!(!text.contains("  by: "), "{text}");
}

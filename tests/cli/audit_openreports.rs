//! `cattlegrid audit -o openreports`.

use serde_json::{Value, json};

use crate::{cattlegrid, directory, path, stderr, stdout};

const PET: &str = "manifests/examples/pet.yaml";

/// The reports that an audit makes.
fn reports(arguments: &[&str]) -> Vec<Value> {
    let output = cattlegrid(&[&["audit", "-o", "openreports"], arguments].concat());
    let list: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}{}", stdout(&output), stderr(&output)));
    assert_eq!(
        (&list["apiVersion"], &list["kind"]),
        (&json!("v1"), &json!("List"))
    );
    list["items"].as_array().unwrap().clone()
}

/// A bare Pod with so many containers, each with findings of its own.
fn pod(name: &str, containers: usize) -> String {
    let container = |number| format!("{{name: c{number}, image: a, stdin: true, tty: true}}");
    let containers: Vec<String> = (0..containers).map(container).collect();
    format!(
        "apiVersion: v1\nkind: Pod\nmetadata: {{{name}, namespace: agents}}\nspec: {{containers: \
         [{}]}}\n---\n",
        containers.join(", ")
    )
}

#[test]
fn a_workload_with_findings_has_one_report_and_others_have_none() {
    let reports = reports(&[PET, "manifests/examples/job.yaml"]);
    let [report] = reports.as_slice() else {
        panic!("{reports:?}");
    };
    assert_eq!(report["apiVersion"], "openreports.io/v1alpha1");
    assert_eq!(report["kind"], "Report");
    assert_eq!(report["metadata"]["namespace"], "triage");
    assert_eq!(report["metadata"].get("ownerReferences"), None);
    assert_eq!(
        report["scope"],
        json!({
            "apiVersion": "batch/v1", "kind": "Job", "namespace": "triage", "name": "incident-agent",
        })
    );
    let summary = json!({"pass": 0, "fail": 8, "warn": 0, "error": 0, "skip": 0});
    assert_eq!(report["summary"], summary);
    let result = &report["results"][0];
    assert_eq!(result["policy"], "deadlines");
    assert_eq!(result["result"], "fail");
    assert_eq!(result["scored"], true);
    assert_eq!(
        result["message"],
        "a failed invocation is not retried under the same Job; set backoffLimit to 0"
    );
    assert_eq!(result["properties"]["action"], "deny");
    assert_eq!(result["properties"]["path"], "spec.backoffLimit");
    assert_eq!(
        result["properties"]["place"],
        "manifests/examples/pet.yaml:16:17"
    );
}

#[test]
fn what_would_not_be_denied_is_not_scored() {
    let text = std::fs::read_to_string(PET).unwrap();
    let files = directory(&[(
        "pet.yaml",
        &text.replace("agents: enforce", "agents: audit"),
    )]);
    let reports = reports(&[&path(&files, "pet.yaml")]);
    let results = reports[0]["results"].as_array().unwrap();
    assert!(!results.is_empty());
    for result in results {
        assert_eq!(result["result"], "warn");
        assert_eq!(result["scored"], false);
        assert_eq!(result["severity"], "low");
        assert_eq!(result["properties"]["action"], "audit");
    }
}

#[test]
fn without_findings_the_list_is_empty() {
    assert!(reports(&["manifests/examples/job.yaml"]).is_empty());
}

#[test]
fn a_report_holds_so_many_results_and_says_how_many_there_are() {
    let files = directory(&[("pod.yaml", &pod("name: a", 60))]);
    let reports = reports(&["--assume-agents", "enforce", &path(&files, "pod.yaml")]);
    let [report] = reports.as_slice() else {
        panic!("{reports:?}");
    };
    assert_eq!(report["results"].as_array().unwrap().len(), 50);
    let left_out = &report["metadata"]["annotations"]["cattlegrid.dev/results-left-out"];
    let left_out: u64 = left_out.as_str().unwrap().parse().unwrap();
    assert_eq!(report["summary"]["fail"].as_u64().unwrap(), 50 + left_out);
    // What kubectl apply keeps in an annotation.
    assert!(report.to_string().len() < 256 * 1024);
}

#[test]
fn there_are_so_many_reports_and_one_that_tells_of_the_others() {
    let pods: String = (0..1_010)
        .map(|number| pod(&format!("name: p{number}"), 1))
        .collect();
    let files = directory(&[("pods.yaml", &pods)]);
    let reports = reports(&["--assume-agents", "enforce", &path(&files, "pods.yaml")]);
    assert_eq!(reports.len(), 1_001);
    let last = reports.last().unwrap();
    assert_eq!(last["kind"], "ClusterReport");
    assert_eq!(last["metadata"]["name"], "cattlegrid-left-out");
    let message = last["results"][0]["message"].as_str().unwrap();
    assert!(message.contains("10 more objects"), "{message}");
}

#[test]
fn names_are_the_same_each_time_and_differ_by_object() {
    let pods = [
        pod("name: a", 1),
        pod("name: b", 1),
        pod("generateName: a-", 1),
        pod("name: a", 1),
    ];
    let files = directory(&[("one.yaml", &pods.concat()), ("two.yaml", &pods.concat())]);
    let directory = files.path().to_str().unwrap();
    let names = || -> Vec<String> {
        reports(&["--assume-agents", "enforce", directory])
            .iter()
            .map(|report| report["metadata"]["name"].as_str().unwrap().to_owned())
            .collect()
    };
    let first = names();
    assert_eq!(first, names());
    // The Pods with names are the same in both files; those without are other ones in each.
    let distinct: std::collections::BTreeSet<&String> = first.iter().collect();
    assert_eq!((first.len(), distinct.len()), (4, 4), "{first:?}");
}

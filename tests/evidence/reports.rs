//! `cattlegrid evidence report`.

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

use crate::history;
use crate::support::verifier;

const SCHEMA: &str = include_str!("../../docs/evidence/report-v1.schema.json");
/// Invocations in the history that tests read.
const COUNT: i64 = 120;
/// A period without any record.
const LONG_AGO: [&str; 4] = ["--from", "2020-01-01", "--to", "2020-01-31"];

/// A store with a history.
pub async fn store() -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    history::write(directory.path(), COUNT, &history::policy_set()).await;
    directory
}

fn run(store: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_cattlegrid"))
        .args(["evidence", "report"])
        .arg(store)
        .args(arguments)
        .output()
        .unwrap()
}

/// What a report of logs that hold says.
#[track_caller]
pub fn text(store: &Path, arguments: &[&str]) -> String {
    let output = run(store, arguments);
    let messages = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{messages}");
    String::from_utf8(output.stdout).unwrap()
}

#[track_caller]
fn json(store: &Path, arguments: &[&str]) -> Value {
    let text = text(store, &[&["--format", "json"], arguments].concat());
    serde_json::from_str(&text).unwrap()
}

fn find<'v>(list: &'v Value, key: &str, name: &str) -> &'v Value {
    let found = list
        .as_array()
        .unwrap()
        .iter()
        .find(|item| item[key] == name);
    found.unwrap_or_else(|| panic!("no {name}"))
}

#[tokio::test]
async fn a_report_tells_what_records_say() {
    let store = store().await;
    let report = json(store.path(), &["--key", &verifier(1)]);
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let errors: Vec<String> = validator
        .iter_errors(&report)
        .map(|e| e.to_string())
        .collect();
    assert_eq!(errors, [""; 0]);

    assert_eq!(
        (&report["holds"], &report["keyPinned"]),
        (&true.into(), &true.into())
    );
    assert_eq!(report["logs"].as_array().unwrap().len(), 2);
    assert_eq!(report["policySets"][0]["described"], true);
    let answers = &report["answers"];
    let number = |value: &Value| value.as_u64().unwrap();
    assert_eq!(
        number(&answers["total"]),
        number(&answers["allowed"]) + number(&answers["refused"])
    );
    assert_eq!(report["overTime"]["step"], "day");
    let steps = report["overTime"]["steps"].as_array().unwrap();
    let sum: u64 = steps.iter().map(|step| number(&step["total"])).sum();
    assert_eq!(sum, number(&answers["total"]));
    for groups in ["phases", "namespaces", "users"] {
        let groups = report[groups].as_array().unwrap();
        let sum: u64 = groups.iter().map(|group| number(&group["refused"])).sum();
        assert_eq!(sum, number(&answers["refused"]));
    }

    // Gaps, failures and break-glass uses are of two replicas.
    assert_eq!(
        (&report["gaps"]["lost"], &report["gaps"]["uncounted"]),
        (&90.into(), &2.into())
    );
    assert_eq!(report["breakGlass"]["total"], 4);
    assert_eq!(report["breakGlass"]["shown"][0]["resource"], "pods/exec");
    assert_eq!(
        find(&report["failures"], "class", "evaluation")["allowed"],
        4
    );
    assert_eq!(find(&report["failures"], "class", "look-up")["refused"], 4);
    let state = |name| find(&report["exceptions"], "name", name)["state"].clone();
    assert_eq!(state("legacy-debugger"), "expired");
    assert_eq!(state("old-images"), "in-force");
    assert_eq!(state("short-lived"), "removed");
    assert!(number(&find(&report["exceptions"], "name", "old-images")["uses"]["total"]) > 0);

    let investigations = &report["investigations"];
    let [admitted, closed, running, open] =
        ["admitted", "closed", "running", "neverClosed"].map(|member| {
            number(
                investigations[member]
                    .get("total")
                    .unwrap_or(&investigations[member]),
            )
        });
    assert_eq!(admitted, closed + running + open);
    assert!(open > 0 && closed > open, "{investigations}");
    assert!(number(&investigations["refused"]) > 0);
    assert!(number(&investigations["pods"]["outOfMemory"]) > 0);

    let token = find(
        &report["credentials"],
        "domain",
        "cattlegrid.dev/autonomous",
    );
    assert_eq!(token["lifetimeSecondsMax"], 600);
    assert_eq!(
        find(&report["surfaces"], "kind", "rootFilesystem")["lifetime"],
        "container"
    );

    let control = find(&report["controls"], "id", "CM-7(5)");
    assert_eq!(
        (&control["oscalId"], &control["policies"][0]),
        (&"cm-7.5".into(), &"image-provenance".into())
    );
    let policy = find(&report["policies"], "id", "image-provenance");
    assert_eq!(control["seen"], policy["seen"]);
    let reference = &policy["seen"]["found"]["shown"][0];
    assert!(
        reference["leaf"].as_str().unwrap().starts_with("sha256:"),
        "{reference}"
    );
    let of_log = find(&report["controls"], "id", "AU-9(3)");
    assert_eq!(
        (&of_log["seen"], &of_log["inLog"]["total"]),
        (&Value::Null, &2.into())
    );
}

#[tokio::test]
async fn the_same_log_gives_the_same_bytes() {
    let store = store().await;
    for form in FORMS {
        assert!(
            text(store.path(), form) == text(store.path(), form),
            "{form:?}"
        );
    }
}

/// All forms of a report.
pub const FORMS: &[&[&str]] = &[
    &["--format", "json"],
    &["--format", "html"],
    &["--format", "oscal"],
    &["--format", "oscal", "--document", "assessment-plan"],
    &[
        "--format",
        "oscal",
        "--document",
        "component-definition",
        "--oscal-version",
        "1.1.3",
    ],
];

#[tokio::test]
async fn a_period_is_about_what_happened_in_it() {
    let store = store().await;
    let day = json(
        store.path(),
        &["--from", "2026-10-27", "--to", "2026-10-27"],
    );
    assert_eq!(day["overTime"]["step"], "hour");
    assert_eq!(day["breakGlass"]["total"], 2);
    assert_eq!(day["gaps"]["total"], 0);
    for step in day["overTime"]["steps"].as_array().unwrap() {
        assert!(
            step["time"].as_str().unwrap().starts_with("2026-10-27T"),
            "{step}"
        );
    }
    // What was loaded before is in force still.
    assert_eq!(
        find(&day["exceptions"], "name", "legacy-debugger")["state"],
        "in-force"
    );
    let nothing = json(store.path(), &LONG_AGO);
    assert_eq!(
        (&nothing["records"]["total"], &nothing["used"]),
        (&0.into(), &Value::Null)
    );
    assert_eq!(nothing["exceptions"].as_array().unwrap().len(), 0);
}

#[tokio::test]
async fn what_does_not_hold_is_said_first_and_not_used() {
    let store = store().await;
    let log = std::fs::read_dir(store.path().join("one")).unwrap();
    let log = log.map(|entry| entry.unwrap().path());
    let log = log
        .into_iter()
        .find(|path| path.join("checkpoint").exists())
        .unwrap();
    let bundle = log.join("tile/entries/000");
    let mut bytes = std::fs::read(&bundle).unwrap();
    bytes[1000] ^= 1;
    std::fs::write(&bundle, bytes).unwrap();
    for form in FORMS {
        let output = run(store.path(), form);
        assert_eq!(output.status.code(), Some(1), "{form:?}");
        assert!(String::from_utf8_lossy(&output.stderr).starts_with("does not hold: "));
    }
    let report: Value = serde_json::from_slice(&run(store.path(), FORMS[0]).stdout).unwrap();
    assert_eq!(report["holds"], false);
    let logs = report["logs"].as_array().unwrap();
    let broken = logs.iter().find(|log| log["holds"] == false).unwrap();
    assert!(
        broken["used"].as_u64() < broken["size"].as_u64(),
        "{broken}"
    );
    assert_eq!(broken["findings"][0]["kind"], "altered");
    let used: u64 = logs.iter().map(|log| log["used"].as_u64().unwrap()).sum();
    assert_eq!(report["records"]["total"], used);
}

#[tokio::test]
async fn the_page_needs_nothing_else_and_whatever_requests_say_stays_text() {
    let store = store().await;
    let page = text(store.path(), &["--format", "html"]);
    let forbidden = regex::Regex::new(r#"<script|https?://|url\(| on[a-z]+="#).unwrap();
    assert_eq!(forbidden.find(&page).map(|found| found.as_str()), None);
    assert!(page.contains("&#60;/td&#62;&#60;script&#62;alert(1)&#60;/script&#62;"));
    let (_, style) = page.split_once("<style>").unwrap();
    let (style, _) = style.split_once("</style>").unwrap();
    let hash = cattlegrid::page::hash_source(style);
    assert!(
        page.contains(&format!("style-src &#39;{hash}&#39;"))
            || page.contains(&format!("style-src '{hash}'"))
    );
    let targets: Vec<&str> = page
        .split("href=\"#")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .collect();
    assert!(targets.len() > 100);
    for target in targets {
        assert!(page.contains(&format!("id=\"{target}\"")), "{target}");
    }
}

#[tokio::test]
async fn the_page_says_what_the_model_says() {
    let store = store().await;
    let report = json(store.path(), &[]);
    let page = text(store.path(), &["--format", "html"]);
    let oscal: Value = serde_json::from_str(&text(store.path(), &["--format", "oscal"])).unwrap();
    let observations = &oscal["assessment-results"]["results"][0]["observations"];
    for control in report["controls"].as_array().unwrap() {
        let (id, title) = (
            control["id"].as_str().unwrap(),
            control["title"].as_str().unwrap(),
        );
        assert!(page.contains(&format!("id=\"control-{id}\"")), "{id}");
        let observation = find(observations, "title", &format!("{id} {title}"));
        let Some(judged) = control["seen"]["judged"].as_u64() else {
            continue;
        };
        let props = &observation["props"];
        assert_eq!(find(props, "name", "judged")["value"], judged.to_string());
        assert!(
            page.contains(&format!("{judged} answers judged")) || judged == 0,
            "{id}"
        );
    }
    for reference in report["gaps"]["shown"].as_array().unwrap() {
        assert!(page.contains(reference["leaf"].as_str().unwrap()));
    }
    assert_eq!(
        oscal["assessment-results"]["results"][0]["findings"][0]["target"]["target-id"],
        "au-12_smt.c"
    );
    assert!(!oscal.to_string().contains("\"satisfied\""));
}

#[tokio::test]
async fn what_the_audit_log_says_is_part_of_it() {
    let store = store().await;
    let event = serde_json::json!({
        "apiVersion": "audit.k8s.io/v1", "kind": "Event", "auditID": "a", "level": "Metadata",
        "stage": "ResponseComplete", "verb": "create", "user": {"username": "ada"},
        "requestReceivedTimestamp": "2026-10-28T00:00:00.000000Z",
        "objectRef": {"apiGroup": "batch", "resource": "jobs", "namespace": "incidents", "name": "x"},
        "responseStatus": {"code": 201},
        "annotations": {"enforce.validate.cattlegrid.dev/evidence": format!("sha256:{}", "0".repeat(64))},
    });
    let elsewhere = tempfile::tempdir().unwrap();
    let file = elsewhere.path().join("audit.log");
    std::fs::write(&file, format!("{event}\n")).unwrap();
    let arguments = ["--audit-log", file.to_str().unwrap()];
    let output = run(store.path(), &[FORMS[0], &arguments].concat());
    assert_eq!(output.status.code(), Some(1));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    assert!(jsonschema::is_valid(&schema, &report));
    assert_eq!(report["findings"][0]["kind"], "unrecorded");
    assert_eq!(report["auditLog"]["requests"], 1);
    for form in ["html", "oscal"] {
        let output = run(
            store.path(),
            &[&["--format", form], &arguments[..]].concat(),
        );
        assert!(
            String::from_utf8_lossy(&output.stdout).contains("unrecorded"),
            "{form}"
        );
    }
}

#[test]
fn wrong_arguments_are_told() {
    let store = tempfile::tempdir().unwrap();
    for (arguments, message) in [
        (
            &["--format", "json", "--document", "assessment-plan"][..],
            "--document and --oscal-version are about --format oscal",
        ),
        (
            &[
                "--format",
                "json",
                "--from",
                "2026-02-01",
                "--to",
                "2026-01-31",
            ],
            "comes after --to",
        ),
        (
            &["--format", "json", "--from", "tomorrow"],
            "give a date such as",
        ),
        (&["--format", "json"], "there is no log in"),
    ] {
        let output = run(store.path(), arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        let messages = String::from_utf8_lossy(&output.stderr);
        assert!(messages.contains(message), "{messages}");
    }
}

//! `pod-hardening` agrees with Kubernetes' restricted Pod Security Standard: the standard's own
//! fixtures come out here as they do there, as Pods and as templates of Jobs and CronJobs.
//!
//! They are read from Go module `k8s.io/pod-security-admission` (`test/testdata/restricted`), in
//! the version that the tests' kube-apiserver is built from.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use cattlegrid::load;
use cattlegrid::policy::cases;
use cattlegrid::policy::run;
use serde_json::{Value, json};

use crate::folders::{self, Folder, documents};

const MODULE: &str = "k8s.io/pod-security-admission";
/// What the standard calls one thing is divided here: types of volumes are not hardening.
const POLICIES: [&str; 3] = ["host-paths", "persistent-volumes", "pod-hardening"];
/// The standard of Kubernetes 1.36 is the one of 1.35, and its fixtures are not repeated.
const MINOR_VERSION_MIN: u32 = 35;

/// Fixtures that pass there and not here: name, policy, reason.
const STRICTER: [(&str, &str, &str); 1] = [(
    "restrictedvolumes0",
    "persistent-volumes",
    "a PersistentVolumeClaim outlives the Pod, and with it what an agent left there",
)];
/// Fixtures that fail there and pass here: name, reason.
const LAXER: [(&str, &str); 0] = [];

#[test]
fn the_fixtures_of_the_restricted_standard_come_out_as_in_kubernetes() {
    let policies = policies();
    let fixtures = newest_fixtures(&module_directory());
    let mut differences = BTreeSet::new();
    for name in names(&fixtures.join("pass")) {
        for policy in refusing(&policies, &fixtures.join("pass").join(&name)) {
            differences.insert((stem(&name), format!("refused by {policy}")));
        }
    }
    for name in names(&fixtures.join("fail")) {
        if refusing(&policies, &fixtures.join("fail").join(&name)).is_empty() {
            differences.insert((stem(&name), "not refused".to_owned()));
        }
    }
    let stricter =
        STRICTER.map(|(name, policy, _)| (name.to_owned(), format!("refused by {policy}")));
    let laxer = LAXER.map(|(name, _): (&str, &str)| (name.to_owned(), "not refused".to_owned()));
    let known: BTreeSet<_> = stricter.into_iter().chain(laxer).collect();
    assert_eq!(differences, known, "found, and listed");
}

fn policies() -> Vec<Folder> {
    let mut folders = folders::all();
    folders.retain(|folder| POLICIES.contains(&folder.id.as_str()));
    assert_eq!(folders.len(), POLICIES.len());
    folders
}

/// The policies that refuse a fixture. Every shape of it is refused by the same.
fn refusing(policies: &[Folder], fixture: &Path) -> BTreeSet<String> {
    let pod = documents(fixture).swap_remove(0);
    let [of_pod, of_job, of_cron_job] =
        shapes(&pod).map(|object| refusing_object(policies, &object));
    assert_eq!(of_job, of_pod, "{} as a Job", fixture.display());
    assert_eq!(of_cron_job, of_pod, "{} as a CronJob", fixture.display());
    of_pod
}

fn refusing_object(policies: &[Folder], object: &Value) -> BTreeSet<String> {
    let file = json!({"cases": [{"name": "fixture", "object": object, "allow": true}]});
    let case = cases::parse("fixture", &file.to_string())
        .unwrap()
        .swap_remove(0);
    let baseline = folders::baseline();
    let refuses = |folder: &&Folder| {
        let sources = load::read_policies(&folders::root().join(&folder.id)).unwrap();
        let set = load::compile(&sources).unwrap();
        let outcome = run::run(&case, &set, &baseline).unwrap();
        assert_eq!(outcome.not_evaluated, Vec::<String>::new(), "{object}");
        !outcome.findings.is_empty()
    };
    policies
        .iter()
        .filter(refuses)
        .map(|folder| folder.id.clone())
        .collect()
}

/// The Pod, a Job and a CronJob with it as template.
fn shapes(pod: &Value) -> [Value; 3] {
    let template = json!({
        "metadata": {"annotations": pod["metadata"].get("annotations").unwrap_or(&json!({}))},
        "spec": pod["spec"],
    });
    let metadata = json!({"name": pod["metadata"]["name"]});
    let job_spec = json!({"template": template});
    [
        pod.clone(),
        json!({"apiVersion": "batch/v1", "kind": "Job", "metadata": metadata, "spec": job_spec}),
        json!({
            "apiVersion": "batch/v1", "kind": "CronJob", "metadata": metadata,
            "spec": {"schedule": "0 0 * * *", "jobTemplate": {"spec": job_spec}},
        }),
    ]
}

/// The newest folder of `test/testdata/restricted`; they are called `v1.<minor>`.
fn newest_fixtures(module: &Path) -> PathBuf {
    let root = module.join("test/testdata/restricted");
    let minor = |name: &String| {
        name.strip_prefix("v1.")
            .and_then(|minor| minor.parse::<u32>().ok())
    };
    let newest = names(&root).iter().filter_map(minor).max();
    let newest = newest.unwrap_or_else(|| panic!("no fixtures in {}", root.display()));
    assert!(
        newest >= MINOR_VERSION_MIN,
        "{} ends with v1.{newest}",
        root.display()
    );
    root.join(format!("v1.{newest}"))
}

/// Where the Go module cache has the module; it is downloaded if need be.
fn module_directory() -> PathBuf {
    let output = Command::new("go")
        .args(["mod", "download", "-json", MODULE])
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/control-plane/kubernetes"))
        .env("GOFLAGS", "-mod=readonly")
        .env("GOWORK", "off")
        .output()
        .expect("Go runs");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let described: Value = serde_json::from_slice(&output.stdout).unwrap();
    PathBuf::from(
        described["Dir"]
            .as_str()
            .expect("the module has a directory"),
    )
}

fn names(directory: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(directory);
    let entries = entries.unwrap_or_else(|error| panic!("{}: {error}", directory.display()));
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert!(!names.is_empty(), "{} is empty", directory.display());
    names.sort();
    names
}

fn stem(name: &str) -> String {
    name.trim_end_matches(".yaml").to_owned()
}

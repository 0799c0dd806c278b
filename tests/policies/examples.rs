//! The examples that ship do what the documentation says about them.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::completion::{create, rules};
use crate::folders::documents;

fn example(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("manifests/examples")
        .join(name)
}

fn workloads(name: &str) -> Vec<Value> {
    let mut objects = documents(&example(name));
    objects.retain(|object| object["kind"] != "Namespace");
    assert!(!objects.is_empty(), "{name} holds no workload");
    objects
}

fn new_id() -> String {
    "01935a00-0000-7000-8000-000000000001".to_owned()
}

#[test]
fn the_bare_job_is_completed_and_admitted() {
    for object in workloads("job.yaml") {
        let completed = create(&rules(), &object, &new_id);
        assert_eq!(completed.failures, Vec::<String>::new());
        assert_eq!(completed.denials, Vec::<String>::new());
    }
}

#[test]
fn the_pet_is_refused_with_several_findings() {
    for object in workloads("pet.yaml") {
        let completed = create(&rules(), &object, &new_id);
        assert!(completed.denials.len() > 1, "{:?}", completed.denials);
    }
}

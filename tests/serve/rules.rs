//! A small policy set and reviews for it.

use std::path::Path;

use serde_json::{Value, json};

/// Refuses hostPath volumes, with `MESSAGE` in place of a text.
const VALIDATING: &str = r#"
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: host-paths}
spec:
  matchConstraints:
    resourceRules:
      - {apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [pods]}
  validations:
    - expression: "!has(object.spec.volumes) || object.spec.volumes.all(v, !has(v.hostPath))"
      message: MESSAGE
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: host-paths}
spec: {policyName: host-paths, validationActions: [Deny]}
"#;

const MUTATING: &str = r#"
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingAdmissionPolicy
metadata: {name: deadline}
spec:
  reinvocationPolicy: Never
  matchConstraints:
    resourceRules:
      - {apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [pods]}
  mutations:
    - patchType: JSONPatch
      jsonPatch:
        expression: "[JSONPatch{op: 'add', path: '/spec/activeDeadlineSeconds', value: 60}]"
---
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingAdmissionPolicyBinding
metadata: {name: deadline}
spec: {policyName: deadline}
"#;

const BASELINE: &str = r#"
apiVersion: cattlegrid.dev/v1alpha1
kind: AgentBaseline
metadata: {name: default}
spec: {phases: {shadow: {rank: 0}}}
"#;

pub const MESSAGE: &str = "no host paths here";

/// Writes the set and the baseline into a directory.
pub fn write(directory: &Path) {
    write_policies(directory, MESSAGE);
    std::fs::write(directory.join("baseline.yaml"), BASELINE).unwrap();
}

/// Writes the set with another message.
pub fn write_policies(directory: &Path, message: &str) {
    let folder = directory.join("policies/host-paths");
    std::fs::create_dir_all(&folder).unwrap();
    replace(
        &folder.join("policy.yaml"),
        &VALIDATING.replace("MESSAGE", message),
    );
    replace(&directory.join("policies/deadline.yaml"), MUTATING);
}

/// Replaces a file in one step.
pub fn replace(file: &Path, content: &str) {
    let beside = file.with_extension("tmp");
    std::fs::write(&beside, content).unwrap();
    std::fs::rename(beside, file).unwrap();
}

/// A review of a new Pod.
pub fn pod_review(uid: &str, spec: &Value) -> Value {
    json!({
        "apiVersion": "admission.k8s.io/v1",
        "kind": "AdmissionReview",
        "request": {
            "uid": uid,
            "operation": "CREATE",
            "kind": {"group": "", "version": "v1", "kind": "Pod"},
            "resource": {"group": "", "version": "v1", "resource": "pods"},
            "requestKind": {"group": "", "version": "v1", "kind": "Pod"},
            "requestResource": {"group": "", "version": "v1", "resource": "pods"},
            "namespace": "agents",
            "name": "agent",
            "userInfo": {"username": "ada"},
            "object": {
                "apiVersion": "v1",
                "kind": "Pod",
                "metadata": {"name": "agent", "labels": {"cattlegrid.dev/workload": "agent"}},
                "spec": spec,
            },
        },
    })
}

/// A Pod that the set refuses.
pub fn refused() -> Value {
    json!({"containers": [{"name": "c"}], "volumes": [{"name": "v", "hostPath": {"path": "/"}}]})
}

/// A Pod that the set allows.
pub fn allowed() -> Value {
    json!({"containers": [{"name": "c"}]})
}

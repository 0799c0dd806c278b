//! Pod templates inside custom resources. The manifests beside this file are what their users write;
//! `VOLUME` stands for what is mounted.

use crate::{cattlegrid, directory, path, stderr, stdout};

const NAMESPACE: &str = "\
apiVersion: v1
kind: Namespace
metadata: {name: agents, labels: {cattlegrid.dev/agents: enforce}}
---
";
const ALLOWED: &str = "emptyDir: {medium: Memory, sizeLimit: 16Mi}";
const IMAGE: &str = "registry.example/agents/triage@sha256:\
                     9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
const REFUSED: &str = "hostPath: {path: /run}";

/// The manifest of each kind, and where its volumes are.
const KINDS: &[(&str, &str)] = &[
    (
        include_str!("templates/workflow.yaml"),
        "spec.templates[1].volumes[0]",
    ),
    (
        include_str!("templates/workflow-script.yaml"),
        "spec.volumes[0]",
    ),
    (
        include_str!("templates/cron-workflow.yaml"),
        "spec.workflowSpec.templates[0].volumes[0]",
    ),
    (
        include_str!("templates/job-set.yaml"),
        "spec.replicatedJobs[0].template.spec.template.spec.volumes[0]",
    ),
    (
        include_str!("templates/ray-cluster.yaml"),
        "spec.workerGroupSpecs[0].template.spec.volumes[0]",
    ),
    (
        include_str!("templates/ray-job.yaml"),
        "spec.rayClusterSpec.headGroupSpec.template.spec.volumes[0]",
    ),
    (
        include_str!("templates/sandbox.yaml"),
        "spec.podTemplate.spec.volumes[0]",
    ),
    (
        include_str!("templates/kueue-workload.yaml"),
        "spec.podSets[0].template.spec.volumes[0]",
    ),
];

fn audit(manifest: &str) -> (Option<i32>, String) {
    let files = directory(&[("object.yaml", &format!("{NAMESPACE}{manifest}"))]);
    let output = cattlegrid(&["audit", &path(&files, "object.yaml")]);
    assert_eq!(stderr(&output), "");
    (output.status.code(), stdout(&output))
}

#[test]
fn a_template_of_each_kind_is_judged_where_it_is_written() {
    for (manifest, place) in KINDS {
        let (code, text) = audit(&manifest.replace("VOLUME", ALLOWED));
        assert_eq!(code, Some(0), "{manifest}\n{text}");
        assert!(text.contains("2 objects judged"), "{text}");

        let refused = manifest.replace("VOLUME", REFUSED);
        let line = NAMESPACE.lines().count()
            + refused
                .lines()
                .position(|line| line.contains("hostPath"))
                .unwrap()
            + 1;
        let (code, text) = audit(&refused);
        assert_eq!(code, Some(1), "{manifest}\n{text}");
        assert!(text.contains("error[host-paths]"), "{text}");
        assert!(text.contains(&format!("object.yaml:{line}:")), "{text}");
        assert!(
            text.contains(&format!("{place}.hostPath of ")),
            "{place}\n{text}"
        );
    }
}

#[test]
fn what_a_controller_fills_in_later_is_not_evaluated() {
    let manifest = include_str!("templates/workflow.yaml").replace("VOLUME", ALLOWED);
    let manifest = manifest.replace(IMAGE, "'{{inputs.parameters.image}}'");
    let (code, text) = audit(&manifest);
    assert_eq!(code, Some(0), "{text}");
    assert!(
        text.contains("not evaluated: spec.templates[1].container.image is filled in later"),
        "{text}"
    );
}

#[test]
fn a_kind_that_nobody_described_is_not_evaluated_in_an_agent_namespace() {
    let definition = "\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: runs.example.dev}
spec:
  group: example.dev
  scope: Namespaced
  names: {kind: Run, plural: runs}
---
";
    let run = |namespace: &str| {
        format!(
            "{definition}apiVersion: example.dev/v1\nkind: Run\n\
             metadata: {{name: r, namespace: {namespace}}}\n\
             spec: {{pod: {{spec: {{volumes: [{{name: run, {REFUSED}}}]}}}}}}\n"
        )
    };
    let (code, text) = audit(&run("agents"));
    assert_eq!(code, Some(0), "{text}");
    assert!(
        text.contains(
            "not evaluated: whether kind `Run` holds Pod templates is not known, so only its Pods \
             are judged, when they are made; name it in spec.podTemplates of the AgentBaseline"
        ),
        "{text}"
    );
    let elsewhere = run("web").replace(
        definition,
        &format!("apiVersion: v1\nkind: Namespace\nmetadata: {{name: web}}\n---\n{definition}"),
    );
    let (code, text) = audit(&elsewhere);
    assert_eq!(code, Some(0), "{text}");
    assert!(
        text.contains("4 objects judged") && !text.contains("`Run`"),
        "{text}"
    );
}

#[test]
fn the_table_can_be_extended() {
    let baseline = std::fs::read_to_string(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/manifests/baseline/default.yaml"
    ))
    .unwrap();
    let entry = "podTemplates:\n    - apiGroup: example.dev\n      kind: Run\n      \
                 resource: runs\n      templates: [{path: spec.pod, holds: PodTemplate}]\n";
    let extended = baseline.replace("podTemplates:\n", entry);
    let run = format!(
        "{NAMESPACE}apiVersion: example.dev/v1\nkind: Run\nmetadata: {{name: r, namespace: agents}}\n\
         spec: {{pod: {{spec: {{volumes: [{{name: run, {REFUSED}}}]}}}}}}\n"
    );
    let files = directory(&[("baseline.yaml", &extended), ("run.yaml", &run)]);
    let (baseline, run) = (path(&files, "baseline.yaml"), path(&files, "run.yaml"));
    let output = cattlegrid(&["audit", &run]);
    assert!(
        stdout(&output).contains("kind `Run` is not known"),
        "{}",
        stdout(&output)
    );
    let output = cattlegrid(&["audit", &run, "--baseline", &baseline]);
    let text = stdout(&output);
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(
        text.contains("spec.pod.spec.volumes[0].hostPath of Run agents/r"),
        "{text}"
    );
    let output = cattlegrid(&["generate", "webhooks", "--baseline", &baseline]);
    assert!(stdout(&output).contains("- runs\n"), "{}", stdout(&output));
}

#[test]
fn a_mistake_in_the_table_is_told() {
    let baseline = "apiVersion: cattlegrid.dev/v1alpha1\nkind: AgentBaseline\n\
                    metadata: {name: default}\nspec:\n  podTemplates:\n    - apiGroup: g\n      \
                    kind: K\n      resource: ks\n      templates: [{path: spec..pod, holds: PodSpec}]\n";
    let files = directory(&[("baseline.yaml", baseline), ("object.yaml", NAMESPACE)]);
    let output = cattlegrid(&[
        "audit",
        &path(&files, "object.yaml"),
        "--baseline",
        &path(&files, "baseline.yaml"),
    ]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stderr(&output).contains("`spec..pod` is no path"),
        "{}",
        stderr(&output)
    );
}

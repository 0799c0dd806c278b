//! Charts and kustomizations, rendered by the real programs.

use std::path::PathBuf;
use std::process::{Command, Output};

use super::{NAMESPACE, claim, files_of};
use crate::{directory, path, stderr, stdout};

const CHART: &str = "apiVersion: v2\nname: agent\nversion: 0.1.0\n";
/// Refused when its volume is of a host.
const TEMPLATE: &str = "\
apiVersion: batch/v1
kind: Job
metadata: {name: {{ .Release.Name }}-agent, namespace: {{ .Release.Namespace }}}
spec:
  template:
    spec:
      containers: [{name: agent, image: '{{ .Values.image }}'}]
      volumes: [{name: v, {{ .Values.volume }}: {{ .Values.source | toJson }}}]
";

fn values(volume: &str, source: &str) -> String {
    let digest = "0".repeat(64);
    format!("image: r.example/a@sha256:{digest}\nvolume: {volume}\nsource: {source}\n")
}

/// Runs the program with only these programs beside it.
fn with(programs: &[&str], arguments: &[&str]) -> Output {
    let built = control_plane::renderers::locate_or_build(&mut std::io::stderr()).unwrap();
    let beside = tempfile::tempdir().unwrap();
    for program in programs {
        let link: PathBuf = beside.path().join(program);
        std::os::unix::fs::symlink(built.join(program), link).unwrap();
    }
    Command::new(env!("CARGO_BIN_EXE_cattlegrid"))
        .args(arguments)
        .env("PATH", beside.path())
        .output()
        .unwrap()
}

#[test]
fn a_chart_is_judged_as_helm_renders_it_and_findings_name_the_template() {
    let files = directory(&[
        ("chart/Chart.yaml", CHART),
        (
            "chart/values.yaml",
            &values("emptyDir", "{medium: Memory, sizeLimit: 8Mi}"),
        ),
        ("chart/templates/job.yaml", TEMPLATE),
        ("namespace.yaml", NAMESPACE),
        ("host.yaml.values", &values("hostPath", "{path: /run}")),
    ]);
    let directory = files.path().to_str().unwrap();
    let output = with(&["helm"], &["audit", "-n", "agents", directory]);
    assert_eq!(
        output.status.code(),
        Some(0),
        "{}{}",
        stdout(&output),
        stderr(&output)
    );
    let values = path(&files, "host.yaml.values");
    for arguments in [
        &["audit", "-n", "agents", "--values", &values, directory][..],
        &[
            "audit",
            "-n",
            "agents",
            "--set",
            "volume=hostPath",
            directory,
        ],
    ] {
        let output = with(&["helm"], arguments);
        assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
        let text = stdout(&output);
        assert!(text.contains("[host-paths]"), "{text}");
        assert!(
            text.contains("chart/templates/job.yaml (helm template):"),
            "{text}"
        );
    }
}

#[test]
fn what_helm_complains_about_is_told() {
    let files = directory(&[
        ("chart/Chart.yaml", CHART),
        (
            "chart/templates/job.yaml",
            "{{ required \"say which image\" .Values.image }}\n",
        ),
        ("namespace.yaml", NAMESPACE),
    ]);
    let output = with(&["helm"], &["audit", files.path().to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(2));
    let said = stderr(&output);
    assert!(
        said.contains("say which image") && said.contains("chart (helm template)"),
        "{said}"
    );
}

#[test]
fn overlays_are_built_and_their_bases_are_not_judged_besides() {
    let files = directory(&[
        ("base/kustomization.yaml", "resources: [claim.yaml]\n"),
        (
            "base/claim.yaml",
            &claim("state").replace(", namespace: agents", ""),
        ),
        (
            "overlays/shop/kustomization.yaml",
            "namespace: shop\nresources: [../../base]\n",
        ),
        (
            "overlays/agents/kustomization.yaml",
            "namespace: agents\nresources: [../../base]\n",
        ),
        ("namespace.yaml", NAMESPACE),
        (
            "shop.yaml",
            "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n",
        ),
    ]);
    let output = with(&["kustomize"], &["audit", files.path().to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    let text = stdout(&output);
    assert!(
        text.contains("overlays/agents (kustomize build):"),
        "{text}"
    );
    assert_eq!(files_of(&text).len(), 1, "{text}");
    assert!(text.contains("4 objects judged"), "{text}");
}

#[test]
fn what_kustomize_complains_about_is_told() {
    let files = directory(&[("kustomization.yaml", "resources: [missing.yaml]\n")]);
    let output = with(&["kustomize"], &["audit", files.path().to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stderr(&output).contains("missing.yaml"),
        "{}",
        stderr(&output)
    );
}

//! Hooks, actions and snippets for CI, run as those who use them would.

use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

use crate::{directory, path, stderr, stdout};

fn repository(name: &str) -> String {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    std::fs::read_to_string(file).unwrap()
}

fn yaml(text: &str) -> Value {
    serde_saphyr::from_str(text).unwrap()
}

/// The first YAML block of a page.
fn snippet(page: &str) -> Value {
    let (_, rest) = page.split_once("```yaml\n").unwrap();
    let (block, _) = rest.split_once("```").unwrap();
    yaml(block)
}

/// A project with a Job that passes, or with one that does not.
fn project(example: &str) -> tempfile::TempDir {
    let manifest = repository(&format!("manifests/examples/{example}.yaml"));
    directory(&[("deploy/job.yaml", &manifest)])
}

/// Runs a script in a project, with the program on the path or without.
fn shell(project: &tempfile::TempDir, script: &str, environment: &[(&str, &str)]) -> Output {
    Command::new("bash")
        .args(["-e", "-o", "pipefail", "-c", script])
        .envs(environment.iter().copied())
        .current_dir(project.path())
        .output()
        .unwrap()
}

/// A directory with the program in it, and what PATH is then.
fn installed() -> (tempfile::TempDir, String) {
    let programs = tempfile::tempdir().unwrap();
    let link = programs.path().join("cattlegrid");
    symlink(env!("CARGO_BIN_EXE_cattlegrid"), link).unwrap();
    let path = std::env::var("PATH").unwrap();
    let path = format!("{}:{path}", programs.path().display());
    (programs, path)
}

#[test]
fn the_pre_commit_hook_refuses_what_admission_would() {
    let hooks = yaml(&repository(".pre-commit-hooks.yaml"));
    let hook = &hooks[0];
    assert_eq!(hook["id"], "cattlegrid-audit");
    assert_eq!(hook["language"], "system");
    assert_eq!(hook["pass_filenames"], false);
    let arguments: Vec<&str> = hook["args"]
        .as_array()
        .unwrap()
        .iter()
        .map(|a| a.as_str().unwrap())
        .collect();
    let script = format!(
        "{} {}",
        hook["entry"].as_str().unwrap(),
        arguments.join(" ")
    );
    let (_programs, programs) = installed();
    for (example, code) in [("job", 0), ("pet", 1)] {
        let output = shell(&project(example), &script, &[("PATH", &programs)]);
        assert_eq!(output.status.code(), Some(code), "{}", stdout(&output));
    }
    let page = snippet(&repository("docs/integrations/pre-commit.md"));
    assert_eq!(page["repos"][0]["hooks"][0]["id"], hook["id"]);
}

/// The script of the action, and the environment that its inputs make.
fn action(given: &[(&str, &str)]) -> (String, Vec<(String, String)>) {
    let action = yaml(&repository("action.yml"));
    let step = &action["runs"]["steps"][0];
    assert_eq!(action["runs"]["using"], "composite");
    let script = step["run"].as_str().unwrap().to_owned();
    assert!(!script.contains("${{"), "an input in a script is a command");
    let inputs = action["inputs"].as_object().unwrap();
    let value = |name: &str| {
        let given = given.iter().find(|(input, _)| *input == name);
        let default = || inputs[name]["default"].as_str().unwrap().to_owned();
        given.map_or_else(default, |(_, value)| (*value).to_owned())
    };
    let environment = step["env"].as_object().unwrap().iter();
    let environment = environment.map(|(variable, expression)| {
        let expression = expression.as_str().unwrap();
        let name = expression.strip_prefix("${{ inputs.").unwrap();
        (variable.clone(), value(name.strip_suffix(" }}").unwrap()))
    });
    (script, environment.collect())
}

fn run_action(project: &tempfile::TempDir, programs: &str, given: &[(&str, &str)]) -> Output {
    let (script, environment) = action(given);
    let mut environment: Vec<(&str, &str)> = environment
        .iter()
        .map(|(variable, value)| (variable.as_str(), value.as_str()))
        .collect();
    environment.push(("PATH", programs));
    shell(project, &script, &environment)
}

#[test]
fn the_action_annotates_and_ends_as_the_program_does() {
    let (_programs, programs) = installed();
    let output = run_action(&project("job"), &programs, &[]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let output = run_action(&project("pet"), &programs, &[("paths", "deploy\n")]);
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    assert!(stdout(&output).contains("::error "), "{}", stdout(&output));
    assert!(
        stdout(&output).contains("file=deploy/job.yaml"),
        "{}",
        stdout(&output)
    );
}

#[test]
fn inputs_of_the_action_are_arguments_and_never_commands() {
    let (_programs, programs) = installed();
    let project = project("job");
    let paths = "deploy\n$(touch one)\n; touch two\n--help\n";
    let output = run_action(&project, &programs, &[("paths", paths)]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stderr(&output).contains("$(touch one)"),
        "{}",
        stderr(&output)
    );
    assert!(stderr(&output).contains("--help"), "{}", stderr(&output));
    assert!(!project.path().join("one").exists() && !project.path().join("two").exists());
}

#[test]
fn the_action_writes_sarif_where_it_is_asked_to() {
    let (_programs, programs) = installed();
    let project = project("pet");
    let given = [("sarif", "audit.sarif"), ("fail-on", "deny")];
    let output = run_action(&project, &programs, &given);
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    let sarif = std::fs::read_to_string(path(&project, "audit.sarif")).unwrap();
    let sarif: Value = serde_json::from_str(&sarif).unwrap();
    assert_eq!(sarif["version"], "2.1.0");
}

#[test]
fn the_action_says_what_is_missing() {
    let output = run_action(&project("job"), "/usr/bin:/bin", &[]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stdout(&output).contains("::error title=cattlegrid audit::"),
        "{}",
        stdout(&output)
    );
}

#[test]
fn the_workflow_on_the_page_uses_inputs_that_the_action_has() {
    let page = snippet(&repository("docs/integrations/github.md"));
    let action = yaml(&repository("action.yml"));
    let steps = page["jobs"]["audit"]["steps"].as_array().unwrap();
    let ours = |step: &&Value| step["uses"].as_str().unwrap().starts_with("cattlegrid/");
    let step = steps.iter().find(ours).unwrap();
    for input in step["with"].as_object().unwrap().keys() {
        assert!(action["inputs"].get(input).is_some(), "{input}");
    }
}

#[test]
fn the_gitlab_job_writes_the_reports_that_it_names() {
    let job = &snippet(&repository("docs/integrations/gitlab.md"))["audit"];
    let (_programs, programs) = installed();
    for (example, code) in [("job", 0), ("pet", 1)] {
        let project = project(example);
        let script = job["script"][0].as_str().unwrap();
        let output = shell(&project, script, &[("PATH", &programs)]);
        assert_eq!(output.status.code(), Some(code), "{}", stderr(&output));
        let junit = job["artifacts"]["reports"]["junit"].as_str().unwrap();
        for file in [junit, job["artifacts"]["paths"][0].as_str().unwrap()] {
            let written = std::fs::read_to_string(path(&project, file)).unwrap();
            assert!(!written.is_empty(), "{file}");
        }
    }
}

/// The shipped baseline with the phase of the program that audits a cluster.
fn baseline_with_auditor() -> Value {
    let mut baseline = yaml(&repository("manifests/baseline/default.yaml"));
    let patch = yaml(&repository("manifests/audit/baseline.patch"));
    json_patch::merge(&mut baseline, &patch);
    baseline
}

#[test]
fn what_audits_a_cluster_obeys_every_policy() {
    let files = directory(&[("baseline.yaml", &baseline_with_auditor().to_string())]);
    let baseline = path(&files, "baseline.yaml");
    let output = crate::cattlegrid(&["audit", "--baseline", &baseline, "manifests/audit"]);
    assert_eq!(output.status.code(), Some(0), "{}", stdout(&output));
    assert!(
        stdout(&output).contains("5 objects judged"),
        "{}",
        stdout(&output)
    );
    let manifest = repository("manifests/audit/audit.yaml");
    assert!(manifest.contains("cattlegrid.dev/agents: enforce"));
    // With its own boundary it would be refused by a baseline that does not know its phase.
    let output = crate::cattlegrid(&["audit", "manifests/audit"]);
    assert_eq!(output.status.code(), Some(1), "{}", stdout(&output));
    assert!(stdout(&output).contains("the baseline has no phase auditor"));
}

#[test]
fn the_role_of_what_audits_a_cluster_is_one_that_agents_may_hold() {
    let files = directory(&[("baseline.yaml", &baseline_with_auditor().to_string())]);
    let baseline = path(&files, "baseline.yaml");
    let role = "manifests/rbac/audit.yaml";
    let output = crate::cattlegrid(&["audit", "--baseline", &baseline, role]);
    assert_eq!(output.status.code(), Some(0), "{}", stdout(&output));
    assert!(repository(role).contains("name: cattlegrid-audit\n"));
}

#[test]
fn the_command_of_the_manifest_is_one_that_the_program_takes() {
    let manifest = repository("manifests/audit/audit.yaml");
    let cron_job = manifest.split("\n---\n").last().unwrap();
    let pod = &yaml(cron_job)["spec"]["jobTemplate"]["spec"]["template"]["spec"];
    let arguments = pod["containers"][0]["args"].as_array().unwrap();
    let arguments: Vec<&str> = arguments.iter().map(|a| a.as_str().unwrap()).collect();
    // Nothing answers there: what is wrong is the cluster, not the arguments.
    let nowhere = directory(&[("config", "{apiVersion: v1, kind: Config}")]);
    let kubeconfig = format!("--kubeconfig={}", path(&nowhere, "config"));
    let output = crate::cattlegrid(&[&arguments[..], &[kubeconfig.as_str()]].concat());
    assert_eq!(output.status.code(), Some(2));
    assert!(!stderr(&output).contains("Usage:"), "{}", stderr(&output));
}

use clap::Parser;
use serde_json::Value;

use super::{Options, objects};
use crate::baseline::Baseline;
use crate::load;

#[derive(Parser)]
struct Program {
    #[command(flatten)]
    options: Options,
}

fn generate(arguments: &[&str], baseline: &Baseline) -> Result<Vec<Value>, String> {
    let program = Program::try_parse_from(["program"].iter().chain(arguments))
        .map_err(|error| error.to_string())?;
    objects(&program.options, baseline).map_err(|error| error.to_string())
}

fn shipped() -> Baseline {
    load::baseline(&load::embedded_baseline().unwrap()).unwrap()
}

fn with(change: &Value) -> Baseline {
    let mut baseline = shipped().value().unwrap();
    json_patch::merge(&mut baseline, change);
    Baseline::from_json(baseline.to_string()).unwrap()
}

fn names<'o>(objects: &'o [Value], kind: &str) -> Vec<&'o str> {
    let of_kind = objects.iter().filter(|object| object["kind"] == kind);
    of_kind
        .map(|object| object["metadata"]["name"].as_str().unwrap())
        .collect()
}

fn find<'o>(objects: &'o [Value], kind: &str, name: &str) -> &'o Value {
    let is_it = |object: &&Value| object["kind"] == kind && object["metadata"]["name"] == name;
    objects.iter().find(is_it).unwrap()
}

#[test]
fn a_namespace_holds_the_phases_up_to_its_highest_and_no_other() {
    let objects = generate(&["triage", "--max-phase", "limited-write"], &shipped()).unwrap();
    let accounts = ["agent-shadow", "agent-read-only", "agent-limited-write"];
    assert_eq!(names(&objects, "ServiceAccount"), accounts);
    assert_eq!(names(&objects, "Role"), accounts);
    let namespace = find(&objects, "Namespace", "triage");
    let labels = &namespace["metadata"]["labels"];
    assert_eq!(labels["cattlegrid.dev/agents"], "enforce");
    assert_eq!(labels["cattlegrid.dev/max-phase"], "limited-write");
}

#[test]
fn everything_in_a_namespace_has_its_name() {
    let arguments = ["triage", "--max-phase", "autonomous", "--runners", "sre"];
    for object in generate(&arguments, &shipped()).unwrap() {
        let key = if object["kind"] == "Namespace" {
            "name"
        } else {
            "namespace"
        };
        assert_eq!(object["metadata"][key], "triage", "{object}");
        for subject in object["subjects"].as_array().into_iter().flatten() {
            let is_group = subject["kind"] == "Group";
            assert!(is_group || subject["namespace"] == "triage", "{object}");
        }
    }
}

#[test]
fn quota_and_limits_follow_from_the_profiles_and_the_number_of_agents() {
    let baseline = with(&serde_json::json!({"spec": {"profiles": {
        "wide": {"deadlineSeconds": 60, "limits": {"cpu": "3500m", "memory": "1Gi", "ephemeral-storage": "1Gi"}}
    }}}));
    let objects = generate(&["triage", "--concurrent", "7"], &baseline).unwrap();
    let max = &find(&objects, "LimitRange", "agents")["spec"]["limits"][0]["max"];
    assert_eq!(
        (&max["cpu"], &max["memory"]),
        (&"3500m".into(), &"4Gi".into())
    );
    let hard = &find(&objects, "ResourceQuota", "agents")["spec"]["hard"];
    assert_eq!(
        (&hard["pods"], &hard["persistentvolumeclaims"]),
        (&"7".into(), &"0".into())
    );
}

#[test]
fn declared_endpoints_open_the_network_policies_of_their_phase() {
    let arguments = [
        "triage",
        "--max-phase",
        "read-only",
        "--egress",
        "10.1.2.3/16:443",
        "--egress",
        "read-only=fd00::/8",
    ];
    let objects = generate(&arguments, &shipped()).unwrap();
    let egress = |phase: &str| {
        let policy = find(&objects, "NetworkPolicy", &format!("agent-{phase}"));
        policy["spec"]["egress"].as_array().unwrap()[1..].to_vec()
    };
    let everybody = serde_json::json!({
        "to": [{"ipBlock": {"cidr": "10.1.0.0/16"}}], "ports": [{"protocol": "TCP", "port": 443}]
    });
    let readers = serde_json::json!({"to": [{"ipBlock": {"cidr": "fd00::/8"}}]});
    assert_eq!(egress("shadow"), std::slice::from_ref(&everybody));
    assert_eq!(egress("read-only"), [everybody, readers]);
    let closed = find(&objects, "NetworkPolicy", "default-deny");
    assert!(
        closed["spec"]["egress"].is_null()
            && closed["spec"]["podSelector"] == serde_json::json!({})
    );
}

#[test]
fn a_group_may_start_the_phases_that_it_is_given() {
    let arguments = [
        "triage",
        "--max-phase",
        "autonomous",
        "--runners",
        "interns",
        "--runners",
        "cn=sre,dc=example=limited-write",
    ];
    let objects = generate(&arguments, &shipped()).unwrap();
    let roles = |group: &str| -> Vec<&str> {
        let bindings = objects
            .iter()
            .filter(|object| object["subjects"][0]["name"] == group);
        bindings
            .map(|binding| binding["roleRef"]["name"].as_str().unwrap())
            .collect()
    };
    assert_eq!(roles("interns"), ["cattlegrid-agent-runner"]);
    assert_eq!(
        roles("cn=sre,dc=example"),
        [
            "cattlegrid-agent-runner",
            "cattlegrid-use-read-only",
            "cattlegrid-use-limited-write"
        ]
    );
}

#[test]
fn a_phase_of_somebody_elses_baseline_starts_without_rights() {
    let baseline = with(&serde_json::json!({"spec": {"phases": {"sandbox": {
        "rank": 9, "token": {"audience": "a"}, "roles": []
    }}}}));
    let objects = generate(&["triage", "--max-phase", "sandbox"], &baseline).unwrap();
    assert_eq!(
        find(&objects, "Role", "agent-sandbox")["rules"],
        serde_json::json!([])
    );
    let policy = find(&objects, "NetworkPolicy", "agent-sandbox");
    assert_eq!(
        policy["spec"]["podSelector"]["matchLabels"]["cattlegrid.dev/phase"],
        "sandbox"
    );
    let others = &find(&objects, "NetworkPolicy", "agent-shadow")["spec"]["podSelector"];
    let values = others["matchExpressions"][0]["values"].as_array().unwrap();
    assert!(values.contains(&"sandbox".into()), "{others}");
}

#[test]
fn what_does_not_fit_together_is_said() {
    let table: [(&[&str], &str); 6] = [
        (&["Triage"], "no name of a namespace"),
        (
            &["t", "--max-phase", "read"],
            "it has shadow, read-only, limited-write, autonomous",
        ),
        (&["t", "--egress", "10.0.0.1"], "10.0.0.1/32"),
        (
            &["t", "--egress", "10.0.0.1/32:https"],
            "`https` is no port",
        ),
        (
            &["t", "--egress", "autonomous=10.0.0.1/32"],
            "--max-phase shadow",
        ),
        (
            &["t", "--runners", "sre=autonomous"],
            "which the namespace does not run",
        ),
    ];
    for (arguments, expected) in table {
        let error = generate(arguments, &shipped()).unwrap_err();
        assert!(error.contains(expected), "{arguments:?}: {error}");
    }
}

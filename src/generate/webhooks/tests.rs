use super::*;

const POLICY: &str = r#"
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: p}
spec:
  matchConstraints:
    resourceRules: RULES
  validations: [{expression: "true"}]
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: p}
spec: {policyName: p, validationActions: [Deny]}
"#;

fn address() -> Address {
    Address {
        service: "cattlegrid".to_owned(),
        namespace: "cattlegrid-system".to_owned(),
        url: None,
    }
}

fn source(text: &str) -> load::Source {
    load::Source {
        name: "test".to_owned(),
        text: text.to_owned(),
    }
}

fn baseline(spec: &str) -> Baseline {
    let text = format!(
        "apiVersion: cattlegrid.dev/v1alpha1\nkind: AgentBaseline\nmetadata: {{name: default}}\nspec: {spec}\n"
    );
    load::baseline(&source(&text)).unwrap()
}

fn validating(rules: &str, spec: &str) -> Value {
    let set = load::compile(&[source(&POLICY.replace("RULES", rules))]).unwrap();
    configurations(&set, &baseline(spec), &address(), &Trust::System).swap_remove(0)
}

fn entry(configuration: &Value, name: &str) -> Option<Value> {
    let name = format!("{name}.validate.cattlegrid.dev");
    let webhooks = configuration["webhooks"].as_array().unwrap();
    webhooks
        .iter()
        .find(|webhook| webhook["name"] == name)
        .cloned()
}

#[test]
fn enforcing_namespaces_fail_closed_and_watched_ones_open() {
    let rules = r#"[{apiGroups: [batch], apiVersions: [v1], operations: [CREATE], resources: [jobs], scope: Namespaced}]"#;
    let configuration = validating(rules, "{}");
    for (name, policy) in [
        ("enforce", "Fail"),
        ("observe", "Ignore"),
        ("labelled", "Fail"),
    ] {
        let entry = entry(&configuration, name).unwrap();
        assert_eq!(entry["failurePolicy"], policy, "{name}");
        assert_eq!(entry["rules"][0]["scope"], "Namespaced", "{name}");
        assert_eq!(entry["rules"][0]["resources"], json!(["jobs"]), "{name}");
    }
    for absent in ["namespaces", "cluster", "labelled-2"] {
        assert_eq!(entry(&configuration, absent), None);
    }
}

#[test]
fn every_further_agent_label_has_an_entry_that_leaves_out_the_ones_before() {
    let rules =
        r#"[{apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [pods]}]"#;
    let configuration = validating(rules, "{agentLabels: [{key: a, values: [b]}, {key: c}]}");
    let selector = entry(&configuration, "labelled-3").unwrap()["objectSelector"].clone();
    assert_eq!(
        selector["matchExpressions"],
        json!([
            {"key": "cattlegrid.dev/workload", "operator": "NotIn", "values": ["agent"]},
            {"key": "a", "operator": "NotIn", "values": ["b"]},
            {"key": "c", "operator": "Exists"},
        ])
    );
}

#[test]
fn connect_is_left_out_where_labels_select() {
    let rules = r#"[{apiGroups: [""], apiVersions: [v1], operations: [CONNECT], resources: [pods/exec], scope: Namespaced}]"#;
    let configuration = validating(rules, "{}");
    assert!(entry(&configuration, "enforce").is_some());
    assert_eq!(entry(&configuration, "labelled"), None);
}

#[test]
fn namespaces_and_cluster_scoped_objects_have_entries_of_their_own() {
    let rules = r#"[
        {apiGroups: [""], apiVersions: [v1], operations: [UPDATE], resources: [namespaces, namespaces/status]},
        {apiGroups: [rbac.authorization.k8s.io], apiVersions: [v1], operations: [CREATE], resources: [clusterrolebindings], scope: Cluster},
    ]"#;
    let configuration = validating(rules, "{}");
    assert_eq!(entry(&configuration, "enforce"), None);
    let namespaces = entry(&configuration, "namespaces").unwrap();
    let condition = &namespaces["matchConditions"][0];
    assert_eq!(condition["name"], "moves-the-boundary");
    let expression = condition["expression"].as_str().unwrap();
    assert!(expression.contains(AGENTS), "{expression}");
    let cluster = entry(&configuration, "cluster").unwrap();
    assert_eq!(cluster["matchConditions"][1]["name"], "agents-rbac");
}

#[test]
fn the_end_of_objects_is_asked_about_only_where_every_policy_is_about_it() {
    let policy = |id: &str, conditions: &str| {
        let rules =
            r#"[{apiGroups: [""], apiVersions: [v1], operations: [DELETE], resources: [pods]}]"#;
        let spec = format!("spec:\n  matchConditions: [{conditions}]\n  matchConstraints:");
        POLICY
            .replace("spec:\n  matchConstraints:", &spec)
            .replace("RULES", rules)
            .replace("name: p}", &format!("name: {id}}}"))
            .replace("policyName: p,", &format!("policyName: {id},"))
    };
    let narrow = "{name: slow, expression: 'request.options.gracePeriodSeconds > 30'}";
    let of_all = "{name: human, expression: 'true'}";
    let names = |policies: &[String]| {
        let text = source(&policies.join("\n---\n"));
        let set = load::compile(&[text]).unwrap();
        let objects = configurations(&set, &baseline("{}"), &address(), &Trust::System);
        let conditions = entry(&objects[0], "enforce").unwrap()["matchConditions"].clone();
        let conditions = conditions.as_array().cloned().unwrap_or_default();
        let name = |condition: &Value| condition["name"].as_str().unwrap().to_owned();
        conditions.iter().map(name).collect::<Vec<_>>()
    };
    let both = format!("{of_all}, {narrow}");
    let other = policy("other", of_all).replace("DELETE", "CREATE");
    let slow = policy("slow", &both);
    assert_eq!(
        names(&[slow.clone(), other.clone()]),
        ["slow", "not-emptying"]
    );
    // Somebody else's policy is about every deletion.
    assert_eq!(
        names(&[slow, policy("every", of_all), other]),
        ["not-emptying"]
    );
}

#[test]
fn the_end_of_agents_is_recorded_by_entries_that_keep_nothing() {
    let rules = r#"[{apiGroups: [batch], apiVersions: [v1], operations: [CREATE], resources: [jobs], scope: Namespaced}]"#;
    let configuration = validating(rules, "{}");
    for name in ["end", "end-labelled"] {
        let entry = entry(&configuration, name).unwrap();
        assert_eq!(entry["failurePolicy"], "Ignore", "{name}");
        assert_eq!(entry["clientConfig"]["service"]["path"], "/end", "{name}");
        let rules = entry["rules"].as_array().unwrap();
        let resources: Vec<&str> = rules
            .iter()
            .map(|rule| rule["resources"][0].as_str().unwrap())
            .collect();
        assert_eq!(resources, ["pods", "jobs"], "{name}");
        assert!(
            rules
                .iter()
                .all(|rule| rule["operations"] == json!(["DELETE"]))
        );
    }
}

#[test]
fn outside_agent_namespaces_only_rbac_that_concerns_agents_is_asked_about() {
    let rules = r#"[
        {apiGroups: [rbac.authorization.k8s.io], apiVersions: [v1], operations: [CREATE], resources: [roles, rolebindings], scope: Namespaced},
        {apiGroups: [batch], apiVersions: [v1], operations: [CREATE], resources: [jobs], scope: Namespaced},
    ]"#;
    let spec = "{phases: {shadow: {rank: 0, roles: [{kind: Role, name: reader}]}}, \
                bindableRoles: [{kind: ClusterRole, name: runner}]}";
    let configuration = validating(rules, spec);
    let elsewhere = entry(&configuration, "rbac").unwrap();
    assert_eq!(
        elsewhere["namespaceSelector"]["matchExpressions"][0],
        json!({"key": AGENTS, "operator": "DoesNotExist"})
    );
    assert_eq!(
        elsewhere["rules"][0]["resources"],
        json!(["rolebindings", "roles"])
    );
    let condition = elsewhere["matchConditions"][1]["expression"]
        .as_str()
        .unwrap();
    assert!(condition.contains(r#"["reader", "runner"]"#), "{condition}");
    // Inside, all of it; and nothing is asked about twice.
    let enforced = entry(&configuration, "enforce").unwrap();
    assert_eq!(enforced["rules"].as_array().unwrap().len(), 2);
    assert_eq!(enforced["matchConditions"], Value::Null);
    let labelled = entry(&configuration, "labelled").unwrap();
    assert_eq!(labelled["rules"][0]["resources"], json!(["jobs"]));
}

#[test]
fn status_updates_are_asked_about_only_when_labels_change() {
    let rules = r#"[{apiGroups: [""], apiVersions: [v1], operations: [UPDATE], resources: [pods/status], scope: Namespaced}]"#;
    let entry = entry(&validating(rules, "{}"), "enforce").unwrap();
    assert_eq!(entry["matchConditions"][0]["name"], "status-changes-labels");
}

#[test]
fn the_api_servers_own_questions_are_never_matched() {
    let rules = r#"[{apiGroups: ["*"], apiVersions: ["*"], operations: ["*"], resources: ["*"]}]"#;
    let configuration = validating(rules, "{}");
    for name in ["enforce", "cluster"] {
        let conditions = entry(&configuration, name).unwrap()["matchConditions"].to_string();
        assert!(conditions.contains("authorization.k8s.io"), "{conditions}");
    }
}

#[test]
fn own_and_system_namespaces_are_left_out() {
    let rules =
        r#"[{apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [pods]}]"#;
    let entry = entry(&validating(rules, "{}"), "enforce").unwrap();
    let expressions = entry["namespaceSelector"]["matchExpressions"]
        .as_array()
        .unwrap();
    let by_name = expressions
        .iter()
        .find(|expression| expression["key"] == "kubernetes.io/metadata.name")
        .unwrap();
    assert_eq!(
        by_name["values"],
        json!([
            "kube-system",
            "kube-public",
            "kube-node-lease",
            "cattlegrid-system"
        ])
    );
}

#[test]
fn the_installed_configurations_are_those_of_the_shipped_policies() {
    let (set, baseline) = load(None, None).unwrap();
    let trust = Trust::CertManager("cattlegrid-system/cattlegrid-tls".to_owned());
    let objects = configurations(&set, &baseline, &address(), &trust);
    let installed = include_str!("../../../manifests/webhooks.yaml");
    assert!(
        super::super::yaml(&objects).unwrap() == installed,
        "run: cargo run -- generate webhooks \
         --inject-ca-from cattlegrid-system/cattlegrid-tls > manifests/webhooks.yaml"
    );
}

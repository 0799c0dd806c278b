//! The shipped policies, installed in the API server for the namespaces of cases.
//!
//! The bindings are the shipped ones, narrowed to namespaces (and cluster-scoped objects) that ask
//! for exactly this policy and baseline. Each is there twice: the warnings of one are every failing
//! message, the refusal of the other is the decision. The admin, who prepares the cases, is never
//! judged.

use serde_json::{Value, json};

use crate::api::{Cluster, documents, eventually, repository};

/// Label of a namespace or cluster-scoped object: which policy and baseline are in force there.
pub const RULES_LABEL: &str = "parity.test/rules";
/// Group of those whose requests go through the webhook, and past native policies.
pub const WEBHOOK_GROUP: &str = "parity:webhook";
/// Name of the ConfigMap that only asks whether policies are in force.
const SENTINEL: &str = "sentinel";

/// The value of [`RULES_LABEL`].
pub fn rules_label(policy: &str, baseline: usize) -> String {
    format!("{policy}.{baseline}")
}

fn baseline_name(baseline: usize) -> String {
    format!("parity-{baseline}")
}

/// Installs policies, their bindings for every baseline that their cases need, and the sentinel.
///
/// `baselines` are the AgentBaselines; `used` pairs policy and position of a baseline.
pub async fn install(cluster: &Cluster, baselines: &[Value], used: &[(String, usize)]) {
    for (position, baseline) in baselines.iter().enumerate() {
        let mut baseline = baseline.clone();
        baseline["metadata"]["name"] = json!(baseline_name(position));
        cluster.create(&baseline, "").await.object();
    }
    let mut policies: Vec<&str> = used.iter().map(|(policy, _)| policy.as_str()).collect();
    policies.dedup();
    for policy in policies {
        for mut object in documents(&repository(&format!("policies/{policy}/policy.yaml"))) {
            let condition = json!({"name": "judged-natively", "expression": format!(
                "!request.userInfo.groups.exists(g, g in ['system:masters', '{WEBHOOK_GROUP}'])"
            )});
            match object["spec"]["matchConditions"].as_array_mut() {
                Some(conditions) => conditions.insert(0, condition),
                None => object["spec"]["matchConditions"] = json!([condition]),
            }
            cluster.create(&object, "").await.object();
        }
    }
    for (policy, baseline) in used {
        for binding in documents(&repository(&format!("policies/{policy}/binding.yaml"))) {
            for narrowed in narrowed(&binding, policy, *baseline) {
                cluster.create(&narrowed, "").await.object();
            }
        }
    }
    // Last: who sees the sentinel's has seen the others.
    for object in sentinel() {
        cluster.create(&object, "").await.object();
    }
}

fn narrowed(binding: &Value, policy: &str, baseline: usize) -> Vec<Value> {
    let mut binding = binding.clone();
    let is_cluster_binding = binding["metadata"]["name"] == format!("{policy}-cluster");
    let requirement = json!({
        "key": RULES_LABEL, "operator": "In", "values": [rules_label(policy, baseline)],
    });
    let resources = &mut binding["spec"]["matchResources"];
    require(&mut resources["namespaceSelector"], &requirement);
    // A namespaceSelector never leaves out what is in no namespace.
    if is_cluster_binding {
        require(&mut resources["objectSelector"], &requirement);
    }
    if let Some(reference) = binding["spec"].get_mut("paramRef") {
        reference["name"] = json!(baseline_name(baseline));
    }
    let name = format!(
        "{}-{baseline}",
        binding["metadata"]["name"].as_str().unwrap()
    );
    let actions: &[&str] = match binding["kind"].as_str() {
        Some("ValidatingAdmissionPolicyBinding") => &["Deny", "Warn"],
        _ => &[""],
    };
    let with_action = |action: &&str| {
        let mut binding = binding.clone();
        binding["metadata"]["name"] = json!(format!("{name}{}", action.to_lowercase()));
        if !action.is_empty() {
            binding["spec"]["validationActions"] = json!([action]);
        }
        binding
    };
    actions.iter().map(with_action).collect()
}

/// Adds a requirement to a label selector, which may not be there yet.
fn require(selector: &mut Value, requirement: &Value) {
    match selector["matchExpressions"].as_array_mut() {
        Some(expressions) => expressions.push(requirement.clone()),
        None => selector["matchExpressions"] = json!([requirement]),
    }
}

/// Waits until policies are in force in a namespace, as the API server sees it.
pub async fn wait_until_in_force(cluster: &Cluster, namespace: &str) {
    let object = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": SENTINEL}});
    let path = format!("/api/v1/namespaces/{namespace}/configmaps?dryRun=All");
    eventually("policies are in force", async || {
        let answer = cluster
            .send(crate::api::Caller::Admin, "POST", &path, Some(&object))
            .await;
        if answer.message().contains("policies are in force: true") {
            Ok(())
        } else {
            Err(answer.body.to_string())
        }
    })
    .await;
}

/// Refuses ConfigMaps of the sentinel's name, and tells whether mutation has seen them.
fn sentinel() -> [Value; 4] {
    let metadata = json!({"name": "parity-sentinel"});
    let param = json!({"apiVersion": "cattlegrid.dev/v1alpha1", "kind": "AgentBaseline"});
    let constraints = json!({"resourceRules": [{
        "apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"],
        "resources": ["configmaps"],
    }]});
    let conditions = json!([{"name": "is-sentinel", "expression": format!("object.metadata.name == '{SENTINEL}'")}]);
    let binding = json!({
        "policyName": "parity-sentinel",
        // Of every baseline: all of them must have been seen.
        "paramRef": {"selector": {}, "parameterNotFoundAction": "Deny"},
        "matchResources": {"namespaceSelector": {"matchExpressions": [
            {"key": RULES_LABEL, "operator": "Exists"},
        ]}},
    });
    let mut denying = binding.clone();
    denying["validationActions"] = json!(["Deny"]);
    let group = "admissionregistration.k8s.io/v1";
    [
        json!({"apiVersion": group, "kind": "MutatingAdmissionPolicy", "metadata": metadata, "spec": {
            "paramKind": param, "matchConstraints": constraints, "matchConditions": conditions,
            "reinvocationPolicy": "Never", "failurePolicy": "Fail",
            "mutations": [{"patchType": "ApplyConfiguration", "applyConfiguration": {"expression":
                "Object{metadata: Object.metadata{labels: {'seen': 'true'}}}"}}],
        }}),
        json!({"apiVersion": group, "kind": "ValidatingAdmissionPolicy", "metadata": metadata, "spec": {
            "paramKind": param, "matchConstraints": constraints, "matchConditions": conditions,
            "validations": [{"expression": "false", "messageExpression":
                "'policies are in force: ' + object.metadata.?labels['seen'].orValue('false')"}],
        }}),
        json!({"apiVersion": group, "kind": "MutatingAdmissionPolicyBinding", "metadata": metadata,
               "spec": binding}),
        json!({"apiVersion": group, "kind": "ValidatingAdmissionPolicyBinding",
               "metadata": metadata, "spec": denying}),
    ]
}

//! What `cattlegrid audit` knows of the cluster: rights, parameters, namespaces, accounts, limits.

use std::process::Output;

use crate::{cattlegrid, directory, path, stderr, stdout};

const POD: &str = "\
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop}
spec: {containers: [{name: web, image: web}]}
";

const SHOP: &str = "\
apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {tier: gold}}
";

/// A policy about Pods, and its binding; `more` are members of their specs.
fn policy(name: &str, expression: &str, more: [&str; 2]) -> String {
    let [of_policy, of_binding] = more;
    format!(
        "\
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {{name: {name}}}
spec:
  matchConstraints:
    resourceRules:
      - {{apiGroups: [''], apiVersions: [v1], operations: [CREATE], resources: [pods]}}
{of_policy}
  validations: [{{expression: \"{expression}\", message: refused by {name}}}]
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {{name: {name}}}
spec:
  policyName: {name}
  validationActions: [Deny]
{of_binding}
"
    )
}

/// Audits `pod.yaml` and more files by other people's policies.
fn audit(files: &[(&str, &str)], arguments: &[&str]) -> Output {
    let files = directory(files);
    let (input, policies) = (path(&files, "input"), path(&files, "policies"));
    let params = path(&files, "params.yaml");
    let mut all = vec!["audit", input.as_str(), "--policies", policies.as_str()];
    for argument in arguments {
        all.push(match *argument {
            "PARAMS" => &params,
            other => other,
        });
    }
    cattlegrid(&all)
}

#[track_caller]
fn assert_says(output: &Output, code: i32, text: &str) {
    let printed = stdout(output);
    let shown = format!("{printed}\n{}", stderr(output));
    assert_eq!(output.status.code(), Some(code), "{shown}");
    assert!(printed.contains(text), "{text}\n{shown}");
}

const RIGHTS: &str = "\
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: reader, namespace: shop}
rules: [{apiGroups: [''], resources: [secrets], verbs: [get]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: readers, namespace: shop}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: reader}
subjects:
  - {apiGroup: rbac.authorization.k8s.io, kind: Group, name: readers}
  - {kind: ServiceAccount, name: bot}
";

#[test]
fn rights_come_from_the_roles_in_the_input() {
    let expression =
        "authorizer.group('').resource('secrets').namespace('shop').check('get').allowed()";
    let policy = policy("reads", expression, ["", ""]);
    let audit = |rights: &str, arguments: &[&str]| {
        let files = [
            ("input/pod.yaml", POD),
            ("input/rights.yaml", rights),
            ("policies/reads.yaml", &policy),
        ];
        audit(&files, arguments)
    };
    let granted: [&[&str]; 3] = [
        &["--as", "ann", "--as-group", "readers"],
        &["--as", "system:serviceaccount:shop:bot"],
        &["--as", "root", "--as-group", "system:masters"],
    ];
    for arguments in granted {
        assert_says(&audit(RIGHTS, arguments), 0, "nothing found");
    }
    let refused = audit(RIGHTS, &["--as", "ann"]);
    assert_says(&refused, 1, "error[reads]: refused by reads");
    assert!(
        stderr(&refused).contains("note: rights that no role of the input grants"),
        "{}",
        stderr(&refused)
    );
    assert_says(&audit(RIGHTS, &[]), 0, "say who with --as USER");
    assert_says(
        &audit(SHOP, &["--as", "ann"]),
        0,
        "there is neither a Role nor a binding in the input",
    );
    let lost = RIGHTS.replace("name: reader,", "name: another,");
    assert_says(
        &audit(&lost, &["--as", "ann", "--as-group", "readers"]),
        0,
        "Role shop/reader, to which RoleBinding readers refers, is not in the input",
    );
}

#[test]
fn the_user_is_the_one_of_the_request() {
    let policy = policy(
        "users",
        "request.userInfo.username == 'ann' && 'system:authenticated' in request.userInfo.groups",
        ["", ""],
    );
    let files = [("input/pod.yaml", POD), ("policies/users.yaml", &*policy)];
    assert_says(&audit(&files, &["--as", "ann"]), 0, "nothing found");
    assert_says(&audit(&files, &["--as", "bob"]), 1, "refused by users");
}

const CONFIG_MAP: &str = "  paramKind: {apiVersion: v1, kind: ConfigMap}";
const LIMITS: &str = "\
apiVersion: v1
kind: ConfigMap
metadata: {name: limits, namespace: rules, labels: {limits: 'yes'}}
data: {name: web}
";

#[test]
fn parameters_lie_in_the_input_beside_the_policies_or_in_files_of_their_own() {
    let by_name = "  paramRef: {name: limits, namespace: rules, parameterNotFoundAction: Deny}";
    let by_label = "  paramRef: {selector: {matchLabels: {limits: 'yes'}}, namespace: rules, \
                    parameterNotFoundAction: Allow}";
    for reference in [by_name, by_label] {
        let policy = policy(
            "named",
            "object.metadata.name == params.data.name",
            [CONFIG_MAP, reference],
        );
        for file in ["input/limits.yaml", "policies/limits.yaml", "params.yaml"] {
            for (name, code, text) in [("web", 0, "nothing found"), ("db", 1, "refused by named")] {
                let limits = LIMITS.replace("name: web", &format!("name: {name}"));
                let files = [
                    ("input/pod.yaml", POD),
                    ("policies/named.yaml", &*policy),
                    (file, &*limits),
                ];
                let arguments: &[&str] = match file {
                    "params.yaml" => &["--params", "PARAMS"],
                    _ => &[],
                };
                assert_says(&audit(&files, arguments), code, text);
            }
        }
    }
}

#[test]
fn a_parameter_that_nobody_gave_is_not_evaluated_and_one_that_is_missing_is_missing() {
    let reference = "  paramRef: {name: limits, namespace: rules, parameterNotFoundAction: Deny}";
    let policy = policy("named", "false", [CONFIG_MAP, reference]);
    let other = LIMITS.replace("name: limits,", "name: others,");
    let files = [
        ("input/pod.yaml", POD),
        ("policies/named.yaml", &*policy),
        ("params.yaml", &*other),
    ];
    let unknown = "its parameter, ConfigMap `limits` of namespace `rules`, is not in the input; \
                   give it with --params FILE";
    assert_says(&audit(&files, &[]), 0, unknown);
    assert_says(
        &audit(&files, &["--params", "PARAMS"]),
        1,
        "no params found for policy binding with `Deny` parameterNotFoundAction",
    );
}

#[test]
fn parameters_of_a_custom_kind_get_the_defaults_of_its_definition() {
    let kind = "  paramKind: {apiVersion: rules.example/v1, kind: Rule}";
    let policy = policy(
        "rules",
        "object.metadata.name == params.spec.name",
        [
            kind,
            "  paramRef: {name: main, parameterNotFoundAction: Deny}",
        ],
    );
    let rule = "{apiVersion: rules.example/v1, kind: Rule, metadata: {name: main}, spec: {}}\n";
    let definition = "\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: rules.rules.example}
spec:
  group: rules.example
  scope: Cluster
  names: {kind: Rule, plural: rules}
  versions:
    - name: v1
      schema:
        openAPIV3Schema:
          type: object
          properties:
            spec: {type: object, properties: {name: {type: string, default: web}}}
";
    let files = [
        ("input/pod.yaml", POD),
        ("policies/rules.yaml", &*policy),
        ("policies/rule.yaml", rule),
        ("policies/definition.yaml", definition),
    ];
    assert_says(&audit(&files, &[]), 0, "nothing found");
    // Without a definition they match by name, and have what is written.
    let named = rule.replace("spec: {}", "spec: {name: db}");
    let files = [
        ("input/pod.yaml", POD),
        ("policies/rules.yaml", &*policy),
        ("policies/rule.yaml", &*named),
    ];
    assert_says(&audit(&files, &[]), 1, "refused by rules");
}

#[test]
fn where_the_namespace_is_unknown_only_what_asks_for_it_is_not_evaluated() {
    let gold = "  matchResources: {namespaceSelector: {matchLabels: {tier: gold}}}";
    let outside = "  matchResources: {namespaceSelector: {matchExpressions: [{key: \
                   kubernetes.io/metadata.name, operator: NotIn, values: [kube-system]}]}}";
    let everywhere = policy("everywhere", "false", ["", ""]);
    let by_name = policy("by-name", "false", ["", outside]);
    let by_label = policy("by-label", "false", ["", gold]);
    let files = [
        ("input/pod.yaml", POD),
        ("policies/everywhere.yaml", &*everywhere),
        ("policies/by-name.yaml", &by_name),
        ("policies/by-label.yaml", &by_label),
    ];
    let output = audit(&files, &[]);
    assert_says(&output, 1, "error[everywhere]");
    assert_says(&output, 1, "error[by-name]");
    assert_says(
        &output,
        1,
        "note: not evaluated: namespace `shop` is not known",
    );
    assert_says(&output, 1, "by-label: Pod shop/web");
    let known = [&files[..], &[("input/shop.yaml", SHOP)]].concat();
    assert_says(&audit(&known, &[]), 1, "error[by-label]");
    let alone = [
        ("input/pod.yaml", POD),
        ("policies/by-label.yaml", &*by_label),
    ];
    assert_says(
        &audit(&alone, &[]),
        0,
        "namespace `shop` is not in the input",
    );
}

#[test]
fn accounts_and_limit_ranges_of_the_input_act_on_pods() {
    let account = "\
apiVersion: v1
kind: ServiceAccount
metadata: {name: default, namespace: shop}
automountServiceAccountToken: false
imagePullSecrets: [{name: registry}]
";
    let range = "\
apiVersion: v1
kind: LimitRange
metadata: {name: limits, namespace: shop}
spec: {limits: [{type: Container, default: {memory: 1024Mi}, min: {cpu: 100m}}]}
";
    let seen = policy(
        "seen",
        "!has(object.spec.volumes) && object.spec.imagePullSecrets[0].name == 'registry' && \
         object.spec.containers[0].resources == {'limits': {'memory': '1Gi'}, \
         'requests': {'memory': '1Gi', 'cpu': '100m'}} && \
         object.metadata.annotations['kubernetes.io/limit-ranger'] == \
         'LimitRanger plugin set: cpu, memory request for container web; \
         memory limit for container web'",
        ["", ""],
    );
    let files = [
        ("input/pod.yaml", POD),
        ("input/account.yaml", account),
        ("input/range.yaml", range),
        ("policies/seen.yaml", &*seen),
    ];
    assert_says(&audit(&files, &[]), 0, "nothing found");
    assert_says(
        &audit(&[files[0], files[1], files[3]], &[]),
        1,
        "refused by seen",
    );
}

const AGENTS: &str = "\
apiVersion: v1
kind: Namespace
metadata: {name: agents, labels: {cattlegrid.dev/agents: enforce}}
---
";

fn job(image: &str) -> String {
    format!(
        "{AGENTS}apiVersion: batch/v1
kind: Job
metadata: {{name: a, namespace: agents}}
spec: {{template: {{spec: {{containers: [{{name: agent, image: '{image}'}}]}}}}}}
"
    )
}

#[test]
fn without_mutations_it_is_judged_what_is_written() {
    let job = job(&format!("r.example/a@sha256:{}", "0".repeat(64)));
    let files = directory(&[("job.yaml", &job)]);
    let file = path(&files, "job.yaml");
    assert_eq!(cattlegrid(&["audit", &file]).status.code(), Some(0));
    let written = cattlegrid(&["audit", "--no-mutate", &file]);
    assert_says(&written, 1, "error[deadlines]");
}

#[test]
fn a_baseline_of_a_file_has_the_defaults_of_its_definition() {
    let job = job("r.example/a:1");
    let source = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/manifests/baseline/default.yaml"
    );
    let whole = std::fs::read_to_string(source).unwrap();
    let (before, rest) = whole.split_once("  caps:\n").unwrap();
    let (_, after) = rest.split_once("  writableSurface:\n").unwrap();
    let without_caps = format!("{before}  caps: {{}}\n  writableSurface:\n{after}");
    let files = directory(&[
        ("job.yaml", &job),
        ("whole.yaml", &whole),
        ("short.yaml", &without_caps),
    ]);
    let audit = |baseline: &str| {
        let baseline = path(&files, baseline);
        cattlegrid(&["audit", &path(&files, "job.yaml"), "--baseline", &baseline])
    };
    let (whole, short) = (audit("whole.yaml"), audit("short.yaml"));
    assert_says(&whole, 1, "error[image-provenance]");
    assert_eq!(stdout(&short), stdout(&whole));
}

#[test]
fn a_pod_of_a_cluster_was_made_by_its_controller() {
    let pod = |metadata: &str| {
        format!(
            "{AGENTS}apiVersion: v1
kind: Pod
metadata:
  name: a-x7k2p
  namespace: agents
  {metadata}
  ownerReferences: [{{apiVersion: batch/v1, kind: Job, name: a, uid: u, controller: true}}]
spec: {{containers: [{{name: agent, image: 'r.example/a:1'}}]}}
status: {{phase: Running}}
"
        )
    };
    for (metadata, is_bare) in [("uid: 5f0e", false), ("labels: {}", true)] {
        let files = directory(&[("pod.yaml", &pod(metadata))]);
        let output = cattlegrid(&["audit", &path(&files, "pod.yaml")]);
        let printed = stdout(&output);
        assert_eq!(
            printed.contains("error[invocation-shape]"),
            is_bare,
            "{printed}"
        );
        assert!(printed.contains("error[image-provenance]"), "{printed}");
    }
}

use admission_cel::authorizer::Answer;
use serde_json::{Value, json};

use super::*;
use crate::decide::{Limits, Mode, decide};
use crate::pass::unknown_namespace;
use crate::request::Operation;
use crate::testing::{World, binding, bound, messages, policy, set_of};

mod budgets;
mod locations;
mod params;
mod sharing;
mod unknown;

/// A Pod with an init container and two containers.
fn pod() -> Value {
    json!({
        "metadata": {"name": "x", "labels": {"team": "a"}},
        "spec": {
            "hostNetwork": true,
            "initContainers": [{"name": "i", "image": "i:1"}],
            "containers": [{"name": "a", "image": "a:1"}, {"name": "b", "image": "b:1"}]
        }
    })
}

/// The one evaluation of a policy with this spec.
fn judged(spec: Value, world: &World) -> PolicyEvaluation {
    let mut policies = world.judge(&bound(spec)).policies;
    assert_eq!(policies.len(), 1, "{policies:?}");
    policies.remove(0)
}

fn validation(validation: Value) -> Value {
    json!({"validations": [validation]})
}

fn places(evaluation: &PolicyEvaluation) -> Vec<String> {
    let place = |finding: &Finding| finding.path.as_ref().map(ToString::to_string);
    evaluation.findings.iter().filter_map(place).collect()
}

#[test]
fn a_validation_that_holds_leaves_no_finding() {
    let spec = validation(json!({"expression": "object.spec.hostNetwork == true"}));
    let evaluation = judged(spec, &World::creating(pod()));
    assert_eq!(evaluation.verdicts, [Verdict::Pass]);
    assert!(evaluation.findings.is_empty());
}

#[test]
fn the_message_falls_back_from_expression_to_text_to_the_validation_itself() {
    let long = "x".repeat(5 * 1024 + 1);
    let fits = "x".repeat(5 * 1024);
    #[rustfmt::skip]
    let table = [
        (json!({}), "failed expression: !object.spec.hostNetwork"),
        (json!({"message": " no host network "}), "no host network"),
        (json!({"message": "m", "messageExpression": "'host of ' + object.metadata.name"}), "host of x"),
        (json!({"message": "m", "messageExpression": "'  padded\t'"}), "padded"),
        (json!({"message": "m", "messageExpression": "'  '"}), "m"),
        (json!({"message": "m", "messageExpression": "'a\\nb'"}), "m"),
        (json!({"message": "m", "messageExpression": "string(object.absent)"}), "m"),
        (json!({"messageExpression": "string(object.absent)"}), "failed expression: !object.spec.hostNetwork"),
        (json!({"message": "m", "messageExpression": format!("'{long}'")}), "m"),
        (json!({"message": "m", "messageExpression": format!("'{fits}'")}), fits.as_str()),
    ];
    for (mut fields, expected) in table {
        fields["expression"] = json!(" !object.spec.hostNetwork ");
        let world = World::creating(pod());
        let evaluation = world.judge(&bound(validation(fields.clone())));
        assert_eq!(messages(&evaluation), [expected], "{fields}");
    }
}

#[test]
fn the_reason_is_the_validations_or_invalid() {
    for (reason, expected) in [(json!(null), "Invalid"), (json!("Forbidden"), "Forbidden")] {
        let spec = validation(json!({"expression": "false", "reason": reason}));
        let evaluation = judged(spec, &World::creating(pod()));
        assert_eq!(evaluation.findings[0].reason, expected);
        assert_eq!(evaluation.findings[0].validation, Some(0));
        assert_eq!(evaluation.findings[0].path, None);
    }
}

#[test]
fn every_offender_is_a_finding_with_the_same_message() {
    let evaluation = judged(
        validation(json!({
            "expression": "object.spec.containers.all(c, has(c.resources))",
            "message": "containers need limits"
        })),
        &World::creating(pod()),
    );
    assert_eq!(evaluation.verdicts, [Verdict::Fail]);
    assert_eq!(
        places(&evaluation),
        [
            "spec.containers[0].resources",
            "spec.containers[1].resources"
        ]
    );
    assert!(
        evaluation
            .findings
            .iter()
            .all(|f| f.message == "containers need limits")
    );
}

#[test]
fn a_finding_may_point_into_the_old_object() {
    let world = World {
        operation: Operation::Update,
        old_object: Some(json!({"metadata": {"labels": {"agent": "yes"}}})),
        ..World::creating(pod())
    };
    let spec = validation(json!({"expression": "oldObject.metadata.labels.agent == 'no'"}));
    let evaluation = judged(spec, &world);
    assert_eq!(evaluation.findings[0].root, Root::OldObject);
    assert_eq!(places(&evaluation), ["metadata.labels.agent"]);
}

#[test]
fn all_validations_are_judged_and_errors_have_the_native_text() {
    let evaluation = judged(
        json!({"validations": [
            {"expression": "object.spec.absent == 1"},
            {"expression": "false", "message": "no"},
            {"expression": "true"}
        ]}),
        &World::creating(pod()),
    );
    let error = "expression 'object.spec.absent == 1' resulted in error: no such key: absent";
    assert_eq!(
        evaluation.verdicts,
        [
            Verdict::Error(error.to_owned()),
            Verdict::Fail,
            Verdict::Pass
        ]
    );
    let texts: Vec<&str> = evaluation
        .findings
        .iter()
        .map(|f| f.message.as_str())
        .collect();
    assert_eq!(texts, [error, "no"]);
}

#[test]
fn variables_are_evaluated_once_per_pass_and_name_themselves_in_errors() {
    let evaluation = judged(
        json!({
            "variables": [
                {"name": "images", "expression": "object.spec.containers.map(c, c.image)"},
                {"name": "bad", "expression": "object.spec.absent"}
            ],
            "validations": [
                {"expression": "size(variables.images) == 2"},
                {"expression": "variables.bad == 1"}
            ]
        }),
        &World::creating(pod()),
    );
    assert_eq!(
        evaluation.verdicts,
        [
            Verdict::Pass,
            Verdict::Error(
                "expression 'variables.bad == 1' resulted in error: composited variable \"bad\" \
                 fails to evaluate: no such key: absent"
                    .to_owned()
            )
        ]
    );
}

#[test]
fn the_longest_chain_of_variables_is_evaluated() {
    let chain = |length: usize| {
        let variables: Vec<Value> = (0..length)
            .map(|n| {
                let earlier = n
                    .checked_sub(1)
                    .map_or("[]".to_owned(), |n| format!("dyn(variables.v{n})"));
                json!({"name": format!("v{n}"), "expression": format!("[{earlier}].map(x, x)")})
            })
            .collect();
        let last = format!("variables.v{} != []", length - 1);
        json!({"variables": variables, "validations": [{"expression": last}]})
    };
    let evaluation = judged(chain(128), &World::creating(pod()));
    assert_eq!(evaluation.verdicts, [Verdict::Pass]);
    assert!(crate::testing::compile(&[policy(chain(129)), binding(json!({}))]).is_err());
}

#[test]
fn a_false_match_condition_wins_over_errors() {
    let spec = |conditions: &[&str]| {
        let conditions: Vec<Value> = conditions
            .iter()
            .enumerate()
            .map(|(index, text)| json!({"name": format!("c{index}"), "expression": text}))
            .collect();
        json!({"matchConditions": conditions, "validations": [{"expression": "false"}]})
    };
    let a = "object.a == 1";
    let b = "object.b == 1";
    let error = |text: &str, key: &str| {
        format!("expression '{text}' resulted in error: no such key: {key}")
    };
    let both = format!("[{}, {}]", error(a, "a"), error(b, "b"));
    let failed = "failed expression: false".to_owned();
    #[rustfmt::skip]
    let table: &[(&[&str], Option<String>)] = &[
        (&["true"], Some(failed.clone())),
        (&["namespaceObject == null"], Some(failed)),
        (&["true", "false"], None),
        (&[a, "false"], None),
        (&["false", a], None),
        (&[a], Some(error(a, "a"))),
        (&[a, "true", a], Some(error(a, "a"))),
        (&["true", a, b], Some(both)),
    ];
    for (conditions, expected) in table {
        let evaluation = World::creating(pod()).judge(&bound(spec(conditions)));
        let expected: Vec<&str> = expected.iter().map(String::as_str).collect();
        assert_eq!(messages(&evaluation), expected, "{conditions:?}");
        if expected.is_empty() {
            assert!(evaluation.policies[0].verdicts.is_empty());
        }
    }
}

#[test]
fn ignored_errors_are_recorded_and_never_deny() {
    let spec = json!({
        "failurePolicy": "Ignore",
        "matchConditions": [{"name": "c", "expression": "object.absent == 1"}],
        "validations": [{"expression": "false"}]
    });
    let evaluation = World::creating(pod()).judge(&bound(spec));
    let limits = Limits {
        mode: Mode::Enforce,
        actions: Default::default(),
    };
    let decision = decide(&evaluation, &limits);
    assert!(decision.allowed());
    assert_eq!(decision.recorded.len(), 1);
}

#[test]
fn audit_annotations_are_published_unless_null_or_blank() {
    let evaluation = judged(
        json!({"auditAnnotations": [
            {"key": "name", "valueExpression": "' ' + object.metadata.name + ' '"},
            {"key": "null", "valueExpression": "null"},
            {"key": "blank", "valueExpression": "' '"}
        ]}),
        &World::creating(pod()),
    );
    let expected = [("name".to_owned(), "x".to_owned())];
    assert_eq!(evaluation.audit_annotations, expected);
}

#[test]
fn an_audit_annotation_that_fails_denies_whatever_the_binding_says() {
    let set = set_of(&[
        policy(
            json!({"auditAnnotations": [{"key": "k", "valueExpression": "string(object.absent)"}]}),
        ),
        binding(json!({"validationActions": ["Audit"]})),
    ]);
    let evaluation = World::creating(pod()).judge(&set);
    let limits = Limits {
        mode: Mode::Enforce,
        actions: Default::default(),
    };
    let decision = decide(&evaluation, &limits);
    assert_eq!(
        decision.denials[0].message,
        "expression 'string(object.absent)' resulted in error: no such key: absent"
    );
}

#[test]
fn an_authorizer_that_nobody_can_ask_leaves_the_validation_unevaluated() {
    let check = "authorizer.group('').resource('pods').check('create').allowed()";
    let world = World {
        allowed: Answer::Unavailable("give the Roles as well".to_owned()),
        ..World::creating(pod())
    };
    let spec = |expression: &str| validation(json!({"expression": expression}));
    let unknown = Verdict::NotEvaluated("give the Roles as well".to_owned());
    assert_eq!(
        judged(spec(check), &world).verdicts,
        std::slice::from_ref(&unknown)
    );
    let through_variable = json!({
        "variables": [{"name": "may", "expression": check}],
        "validations": [{"expression": "variables.may"}]
    });
    assert_eq!(judged(through_variable, &world).verdicts, [unknown]);
    let absorbed = format!("{check} || true");
    assert_eq!(judged(spec(&absorbed), &world).verdicts, [Verdict::Pass]);
}

#[test]
fn an_authorizer_that_fails_is_visible_to_expressions_and_denies() {
    let world = World {
        allowed: Answer::Failed("connection refused".to_owned()),
        ..World::creating(pod())
    };
    let decision = "authorizer.group('').resource('pods').check('create')";
    for (expression, expected) in [
        (format!("{decision}.allowed()"), Verdict::Fail),
        (format!("{decision}.errored()"), Verdict::Pass),
    ] {
        let spec = validation(json!({"expression": expression}));
        assert_eq!(judged(spec, &world).verdicts, [expected]);
    }
}

#[test]
fn what_reads_an_unknown_namespace_is_not_evaluated() {
    let world = World {
        namespace_object: Err(()),
        ..World::creating(pod())
    };
    let expression = "namespaceObject.metadata.name == 'agents'";
    let evaluation = judged(validation(json!({"expression": expression})), &world);
    assert_eq!(
        evaluation.verdicts,
        [Verdict::NotEvaluated(unknown_namespace("agents"))]
    );
    let known = World::creating(pod());
    let evaluation = judged(validation(json!({"expression": expression})), &known);
    assert_eq!(evaluation.verdicts, [Verdict::Pass]);
}

#[test]
fn a_policy_that_depends_on_an_unknown_namespaces_labels_says_so_once() {
    let by_label = |mode: &str| {
        let mut binding = binding(json!({"matchResources": {
            "namespaceSelector": {"matchLabels": {"agents": mode}}
        }}));
        binding["metadata"]["name"] = json!(mode);
        binding
    };
    let set = set_of(&[
        policy(validation(json!({"expression": "false"}))),
        by_label("enforce"),
        by_label("warn"),
    ]);
    let world = World {
        namespace_object: Err(()),
        ..World::creating(pod())
    };
    let evaluation = world.judge(&set);
    assert_eq!(messages(&evaluation), [unknown_namespace("agents")]);
    let elsewhere = World {
        resource: ("", "v1", "services"),
        ..world
    };
    assert!(elsewhere.judge(&set).policies.is_empty());
}

#[test]
fn a_certain_binding_hides_undecided_ones_that_are_no_stricter() {
    let certain = |actions: &[&str]| {
        let mut binding = binding(json!({"validationActions": actions}));
        binding["metadata"]["name"] = json!("certain");
        binding
    };
    let undecided = binding(json!({"matchResources": {
        "namespaceSelector": {"matchLabels": {"agents": "enforce"}}
    }}));
    let world = World {
        namespace_object: Err(()),
        ..World::creating(pod())
    };
    for (actions, findings) in [(&["Deny"][..], 1), (&["Audit"], 2)] {
        let policy = policy(validation(json!({"expression": "false"})));
        let set = set_of(&[policy, certain(actions), undecided.clone()]);
        assert_eq!(messages(&world.judge(&set)).len(), findings, "{actions:?}");
    }
}

#[test]
fn namespaces_are_not_in_a_namespace() {
    let world = World {
        resource: ("", "v1", "namespaces"),
        kind: "Namespace",
        namespace: "n",
        ..World::creating(json!({"metadata": {"name": "n"}}))
    };
    let spec = json!({
        "matchConstraints": {"resourceRules": [{
            "apiGroups": [""], "apiVersions": ["v1"], "operations": ["*"], "resources": ["namespaces"]
        }]},
        "validations": [{"expression": "namespaceObject == null"}]
    });
    assert_eq!(judged(spec, &world).verdicts, [Verdict::Pass]);
}

#[test]
fn policies_and_reviews_themselves_are_never_judged() {
    let set = bound(json!({
        "matchConstraints": {"resourceRules": [{
            "apiGroups": ["*"], "apiVersions": ["*"], "operations": ["*"], "resources": ["*/*"]
        }]},
        "validations": [{"expression": "false"}]
    }));
    for (resource, judged) in [
        (("", "v1", "pods"), true),
        (("authentication.k8s.io", "v1", "tokenreviews"), false),
        (
            (
                "admissionregistration.k8s.io",
                "v1",
                "validatingadmissionpolicies",
            ),
            false,
        ),
        (
            (
                "admissionregistration.k8s.io",
                "v1",
                "validatingwebhookconfigurations",
            ),
            true,
        ),
    ] {
        let world = World {
            resource,
            ..World::creating(pod())
        };
        assert_eq!(
            !world.judge(&set).policies.is_empty(),
            judged,
            "{resource:?}"
        );
    }
}

#[test]
fn skipped_policies_leave_no_trace() {
    let set = bound(validation(json!({"expression": "false"})));
    let arena = Bump::new();
    let world = World::creating(pod());
    let evaluation = world.ask_in(&arena, |request, context| {
        evaluate(&set, request, context, &|name| name == "p", &arena)
    });
    assert!(evaluation.policies.is_empty());
}

#[test]
fn evaluations_are_ordered_by_policy_and_binding() {
    let named = |mut document: Value, name: &str| {
        document["metadata"]["name"] = json!(name);
        document
    };
    let of = |name: &str, policy: &str| named(binding(json!({"policyName": policy})), name);
    let failing = || policy(validation(json!({"expression": "false"})));
    let set = set_of(&[
        of("z", "q"),
        of("y", "p"),
        named(failing(), "q"),
        named(failing(), "p"),
        of("x", "q"),
    ]);
    let evaluation = World::creating(pod()).judge(&set);
    let order: Vec<(&str, &str)> = evaluation
        .policies
        .iter()
        .map(|policy| (&*policy.policy, &*policy.binding))
        .collect();
    assert_eq!(order, [("p", "y"), ("q", "x"), ("q", "z")]);
}

use serde_json::{Value, json};

use super::*;
use crate::decide::{Limits, Mode, decide};
use crate::matching::selector::{Operator, Requirement};
use crate::request::Operation;
use crate::testing::{World, bound};

const NOW: Timestamp = Timestamp::utc(1_000, 0);

/// Lets objects in namespace `agents` off policy `p`, a second longer than now.
fn exception() -> Exception {
    Exception {
        name: "e".to_owned(),
        policies: vec!["p".to_owned()],
        namespaces: vec!["agents".to_owned()],
        object_selector: Selector::default(),
        owner: "ada".to_owned(),
        reason: "until the scanner is replaced".to_owned(),
        expires: Timestamp::utc(1_001, 0),
    }
}

fn for_policy(name: &str) -> Exception {
    Exception {
        policies: vec![name.to_owned()],
        ..exception()
    }
}

fn in_namespace(name: &str) -> Exception {
    Exception {
        namespaces: vec![name.to_owned()],
        ..exception()
    }
}

fn selecting(key: &str, operator: Operator) -> Exception {
    let requirement = Requirement {
        key: key.to_owned(),
        operator,
    };
    Exception {
        object_selector: Selector {
            requirements: vec![requirement],
        },
        ..exception()
    }
}

fn expiring(seconds: i64) -> Exception {
    Exception {
        expires: Timestamp::utc(seconds, 0),
        ..exception()
    }
}

fn labelled(labels: Value) -> Value {
    json!({"metadata": {"labels": labels}})
}

fn creating(labels: Value) -> World {
    World::creating(labelled(labels))
}

fn updating(from: Value, to: Value) -> World {
    World {
        operation: Operation::Update,
        old_object: Some(labelled(from)),
        ..creating(to)
    }
}

/// The name of the exception that lets a violation of policy `p` off, if one does.
fn let_off(world: &World, exceptions: Vec<Exception>, verdict: &str) -> Option<String> {
    let set = bound(json!({"validations": [{"expression": verdict, "message": "no"}]}));
    let mut evaluation = world.judge(&set);
    let exceptions = Exceptions::new(exceptions);
    world.ask(|request, _| except(&mut evaluation, &exceptions, request, NOW));
    let limits = Limits {
        mode: Mode::Enforce,
        actions: Default::default(),
    };
    let decision = decide(&evaluation, &limits);
    match (&decision.denials[..], &decision.excepted[..]) {
        ([_], []) => None,
        ([], [excepted]) => {
            assert_eq!(excepted.otherwise, Mode::Enforce);
            assert!(decision.warnings.is_empty() && decision.recorded.is_empty());
            Some(excepted.exception.name.clone())
        }
        _ => panic!("{decision:?}"),
    }
}

#[test]
fn a_violation_is_let_off_by_one_exception_that_covers_all_of_it() {
    let none = || json!({});
    let old_tool = || json!({"tool": "old"});
    let cluster_scoped = World {
        namespace: "",
        ..creating(none())
    };
    let is_old = || selecting("tool", Operator::In(vec!["old".to_owned()]));
    let is_not_new = || selecting("tool", Operator::NotIn(vec!["new".to_owned()]));
    let connecting = World {
        operation: Operation::Connect,
        ..World::creating(json!({"command": ["sh"]}))
    };
    let deleting = World {
        operation: Operation::Delete,
        object: None,
        old_object: Some(labelled(old_tool())),
        ..creating(none())
    };
    #[rustfmt::skip]
    let table: &[(&str, World, Vec<Exception>, bool)] = &[
        ("policy and namespace",       creating(none()), vec![exception()], true),
        ("no exception",               creating(none()), vec![], false),
        ("another policy",             creating(none()), vec![for_policy("q")], false),
        ("a prefix of the policy",     creating(none()), vec![for_policy("")], false),
        ("another namespace",          creating(none()), vec![in_namespace("agents-2")], false),
        ("all namespaces",             creating(none()), vec![in_namespace("*")], false),
        ("policy of one, namespace of another", creating(none()), vec![for_policy("q"), in_namespace("b")], false),
        ("a cluster-scoped object",    cluster_scoped, vec![exception(), in_namespace("")], false),
        ("the label",                  creating(old_tool()), vec![is_old()], true),
        ("another label",              creating(json!({"tool": "new"})), vec![is_old()], false),
        ("no label",                   creating(none()), vec![is_old()], false),
        ("an absent label",            creating(none()), vec![is_not_new()], true),
        ("a label that stays",         updating(old_tool(), old_tool()), vec![is_old()], true),
        ("a label that is added",      updating(none(), old_tool()), vec![is_old()], false),
        ("a label that is removed",    updating(old_tool(), none()), vec![is_old()], false),
        ("one for the old object, one for the new", updating(json!({"tool": "new"}), old_tool()),
            vec![is_old(), selecting("tool", Operator::In(vec!["new".to_owned()]))], false),
        ("the label of what is deleted", deleting, vec![is_old()], true),
        ("labels of a connection",     connecting, vec![is_not_new()], false),
        ("expired this very moment",   creating(none()), vec![expiring(1_000)], false),
        ("expired long ago",           creating(none()), vec![expiring(1)], false),
        ("one expired, one not",       creating(none()), vec![expiring(1), expiring(2_000)], true),
    ];
    for (name, world, exceptions, expected) in table {
        let found = let_off(world, exceptions.clone(), "false");
        assert_eq!(found.is_some(), *expected, "{name}");
    }
}

/// Requests for a Namespace carry its name as their namespace.
#[test]
fn a_namespace_itself_is_not_let_off() {
    let world = World {
        resource: ("", "v1", "namespaces"),
        ..creating(json!({}))
    };
    world.ask(|request, _| {
        assert_eq!(request.namespace, "agents");
        assert!(!exception().covers("p", request));
    });
}

#[test]
fn a_connection_is_let_off_by_an_exception_without_labels() {
    let connecting = World {
        operation: Operation::Connect,
        ..World::creating(json!({"command": ["sh"]}))
    };
    assert!(let_off(&connecting, vec![exception()], "false").is_some());
}

#[test]
fn of_several_exceptions_the_longest_lasting_is_named() {
    let named = |name: &str, seconds| Exception {
        name: name.to_owned(),
        ..expiring(seconds)
    };
    let exceptions = vec![named("a", 2_000), named("c", 3_000), named("b", 3_000)];
    let found = let_off(&creating(json!({})), exceptions, "false");
    assert_eq!(found.as_deref(), Some("b"));
}

#[test]
fn an_error_is_let_off_as_a_violation_is() {
    let world = creating(json!({}));
    assert!(let_off(&world, vec![exception()], "object.metadata.labels.x == 'y'").is_some());
}

#[test]
fn an_excepted_finding_stays_a_violation() {
    let set = bound(json!({"validations": [{"expression": "false", "message": "no"}]}));
    let world = creating(json!({}));
    let mut evaluation = world.judge(&set);
    let exceptions = Exceptions::new([exception()]);
    world.ask(|request, _| except(&mut evaluation, &exceptions, request, NOW));
    let policy = &evaluation.policies[0];
    assert_eq!(policy.verdicts, [Verdict::Fail]);
    assert_eq!(policy.findings[0].verdict, Verdict::Fail);
    assert_eq!(policy.findings[0].message, "no");
}

#[test]
fn what_is_not_evaluated_is_not_let_off() {
    let set = bound(json!({"validations": [{
        "expression": "namespaceObject.metadata.name == 'x'", "message": "no"
    }]}));
    let world = World {
        namespace_object: Err(()),
        ..creating(json!({}))
    };
    let mut evaluation = world.judge(&set);
    let exceptions = Exceptions::new([exception()]);
    world.ask(|request, _| except(&mut evaluation, &exceptions, request, NOW));
    let finding = &evaluation.policies[0].findings[0];
    assert!(
        matches!(finding.verdict, Verdict::NotEvaluated(_)),
        "{finding:?}"
    );
    assert_eq!(finding.exception, None);
}

use super::*;
use crate::policy::cases;

/// A case of a Job with these rights, and what it asks: allowed or not.
fn case(rights: &str) -> Case {
    let text = format!(
        "cases: [{{name: a, allow: true, user: system:serviceaccount:agents:runner, \
         object: {{apiVersion: batch/v1, kind: Job}}, rights: {rights}}}]"
    );
    cases::parse("test", &text).unwrap().remove(0)
}

fn phase<'q>(namespace: &'q str, name: &'q str) -> Question<'q> {
    Question {
        group: "cattlegrid.dev",
        resource: "trustphases",
        verb: "use",
        namespace,
        name,
        ..Question::EMPTY
    }
}

#[test]
fn a_right_answers_what_rbac_would() {
    let named = "[{verb: use, resource: trustphases, name: read-only}]";
    let all = "[{verb: use, resource: trustphases}]";
    let everywhere = "[{verb: '*', resource: '*', name: '*', cluster: true}]";
    for (rights, question, allowed) in [
        ("[]", phase("agents", "read-only"), false),
        (named, phase("agents", "read-only"), true),
        (named, phase("agents", "autonomous"), false),
        (named, phase("agents", ""), false),
        (named, phase("elsewhere", "read-only"), false),
        (named, phase("", "read-only"), false),
        (all, phase("agents", "autonomous"), true),
        (all, phase("agents", ""), true),
        (everywhere, phase("", "autonomous"), true),
        (everywhere, phase("elsewhere", "autonomous"), true),
    ] {
        assert_eq!(
            Rights(&case(rights)).allows(&question),
            allowed,
            "{rights}: {question:?}"
        );
    }
}

#[test]
fn everything_outside_our_group_and_ordinary_verbs_on_our_objects_are_allowed() {
    let asks = |group, resource, verb| Question {
        group,
        resource,
        verb,
        ..Question::EMPTY
    };
    for (question, allowed) in [
        (asks("", "pods", "create"), true),
        (asks("rbac.authorization.k8s.io", "roles", "escalate"), true),
        (asks("cattlegrid.dev", "agentbaselines", "update"), true),
        (asks("cattlegrid.dev", "agentbaselines", "manage"), false),
        (asks("cattlegrid.dev", "agentnamespaces", "get"), false),
    ] {
        assert_eq!(
            Rights(&case("[]")).allows(&question),
            allowed,
            "{question:?}"
        );
    }
}

#[test]
fn rights_are_the_requesters_and_no_accounts() {
    let rights = "[{verb: use, resource: trustphases}]";
    let about = |name, question| Question {
        service_account: Some(("agents", name)),
        ..question
    };
    let pods = Question {
        resource: "pods",
        verb: "get",
        namespace: "agents",
        ..Question::EMPTY
    };
    for (question, allowed) in [
        (about("runner", phase("agents", "read-only")), false),
        (about("runner", pods), true),
        (about("somebody", pods), false),
    ] {
        assert_eq!(
            Rights(&case(rights)).allows(&question),
            allowed,
            "{question:?}"
        );
    }
}

use admission_policy::request::User;
use bumpalo::Bump;
use serde_json::{Value, json};

use super::*;

fn object(kind: &str, name: &str, namespace: Option<&str>, rest: Value) -> Value {
    let mut object = json!({"apiVersion": API_VERSION, "kind": kind, "metadata": {"name": name}});
    if let Some(namespace) = namespace {
        object["metadata"]["namespace"] = namespace.into();
    }
    json_patch::merge(&mut object, &rest);
    object
}

fn bound(role: &str, subject: Value) -> Value {
    let group = "rbac.authorization.k8s.io";
    json!({"roleRef": {"apiGroup": group, "kind": "ClusterRole", "name": role}, "subjects": [subject]})
}

fn rbac(objects: &[Value]) -> Rbac {
    let arena = Bump::new();
    let mut rbac = Rbac::default();
    for object in objects {
        rbac.learn(arena.alloc(Json::from_serde(object, &arena)), "default");
    }
    rbac.aggregate();
    rbac
}

fn ann() -> Subject<'static> {
    Subject {
        name: "ann",
        groups: vec!["dev", "system:authenticated"],
    }
}

/// `verb group/resource/subresource namespace name`, `-` for nothing; or `verb /path`.
fn question(text: &str) -> Question<'_> {
    let words: Vec<&str> = text.split(' ').collect();
    let word = |at: usize| match words.get(at) {
        None | Some(&"-") => "",
        Some(word) => *word,
    };
    if word(1).starts_with('/') {
        return Question {
            verb: word(0),
            path: Some(word(1)),
            ..Question::EMPTY
        };
    }
    let mut parts = word(1).split('/');
    let mut part = || match parts.next() {
        None | Some("-") => "",
        Some(part) => part,
    };
    Question {
        verb: word(0),
        group: part(),
        resource: part(),
        subresource: part(),
        namespace: word(2),
        name: word(3),
        ..Question::EMPTY
    }
}

fn decide(rbac: &Rbac, user: &Subject<'_>, text: &str) -> bool {
    let rights = rbac.decide(user, &Attributes::of(&question(text)));
    matches!(rights, Rights::Granted(_))
}

#[test]
fn a_rule_covers_what_it_says() {
    let table = [
        (
            json!({"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}),
            "get -/pods n a",
            true,
        ),
        (
            json!({"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}),
            "list -/pods n",
            false,
        ),
        (
            json!({"apiGroups": ["apps"], "resources": ["pods"], "verbs": ["*"]}),
            "get -/pods n",
            false,
        ),
        (
            json!({"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}),
            "create a.dev/b/c n x",
            true,
        ),
        (
            json!({"apiGroups": [""], "resources": ["pods"], "verbs": ["*"]}),
            "get -/pods/log n",
            false,
        ),
        (
            json!({"apiGroups": [""], "resources": ["pods/log"], "verbs": ["*"]}),
            "get -/pods/log n",
            true,
        ),
        (
            json!({"apiGroups": [""], "resources": ["*/log"], "verbs": ["*"]}),
            "get -/pods/log n",
            true,
        ),
        (
            json!({"apiGroups": [""], "resources": ["*/log"], "verbs": ["*"]}),
            "get -/pods n",
            false,
        ),
        (
            json!({"apiGroups": [""], "resources": ["pods/*"], "verbs": ["*"]}),
            "get -/pods/log n",
            false,
        ),
        (
            json!({"apiGroups": [""], "resources": ["pods"], "resourceNames": ["a"], "verbs": ["*"]}),
            "get -/pods n a",
            true,
        ),
        (
            json!({"apiGroups": [""], "resources": ["pods"], "resourceNames": ["a"], "verbs": ["*"]}),
            "get -/pods n b",
            false,
        ),
        (
            json!({"apiGroups": [""], "resources": ["pods"], "resourceNames": ["a"], "verbs": ["*"]}),
            "list -/pods n",
            false,
        ),
        (
            json!({"nonResourceURLs": ["/healthz"], "verbs": ["get"]}),
            "get /healthz",
            true,
        ),
        (
            json!({"nonResourceURLs": ["/healthz"], "verbs": ["get"]}),
            "get /healthz/etcd",
            false,
        ),
        (
            json!({"nonResourceURLs": ["/healthz/*"], "verbs": ["get"]}),
            "get /healthz/etcd",
            true,
        ),
        (
            json!({"nonResourceURLs": ["/healthz/*"], "verbs": ["get"]}),
            "get /healthz",
            false,
        ),
        (
            json!({"nonResourceURLs": ["*"], "verbs": ["get"]}),
            "get /anything",
            true,
        ),
        (
            json!({"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}),
            "get /healthz",
            false,
        ),
        (
            json!({"nonResourceURLs": ["*"], "verbs": ["*"]}),
            "get -/pods n",
            false,
        ),
    ];
    for (rule, asked, expected) in table {
        let rbac = rbac(&[
            object("ClusterRole", "r", None, json!({"rules": [rule.clone()]})),
            object(
                "ClusterRoleBinding",
                "b",
                None,
                bound("r", json!({"kind": "User", "name": "ann"})),
            ),
        ]);
        assert_eq!(decide(&rbac, &ann(), asked), expected, "{rule} {asked}");
    }
}

#[test]
fn a_binding_holds_for_its_subjects_and_in_its_namespace() {
    let pods = json!({"rules": [{"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}]});
    let account = Subject {
        name: "system:serviceaccount:n:bot",
        groups: vec!["system:serviceaccounts", "system:serviceaccounts:n"],
    };
    let user = |kind: &str, name: &str| json!({"kind": kind, "name": name});
    let bot = json!({"kind": "ServiceAccount", "name": "bot", "namespace": "n"});
    #[rustfmt::skip]
    let table = [
        (None, user("User", "ann"), ann(), "get -/pods n", true),
        (None, user("User", "ann"), ann(), "get -/pods -", true),
        (None, user("User", "bob"), ann(), "get -/pods n", false),
        (None, user("Group", "dev"), ann(), "get -/pods n", true),
        (None, user("Group", "ann"), ann(), "get -/pods n", false),
        (None, bot.clone(), account.clone(), "get -/pods m", true),
        (None, user("ServiceAccount", "bot"), account.clone(), "get -/pods n", false),
        (None, user("Group", "system:serviceaccounts:n"), account.clone(), "get -/pods n", true),
        (None, user("User", "system:serviceaccount:n:bot"), account.clone(), "get -/pods n", true),
        (Some("n"), user("ServiceAccount", "bot"), account.clone(), "get -/pods n", true),
        (Some("n"), user("User", "ann"), ann(), "get -/pods n", true),
        (Some("n"), user("User", "ann"), ann(), "get -/pods m", false),
        (Some("n"), user("User", "ann"), ann(), "get -/pods -", false),
        (Some("m"), bot, account, "get -/pods m", true),
    ];
    for (namespace, subject, user, asked, expected) in table {
        let kind = match namespace {
            Some(_) => "RoleBinding",
            None => "ClusterRoleBinding",
        };
        let rbac = rbac(&[
            object("ClusterRole", "r", None, pods.clone()),
            object(kind, "b", namespace, bound("r", subject.clone())),
        ]);
        let message = format!("{kind} {namespace:?} {subject} {asked}");
        assert_eq!(decide(&rbac, &user, asked), expected, "{message}");
    }
}

#[test]
fn an_aggregated_role_has_the_rules_of_those_it_selects_and_no_others() {
    let rule =
        |resource: &str| json!([{"apiGroups": [""], "resources": [resource], "verbs": ["get"]}]);
    let labelled = |name: &str, label: &str, rules: Value| {
        let metadata = json!({"labels": {label: "true"}});
        object(
            "ClusterRole",
            name,
            None,
            json!({"metadata": metadata, "rules": rules}),
        )
    };
    let selects = |label: &str| json!({"clusterRoleSelectors": [{"matchLabels": {label: "true"}}]});
    let mut middle = labelled("middle", "outer", rule("secrets"));
    middle["aggregationRule"] = selects("inner");
    let mut outer = object("ClusterRole", "outer", None, json!({}));
    outer["aggregationRule"] = selects("outer");
    let rbac = rbac(&[
        outer,
        middle,
        labelled("leaf", "inner", rule("pods")),
        object(
            "ClusterRoleBinding",
            "b",
            None,
            bound("outer", json!({"kind": "User", "name": "ann"})),
        ),
    ]);
    assert!(decide(&rbac, &ann(), "get -/pods n"));
    assert!(
        !decide(&rbac, &ann(), "get -/secrets n"),
        "the controller overwrites what somebody wrote"
    );
}

#[test]
fn what_is_granted_is_told_in_kubernetes_words() {
    let pods = json!({"rules": [{"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}]});
    let mut binding = bound("r", json!({"kind": "Group", "name": "dev"}));
    binding["roleRef"]["kind"] = "Role".into();
    let rbac = rbac(&[
        object("Role", "r", Some("n"), pods),
        object("RoleBinding", "b", Some("n"), binding),
    ]);
    let rights = rbac.decide(&ann(), &Attributes::of(&question("get -/pods n")));
    let reason = r#"RBAC: allowed by RoleBinding "b/n" of Role "r" to Group "dev""#;
    assert_eq!(rights, Rights::Granted(reason.to_owned()));
}

#[test]
fn what_is_not_known_is_neither_granted_nor_refused() {
    let user = User {
        name: "ann",
        ..User::default()
    };
    let asked = question("get -/pods n");
    let to_ann = json!({"kind": "User", "name": "ann"});
    let missing = object(
        "ClusterRoleBinding",
        "b",
        None,
        bound("lost", to_ann.clone()),
    );
    let other = object(
        "ClusterRoleBinding",
        "b",
        None,
        bound("lost", json!({"kind": "User", "name": "bob"})),
    );
    let admin = object(
        "ClusterRoleBinding",
        "b",
        None,
        bound("cluster-admin", to_ann),
    );
    let table = [
        (vec![], true, "neither a Role nor a binding"),
        (
            vec![missing.clone()],
            true,
            "ClusterRole lost, to which ClusterRoleBinding b refers",
        ),
        (vec![missing], false, "say who with --as USER"),
        (vec![other], true, "refused"),
        (vec![admin], true, "granted"),
    ];
    for (objects, is_named, expected) in table {
        let rights = InputRights::new(rbac(&objects), is_named);
        let text = match rights.of(&user, false).answer(&asked) {
            Answer::Decided { allowed: true, .. } => "granted".to_owned(),
            Answer::Decided { .. } => "refused".to_owned(),
            Answer::Unavailable(why) | Answer::Failed(why) => why,
        };
        assert!(text.contains(expected), "{text}");
        assert_eq!(rights.has_refused(), expected == "refused");
    }
}

#[test]
fn an_account_is_asked_about_even_where_nobody_is_named() {
    let pods = json!({"rules": [{"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}]});
    let rbac = rbac(&[
        object("ClusterRole", "r", None, pods),
        object(
            "ClusterRoleBinding",
            "b",
            None,
            bound(
                "r",
                json!({"kind": "Group", "name": "system:serviceaccounts:n"}),
            ),
        ),
    ]);
    let rights = InputRights::new(rbac, false);
    let asked = Question {
        service_account: Some(("n", "bot")),
        ..question("get -/pods n")
    };
    let answer = rights.of(&User::default(), false).answer(&asked);
    assert!(
        matches!(answer, Answer::Decided { allowed: true, .. }),
        "{answer:?}"
    );
}

#[test]
fn superusers_may_do_everything() {
    let user = Subject {
        name: "root",
        groups: vec!["system:masters"],
    };
    assert!(decide(&rbac(&[]), &user, "get -/pods n"));
}

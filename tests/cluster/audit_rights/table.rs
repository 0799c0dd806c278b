//! Who is granted what, and what is asked.

use admission_cel::authorizer::Question;
use serde_json::{Value, json};

const RBAC: &str = "rbac.authorization.k8s.io";
/// One where rights are granted, and another.
pub const NAMESPACES: [&str; 2] = ["rights-here", "rights-there"];
const HERE: &str = "rights-here";
/// A role that a binding names and that is not there.
pub const MISSING_ROLE: &str = "rights-missing";

/// A user with groups.
#[derive(Clone, Debug)]
pub struct Somebody {
    /// Name.
    pub name: &'static str,
    /// All groups.
    pub groups: Vec<&'static str>,
}

const fn somebody(name: &'static str) -> Somebody {
    Somebody {
        name,
        groups: Vec::new(),
    }
}

/// Rules of ClusterRoles, each granted in the whole cluster to `everywhere:NAME` and in one
/// namespace to `here:NAME`.
fn rules() -> Vec<(&'static str, Value)> {
    vec![
        (
            "get-pods",
            json!({"apiGroups": [""], "resources": ["pods"], "verbs": ["get", "create"]}),
        ),
        (
            "any-verb",
            json!({"apiGroups": ["", "apps"], "resources": ["pods", "pods/log"], "verbs": ["*"]}),
        ),
        (
            "any-group",
            json!({"apiGroups": ["*"], "resources": ["pods", "phases"], "verbs": ["get", "use"]}),
        ),
        (
            "any-resource",
            json!({"apiGroups": ["cattlegrid.dev"], "resources": ["*"], "verbs": ["use"]}),
        ),
        (
            "any-log",
            json!({"apiGroups": ["", "apps"], "resources": ["*/log", "*/scale"], "verbs": ["get"]}),
        ),
        (
            "all-of-pods",
            json!({"apiGroups": [""], "resources": ["pods/*"], "verbs": ["get"]}),
        ),
        (
            "one-name",
            json!({"apiGroups": ["cattlegrid.dev", ""], "resources": ["phases", "pods"],
                   "resourceNames": ["autonomous", "a"], "verbs": ["*"]}),
        ),
        (
            "star-name",
            json!({"apiGroups": ["cattlegrid.dev"], "resources": ["phases"],
                   "resourceNames": ["*"], "verbs": ["use"]}),
        ),
        (
            "paths",
            json!({"nonResourceURLs": ["/healthz", "/logs/*"], "verbs": ["get"]}),
        ),
        (
            "any-path",
            json!({"nonResourceURLs": ["*"], "verbs": ["get", "post"]}),
        ),
    ]
}

/// Roles that users and groups are bound to otherwise.
fn special_roles() -> Vec<Value> {
    let rule = json!({"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]});
    let aggregate = json!({"clusterRoleSelectors": [{"matchLabels": {"rights/aggregate": "yes"}}]});
    let mut part = cluster_role("rights-part", json!([rule]));
    part["metadata"]["labels"] = json!({"rights/aggregate": "yes"});
    let mut whole = cluster_role("rights-whole", Value::Null);
    whole["aggregationRule"] = aggregate;
    let mut role = cluster_role("rights-role", json!([rule]));
    role["kind"] = json!("Role");
    role["metadata"]["namespace"] = json!(HERE);
    vec![part, whole, role]
}

fn cluster_role(name: &str, rules: Value) -> Value {
    json!({"apiVersion": format!("{RBAC}/v1"), "kind": "ClusterRole", "metadata": {"name": name},
           "rules": rules})
}

fn cluster_binding(name: &str, role: &str, subjects: Value) -> Value {
    json!({"apiVersion": format!("{RBAC}/v1"), "kind": "ClusterRoleBinding",
           "metadata": {"name": name}, "subjects": subjects,
           "roleRef": {"apiGroup": RBAC, "kind": "ClusterRole", "name": role}})
}

fn binding(name: &str, kind: &str, role: &str, subjects: Value) -> Value {
    let mut binding = cluster_binding(name, role, subjects);
    binding["kind"] = json!("RoleBinding");
    binding["metadata"]["namespace"] = json!(HERE);
    binding["roleRef"]["kind"] = json!(kind);
    binding
}

fn subject(kind: &str, name: &str) -> Value {
    match kind {
        "ServiceAccount" => json!({"kind": kind, "name": name, "namespace": HERE}),
        _ => json!({"apiGroup": RBAC, "kind": kind, "name": name}),
    }
}

/// Roles first, then bindings; those of which [`last`] asks come last.
pub fn objects() -> Vec<Value> {
    let mut objects = special_roles();
    for (name, rule) in rules() {
        objects.push(cluster_role(&format!("rights-{name}"), json!([rule])));
    }
    for (name, _) in rules() {
        let role = format!("rights-{name}");
        let user = |place: &str| json!([subject("User", &format!("{place}:{name}"))]);
        objects.push(cluster_binding(&role, &role, user("everywhere")));
        objects.push(binding(&role, "ClusterRole", &role, user("here")));
    }
    let (user, group) = (|name| subject("User", name), |name| subject("Group", name));
    let account = |name| subject("ServiceAccount", name);
    for (name, kind, role, subjects) in [
        (
            "group",
            "ClusterRole",
            "rights-any-resource",
            json!([group("rights-developers"), user("nobody")]),
        ),
        (
            "account",
            "ClusterRole",
            "rights-any-verb",
            json!([account("agent")]),
        ),
        (
            "account-as-user",
            "ClusterRole",
            "rights-any-log",
            json!([user("system:serviceaccount:rights-there:agent")]),
        ),
        (
            "accounts",
            "ClusterRole",
            "rights-any-group",
            json!([group("system:serviceaccounts:rights-there")]),
        ),
        (
            "missing",
            "ClusterRole",
            MISSING_ROLE,
            json!([user("unlucky")]),
        ),
        (
            "missing-and-more",
            "Role",
            MISSING_ROLE,
            json!([user("here:get-pods")]),
        ),
        // A user and a group of the same name are not the same.
        (
            "namesake",
            "ClusterRole",
            "rights-any-verb",
            json!([user("rights-developers")]),
        ),
        ("edit", "ClusterRole", "edit", json!([user("editor")])),
        ("view", "ClusterRole", "view", json!([group("viewers")])),
        ("admin", "ClusterRole", "admin", json!([user("owner")])),
        ("role", "Role", "rights-role", json!([user("last-here")])),
    ] {
        objects.push(binding(name, kind, role, subjects));
    }
    for (name, role, subjects) in [
        ("rights-admins", "cluster-admin", json!([user("root")])),
        (
            "rights-account",
            "rights-one-name",
            json!([account("other")]),
        ),
        (
            "rights-accounts",
            "rights-paths",
            json!([group("system:serviceaccounts")]),
        ),
        (
            "rights-authenticated",
            "rights-star-name",
            json!([group("system:authenticated")]),
        ),
        ("rights-nobody", "rights-any-path", json!([])),
        (
            "rights-everywhere-missing",
            MISSING_ROLE,
            json!([user("unlucky")]),
        ),
        (
            "rights-whole",
            "rights-whole",
            json!([user("last-everywhere")]),
        ),
    ] {
        objects.push(cluster_binding(name, role, subjects));
    }
    objects
}

/// Who may do something once everything is known, and what.
pub fn last() -> [(Somebody, Question<'static>); 2] {
    let here = Question {
        namespace: HERE,
        ..resource("get", "", "pods")
    };
    [
        (somebody("last-here"), here),
        // Filled in by the controller that aggregates ClusterRoles.
        (somebody("last-everywhere"), resource("get", "", "pods")),
    ]
}

/// Everybody who is asked about.
pub fn everybody() -> Vec<Somebody> {
    let mut everybody: Vec<Somebody> = [
        "everywhere:get-pods",
        "everywhere:any-verb",
        "everywhere:any-group",
        "everywhere:any-resource",
        "everywhere:any-log",
        "everywhere:all-of-pods",
        "everywhere:one-name",
        "everywhere:star-name",
        "everywhere:paths",
        "everywhere:any-path",
        "here:get-pods",
        "here:any-verb",
        "here:any-group",
        "here:any-resource",
        "here:any-log",
        "here:all-of-pods",
        "here:one-name",
        "here:star-name",
        "here:paths",
        "here:any-path",
        "nobody",
        "stranger",
        "unlucky",
        "rights-developers",
        "editor",
        "owner",
        "root",
        "last-here",
        "last-everywhere",
        "system:kube-scheduler",
        // Without the groups of accounts.
        "system:serviceaccount:rights-here:agent",
    ]
    .map(somebody)
    .into();
    for (name, groups) in [
        ("ann", vec!["rights-developers", "system:authenticated"]),
        ("bob", vec!["viewers"]),
        ("carol", vec!["system:authenticated"]),
        ("dora", vec!["system:masters"]),
        ("editor", vec!["viewers", "rights-developers"]),
        ("system:anonymous", vec!["system:unauthenticated"]),
    ] {
        everybody.push(Somebody { name, groups });
    }
    for (name, groups) in [
        (
            "system:serviceaccount:rights-here:agent",
            "system:serviceaccounts:rights-here",
        ),
        (
            "system:serviceaccount:rights-there:agent",
            "system:serviceaccounts:rights-there",
        ),
        (
            "system:serviceaccount:rights-here:other",
            "system:serviceaccounts:rights-here",
        ),
        (
            "system:serviceaccount:kube-system:job-controller",
            "system:serviceaccounts:kube-system",
        ),
    ] {
        everybody.push(Somebody {
            name,
            groups: vec!["system:serviceaccounts", groups, "system:authenticated"],
        });
    }
    everybody
}

fn resource<'a>(verb: &'a str, group: &'a str, resource: &'a str) -> Question<'a> {
    Question {
        verb,
        group,
        resource,
        ..Question::EMPTY
    }
}

/// Everything that is asked.
pub fn questions() -> Vec<Question<'static>> {
    let mut questions = Vec::new();
    for (verb, group, name_of_resource, subresource) in [
        ("get", "", "pods", ""),
        ("create", "", "pods", ""),
        ("*", "", "pods", ""),
        ("get", "", "pods", "log"),
        ("get", "", "pods", "exec"),
        ("get", "", "*", ""),
        ("get", "apps", "pods", ""),
        ("get", "apps", "deployments", "scale"),
        ("create", "batch", "jobs", ""),
        ("get", "", "secrets", ""),
        ("use", "cattlegrid.dev", "phases", ""),
        ("use", "cattlegrid.dev", "phases", "status"),
        ("use", "*", "phases", ""),
        ("bind", RBAC, "clusterroles", ""),
        ("impersonate", "", "serviceaccounts", ""),
    ] {
        for namespace in ["", HERE, "rights-there"] {
            for name in ["", "a", "autonomous"] {
                questions.push(Question {
                    namespace,
                    name,
                    subresource,
                    ..resource(verb, group, name_of_resource)
                });
            }
        }
    }
    for (verb, path) in [
        ("get", "/healthz"),
        ("get", "/healthz/etcd"),
        ("get", "/logs"),
        ("get", "/logs/"),
        ("get", "/logs/kubelet"),
        ("post", "/logs/kubelet"),
        ("get", "/version"),
        ("get", "/"),
    ] {
        questions.push(Question {
            verb,
            path: Some(path),
            ..Question::EMPTY
        });
    }
    questions
}

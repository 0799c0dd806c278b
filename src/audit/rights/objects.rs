//! Roles and bindings.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use admission_cel::json::Json;
use admission_policy::matching::selector::{Operator, Requirement, Selector};
use admission_policy::request::User;
use k8s_openapi::api::rbac::v1::{
    ClusterRole, ClusterRoleBinding, PolicyRule, Role, RoleBinding, RoleRef,
    Subject as BindingSubject,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, ObjectMeta};
use serde::de::DeserializeOwned;

use crate::audit::objects::text;

/// The role that every cluster has, and that many bindings name.
const CLUSTER_ADMIN: &str = "cluster-admin";

/// A user, for matching with the subjects of bindings.
#[derive(Clone, Debug)]
pub struct Subject<'a> {
    /// User name.
    pub name: &'a str,
    /// All groups.
    pub groups: Vec<&'a str>,
}

impl<'a> Subject<'a> {
    /// The user of a request.
    pub fn of(user: &User<'a>) -> Self {
        Self {
            name: user.name,
            groups: user.groups.clone(),
        }
    }
}

/// Which role is meant. ClusterRoles have no namespace.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RoleKey {
    namespace: String,
    name: String,
}

impl fmt::Display for RoleKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.namespace.as_str() {
            "" => write!(formatter, "ClusterRole {}", self.name),
            namespace => write!(formatter, "Role {namespace}/{}", self.name),
        }
    }
}

/// The rules of all roles.
#[derive(Debug, Default)]
pub struct Roles {
    rules: BTreeMap<RoleKey, Vec<PolicyRule>>,
    labels: BTreeMap<RoleKey, serde_json::Value>,
    aggregated: BTreeMap<RoleKey, Vec<Selector>>,
}

impl Roles {
    /// Takes note of a Role or ClusterRole; tells whether it is one.
    pub fn learn<'a>(&mut self, object: &'a Json<'a>, namespace: &str) -> bool {
        match text(object, "kind") {
            "Role" => {
                if let Some(role) = read::<Role>(object) {
                    let key = RoleKey {
                        namespace: namespace_of(&role.metadata, namespace),
                        name: role.metadata.name.unwrap_or_default(),
                    };
                    self.rules.insert(key, role.rules.unwrap_or_default());
                }
                true
            }
            "ClusterRole" => {
                if let Some(role) = read::<ClusterRole>(object) {
                    self.learn_cluster_role(role);
                }
                true
            }
            _ => false,
        }
    }

    fn learn_cluster_role(&mut self, role: ClusterRole) {
        let key = RoleKey {
            namespace: String::new(),
            name: role.metadata.name.unwrap_or_default(),
        };
        let labels = role.metadata.labels.unwrap_or_default();
        self.labels.insert(key.clone(), serde_json::json!(labels));
        let mut rules = role.rules.unwrap_or_default();
        if let Some(aggregation) = role.aggregation_rule {
            let selectors = aggregation.cluster_role_selectors.unwrap_or_default();
            let selectors = selectors.iter().map(selector).collect();
            self.aggregated.insert(key.clone(), selectors);
            if role.metadata.uid.is_none() {
                // The controller overwrites what somebody wrote; what a cluster has, it wrote.
                rules.clear();
            }
        }
        self.rules.insert(key, rules);
    }

    /// Fills in what the aggregation controller would, until nothing more is added: aggregated roles
    /// may be selected, too (`pkg/controller/clusterroleaggregation`).
    pub fn aggregate(&mut self) {
        let mut is_settled = false;
        while !is_settled {
            is_settled = true;
            for (key, selectors) in &self.aggregated {
                let missing = self.missing(key, selectors);
                if !missing.is_empty() {
                    is_settled = false;
                    self.rules.entry(key.clone()).or_default().extend(missing);
                }
            }
        }
    }

    fn missing(&self, key: &RoleKey, selectors: &[Selector]) -> Vec<PolicyRule> {
        let present = self.rules.get(key).map_or(&[][..], Vec::as_slice);
        let mut missing: Vec<PolicyRule> = Vec::new();
        for other in self.selected(selectors) {
            for rule in self.rules.get(other).into_iter().flatten() {
                if other != key && !present.contains(rule) && !missing.contains(rule) {
                    missing.push(rule.clone());
                }
            }
        }
        missing
    }

    fn selected(&self, selectors: &[Selector]) -> BTreeSet<&RoleKey> {
        let arena = bumpalo::Bump::new();
        let is_selected = |labels: &serde_json::Value| {
            let labels = Json::from_serde(labels, &arena);
            selectors
                .iter()
                .any(|selector| selector.matches(Some(&labels)))
        };
        let selected = self.labels.iter().filter(|(_, labels)| is_selected(labels));
        selected.map(|(key, _)| key).collect()
    }

    /// The rules of a role; `None` when nobody gave it.
    pub fn rules(&self, key: &RoleKey) -> Option<Vec<PolicyRule>> {
        let known = self.rules.get(key).cloned();
        known.or_else(|| {
            let is_admin = key.namespace.is_empty() && key.name == CLUSTER_ADMIN;
            is_admin.then(everything)
        })
    }
}

/// The rules of `cluster-admin`.
fn everything() -> Vec<PolicyRule> {
    let all = || Some(vec!["*".to_owned()]);
    let verbs = vec!["*".to_owned()];
    let resources = PolicyRule {
        api_groups: all(),
        resources: all(),
        verbs: verbs.clone(),
        ..PolicyRule::default()
    };
    let paths = PolicyRule {
        non_resource_urls: all(),
        verbs,
        ..PolicyRule::default()
    };
    vec![resources, paths]
}

/// A RoleBinding or ClusterRoleBinding.
#[derive(Debug)]
pub struct Binding {
    /// Its name.
    pub name: String,
    /// Empty for ClusterRoleBindings.
    pub namespace: String,
    /// What is granted.
    pub role: RoleKey,
    role_kind: String,
    subjects: Vec<BindingSubject>,
}

impl Binding {
    /// Reads a binding; `None` for other objects and for what the API server would not take.
    pub fn read<'a>(object: &'a Json<'a>, namespace: &str) -> Option<Self> {
        match text(object, "kind") {
            "RoleBinding" => {
                let binding = read::<RoleBinding>(object)?;
                let namespace = namespace_of(&binding.metadata, namespace);
                Self::new(
                    binding.metadata,
                    namespace,
                    binding.role_ref,
                    binding.subjects,
                )
            }
            "ClusterRoleBinding" => {
                let binding = read::<ClusterRoleBinding>(object)?;
                let namespace = String::new();
                Self::new(
                    binding.metadata,
                    namespace,
                    binding.role_ref,
                    binding.subjects,
                )
            }
            _ => None,
        }
    }

    fn new(
        metadata: ObjectMeta,
        namespace: String,
        role: RoleRef,
        subjects: Option<Vec<BindingSubject>>,
    ) -> Option<Self> {
        let role_namespace = match role.kind.as_str() {
            "ClusterRole" => String::new(),
            "Role" if !namespace.is_empty() => namespace.clone(),
            _ => return None,
        };
        Some(Self {
            name: metadata.name.unwrap_or_default(),
            namespace,
            role: RoleKey {
                namespace: role_namespace,
                name: role.name,
            },
            role_kind: role.kind,
            subjects: subjects.unwrap_or_default(),
        })
    }

    /// Its kind.
    pub fn kind(&self) -> &'static str {
        match self.namespace.is_empty() {
            true => "ClusterRoleBinding",
            false => "RoleBinding",
        }
    }

    /// The first of its subjects that a user is, as `appliesToUser` of
    /// `pkg/registry/rbac/validation/rule.go` has it, in the words of its `describeSubject`.
    pub fn subject(&self, user: &Subject<'_>) -> Option<String> {
        self.subjects.iter().find_map(|subject| {
            let name = subject.name.as_str();
            match subject.kind.as_str() {
                "User" => (user.name == name).then(|| format!("User {name:?}")),
                "Group" => user
                    .groups
                    .contains(&name)
                    .then(|| format!("Group {name:?}")),
                "ServiceAccount" => {
                    let namespace = match subject.namespace.as_deref() {
                        None | Some("") => self.namespace.as_str(),
                        Some(namespace) => namespace,
                    };
                    let account = format!("system:serviceaccount:{namespace}:{name}");
                    let is_meant = !namespace.is_empty() && user.name == account;
                    is_meant.then(|| format!("ServiceAccount \"{name}/{namespace}\""))
                }
                _ => None,
            }
        })
    }

    /// As `RBAC: allowed by …` goes on.
    pub fn describe(&self, subject: &str) -> String {
        let name = match self.namespace.as_str() {
            "" => self.name.clone(),
            namespace => format!("{}/{namespace}", self.name),
        };
        format!(
            "{} {name:?} of {} {:?} to {subject}",
            self.kind(),
            self.role_kind,
            self.role.name
        )
    }
}

fn read<'a, T: DeserializeOwned>(object: &'a Json<'a>) -> Option<T> {
    serde_json::from_value(serde_json::to_value(object).ok()?).ok()
}

fn namespace_of(metadata: &ObjectMeta, default: &str) -> String {
    match metadata.namespace.as_deref() {
        None | Some("") => default.to_owned(),
        Some(namespace) => namespace.to_owned(),
    }
}

fn selector(selector: &LabelSelector) -> Selector {
    let labels = selector.match_labels.iter().flatten();
    let labels = labels.map(|(key, value)| Requirement {
        key: key.clone(),
        operator: Operator::In(vec![value.clone()]),
    });
    let expressions = selector.match_expressions.iter().flatten();
    let expressions = expressions.map(|expression| {
        let values = expression.values.clone().unwrap_or_default();
        Requirement {
            key: expression.key.clone(),
            operator: match expression.operator.as_str() {
                "In" => Operator::In(values),
                "NotIn" => Operator::NotIn(values),
                "Exists" => Operator::Exists,
                "DoesNotExist" => Operator::DoesNotExist,
                // The API server takes no other; nothing is selected.
                _ => Operator::In(Vec::new()),
            },
        }
    });
    Selector {
        requirements: labels.chain(expressions).collect(),
    }
}

//! The rules of webhook entries: the union of what policies match.

use std::collections::{BTreeMap, BTreeSet};

use admission_policy::matching::rule::{Operations, Scope};
use admission_policy::request::Operation;
use admission_policy::set::Policy;
use serde_json::{Value, json};

use crate::templates::table::TemplateKind;

const RBAC: &str = "rbac.authorization.k8s.io";
/// API groups whose objects are never matched: asking about them would make the API server ask us
/// in order to be able to ask us, and each heartbeat of a node is a Lease.
const NEVER_MATCHED: [&str; 3] = [
    "authentication.k8s.io",
    "authorization.k8s.io",
    "coordination.k8s.io",
];

/// The subresource by which Pods are ended, too.
const EVICTION: &str = "eviction";

/// Where objects are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// In a namespace.
    Namespaced,
    /// Namespaces themselves.
    Namespaces,
    /// Other cluster-scoped objects.
    Cluster,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Target {
    place: Place,
    group: String,
    version: String,
    resource: String,
}

impl Target {
    fn new(place: Place, [group, version, resource]: [&str; 3]) -> Self {
        Self {
            place,
            group: group.to_owned(),
            version: version.to_owned(),
            resource: resource.to_owned(),
        }
    }

    /// Whether a request ends such an object, as an expression.
    fn is_ended(&self) -> String {
        let (resource, subresource) = self
            .resource
            .split_once('/')
            .unwrap_or((&self.resource, ""));
        let operation = if subresource == EVICTION {
            "CREATE"
        } else {
            "DELETE"
        };
        format!(
            "request.operation == '{operation}' && request.resource.group == '{}' && \
             request.resource.resource == '{resource}' && \
             request.?subResource.orValue('') == '{subresource}'",
            self.group
        )
    }
}

/// Match conditions: name and expression.
type Conditions = BTreeSet<(String, String)>;

/// Operations by what they are done to.
#[derive(Clone, Debug, Default)]
pub struct RuleSet {
    targets: BTreeMap<Target, Operations>,
    /// The match conditions that every policy has.
    of_all: Option<Conditions>,
    /// Those that every policy has that is about the end of such objects.
    of_endings: BTreeMap<Target, Conditions>,
}

impl RuleSet {
    /// Adds what a policy matches.
    pub fn add_policy(&mut self, policy: &Policy<'_>) {
        let own: Conditions = policy
            .definition
            .conditions
            .iter()
            .map(|condition| {
                (
                    condition.name.clone(),
                    condition.program.source().to_owned(),
                )
            })
            .collect();
        self.of_all = Some(match self.of_all.take() {
            Some(known) => known.intersection(&own).cloned().collect(),
            None => own.clone(),
        });
        for rule in &policy.definition.constraints.rules {
            for group in &rule.api_groups {
                for version in &rule.api_versions {
                    for resource in &rule.resources {
                        for place in places(group, resource, rule.scope) {
                            if is_ending(resource, rule.operations) {
                                self.narrow(place, [group, version, resource], &own);
                            }
                            self.add(place, [group, version, resource], rule.operations);
                        }
                    }
                }
            }
        }
    }

    /// Adds a kind with Pod templates in it, which no policy needs to match.
    pub fn add_templates(&mut self, kind: &TemplateKind) {
        let every = ["*".to_owned()];
        let versions = match kind.versions.as_slice() {
            [] => every.as_slice(),
            versions => versions,
        };
        let written = Operations::default()
            .with(Operation::Create)
            .with(Operation::Update);
        for version in versions.iter().filter(|_| !kind.templates.is_empty()) {
            let target = [&kind.api_group, version, &kind.resource].map(String::as_str);
            self.add(Place::Namespaced, target, written);
        }
    }

    /// Adds what starts an investigation, which no policy needs to match.
    pub fn add_investigations(&mut self) {
        let create = Operations::default().with(Operation::Create);
        self.add(Place::Namespaced, ["", "v1", "pods"], create);
        self.add(Place::Namespaced, ["batch", "v1", "jobs"], create);
    }

    /// Adds the end of what an investigation consists of.
    pub fn add_ends(&mut self) {
        let delete = Operations::default().with(Operation::Delete);
        self.add(Place::Namespaced, ["", "v1", "pods"], delete);
        self.add(Place::Namespaced, ["batch", "v1", "jobs"], delete);
    }

    fn add(&mut self, place: Place, [group, version, resource]: [&str; 3], operations: Operations) {
        let target = Target::new(place, [group, version, resource]);
        let known = self.targets.entry(target).or_default();
        *known = known.union(operations);
    }

    fn narrow(&mut self, place: Place, names: [&str; 3], own: &Conditions) {
        let target = Target::new(place, names);
        let shared = match self.of_endings.get(&target) {
            Some(known) => known.intersection(own).cloned().collect(),
            None => own.clone(),
        };
        self.of_endings.insert(target, shared);
    }

    /// The part that is in one place.
    pub fn of(&self, place: Place) -> Self {
        self.filtered(|target| target.place == place)
    }

    /// Without CONNECT, which no selector for objects ever matches.
    pub fn without_connect(&self) -> Self {
        let kept = self.targets.iter().filter_map(|(target, operations)| {
            let others = operations
                .iter()
                .filter(|operation| *operation != Operation::Connect);
            let others = others.fold(Operations::default(), Operations::with);
            (!others.is_empty()).then(|| (target.clone(), others))
        });
        Self {
            targets: kept.collect(),
            ..self.clone()
        }
    }

    /// The part about roles and bindings.
    pub fn rbac(&self) -> Self {
        self.filtered(|target| target.group == RBAC)
    }

    /// The rest.
    pub fn without_rbac(&self) -> Self {
        self.filtered(|target| target.group != RBAC)
    }

    fn filtered(&self, keep: impl Fn(&Target) -> bool) -> Self {
        let part = self.targets.iter().filter(|(target, _)| keep(target));
        let part = part.map(|(target, operations)| (target.clone(), *operations));
        Self {
            targets: part.collect(),
            ..self.clone()
        }
    }

    /// Whether there is nothing to ask about.
    pub fn is_empty(&self) -> bool {
        self.targets.is_empty()
    }

    /// As in a webhook configuration: resources with the same operations in one rule.
    pub fn to_json(&self) -> Vec<Value> {
        let mut rules: BTreeMap<(&str, &str, Place, Vec<&str>), BTreeSet<&str>> = BTreeMap::new();
        for (target, operations) in &self.targets {
            let names = operations.iter().map(name).collect();
            let key = (
                target.group.as_str(),
                target.version.as_str(),
                target.place,
                names,
            );
            rules.entry(key).or_default().insert(&target.resource);
        }
        let rule = |((group, version, place, operations), resources)| {
            let scope = match place {
                Place::Namespaced => "Namespaced",
                Place::Namespaces | Place::Cluster => "Cluster",
            };
            json!({
                "apiGroups": [group],
                "apiVersions": [version],
                "operations": operations,
                "resources": resources,
                "scope": scope,
            })
        };
        rules.into_iter().map(rule).collect()
    }

    /// Conditions that keep the API server from asking about what cannot matter. Outside agent
    /// namespaces, `roles` are the names of roles that matter.
    pub fn conditions(&self, roles: Option<&BTreeSet<String>>) -> Vec<Value> {
        let targets = || self.targets.keys();
        let mut conditions = Vec::new();
        if targets().any(|target| target.resource.ends_with("/status")) {
            // Every step of every Pod is a write of its status.
            conditions.push(json!({
                "name": "status-changes-labels",
                "expression": "!has(request.subResource) || request.subResource != 'status' || \
                               object.metadata.?labels != oldObject.metadata.?labels",
            }));
        }
        if targets().any(|target| target.group == "*") {
            let groups = NEVER_MATCHED.map(|group| format!("'{group}'")).join(", ");
            conditions.push(json!({
                "name": "not-about-asking",
                "expression": format!("!(request.resource.group in [{groups}])"),
            }));
        }
        conditions.extend(self.conditions_of_endings());
        let is_rbac = |target: &Target| matches!(target.group.as_str(), RBAC | "*");
        if let Some(roles) = roles.filter(|_| targets().any(is_rbac)) {
            let roles: Vec<String> = roles.iter().map(|name| json!(name).to_string()).collect();
            // Without them, an outage of ours would block the whole cluster's RBAC, and keep an API
            // server from repairing its own roles when it starts.
            conditions.push(json!({
                "name": "not-the-api-server",
                "expression": "!(request.userInfo.?username.orValue('') == 'system:apiserver' && \
                               'system:masters' in request.userInfo.?groups.orValue([]))",
            }));
            conditions.push(json!({
                "name": "agents-rbac",
                "expression": format!(
                    "request.resource.group != '{RBAC}' || \
                     request.resource.resource in ['roles', 'clusterroles'] && \
                     request.?name.orValue('') in [{}] || \
                     [object, oldObject].exists(o, o != null && \
                     'kubernetes.io/bootstrapping' in o.metadata.?labels.orValue({{}})) || \
                     (object == null ? oldObject : object).?subjects.orValue([]).exists(s, \
                     s.name.startsWith('agent-') || s.name.contains(':agent-') || \
                     s.name.startsWith('system:serviceaccounts') || \
                     s.name in ['*', 'system:authenticated'])",
                    roles.join(", "),
                ),
            }));
        }
        conditions
    }

    /// What policies about the end of objects are not about is not asked about: whatever we do, an
    /// outage of ours must not keep Pods from being deleted, and namespaces from being emptied.
    fn conditions_of_endings(&self) -> Vec<Value> {
        let common = self.of_all.clone().unwrap_or_default();
        let here = |target: &Target| self.targets.contains_key(target);
        let mut requests: BTreeMap<&(String, String), Vec<String>> = BTreeMap::new();
        let mut are_deleted = false;
        for (target, conditions) in self.of_endings.iter().filter(|(target, _)| here(target)) {
            are_deleted = true;
            for condition in conditions.difference(&common) {
                requests
                    .entry(condition)
                    .or_default()
                    .push(target.is_ended());
            }
        }
        let mut conditions: Vec<Value> = requests
            .into_iter()
            .map(|((name, expression), requests)| {
                let requests = requests.join(" || ");
                json!({"name": name, "expression": format!("!({requests}) || ({expression})")})
            })
            .collect();
        if are_deleted {
            conditions.push(json!({
                "name": "not-emptying",
                "expression": "request.operation != 'DELETE' || request.userInfo.?username.orValue('') \
                               != 'system:serviceaccount:kube-system:namespace-controller'",
            }));
        }
        conditions
    }
}

/// Whether a rule is about the end of objects: a deletion, or an eviction.
fn is_ending(resource: &str, operations: Operations) -> bool {
    let subresource = resource.split_once('/').map(|(_, subresource)| subresource);
    subresource == Some(EVICTION)
        || operations
            .iter()
            .any(|operation| operation == Operation::Delete)
}

/// Where a rule's objects may be. Of `*` both: the entries' scopes then divide them.
fn places(group: &str, resource: &str, scope: Scope) -> Vec<Place> {
    let base = resource.split('/').next().unwrap_or_default();
    if matches!(group, "" | "*") && base == "namespaces" {
        return vec![Place::Namespaces];
    }
    match scope {
        Scope::Namespaced => vec![Place::Namespaced],
        Scope::Cluster => vec![Place::Cluster],
        Scope::All => vec![Place::Namespaced, Place::Cluster],
    }
}

fn name(operation: Operation) -> &'static str {
    match operation {
        Operation::Create => "CREATE",
        Operation::Update => "UPDATE",
        Operation::Delete => "DELETE",
        Operation::Connect => "CONNECT",
    }
}

//! One entry of `resourceRules` or `excludeResourceRules`.

use crate::request::{GroupVersionResource, Operation, Request};

/// `matchPolicy`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MatchPolicy {
    /// Only the resource as written in the rule.
    Exact,
    /// Also the same resource in other versions of its group, and under a group that it moved from.
    #[default]
    Equivalent,
}

/// `scope`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scope {
    /// `*`
    #[default]
    All,
    /// `Namespaced`
    Namespaced,
    /// `Cluster`; Namespace objects too.
    Cluster,
}

/// A set of operations.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Operations(u8);

/// `NamedRuleWithOperations` of `admissionregistration.k8s.io/v1`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rule {
    /// Groups; `*` is any, the empty string the core group.
    pub api_groups: Vec<String>,
    /// Versions; `*` is any.
    pub api_versions: Vec<String>,
    /// Operations.
    pub operations: Operations,
    /// Resources with an optional subresource: `pods`, `pods/exec`, `*`, `*/*`, `pods/*`, `*/scale`.
    pub resources: Vec<String>,
    /// Names; empty is any.
    pub resource_names: Vec<String>,
    /// Namespaced or cluster-scoped.
    pub scope: Scope,
}

impl Operations {
    /// Every operation, `*`.
    pub const ALL: Self = Self(0b1111);

    const IN_ORDER: [Operation; 4] = [
        Operation::Create,
        Operation::Update,
        Operation::Delete,
        Operation::Connect,
    ];

    /// This set and one more operation.
    pub fn with(self, operation: Operation) -> Self {
        Self(self.0 | Self::bit(operation))
    }

    /// The operations of both.
    pub fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether the operation is in the set.
    pub fn contains(self, operation: Operation) -> bool {
        self.0 & Self::bit(operation) != 0
    }

    /// Whether the set is empty.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The operations: create, update, delete, connect.
    pub fn iter(self) -> impl Iterator<Item = Operation> {
        Self::IN_ORDER
            .into_iter()
            .filter(move |operation| self.contains(*operation))
    }

    fn bit(operation: Operation) -> u8 {
        match operation {
            Operation::Create => 1,
            Operation::Update => 2,
            Operation::Delete => 4,
            Operation::Connect => 8,
        }
    }
}

impl Rule {
    /// Whether the request is covered, as `pkg/admission/plugin/webhook/predicates/rules/rules.go`
    /// of `k8s.io/apiserver` decides it.
    pub fn matches(&self, request: &Request<'_>, policy: MatchPolicy) -> bool {
        self.operations.contains(request.operation)
            && self.covers_resource(request)
            && self.covers_scope(request)
            && self.covers_name(request)
            && self.covers_group_and_version(&request.resource, policy)
    }

    fn covers_resource(&self, request: &Request<'_>) -> bool {
        self.resources.iter().any(|entry| {
            let of_resource = |resource| subresource_of(entry, resource);
            of_resource(request.resource.resource)
                .or_else(|| of_resource("*"))
                .is_some_and(|subresource| subresource == "*" || subresource == request.subresource)
        })
    }

    fn covers_scope(&self, request: &Request<'_>) -> bool {
        // Requests about a Namespace object carry its name as their namespace.
        let resource = &request.resource;
        let is_namespace =
            (resource.group, resource.version, resource.resource) == ("", "v1", "namespaces");
        let cluster_scoped = is_namespace || request.namespace.is_empty();
        match self.scope {
            Scope::All => true,
            Scope::Namespaced => !cluster_scoped,
            Scope::Cluster => cluster_scoped,
        }
    }

    fn covers_name(&self, request: &Request<'_>) -> bool {
        self.resource_names.is_empty()
            || self.resource_names.iter().any(|name| name == request.name)
    }

    fn covers_group_and_version(
        &self,
        resource: &GroupVersionResource<'_>,
        policy: MatchPolicy,
    ) -> bool {
        if covers(&self.api_groups, resource.group)
            && (covers(&self.api_versions, resource.version) || policy == MatchPolicy::Equivalent)
        {
            return true;
        }
        policy == MatchPolicy::Equivalent
            && moved_groups(resource)
                .iter()
                .any(|group| covers(&self.api_groups, group))
    }
}

/// Splits `pods/exec` into resource and subresource (empty when there is none).
pub fn split_resource(entry: &str) -> (&str, &str) {
    entry.split_once('/').unwrap_or((entry, ""))
}

/// The subresource of an entry that is about this resource.
fn subresource_of<'e>(entry: &'e str, resource: &str) -> Option<&'e str> {
    match entry.strip_prefix(resource)? {
        "" => Some(""),
        rest => rest.strip_prefix('/'),
    }
}

fn covers(entries: &[String], value: &str) -> bool {
    entries.iter().any(|entry| entry == "*" || entry == value)
}

/// The other groups under which API servers have served the same resource
/// (`pkg/kubeapiserver/default_storage_factory_builder.go` of Kubernetes). Between versions of one
/// group the API server converts before it judges, and it converts for webhooks as well; manifests
/// that nobody converted are judged as they are written rather than not at all.
fn moved_groups(resource: &GroupVersionResource<'_>) -> &'static [&'static str] {
    match (resource.group, resource.resource) {
        ("apps", "deployments" | "daemonsets" | "replicasets") => &["extensions"],
        ("extensions", "deployments" | "daemonsets" | "replicasets") => &["apps"],
        ("networking.k8s.io", "ingresses" | "networkpolicies") => &["extensions"],
        ("extensions", "ingresses" | "networkpolicies") => &["networking.k8s.io"],
        ("", "events") => &["events.k8s.io"],
        ("events.k8s.io", "events") => &[""],
        _ => &[],
    }
}

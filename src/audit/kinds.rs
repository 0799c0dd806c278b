//! Kinds, their resources and scopes: what a cluster would know from its discovery documents.

use std::collections::HashMap;

use admission_cel::json::Json;

use super::objects::text;

/// How objects of a kind are addressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Resource<'a> {
    /// Plural name.
    pub name: &'a str,
    /// Whether objects live in namespaces.
    pub namespaced: bool,
}

const ADMISSION: &str = "admissionregistration.k8s.io";

/// Built-in kinds by API group and kind: resource, whether namespaced.
const BUILT_IN: &[(&str, &str, &str, bool)] = &[
    ("", "Pod", "pods", true),
    ("", "PodTemplate", "podtemplates", true),
    ("", "ReplicationController", "replicationcontrollers", true),
    ("", "Service", "services", true),
    ("", "ConfigMap", "configmaps", true),
    ("", "Secret", "secrets", true),
    ("", "ServiceAccount", "serviceaccounts", true),
    ("", "PersistentVolumeClaim", "persistentvolumeclaims", true),
    ("", "PersistentVolume", "persistentvolumes", false),
    ("", "Namespace", "namespaces", false),
    ("", "Node", "nodes", false),
    ("", "LimitRange", "limitranges", true),
    ("", "ResourceQuota", "resourcequotas", true),
    ("", "Endpoints", "endpoints", true),
    ("", "Event", "events", true),
    ("batch", "Job", "jobs", true),
    ("batch", "CronJob", "cronjobs", true),
    ("apps", "Deployment", "deployments", true),
    ("apps", "ReplicaSet", "replicasets", true),
    ("apps", "StatefulSet", "statefulsets", true),
    ("apps", "DaemonSet", "daemonsets", true),
    ("apps", "ControllerRevision", "controllerrevisions", true),
    ("rbac.authorization.k8s.io", "Role", "roles", true),
    (
        "rbac.authorization.k8s.io",
        "RoleBinding",
        "rolebindings",
        true,
    ),
    (
        "rbac.authorization.k8s.io",
        "ClusterRole",
        "clusterroles",
        false,
    ),
    (
        "rbac.authorization.k8s.io",
        "ClusterRoleBinding",
        "clusterrolebindings",
        false,
    ),
    (
        "networking.k8s.io",
        "NetworkPolicy",
        "networkpolicies",
        true,
    ),
    ("networking.k8s.io", "Ingress", "ingresses", true),
    ("networking.k8s.io", "IngressClass", "ingressclasses", false),
    (
        "policy",
        "PodDisruptionBudget",
        "poddisruptionbudgets",
        true,
    ),
    (
        "autoscaling",
        "HorizontalPodAutoscaler",
        "horizontalpodautoscalers",
        true,
    ),
    (
        "scheduling.k8s.io",
        "PriorityClass",
        "priorityclasses",
        false,
    ),
    ("storage.k8s.io", "StorageClass", "storageclasses", false),
    ("coordination.k8s.io", "Lease", "leases", true),
    (
        "apiextensions.k8s.io",
        "CustomResourceDefinition",
        "customresourcedefinitions",
        false,
    ),
    ("apiregistration.k8s.io", "APIService", "apiservices", false),
    (
        ADMISSION,
        "ValidatingAdmissionPolicy",
        "validatingadmissionpolicies",
        false,
    ),
    (
        ADMISSION,
        "ValidatingAdmissionPolicyBinding",
        "validatingadmissionpolicybindings",
        false,
    ),
    (
        ADMISSION,
        "MutatingAdmissionPolicy",
        "mutatingadmissionpolicies",
        false,
    ),
    (
        ADMISSION,
        "MutatingAdmissionPolicyBinding",
        "mutatingadmissionpolicybindings",
        false,
    ),
    (
        ADMISSION,
        "ValidatingWebhookConfiguration",
        "validatingwebhookconfigurations",
        false,
    ),
    (
        ADMISSION,
        "MutatingWebhookConfiguration",
        "mutatingwebhookconfigurations",
        false,
    ),
    ("cattlegrid.dev", "AgentBaseline", "agentbaselines", false),
    (
        "cattlegrid.dev",
        "PolicyException",
        "policyexceptions",
        false,
    ),
];

/// The kinds that are known: built-in ones and those of the CustomResourceDefinitions in the input.
#[derive(Debug, Default)]
pub struct Kinds<'a> {
    custom: HashMap<(&'a str, &'a str), Resource<'a>>,
    /// By group, version and kind.
    schemas: HashMap<(&'a str, &'a str, &'a str), &'a Json<'a>>,
}

impl<'a> Kinds<'a> {
    /// Takes note of a CustomResourceDefinition; other objects are ignored.
    pub fn learn(&mut self, object: &'a Json<'a>) {
        if text(object, "kind") != "CustomResourceDefinition" {
            return;
        }
        let Some(spec) = object.get("spec") else {
            return;
        };
        let Some(names) = spec.get("names") else {
            return;
        };
        let resource = Resource {
            name: text(names, "plural"),
            namespaced: text(spec, "scope") == "Namespaced",
        };
        let (group, kind) = (text(spec, "group"), text(names, "kind"));
        self.custom.insert((group, kind), resource);
        let versions = spec.get("versions").and_then(Json::as_array);
        for version in versions.unwrap_or_default() {
            let schema = version.get("schema");
            if let Some(schema) = schema.and_then(|schema| schema.get("openAPIV3Schema")) {
                let key = (group, text(version, "name"), kind);
                self.schemas.insert(key, schema);
            }
        }
    }

    /// The schema of a custom kind, as far as the input has its definition.
    pub fn schema(&self, group: &str, version: &str, kind: &str) -> Option<&'a Json<'a>> {
        self.schemas.get(&(group, version, kind)).copied()
    }

    /// Whether a kind comes with Kubernetes, or is our own.
    pub fn is_built_in(group: &str, kind: &str) -> bool {
        BUILT_IN
            .iter()
            .any(|entry| (entry.0, entry.1) == (group, kind))
    }

    /// The kind of a resource; `None` for resources that nothing in the input defines.
    pub fn kind_of(&self, group: &str, resource: &str) -> Option<&'a str> {
        let mut custom = self.custom.iter();
        let custom = custom.find(|((known, _), entry)| (*known, entry.name) == (group, resource));
        let built_in = || {
            let mut built_in = BUILT_IN.iter();
            let found = built_in.find(|entry| (entry.0, entry.2) == (group, resource))?;
            Some(found.1)
        };
        custom.map(|((_, kind), _)| *kind).or_else(built_in)
    }

    /// How objects of a kind are addressed; `None` for kinds that nothing in the input defines.
    pub fn resource(&self, group: &str, kind: &str) -> Option<Resource<'a>> {
        self.custom.get(&(group, kind)).copied().or_else(|| {
            BUILT_IN
                .iter()
                .find(|entry| (entry.0, entry.1) == (group, kind))
                .map(|entry| Resource {
                    name: entry.2,
                    namespaced: entry.3,
                })
        })
    }
}

//! Names of a case, made its own in the cluster: its namespace, and cluster-scoped objects of ours.

use admission_policy::set::PolicySet;
use cattlegrid::policy::cases::{Case, OWN_GROUP};
use serde_json::Value;

use crate::api::is_namespaced;
use crate::native::{RULES_LABEL, rules_label};

/// One case, and where it runs.
pub struct Run<'p> {
    /// The policy's id.
    pub policy: &'p str,
    /// The policy, compiled.
    pub set: &'p PolicySet,
    /// What its `tests.yaml` says.
    pub case: &'p Case,
    /// Whether the policy is about more than what is in namespaces.
    pub has_cluster_binding: bool,
    /// Position of the case's baseline.
    pub baseline: usize,
    /// The case's namespace in the cluster.
    pub namespace: String,
}

impl Run<'_> {
    /// A text with the case's namespace called as in the cluster, where it is the whole text or
    /// part of a user's or group's name.
    pub fn localised(&self, text: &str) -> String {
        let parts = text.split(':').map(|part| {
            if part == self.case.namespace() {
                self.namespace.as_str()
            } else {
                part
            }
        });
        parts.collect::<Vec<_>>().join(":")
    }

    /// An object of the case as it is submitted to the cluster.
    pub fn object(&self, object: &Value) -> Value {
        let mut local = object.clone();
        self.localise("", &mut local);
        let name = object["metadata"]["name"].as_str();
        if is_namespace(object) {
            local["metadata"]["name"] = name.map(|name| self.localised(name)).into();
        } else if is_ours(object) {
            local["metadata"]["name"] = name.map(|name| self.own_name(name)).into();
        }
        // Bindings select what is in no namespace by its own labels. Nothing else gets the label: a
        // Job without labels, for one, takes those of its template.
        let is_selected_by_label = self.has_cluster_binding || !is_namespaced(object);
        if is_selected_by_label && object["metadata"].is_object() {
            local["metadata"]["labels"][RULES_LABEL] =
                rules_label(self.policy, self.baseline).into();
        }
        local
    }

    /// A message of the cluster with the names of the case.
    pub fn restored(&self, message: &str) -> String {
        let own = self.case.subject().filter(|object| is_ours(object));
        let name = own.and_then(|object| object["metadata"]["name"].as_str());
        let message = match name {
            Some(name) => message.replace(&self.own_name(name), name),
            None => message.to_owned(),
        };
        message.replace(&self.namespace, self.case.namespace())
    }

    fn own_name(&self, name: &str) -> String {
        format!("{name}-{}", self.namespace)
    }

    fn localise(&self, key: &str, value: &mut Value) {
        match value {
            Value::Object(members) => members
                .iter_mut()
                .for_each(|(key, member)| self.localise(key, member)),
            Value::Array(items) => items.iter_mut().for_each(|item| self.localise(key, item)),
            // Elsewhere the name of the namespace alone may be anything.
            Value::String(text) if text.contains(':') || key == "namespace" => {
                *text = self.localised(text);
            }
            _ => {}
        }
    }
}

/// Whether it is a Namespace.
pub fn is_namespace(object: &Value) -> bool {
    object["apiVersion"] == "v1" && object["kind"] == "Namespace"
}

/// Whether it is a custom resource of ours: all of them are cluster-scoped, and other tests need
/// those that are there.
fn is_ours(object: &Value) -> bool {
    let group = object["apiVersion"]
        .as_str()
        .and_then(|version| version.split_once('/'));
    group.is_some_and(|(group, _)| group == OWN_GROUP)
}

//! Kubeconfig files. They are written as JSON, which every YAML parser reads.

use serde_json::{Value, json};

/// A user that has no token: the admin acts as it.
#[derive(Debug, Clone, Default)]
pub struct Impersonation {
    /// Such as `alice` or `system:serviceaccount:agents:agent-shadow`.
    pub user: String,
    /// All groups; `system:authenticated` is not added by itself.
    pub groups: Vec<String>,
}

/// What a kubeconfig file says.
pub(crate) struct Kubeconfig<'a> {
    pub(crate) server_url: &'a str,
    pub(crate) authority_path: &'a str,
    pub(crate) token: &'a str,
    pub(crate) impersonation: Option<&'a Impersonation>,
}

impl Kubeconfig<'_> {
    pub(crate) fn to_json(&self) -> Value {
        let mut user = json!({ "token": self.token });
        if let (Some(acted), Some(members)) = (self.impersonation, user.as_object_mut()) {
            members.insert("as".to_owned(), json!(acted.user));
            if !acted.groups.is_empty() {
                members.insert("as-groups".to_owned(), json!(acted.groups));
            }
        }
        json!({
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{
                "name": "tests",
                "cluster": {
                    "server": self.server_url,
                    "certificate-authority": self.authority_path,
                },
            }],
            "users": [{ "name": "user", "user": user }],
            "contexts": [{ "name": "tests", "context": { "cluster": "tests", "user": "user" } }],
            "current-context": "tests",
        })
    }
}

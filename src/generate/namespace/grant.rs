//! Who may start agents.

use std::convert::Infallible;
use std::str::FromStr;

use serde_json::{Value, json};

use super::{LEAST_PHASE, RBAC};

/// A group, and the highest phase of agents that it may start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    group: String,
    /// The phase; absent: the least.
    pub phase: Option<String>,
}

impl FromStr for Grant {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        // Names of groups may hold `=` (LDAP); names of phases never do.
        Ok(match text.rsplit_once('=') {
            Some((group, phase)) => Self {
                group: group.to_owned(),
                phase: Some(phase.to_owned()),
            },
            None => Self {
                group: text.to_owned(),
                phase: None,
            },
        })
    }
}

impl Grant {
    /// RoleBindings of the group: to the runner's role, and to the use role of each phase above the
    /// least.
    pub fn bindings(&self, phases: &[String]) -> Vec<Value> {
        let uses = phases.iter().filter(|phase| *phase != LEAST_PHASE);
        std::iter::once("cattlegrid-agent-runner".to_owned())
            .chain(uses.map(|phase| format!("cattlegrid-use-{phase}")))
            .map(|role| self.binding(&role))
            .collect()
    }

    fn binding(&self, role: &str) -> Value {
        // Names of roles and bindings are path segments (`IsValidPathSegmentName`).
        let group = self.group.replace(['/', '%'], "-");
        json!({
            "apiVersion": format!("{RBAC}/v1"),
            "kind": "RoleBinding",
            "metadata": {
                "name": format!("{group}.{role}"),
                "namespace": "",
                "labels": {"app.kubernetes.io/name": "cattlegrid"},
            },
            "roleRef": {"apiGroup": RBAC, "kind": "ClusterRole", "name": role},
            "subjects": [{"apiGroup": RBAC, "kind": "Group", "name": self.group}],
        })
    }
}

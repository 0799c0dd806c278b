//! What could not be read of a cluster, and which right it takes.

use std::sync::Arc;

use super::NAME;
use super::targets::Target;
use crate::audit::outcome::{ClusterOrigin, Origin, Outcome, State, Subject};
use crate::k8s::cluster::pages::ReadError;

/// The manifest that grants what an audit takes.
const ROLE: &str = "manifests/rbac/audit.yaml";

pub(super) fn unlisted(target: &Target, error: &ReadError) -> Outcome {
    let name = target.full_name();
    let group = match target.group.as_str() {
        "" => "\"\"",
        group => group,
    };
    let reason = match error {
        ReadError::Forbidden(said) => {
            // Whoever audits need not read them.
            let is_granted = (target.group.as_str(), target.resource.as_str()) != ("", "secrets");
            let role = match is_granted {
                true => format!(", as {ROLE} does"),
                false => String::new(),
            };
            format!(
                "{name} may not be listed ({said}); grant verb `list` on resource `{}` of API \
                 group `{group}`{role}",
                target.resource
            )
        }
        error => format!("{name} could not be listed: {error}"),
    };
    not_evaluated(target.api_version(), target.resource.clone(), reason)
}

pub(super) fn undiscovered(what: &str, error: &str) -> Outcome {
    let reason = format!("which kinds `{what}` has could not be found out: {error}");
    not_evaluated(String::new(), String::new(), reason)
}

fn not_evaluated(api_version: String, kind: String, reason: String) -> Outcome {
    Outcome {
        origin: Origin::Cluster(Arc::new(ClusterOrigin {
            name: NAME.to_owned(),
            ..ClusterOrigin::default()
        })),
        subject: Subject {
            api_version,
            kind,
            ..Subject::default()
        },
        state: State::NotEvaluated { reason },
        workload: None,
    }
}

//! What RBAC would answer to the user of a case.

use admission_cel::authorizer::{Answer, Authorizer, Question};

use crate::policy::cases::{Case, OWN_GROUP, Right};

/// Resources of our group that exist; the others are virtual and stand for authority only.
const STORED_RESOURCES: [&str; 2] = ["agentbaselines", "policyexceptions"];
/// What RBAC itself allows whom it lets write our own resources; `manage` and others are ours.
pub const ORDINARY_VERBS: [&str; 8] = [
    "get",
    "list",
    "watch",
    "create",
    "update",
    "patch",
    "delete",
    "deletecollection",
];

/// Answers as a cluster does in which the user of a case may do everything outside our API group,
/// and inside it what the case says.
#[derive(Clone, Copy, Debug)]
pub struct Rights<'c>(pub &'c Case);

impl Authorizer for Rights<'_> {
    fn answer(&self, question: &Question<'_>) -> Answer {
        Answer::Decided {
            allowed: self.allows(question),
            reason: String::new(),
        }
    }
}

impl Rights<'_> {
    fn allows(&self, question: &Question<'_>) -> bool {
        if let Some((namespace, name)) = question.service_account
            && self.0.user != format!("system:serviceaccount:{namespace}:{name}")
        {
            return false;
        }
        if question.group != OWN_GROUP || is_ordinary(question) {
            return true;
        }
        // Rights are granted to a group, which a question about an account does not mention.
        question.service_account.is_none()
            && self
                .0
                .rights
                .iter()
                .any(|right| grants(right, question, self.0.namespace()))
    }
}

fn is_ordinary(question: &Question<'_>) -> bool {
    STORED_RESOURCES.contains(&question.resource) && ORDINARY_VERBS.contains(&question.verb)
}

/// As `pkg/apis/rbac/v1/evaluation_helpers.go` of Kubernetes: a rule that names objects does not
/// cover a question about all of them.
fn grants(right: &Right, question: &Question<'_>, namespace: &str) -> bool {
    let covers = |granted: &str, asked: &str| granted == "*" || granted == asked;
    let resource = match question.subresource {
        "" => question.resource.to_owned(),
        subresource => format!("{}/{subresource}", question.resource),
    };
    (right.cluster || question.namespace == namespace)
        && covers(&right.group, question.group)
        && covers(&right.verb, question.verb)
        && covers(&right.resource, &resource)
        && right.object_name().is_none_or(|name| name == question.name)
}

#[cfg(test)]
mod tests;

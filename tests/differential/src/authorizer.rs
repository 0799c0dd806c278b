//! The pretended authorizer of a question, as `tests/oracle/authorizer.go` has it.

use admission_cel::authorizer::{Answer, Authorizer, Question};

use crate::question::Access;

/// Allows what is on a list.
pub(crate) struct AllowList<'q> {
    pub(crate) accesses: &'q [Access],
    /// The name of the user who makes the request.
    pub(crate) user: &'q str,
}

impl Authorizer for AllowList<'_> {
    fn answer(&self, question: &Question<'_>) -> Answer {
        let user = match question.service_account {
            Some((namespace, name)) => format!("system:serviceaccount:{namespace}:{name}"),
            None => self.user.to_owned(),
        };
        match self
            .accesses
            .iter()
            .find(|access| matches(access, question, &user))
        {
            Some(access) if !access.error.is_empty() => Answer::Failed(access.error.clone()),
            Some(access) => Answer::Decided {
                allowed: true,
                reason: access.reason.clone(),
            },
            None => Answer::Decided {
                allowed: false,
                reason: String::new(),
            },
        }
    }
}

fn matches(access: &Access, question: &Question<'_>, user: &str) -> bool {
    let members = [
        (&access.verb, question.verb),
        (&access.group, question.group),
        (&access.resource, question.resource),
        (&access.subresource, question.subresource),
        (&access.namespace, question.namespace),
        (&access.name, question.name),
        (&access.path, question.path.unwrap_or("")),
    ];
    (access.user.is_empty() || matches_value(&access.user, user))
        && members
            .iter()
            .all(|(pattern, value)| matches_value(pattern, value))
}

fn matches_value(pattern: &str, value: &str) -> bool {
    pattern == "*" || pattern == value
}

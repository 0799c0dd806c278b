//! PolicyExceptions: which objects are let off which policies, by whom, and until when.
//!
//! Exceptions are judged here and not in CEL, which has no clock: what they let off stays a finding.

use std::cmp::Reverse;
use std::sync::Arc;

use admission_cel::json::Json;
use admission_cel::value::Timestamp;

use crate::finding::{Evaluation, Verdict};
use crate::matching::selector::Selector;
use crate::request::Request;

/// One PolicyException.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exception {
    /// The object's name.
    pub name: String,
    /// Names of the policies whose findings it lets off.
    pub policies: Vec<String>,
    /// Names of the namespaces in which it does.
    pub namespaces: Vec<String>,
    /// Narrows it to objects with these labels.
    pub object_selector: Selector,
    /// Who answers for it.
    pub owner: String,
    /// Why it exists.
    pub reason: String,
    /// From then on it has no effect.
    pub expires: Timestamp,
}

impl Exception {
    /// Whether it has no effect any more.
    pub fn is_expired(&self, now: Timestamp) -> bool {
        self.expires <= now
    }

    /// Whether it lets the object of a request off a policy, as long as it is not expired.
    ///
    /// Objects that are in no namespace are never let off: nothing would bound the exception to
    /// where its owner answers for it. A Namespace is such an object, though requests for it carry
    /// its name as their namespace.
    pub fn covers(&self, policy: &str, request: &Request<'_>) -> bool {
        let is_namespace =
            request.resource.group.is_empty() && request.resource.resource == "namespaces";
        !is_namespace
            && !request.namespace.is_empty()
            && self.namespaces.iter().any(|name| name == request.namespace)
            && self.policies.iter().any(|name| name == policy)
            && self.selects_objects_of(request)
    }

    /// Whether every object of the request is selected: what somebody labels anew is not let off
    /// for it. An object without metadata, as a CONNECT has, is never selected by labels, not even
    /// by their absence.
    fn selects_objects_of(&self, request: &Request<'_>) -> bool {
        if self.object_selector.is_empty() {
            return true;
        }
        if request.old_object_unknown.is_some() {
            return false;
        }
        let mut objects = [request.object, request.old_object]
            .into_iter()
            .flatten()
            .peekable();
        objects.peek().is_some() && objects.all(|object| self.selects(object))
    }

    fn selects(&self, object: &Json<'_>) -> bool {
        object
            .get("metadata")
            .is_some_and(|metadata| self.object_selector.matches(metadata.get("labels")))
    }
}

/// All exceptions there are, expired ones included.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exceptions(Vec<Arc<Exception>>);

impl Exceptions {
    /// Where several cover a finding, the one that lasts longest is named, whatever their order
    /// here.
    pub fn new(exceptions: impl IntoIterator<Item = Exception>) -> Self {
        let mut all: Vec<Arc<Exception>> = exceptions.into_iter().map(Arc::new).collect();
        all.sort_by(|a, b| (Reverse(a.expires), &a.name).cmp(&(Reverse(b.expires), &b.name)));
        Self(all)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All of them, the longest-lasting first.
    pub fn iter(&self) -> impl Iterator<Item = &Exception> {
        self.0.iter().map(Arc::as_ref)
    }

    /// The one that lets the object of a request off a policy.
    fn covering(
        &self,
        policy: &str,
        request: &Request<'_>,
        now: Timestamp,
    ) -> Option<&Arc<Exception>> {
        // Ordered by expiry: after the first expired one all are.
        self.0
            .iter()
            .take_while(|exception| !exception.is_expired(now))
            .find(|exception| exception.covers(policy, request))
    }
}

/// Marks the findings that an exception lets off. Each needs one exception that covers it by
/// itself: a policy of one, a namespace of another and labels of a third let nothing off.
///
/// A policy that could not be evaluated is let off as one that was violated: it could say nothing
/// worse. What is not evaluated stays so, because nobody knows what it would be let off.
pub fn except(
    evaluation: &mut Evaluation,
    exceptions: &Exceptions,
    request: &Request<'_>,
    now: Timestamp,
) {
    if exceptions.is_empty() {
        return;
    }
    for policy in &mut evaluation.policies {
        if policy.findings.is_empty() {
            continue;
        }
        let Some(exception) = exceptions.covering(&policy.policy, request, now) else {
            continue;
        };
        for finding in &mut policy.findings {
            if matches!(finding.verdict, Verdict::Fail | Verdict::Error(_)) {
                finding.exception = Some(Arc::clone(exception));
            }
        }
    }
}

#[cfg(test)]
mod tests;

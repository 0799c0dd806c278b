//! Which policies and bindings apply to a request, as `pkg/admission/plugin/policy/matching` and
//! `pkg/admission/plugin/webhook/predicates` of `k8s.io/apiserver` decide it.

pub mod exempt;
pub mod rule;
pub mod selector;

use admission_cel::json::Json;

use crate::context::Namespace;
use crate::request::{Operation, Request};
use rule::{MatchPolicy, Rule};
use selector::Selector;

/// `matchConstraints` of a policy or `matchResources` of a binding.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MatchResources {
    /// What is matched; a binding without any matches whatever its policy matches.
    pub rules: Vec<Rule>,
    /// What is left out again.
    pub exclude_rules: Vec<Rule>,
    /// Selects by the labels of the request's namespace.
    pub namespace_selector: Selector,
    /// Selects by the labels of the object or the old object.
    pub object_selector: Selector,
    /// Whether other versions and groups of the same resource match too.
    pub match_policy: MatchPolicy,
}

/// Whether something matches. Ordered, so that two requirements combine with `min`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Matched {
    /// It does not.
    No,
    /// It depends on the labels of a namespace or of an existing object that nobody knows.
    Unknown,
    /// It does.
    Yes,
}

impl From<bool> for Matched {
    fn from(matched: bool) -> Self {
        if matched { Matched::Yes } else { Matched::No }
    }
}

/// What is known of one request. Equal resources of a set are one and the same, so they are looked at
/// once: bindings of nearly all policies select the same namespaces.
#[derive(Debug, Default)]
pub struct Matches<'a>(Vec<(&'a MatchResources, Matched)>);

impl<'a> Matches<'a> {
    /// Whether the request, always the same one, matches.
    pub fn of(
        &mut self,
        resources: &'a MatchResources,
        request: &Request<'_>,
        namespace: Namespace<'_>,
    ) -> Matched {
        let mut known = self.0.iter();
        if let Some((_, matched)) = known.find(|(known, _)| std::ptr::eq(*known, resources)) {
            return *matched;
        }
        let matched = resources.matches(request, namespace);
        self.0.push((resources, matched));
        matched
    }
}

impl MatchResources {
    /// Whether the request matches.
    pub fn matches(&self, request: &Request<'_>, namespace: Namespace<'_>) -> Matched {
        // The rules come first because they are cheapest; upstream's order only decides which
        // error is reported.
        if !self.rules.is_empty() && !self.any_rule(&self.rules, request) {
            return Matched::No;
        }
        if self.any_rule(&self.exclude_rules, request) {
            return Matched::No;
        }
        match self.selects_object(request) {
            Matched::No => Matched::No,
            selected => selected.min(self.selects_namespace(request, namespace)),
        }
    }

    fn any_rule(&self, rules: &[Rule], request: &Request<'_>) -> bool {
        rules
            .iter()
            .any(|rule| rule.matches(request, self.match_policy))
    }

    /// `predicates/object/matcher.go`: the object or the old object is selected. Objects that have
    /// no metadata (such as `PodExecOptions`, the object of a CONNECT) are never selected by a
    /// selector that has requirements, not even by negated ones.
    fn selects_object(&self, request: &Request<'_>) -> Matched {
        let is_selected = self.object_selector.is_empty()
            || [request.object, request.old_object]
                .into_iter()
                .flatten()
                .any(|object| self.selects(object));
        match request.old_object_unknown {
            Some(_) if !is_selected => Matched::Unknown,
            _ => is_selected.into(),
        }
    }

    fn selects(&self, object: &Json<'_>) -> bool {
        object
            .get("metadata")
            .is_some_and(|metadata| self.object_selector.matches(metadata.get("labels")))
    }

    /// `predicates/namespace/matcher.go`: cluster-scoped objects are never exempted, Namespace
    /// objects are selected by their own labels.
    fn selects_namespace(&self, request: &Request<'_>, namespace: Namespace<'_>) -> Matched {
        let is_namespace = request.resource.resource == "namespaces";
        if (request.namespace.is_empty() && !is_namespace) || self.namespace_selector.is_empty() {
            return Matched::Yes;
        }
        if is_namespace && let Some(object) = namespace_itself(request, namespace) {
            return self.selected_by(object).into();
        }
        match namespace {
            Namespace::Known(object) => self.selected_by(object).into(),
            // Where no namespace is known, labels of objects alone mark the boundary: with a selector
            // for objects, the namespace is taken to lack the labels that it must not have.
            Namespace::None | Namespace::Unknown => {
                let lacks_refused = !self.object_selector.is_empty();
                self.namespace_selector
                    .matches_by_name(request.namespace, lacks_refused)
            }
        }
    }

    fn selected_by(&self, namespace: &Json<'_>) -> bool {
        let labels = namespace.get("metadata").and_then(|m| m.get("labels"));
        self.namespace_selector.matches(labels)
    }
}

/// The Namespace object that holds the labels when the request is about a namespace: the new one
/// when it is created or updated, the stored one for subresources and deletions.
fn namespace_itself<'a>(request: &Request<'a>, namespace: Namespace<'a>) -> Option<&'a Json<'a>> {
    let written = matches!(request.operation, Operation::Create | Operation::Update);
    if written && request.subresource.is_empty() {
        return request.object;
    }
    match namespace {
        Namespace::Known(stored) => Some(stored),
        Namespace::None | Namespace::Unknown => request.old_object,
    }
}

#[cfg(test)]
mod tests;

//! Which policies can match a resource at all, so that a request that none matches costs nothing.

use std::collections::HashMap;

use super::compiled::Definition;
use crate::matching::rule::{Operations, split_resource};
use crate::request::Request;

/// Positions of policies by the plural name of the resources that their rules name. Groups, versions
/// and subresources are left to the rules: plural names hardly ever coincide, and a policy matches
/// equivalent resources of other groups under the same name.
#[derive(Debug, Default)]
pub(super) struct Index {
    by_resource: HashMap<String, Vec<Candidate>>,
    /// Policies with a rule for every resource.
    any_resource: Vec<Candidate>,
}

#[derive(Clone, Copy, Debug)]
struct Candidate {
    policy: usize,
    operations: Operations,
}

impl Index {
    /// Indexes policies by their position.
    pub(super) fn new<'p>(definitions: impl Iterator<Item = &'p Definition>) -> Self {
        let mut index = Self::default();
        for (policy, definition) in definitions.enumerate() {
            for rule in &definition.constraints.rules {
                for entry in &rule.resources {
                    let candidates = match split_resource(entry).0 {
                        "*" => &mut index.any_resource,
                        resource => index.by_resource.entry(resource.to_owned()).or_default(),
                    };
                    add(candidates, policy, rule.operations);
                }
            }
        }
        index
    }

    /// Positions of the policies that may match, in order.
    pub(super) fn candidates(&self, request: &Request<'_>) -> Vec<usize> {
        let named = self.by_resource.get(request.resource.resource);
        if named.is_none() && self.any_resource.is_empty() {
            return Vec::new();
        }
        let mut positions: Vec<usize> = named
            .into_iter()
            .flatten()
            .chain(&self.any_resource)
            .filter(|candidate| candidate.operations.contains(request.operation))
            .map(|candidate| candidate.policy)
            .collect();
        positions.sort_unstable();
        positions.dedup();
        positions
    }
}

fn add(candidates: &mut Vec<Candidate>, policy: usize, operations: Operations) {
    match candidates.last_mut() {
        Some(last) if last.policy == policy => last.operations = last.operations.union(operations),
        _ => candidates.push(Candidate { policy, operations }),
    }
}

//! What changes between two judgements of the same objects.

use std::collections::BTreeMap;

use super::collect::{Found, Object};

/// What changes for one object; never nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Changed {
    /// Its kind and name.
    pub(super) name: String,
    /// The file that it is in.
    pub(super) file: String,
    /// What changes, by policy and place.
    pub(super) changes: Vec<Change>,
    /// Whether something else is filled in.
    pub(super) completed_differently: bool,
}

/// A finding that comes, goes or changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Change {
    /// As it was.
    pub(super) old: Option<Found>,
    /// As it will be.
    pub(super) new: Option<Found>,
}

/// Compares object by object; both lists are in the order of the same input.
pub(super) fn between(old: &[Object], new: &[Object]) -> Vec<Changed> {
    let pairs = old.iter().zip(new);
    let changed = pairs.map(|(old, new)| Changed {
        name: new.name.clone(),
        file: new.file.clone(),
        changes: changes(&old.findings, &new.findings),
        completed_differently: old.mutations != new.mutations,
    });
    changed
        .filter(|changed| !changed.changes.is_empty() || changed.completed_differently)
        .collect()
}

/// Findings of the same policy at the same place belong together.
fn changes(old: &[Found], new: &[Found]) -> Vec<Change> {
    type Sides<'f> = (Vec<&'f Found>, Vec<&'f Found>);
    let mut places: BTreeMap<(&str, &str), Sides<'_>> = BTreeMap::new();
    for found in old {
        let (old, _) = places.entry((&found.policy, &found.path)).or_default();
        old.push(found);
    }
    for found in new {
        let (_, new) = places.entry((&found.policy, &found.path)).or_default();
        new.push(found);
    }
    let mut changes = Vec::new();
    for (mut old, mut new) in places.into_values() {
        old.retain(|found| match new.iter().position(|other| other == found) {
            Some(position) => {
                new.remove(position);
                false
            }
            None => true,
        });
        for index in 0..old.len().max(new.len()) {
            changes.push(Change {
                old: old.get(index).map(|found| (*found).clone()),
                new: new.get(index).map(|found| (*found).clone()),
            });
        }
    }
    changes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::outcome::Severity;

    fn found(policy: &str, path: &str, severity: Severity, message: &str) -> Found {
        Found {
            policy: policy.to_owned(),
            path: path.to_owned(),
            severity: Some(severity),
            line: message.to_owned(),
        }
    }

    #[test]
    fn findings_are_compared_by_policy_and_place() {
        let same = found("a", "spec", Severity::Deny, "same");
        let gone = found("a", "spec.x", Severity::Deny, "gone");
        let before = found("b", "spec", Severity::Deny, "before");
        let after = found("b", "spec", Severity::Deny, "after");
        let come = found("c", "spec", Severity::Warn, "come");
        let changes = changes(
            &[same.clone(), gone.clone(), before.clone()],
            &[come.clone(), after.clone(), same],
        );
        let expected = [
            (Some(gone), None),
            (Some(before), Some(after)),
            (None, Some(come)),
        ];
        assert_eq!(changes, expected.map(|(old, new)| Change { old, new }));
    }

    #[test]
    fn an_object_that_is_completed_differently_changes_even_if_no_verdict_does() {
        let object = |mutations: &str| Object {
            name: "Job a/b".to_owned(),
            file: "job.yaml".to_owned(),
            findings: Vec::new(),
            mutations: mutations.to_owned(),
        };
        assert!(between(&[object("+ a")], &[object("+ a")]).is_empty());
        let changed = between(&[object("+ a")], &[object("+ b")]);
        assert!(matches!(changed.as_slice(), [one] if one.completed_differently));
    }
}

//! Merging lists whose items have an identity, in the order that
//! `sigs.k8s.io/structured-merge-diff/v6/typed/merge.go` gives them.

use std::collections::{HashMap, HashSet};

use admission_cel::json::Json;
use bumpalo::Bump;

use super::identity::Identity;
use super::{merge, replacement};
use crate::patch::schema::{Key, Shape, Structure};

/// Merges two lists; items of keyed lists are merged with each other, in sets there is nothing to
/// merge. `None` when the result is `target` itself.
pub(super) fn merge_lists<'a>(
    target: &Json<'a>,
    configuration: &Json<'a>,
    arena: &'a Bump,
    keyed: Option<(&'static Structure, &'static [Key])>,
) -> Result<Option<Json<'a>>, String> {
    let old = target.as_array().filter(|items| !items.is_empty());
    let new = configuration.as_array().filter(|items| !items.is_empty());
    let (old, new) = match (old, new) {
        (Some(old), Some(new)) => (old, new),
        (Some(_), None) => return Ok(None),
        (None, _) => return Ok(replacement(target, configuration)),
    };
    let keys = keyed.map(|(_, keys)| keys);
    let old = Side::of(old, keys)?;
    let new = Side::of(new, keys)?;
    let mut result = Vec::with_capacity(old.items.len() + new.items.len());
    let mut changed = false;
    for (position, step) in order(&old, &new).into_iter().enumerate() {
        let (item, from_old) = match step {
            Step::Old(index) => (old.items.get(index).copied(), Some(index)),
            Step::New(index) => {
                let item = new.items.get(index).copied();
                let name = new.names.get(index);
                match (name.and_then(|name| old.unique(name)), item, keyed) {
                    (Some(index), Some(item), Some((structure, _))) => {
                        let there = old.items.get(index).copied().unwrap_or(Json::Null);
                        let merged = merge(&Shape::Object(structure), &there, &item, arena)
                            .map_err(|reason| located(name, reason))?;
                        changed |= merged.is_some();
                        (Some(merged.unwrap_or(there)), Some(index))
                    }
                    (Some(index), Some(_), None) => (old.items.get(index).copied(), Some(index)),
                    _ => (item, None),
                }
            }
        };
        changed |= from_old != Some(position);
        result.extend(item);
    }
    changed |= result.len() != old.items.len();
    Ok(changed.then(|| Json::Array(arena.alloc_slice_copy(&result))))
}

fn located(name: Option<&Identity<'_>>, reason: String) -> String {
    name.map_or_else(String::new, ToString::to_string) + &reason
}

/// One of the two lists.
struct Side<'a> {
    items: &'a [Json<'a>],
    /// The identity of each item.
    names: Vec<Identity<'a>>,
    /// Where the item of an identity is; `None` when several items share it.
    places: HashMap<Identity<'a>, Option<usize>>,
}

impl<'a> Side<'a> {
    fn of(items: &'a [Json<'a>], keys: Option<&'static [Key]>) -> Result<Self, String> {
        let mut names = Vec::with_capacity(items.len());
        let mut places = HashMap::with_capacity(items.len());
        for (index, item) in items.iter().enumerate() {
            let name = Identity::of(item, keys)
                .map_err(|reason| format!(": element {index}: {reason}"))?;
            places
                .entry(name)
                .and_modify(|place| *place = None)
                .or_insert(Some(index));
            names.push(name);
        }
        Ok(Self {
            items,
            names,
            places,
        })
    }

    fn has(&self, name: &Identity<'_>) -> bool {
        self.places.contains_key(name)
    }

    fn unique(&self, name: &Identity<'_>) -> Option<usize> {
        self.places.get(name).copied().flatten()
    }
}

/// Where the next item of the result comes from.
#[derive(Clone, Copy, Debug)]
enum Step {
    /// This item of the target, which the configuration does not mention.
    Old(usize),
    /// This item of the configuration, merged with the target's.
    New(usize),
}

/// The order of the result: shared items in the order of the configuration, the target's own items
/// where they stand before a shared one.
fn order(old: &Side<'_>, new: &Side<'_>) -> Vec<Step> {
    let mut shared = new.names.iter().filter(|name| old.has(name));
    let mut next_shared = shared.next();
    let mut merged: HashSet<&Identity<'_>> = HashSet::new();
    let mut steps = Vec::with_capacity(old.names.len() + new.names.len());
    let (mut left, mut right) = (0, 0);
    loop {
        let (left_name, right_name) = (old.names.get(left), new.names.get(right));
        match (left_name, right_name) {
            (None, None) => return steps,
            (Some(name), Some(other)) if name == other => {
                merged.insert(name);
                steps.push(Step::New(right));
                left += 1;
                right += 1;
                next_shared = shared.next();
                continue;
            }
            // A shared item, but not the one whose turn it is.
            (Some(name), Some(_))
                if new.has(name) && next_shared.is_some_and(|shared| shared != name) =>
            {
                left += 1;
                continue;
            }
            _ => {}
        }
        if let Some(name) = left_name {
            if !new.has(name) {
                steps.push(Step::Old(left));
                left += 1;
                continue;
            }
            if merged.contains(name) {
                left += 1;
            }
        }
        if let Some(name) = right_name {
            merged.insert(name);
            steps.push(Step::New(right));
            right += 1;
            if next_shared == Some(name) {
                next_shared = shared.next();
            }
        }
    }
}

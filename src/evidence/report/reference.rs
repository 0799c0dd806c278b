//! References to records, as many as a reader can use.

use std::collections::BTreeMap;

use serde::ser::SerializeStruct as _;
use serde::{Serialize, Serializer};

use crate::evidence::digest::Digest;
use crate::evidence::reading::Located;
use crate::evidence::record::Time;

/// Where a record is. Ordered by time, then log and number.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Reference {
    /// When it was made.
    pub time: Time,
    /// Origin of its log.
    pub log: String,
    /// Its position there, from 0.
    pub number: u64,
    /// Its leaf hash.
    pub leaf: Digest,
}

impl Reference {
    /// The reference of a record that was made at `time`.
    pub fn new(located: &Located<'_>, time: Time) -> Self {
        let origin = located.log.head.as_ref().map_or("", |head| &head.origin);
        Self {
            time,
            log: origin.to_owned(),
            number: located.number,
            leaf: located.leaf,
        }
    }
}

/// The earliest of many, and how many there are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Earliest<T, const SHOWN_MAX: usize> {
    /// How many there are.
    pub total: u64,
    /// The earliest of them.
    pub shown: BTreeMap<Reference, T>,
}

impl<T, const SHOWN_MAX: usize> Default for Earliest<T, SHOWN_MAX> {
    fn default() -> Self {
        Self {
            total: 0,
            shown: BTreeMap::new(),
        }
    }
}

impl<T, const SHOWN_MAX: usize> Earliest<T, SHOWN_MAX> {
    /// Counts one, and keeps it if it is among the earliest.
    pub fn add(&mut self, reference: &Reference, what: impl FnOnce() -> T) {
        self.total += 1;
        let is_full = self.shown.len() >= SHOWN_MAX;
        let last = self.shown.last_key_value().map(|(last, _)| last);
        if is_full && last.is_some_and(|last| last < reference) {
            return;
        }
        self.shown.insert(reference.clone(), what());
        if self.shown.len() > SHOWN_MAX {
            self.shown.pop_last();
        }
    }

    /// How many are not shown.
    pub fn left_out(&self) -> u64 {
        self.total.saturating_sub(self.shown.len() as u64)
    }
}

impl<T: Serialize, const SHOWN_MAX: usize> Serialize for Earliest<T, SHOWN_MAX> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Item<'i, T> {
            #[serde(flatten)]
            record: &'i Reference,
            #[serde(flatten)]
            what: &'i T,
        }
        let shown: Vec<Item<'_, T>> = self
            .shown
            .iter()
            .map(|(record, what)| Item { record, what })
            .collect();
        let mut object = serializer.serialize_struct("Earliest", 2)?;
        object.serialize_field("total", &self.total)?;
        object.serialize_field("shown", &shown)?;
        object.end()
    }
}

/// References behind a number.
pub type References = Earliest<(), 8>;

impl References {
    /// Counts a record.
    pub fn refer(&mut self, reference: &Reference) {
        self.add(reference, || ());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reference(number: u64) -> Reference {
        Reference {
            time: Time::parse("2026-11-23T00:00:00.000Z").unwrap(),
            log: "a".into(),
            number,
            leaf: Digest::of_leaf(b""),
        }
    }

    #[test]
    fn the_earliest_are_shown_in_whatever_order_they_come() {
        let shown = |numbers: &[u64]| {
            let mut references = References::default();
            numbers
                .iter()
                .for_each(|number| references.refer(&reference(*number)));
            serde_json::to_value(references).unwrap()
        };
        let ascending: Vec<u64> = (0..20).collect();
        let descending: Vec<u64> = (0..20).rev().collect();
        let value = shown(&descending);
        assert_eq!(shown(&ascending), value);
        assert_eq!(value["total"], 20);
        let numbers: Vec<u64> = value["shown"]
            .as_array()
            .unwrap()
            .iter()
            .map(|item| item["number"].as_u64().unwrap())
            .collect();
        assert_eq!(numbers, (0..8).collect::<Vec<_>>());
    }
}

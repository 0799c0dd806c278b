//! Changes of what decides over requests, and what became of exceptions.

use std::collections::{BTreeMap, BTreeSet};

use admission_cel::value::Timestamp;

use super::At;
use crate::evidence::record::{
    Change, Configuration, ExceptionUse, Item, ItemChange, Of, Text, Time,
};
use crate::evidence::report::model::{
    Configuration as Shown, ConfigurationItem, Exception, ExceptionState,
};
use crate::evidence::report::reference::{Earliest, Reference, References};

/// Cluster and name.
type Name = (String, String);

/// Changes, and exceptions.
#[derive(Debug, Default)]
pub struct Changes {
    pub shown: Earliest<Shown, 500>,
    /// Changes of exceptions, from before the period, too.
    of_exceptions: BTreeMap<Reference, ChangeOfExceptions>,
    uses: BTreeMap<Name, Uses>,
}

#[derive(Debug)]
struct ChangeOfExceptions {
    cluster: String,
    change: Change,
    items: Vec<Item<'static>>,
}

/// Uses, and what the last of them says of the exception.
#[derive(Debug)]
struct Uses {
    records: References,
    last: Reference,
    owner: String,
    expires: String,
}

impl Changes {
    /// Adds a change from before the period.
    pub fn before(&mut self, at: &At<'_>, configuration: &Configuration<'static>) {
        if configuration.of != Of::Exceptions {
            return;
        }
        let change = ChangeOfExceptions {
            cluster: at.cluster.to_owned(),
            change: configuration.change,
            items: configuration.items.clone(),
        };
        self.of_exceptions.insert(at.reference.clone(), change);
    }

    /// Adds a change.
    pub fn during(&mut self, at: &At<'_>, configuration: &Configuration<'static>) {
        self.before(at, configuration);
        let item = |item: &Item<'_>| ConfigurationItem {
            name: item.name.to_string(),
            change: item.change,
            paths: texts(&item.paths),
        };
        self.shown.add(&at.reference, || Shown {
            of: configuration.of,
            change: configuration.change,
            before: configuration.before,
            after: configuration.after,
            replica: at.place.replica.clone(),
            items: configuration.items.iter().map(item).collect(),
        });
    }

    /// Adds a use of an exception.
    pub fn used(&mut self, at: &At<'_>, exception: &ExceptionUse<'_>) {
        let name = (at.cluster.to_owned(), exception.name.to_string());
        let uses = self.uses.entry(name).or_insert_with(|| Uses {
            records: References::default(),
            last: at.reference.clone(),
            owner: String::new(),
            expires: String::new(),
        });
        uses.records.refer(&at.reference);
        if at.reference >= uses.last {
            uses.last = at.reference.clone();
            uses.owner = exception.owner.to_string();
            uses.expires = exception.expires.to_string();
        }
    }

    /// All exceptions that were in force or used, as they are at the end.
    pub fn exceptions(
        &mut self,
        end: Option<Time>,
        cluster: &dyn Fn(&str) -> Option<String>,
    ) -> Vec<Exception> {
        let mut known: BTreeMap<Name, Exception> = BTreeMap::new();
        for change in std::mem::take(&mut self.of_exceptions).into_values() {
            apply(change, &mut known, cluster);
        }
        for (name, uses) in std::mem::take(&mut self.uses) {
            let exception = known
                .entry(name)
                .or_insert_with_key(|(of, name)| Exception {
                    owner: uses.owner,
                    expires: uses.expires,
                    ..exception(cluster(of), name)
                });
            exception.uses = uses.records;
        }
        let end = end.map(Time::timestamp);
        let mut exceptions: Vec<Exception> = known.into_values().collect();
        for exception in &mut exceptions {
            let expires = Timestamp::from_rfc3339(&exception.expires);
            let is_over = expires
                .zip(end)
                .is_some_and(|(expires, end)| expires <= end);
            if exception.state == ExceptionState::InForce && is_over {
                exception.state = ExceptionState::Expired;
            }
        }
        exceptions
    }
}

/// Puts a change upon what is known.
fn apply(
    change: ChangeOfExceptions,
    known: &mut BTreeMap<Name, Exception>,
    cluster: &dyn Fn(&str) -> Option<String>,
) {
    let of = change.cluster;
    if change.change == Change::Loaded {
        // A replica that starts tells all there are: what it does not tell is gone.
        let here: BTreeSet<&str> = change.items.iter().map(|item| &*item.name).collect();
        let in_cluster = known.iter_mut().filter(|((cluster, _), _)| *cluster == of);
        for ((_, name), exception) in in_cluster {
            if !here.contains(name.as_str()) {
                exception.state = ExceptionState::Removed;
            }
        }
    }
    for item in &change.items {
        let name = (of.clone(), item.name.to_string());
        let entry = known
            .entry(name)
            .or_insert_with(|| exception(cluster(&of), &item.name));
        entry.state = match item.change {
            ItemChange::Removed | ItemChange::Missing => ExceptionState::Removed,
            ItemChange::Expired => ExceptionState::Expired,
            ItemChange::Added | ItemChange::Changed => ExceptionState::InForce,
        };
        for (known, told) in [
            (&mut entry.owner, &item.owner),
            (&mut entry.reason, &item.reason),
            (&mut entry.expires, &item.expires),
        ] {
            if let Some(told) = told {
                *known = told.to_string();
            }
        }
        for (known, told) in [
            (&mut entry.policies, &item.policies),
            (&mut entry.namespaces, &item.namespaces),
        ] {
            if !told.is_empty() {
                *known = texts(told);
            }
        }
    }
}

/// An exception of which nothing is known but that it is there.
fn exception(cluster: Option<String>, name: &str) -> Exception {
    Exception {
        cluster,
        name: name.to_owned(),
        owner: String::new(),
        reason: String::new(),
        policies: Vec::new(),
        namespaces: Vec::new(),
        expires: String::new(),
        state: ExceptionState::InForce,
        uses: References::default(),
    }
}

fn texts(texts: &[Text<'_>]) -> Vec<String> {
    texts.iter().map(ToString::to_string).collect()
}

//! Changes of the rules, as evidence.

use std::borrow::Cow;
use std::collections::BTreeMap;

use admission_policy::exception::Exception;

use super::state::{Active, State};
use crate::evidence::bounds::ITEMS_MAX;
use crate::evidence::digest::Digest;
use crate::evidence::record::{Change, Configuration, Event, Item, ItemChange, Of};

/// Records the rules that the server starts with.
pub async fn loaded(state: &State) {
    let active = state.active.load_full();
    for (of, _, after) in digests(None, &active) {
        let configuration = Configuration {
            after,
            before: None,
            change: Change::Loaded,
            items: items(of, None, &active),
            of,
        };
        state
            .evidence
            .note(Event::Configuration(configuration))
            .await;
    }
}

/// Records what is different in the rules that replace others.
pub async fn replaced(state: &State, former: &Active, active: &Active) {
    for (of, before, after) in digests(Some(former), active) {
        if before == after {
            continue;
        }
        let configuration = Configuration {
            after,
            before,
            change: Change::Replaced,
            items: items(of, Some(former), active),
            of,
        };
        state
            .evidence
            .note(Event::Configuration(configuration))
            .await;
    }
}

/// Records that something was changed into what cannot be used.
pub async fn refused(state: &State, of: Of) {
    let configuration = Configuration {
        after: None,
        before: None,
        change: Change::Refused,
        items: Vec::new(),
        of,
    };
    state
        .evidence
        .note(Event::Configuration(configuration))
        .await;
}

type Digests = (Of, Option<Digest>, Option<Digest>);

fn digests(former: Option<&Active>, active: &Active) -> [Digests; 3] {
    let before = former.map(|former| &former.record_rules);
    let after = &active.record_rules;
    [
        (
            Of::PolicySet,
            before.and_then(|rules| rules.policy_set),
            after.policy_set,
        ),
        (
            Of::Baseline,
            before.and_then(|rules| rules.baseline),
            after.baseline,
        ),
        (
            Of::Exceptions,
            before.and_then(|rules| rules.exceptions),
            after.exceptions,
        ),
    ]
}

/// What was added, removed or changed. Of policies their names come and go; that one changed shows
/// in the digest of the set.
fn items<'a>(of: Of, former: Option<&'a Active>, active: &'a Active) -> Vec<Item<'a>> {
    let mut items: Vec<Item<'a>> = match of {
        Of::PolicySet => {
            let names = |active: &'a Active| -> BTreeMap<&'a str, ()> {
                let policies = active.rules.set.policies();
                policies
                    .map(|policy| (&*policy.definition.name, ()))
                    .collect()
            };
            let before = former.map(names).unwrap_or_default();
            difference(&before, &names(active), |name, (), change| {
                item(name, change)
            })
        }
        Of::Exceptions => {
            let all = |active: &'a Active| -> BTreeMap<&'a str, &'a Exception> {
                let exceptions = active.rules.exceptions.iter();
                exceptions
                    .map(|exception| (exception.name.as_str(), exception))
                    .collect()
            };
            let before = former.map(all).unwrap_or_default();
            difference(&before, &all(active), |_, exception, change| {
                of_exception(exception, change)
            })
        }
        Of::Baseline | Of::Webhooks => Vec::new(),
    };
    items.truncate(ITEMS_MAX);
    items
}

fn difference<'a, T: Copy + PartialEq>(
    before: &BTreeMap<&'a str, T>,
    after: &BTreeMap<&'a str, T>,
    item: impl Fn(&'a str, T, ItemChange) -> Item<'a>,
) -> Vec<Item<'a>> {
    let gone = before.iter().filter(|(name, _)| !after.contains_key(*name));
    let gone = gone.map(|(name, value)| item(name, *value, ItemChange::Removed));
    let here = after
        .iter()
        .filter_map(|(name, value)| match before.get(name) {
            None => Some(item(name, *value, ItemChange::Added)),
            Some(former) if former != value => Some(item(name, *value, ItemChange::Changed)),
            Some(_) => None,
        });
    gone.chain(here).collect()
}

fn item(name: &str, change: ItemChange) -> Item<'_> {
    Item {
        change,
        expires: None,
        name: name.into(),
        namespaces: Vec::new(),
        owner: None,
        paths: Vec::new(),
        policies: Vec::new(),
        reason: None,
    }
}

fn of_exception(exception: &Exception, change: ItemChange) -> Item<'_> {
    let texts = |texts: &'_ [String]| texts.iter().map(|text| Cow::Owned(text.clone())).collect();
    let some = |text: &str| (!text.is_empty()).then(|| Cow::Owned(text.to_owned()));
    Item {
        expires: Some(exception.expires.to_string().into()),
        namespaces: texts(&exception.namespaces),
        owner: some(&exception.owner),
        policies: texts(&exception.policies),
        reason: some(&exception.reason),
        ..item(&exception.name, change)
    }
}

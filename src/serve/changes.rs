//! Changes of the rules, as evidence.

use std::borrow::Cow;
use std::collections::BTreeMap;

use admission_policy::exception::Exception;

use super::state::{Active, State};
use crate::baseline;
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
    note(state, of, Change::Refused, Vec::new()).await;
}

/// Records that the baseline is gone, whose last state stays in use.
pub async fn baseline_deleted(state: &State) {
    let removed = item(baseline::NAME, ItemChange::Removed);
    note(state, Of::Baseline, Change::Refused, vec![removed]).await;
}

/// Records that webhooks are not what they should be, or are again where there are no items.
pub async fn drifted(state: &State, items: Vec<Item<'_>>) {
    let change = match items.is_empty() {
        true => Change::Restored,
        false => Change::Drifted,
    };
    note(state, Of::Webhooks, change, items).await;
}

/// Records that exceptions have no effect any more. All digests stay what they were: an exception
/// says itself when it ends.
pub async fn expired(state: &State, active: &Active, exceptions: &[String]) {
    let is_expired = |exception: &&Exception| exceptions.contains(&exception.name);
    let expired = active.rules.exceptions.iter().filter(is_expired);
    let items = expired.map(|exception| of_exception(exception, ItemChange::Expired));
    let configuration = Configuration {
        after: active.record_rules.exceptions,
        before: active.record_rules.exceptions,
        change: Change::Replaced,
        items: items.take(ITEMS_MAX).collect(),
        of: Of::Exceptions,
    };
    state
        .evidence
        .note(Event::Configuration(configuration))
        .await;
}

/// Records a change that leaves the rules as they are.
async fn note(state: &State, of: Of, change: Change, mut items: Vec<Item<'_>>) {
    items.truncate(ITEMS_MAX);
    let configuration = Configuration {
        after: None,
        before: None,
        change,
        items,
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

/// An item of which nothing more is known.
pub fn item(name: &str, change: ItemChange) -> Item<'_> {
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

//! Our webhook configurations, which are exempt from admission: whoever changes them decides what the
//! API server asks. So they are watched, and compared with what the rules in use need.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt;
use kube::Client;
use serde_json::Value;

use super::changes;
use super::limits::RELOAD_SECONDS;
use super::state::{Active, State};
use crate::evidence::record::{Item, ItemChange};
use crate::generate::webhooks::difference::{Difference, What, differences};
use crate::generate::webhooks::{Address, NAME, Trust, configurations};
use crate::k8s::cluster::webhooks;

/// Most members of one entry that are named.
const PATHS_MAX: usize = 32;

/// Watches for as long as it is polled; `address` is where the API server should find us.
pub async fn follow(state: Arc<State>, client: Client, address: Address) {
    let mut validating = pin!(webhooks::validating(client.clone(), NAME));
    let mut mutating = pin!(webhooks::mutating(client, NAME));
    let mut ticks = tokio::time::interval(Duration::from_secs(RELOAD_SECONDS));
    let mut installed: [Option<Option<Value>>; 2] = [None, None];
    let mut compared: Option<Arc<Active>> = None;
    let mut told = Vec::new();
    loop {
        let [of_validating, of_mutating] = &mut installed;
        tokio::select! {
            Some(now) = validating.next() => *of_validating = Some(now),
            Some(now) = mutating.next() => *of_mutating = Some(now),
            _ = ticks.tick() => {
                // Other rules need other configurations.
                let active = state.active.load();
                if compared.as_ref().is_some_and(|compared| Arc::ptr_eq(compared, &active)) {
                    continue;
                }
            }
        }
        let [Some(of_validating), Some(of_mutating)] = &installed else {
            continue;
        };
        let active = state.active.load_full();
        let now = compare(
            &active,
            &address,
            [of_validating.as_ref(), of_mutating.as_ref()],
        );
        compared = Some(active);
        if now != told {
            tell(&state, &now).await;
            told = now;
        }
    }
}

fn compare(active: &Active, address: &Address, installed: [Option<&Value>; 2]) -> Vec<Difference> {
    let rules = &active.rules;
    let expected = configurations(&rules.set, &rules.baseline, address, &Trust::System);
    let pairs = expected.iter().zip(installed);
    pairs
        .flat_map(|(expected, installed)| differences(expected, installed))
        .collect()
}

async fn tell(state: &State, found: &[Difference]) {
    let count = i64::try_from(found.len()).unwrap_or(i64::MAX);
    state.metrics.webhooks_drifted.set(count);
    for Difference { name, what } in found {
        let what = match what {
            What::Missing => "it is missing".to_owned(),
            What::Added => "it is not ours".to_owned(),
            What::Changed(paths) => format!("changed: {}", paths.join(", ")),
        };
        tracing::warn!(
            webhook = name,
            what,
            "a webhook is not what this server needs"
        );
    }
    if found.is_empty() {
        tracing::info!("the webhook configurations are again what this server needs");
    }
    changes::drifted(state, found.iter().map(item).collect()).await;
}

fn item(difference: &Difference) -> Item<'_> {
    let (change, paths) = match &difference.what {
        What::Missing => (ItemChange::Missing, [].as_slice()),
        What::Added => (ItemChange::Added, [].as_slice()),
        What::Changed(paths) => (ItemChange::Changed, paths.as_slice()),
    };
    let paths = paths.iter().take(PATHS_MAX);
    Item {
        paths: paths.map(|path| path.as_str().into()).collect(),
        ..changes::item(&difference.name, change)
    }
}

//! The cluster's PolicyExceptions, by watch.

use std::collections::BTreeMap;

use futures::{Stream, StreamExt};
use kube::api::{Api, ApiResource, DynamicObject, GroupVersionKind, ListParams};
use kube::runtime::watcher::Event;
use kube::runtime::{WatchStreamExt, watcher};
use kube::{Client, ResourceExt};

use super::baseline::{GROUP, VERSION, is_absent};
use super::{ClusterError, within_time};
use crate::exceptions::KIND;

/// Plural name of the custom resource.
const PLURAL: &str = "policyexceptions";

/// JSON texts of the exceptions by name.
pub type Texts = BTreeMap<String, String>;

fn api(client: Client) -> Api<DynamicObject> {
    let kind = GroupVersionKind::gvk(GROUP, VERSION, KIND);
    Api::all_with(client, &ApiResource::from_gvk_with_plural(&kind, PLURAL))
}

/// All exceptions; `None` when the cluster does not know the kind.
///
/// # Errors
/// When the API server cannot be asked.
pub async fn fetch(client: Client) -> Result<Option<Texts>, ClusterError> {
    match within_time(api(client).list(&ListParams::default())).await {
        Ok(list) => Ok(Some(list.items.iter().filter_map(entry).collect())),
        Err(ClusterError::Api(error)) if is_absent(&error) => Ok(None),
        Err(error) => Err(error),
    }
}

/// All exceptions after every change from now on, the present state first. Never ends; failures to
/// watch are logged and tried again.
pub fn changes(client: Client) -> impl Stream<Item = Texts> + Send {
    let mut seen = Seen::default();
    watcher(api(client), watcher::Config::default())
        .default_backoff()
        .filter_map(move |event| {
            let is_changed = match event {
                Ok(event) => seen.take(event),
                Err(error) => seen.take_error(&error),
            };
            std::future::ready(is_changed.then(|| seen.now.clone()))
        })
}

/// What is known so far.
#[derive(Default)]
struct Seen {
    now: Texts,
    /// Of a list that is being received.
    pending: Texts,
}

impl Seen {
    /// Whether the exceptions are others now.
    fn take(&mut self, event: Event<DynamicObject>) -> bool {
        match event {
            Event::Init => {
                self.pending.clear();
                false
            }
            Event::InitApply(object) => {
                self.pending.extend(entry(&object));
                false
            }
            Event::InitDone => {
                self.now = std::mem::take(&mut self.pending);
                true
            }
            Event::Apply(object) => {
                self.now.extend(entry(&object));
                true
            }
            Event::Delete(object) => self.now.remove(&object.name_any()).is_some(),
        }
    }

    /// A kind that is gone took its objects with it: what nobody can revoke any more has no effect.
    fn take_error(&mut self, error: &watcher::Error) -> bool {
        tracing::debug!(%error, "watching PolicyExceptions failed and is tried again");
        let is_gone = matches!(
            error,
            watcher::Error::InitialListFailed(error) if is_absent(error)
        );
        is_gone && !std::mem::take(&mut self.now).is_empty()
    }
}

fn entry(object: &DynamicObject) -> Option<(String, String)> {
    let mut object = object.clone();
    object.metadata.managed_fields = None;
    let text = serde_json::to_string(&object).ok()?;
    Some((object.name_any(), text))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn object(name: &str, owner: &str) -> DynamicObject {
        let object = json!({
            "apiVersion": "cattlegrid.dev/v1alpha1", "kind": KIND,
            "metadata": {"name": name, "managedFields": [{"manager": "kubectl"}]},
            "spec": {"owner": owner},
        });
        serde_json::from_value(object).unwrap()
    }

    fn gone() -> watcher::Error {
        let status = kube::core::Status::failure("the server could not find it", "NotFound");
        watcher::Error::InitialListFailed(kube::Error::Api(status.with_code(404).boxed()))
    }

    #[test]
    fn the_exceptions_follow_the_events() {
        let mut seen = Seen::default();
        let names = |seen: &Seen| seen.now.keys().cloned().collect::<Vec<_>>();
        assert!(!seen.take(Event::Init));
        assert!(!seen.take(Event::InitApply(object("a", "ada"))));
        assert!(!seen.take(Event::InitApply(object("b", "ada"))));
        assert_eq!(names(&seen), Vec::<String>::new(), "half a list is none");
        assert!(seen.take(Event::InitDone));
        assert_eq!(names(&seen), ["a", "b"]);
        assert!(seen.take(Event::Apply(object("b", "eve"))));
        assert!(seen.now["b"].contains("eve") && !seen.now["b"].contains("kubectl"));
        assert!(seen.take(Event::Delete(object("a", "ada"))));
        assert_eq!(names(&seen), ["b"]);
        seen.take(Event::Init);
        seen.take(Event::InitApply(object("c", "ada")));
        assert!(seen.take(Event::InitDone));
        assert_eq!(names(&seen), ["c"], "what a new list lacks is gone");
    }

    #[test]
    fn a_kind_that_is_gone_has_no_exceptions_and_another_failure_changes_nothing() {
        let mut seen = Seen::default();
        seen.take(Event::Apply(object("a", "ada")));
        assert!(!seen.take_error(&watcher::Error::NoResourceVersion));
        assert_eq!(seen.now.len(), 1);
        assert!(seen.take_error(&gone()));
        assert!(seen.now.is_empty());
        assert!(!seen.take_error(&gone()), "once is enough");
    }
}

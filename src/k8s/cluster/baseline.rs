//! The cluster's AgentBaseline, by watch.

use futures::{Stream, StreamExt};
use kube::Client;
use kube::api::{Api, ApiResource, DynamicObject, GroupVersionKind};
use kube::runtime::watcher::Event;
use kube::runtime::{WatchStreamExt, watcher};

use super::{ClusterError, within_time};
use crate::baseline::{KIND, NAME};

/// Plural name of the custom resource.
const PLURAL: &str = "agentbaselines";
/// The API group of our own kinds.
pub(super) const GROUP: &str = "cattlegrid.dev";
/// Its version.
pub(super) const VERSION: &str = "v1alpha1";
/// The HTTP status of what is not there.
const NOT_FOUND: u16 = 404;

/// What happened to the baseline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// It is now this JSON text.
    Now(String),
    /// It was deleted.
    Deleted,
}

fn api(client: Client) -> Api<DynamicObject> {
    let kind = GroupVersionKind::gvk(GROUP, VERSION, KIND);
    Api::all_with(client, &ApiResource::from_gvk_with_plural(&kind, PLURAL))
}

/// The baseline as JSON text; `None` when the cluster has none, or does not know the kind.
///
/// # Errors
/// When the API server cannot be asked.
pub async fn fetch(client: Client) -> Result<Option<String>, ClusterError> {
    match within_time(api(client).get(NAME)).await {
        Ok(object) => Ok(text(&object)),
        Err(ClusterError::Api(error)) if is_absent(&error) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Whether the API server says that there is no such object, or no such kind: the latter in words
/// that are no Status.
pub(super) fn is_absent(error: &kube::Error) -> bool {
    matches!(error, kube::Error::Api(status) if status.code == NOT_FOUND)
}

/// Every change of the baseline from now on, the present state first. Never ends; failures to watch
/// are logged and tried again.
pub fn changes(client: Client) -> impl Stream<Item = Change> + Send {
    let config = watcher::Config::default().fields(&format!("metadata.name={NAME}"));
    watcher(api(client), config)
        .default_backoff()
        .filter_map(async |event| match event {
            Ok(Event::Apply(object) | Event::InitApply(object)) => text(&object).map(Change::Now),
            Ok(Event::Delete(_)) => Some(Change::Deleted),
            Ok(Event::Init | Event::InitDone) => None,
            Err(error) => {
                tracing::debug!(%error, "watching the AgentBaseline failed and is tried again");
                None
            }
        })
}

fn text(object: &DynamicObject) -> Option<String> {
    let mut object = object.clone();
    object.metadata.managed_fields = None;
    serde_json::to_string(&object).ok()
}

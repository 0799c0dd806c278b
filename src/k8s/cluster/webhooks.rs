//! The cluster's own webhook configurations, by watch: nothing can be admitted about them.

use futures::{Stream, StreamExt};
use k8s_openapi::api::admissionregistration::v1::{
    MutatingWebhookConfiguration, ValidatingWebhookConfiguration,
};
use kube::api::{Api, ApiResource, DynamicObject};
use kube::runtime::WatchStreamExt;
use kube::runtime::watcher::watch_object;
use kube::{Client, Resource};
use serde_json::Value;

/// The ValidatingWebhookConfiguration of this name, now and after every change; `None` while there is
/// none. Never ends; failures to watch are logged and tried again.
pub fn validating(client: Client, name: &str) -> impl Stream<Item = Option<Value>> + Send + use<> {
    changes::<ValidatingWebhookConfiguration>(client, name)
}

/// The same of the MutatingWebhookConfiguration.
pub fn mutating(client: Client, name: &str) -> impl Stream<Item = Option<Value>> + Send + use<> {
    changes::<MutatingWebhookConfiguration>(client, name)
}

/// With all members, also those that this build does not know.
fn changes<K: Resource<DynamicType = ()>>(
    client: Client,
    name: &str,
) -> impl Stream<Item = Option<Value>> + Send + use<K> {
    let resource = ApiResource::erase::<K>(&());
    let api = Api::<DynamicObject>::all_with(client, &resource);
    watch_object(api, name)
        .default_backoff()
        .filter_map(move |event| {
            let seen = match event {
                // An object of the API is JSON.
                Ok(object) => Some(object.and_then(|object| serde_json::to_value(object).ok())),
                Err(error) => {
                    tracing::warn!(kind = resource.kind, %error, "watching failed and is tried again");
                    None
                }
            };
            std::future::ready(seen)
        })
}

//! The cluster as the webhook needs it: Namespaces, ServiceAccounts and the baseline by watch, and
//! the cluster's authorizer.
//!
//! Our own credentials are used for nothing else, and never leave this module.

use std::path::PathBuf;
use std::time::Duration;

use futures::StreamExt;
use k8s_openapi::api::core::v1::{Namespace, ServiceAccount};
use kube::api::{Api, PartialObjectMeta};
use kube::config::{Config, KubeConfigOptions, Kubeconfig};
use kube::runtime::reflector::{ObjectRef, Store, store};
use kube::runtime::{WatchStreamExt, watcher};
use kube::{Client, ResourceExt};

use self::access::AccessReviews;

pub mod access;
pub mod baseline;
pub mod exceptions;
pub mod pages;
pub mod webhooks;

/// How long one look-up may take. Webhooks are given 5 seconds at most, and a review may need a
/// look-up after another.
const LOOK_UP_SECONDS_MAX: u64 = 2;

/// Which cluster to talk to. `~/.kube/config` is used only when asked for by a context's name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// The cluster that the program runs in, by its ServiceAccount.
    InCluster,
    /// A cluster of a kubeconfig.
    Kubeconfig {
        /// The file; `None` for the usual one.
        file: Option<PathBuf>,
        /// The context; `None` for the current one.
        context: Option<String>,
    },
}

/// Why the cluster cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ClusterError {
    /// The kubeconfig is unusable.
    #[error("the kubeconfig cannot be used: {0}")]
    Kubeconfig(#[from] kube::config::KubeconfigError),
    /// The environment of a Pod is incomplete.
    #[error("the cluster's own configuration cannot be used: {0}")]
    InCluster(#[from] kube::config::InClusterError),
    /// The API server refused or did not answer.
    #[error("the API server could not be asked: {0}")]
    Api(#[from] Box<kube::Error>),
    /// No answer in time.
    #[error("the API server did not answer within {LOOK_UP_SECONDS_MAX} s")]
    TimedOut,
}

/// Makes a client for `target`; nothing is asked yet.
///
/// # Errors
/// When the configuration is missing or unusable.
pub async fn connect(target: &Target) -> Result<Client, ClusterError> {
    let mut config = match target {
        Target::InCluster => Config::incluster()?,
        Target::Kubeconfig { file, context } => {
            let options = KubeConfigOptions {
                context: context.clone(),
                ..KubeConfigOptions::default()
            };
            match file {
                Some(file) => {
                    Config::from_custom_kubeconfig(Kubeconfig::read_from(file)?, &options).await?
                }
                None => Config::from_kubeconfig(&options).await?,
            }
        }
    };
    config.connect_timeout = Some(Duration::from_secs(LOOK_UP_SECONDS_MAX));
    Ok(Client::try_from(config).map_err(Box::new)?)
}

/// Watched objects and the authorizer of one cluster.
pub struct Cluster {
    client: Client,
    namespaces: Store<Namespace>,
    accounts: Store<PartialObjectMeta<ServiceAccount>>,
    access: AccessReviews,
}

impl Cluster {
    /// Starts watching, in tasks that live as long as the process.
    pub fn start(client: Client) -> Self {
        let namespaces = watch_all(Api::<Namespace>::all(client.clone()), |namespace| {
            namespace.managed_fields_mut().clear();
        });
        let accounts = watch_all(
            Api::<PartialObjectMeta<ServiceAccount>>::all(client.clone()),
            |account| {
                account.managed_fields_mut().clear();
                account.annotations_mut().clear();
            },
        );
        Self {
            access: AccessReviews::new(client.clone()),
            client,
            namespaces,
            accounts,
        }
    }

    /// Waits until everything that is watched is known.
    pub async fn synced(&self) {
        // The writers live in tasks that never end, so there is no error to handle.
        let _ = self.namespaces.wait_until_ready().await;
        let _ = self.accounts.wait_until_ready().await;
    }

    /// A Namespace as JSON, as last seen by watch.
    pub fn namespace(&self, name: &str) -> Option<String> {
        let namespace = self.namespaces.get(&ObjectRef::new(name))?;
        serde_json::to_string(&*namespace).ok()
    }

    /// A Namespace as JSON, asked of the API server: one that was created a moment ago may not have
    /// been seen yet. `None` when there is none.
    ///
    /// # Errors
    /// When the API server cannot be asked.
    pub async fn fetch_namespace(&self, name: &str) -> Result<Option<String>, ClusterError> {
        let api = Api::<Namespace>::all(self.client.clone());
        let namespace = within_time(api.get_opt(name)).await?;
        Ok(namespace.and_then(|namespace| serde_json::to_string(&namespace).ok()))
    }

    /// What tells the cluster from others: the uid of Namespace kube-system, as everybody uses it.
    pub fn uid(&self) -> Option<String> {
        let system = self.namespaces.get(&ObjectRef::new("kube-system"))?;
        system.metadata.uid.clone()
    }

    /// Whether a ServiceAccount exists, as last seen by watch.
    pub fn has_service_account(&self, namespace: &str, name: &str) -> bool {
        self.accounts
            .get(&ObjectRef::new(name).within(namespace))
            .is_some()
    }

    /// Whether a ServiceAccount exists, asked of the API server: one that was created a moment ago
    /// may not have been seen yet.
    ///
    /// # Errors
    /// When the API server cannot be asked.
    pub async fn fetch_service_account(
        &self,
        namespace: &str,
        name: &str,
    ) -> Result<bool, ClusterError> {
        let api = Api::<ServiceAccount>::namespaced(self.client.clone(), namespace);
        let account = within_time(api.get_metadata_opt(name)).await?;
        Ok(account.is_some())
    }

    /// The cluster's authorizer.
    pub fn access(&self) -> &AccessReviews {
        &self.access
    }

    /// The client, to watch further objects.
    pub fn client(&self) -> Client {
        self.client.clone()
    }
}

/// Bounds a call in time.
async fn within_time<T>(
    call: impl Future<Output = Result<T, kube::Error>>,
) -> Result<T, ClusterError> {
    match tokio::time::timeout(Duration::from_secs(LOOK_UP_SECONDS_MAX), call).await {
        Ok(result) => Ok(result.map_err(Box::new)?),
        Err(_) => Err(ClusterError::TimedOut),
    }
}

/// Watches every object that `api` lists, for as long as the process lives; what `trim` removes is
/// not kept in memory.
fn watch_all<K>(api: Api<K>, trim: fn(&mut K)) -> Store<K>
where
    K: kube::Resource<DynamicType = ()>
        + Clone
        + std::fmt::Debug
        + serde::de::DeserializeOwned
        + Send
        + Sync
        + 'static,
{
    let (reader, writer) = store::<K>();
    let kind = K::kind(&()).into_owned();
    let events = watcher(api, watcher::Config::default())
        .modify(trim)
        .default_backoff()
        .reflect(writer);
    tokio::spawn(async move {
        let mut events = std::pin::pin!(events);
        while let Some(event) = events.next().await {
            if let Err(error) = event {
                tracing::warn!(%kind, %error, "watching failed and is tried again");
            }
        }
    });
    reader
}

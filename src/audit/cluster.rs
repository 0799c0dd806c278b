//! A running cluster: as what is judged, and as what is known while files or logs are judged.
//!
//! Everything is only read, with the rights of whoever runs the audit. What these do not suffice for
//! is not evaluated, and told with the right that it takes.

use std::path::PathBuf;
use std::sync::Arc;

use admission_cel::value::Timestamp;
use anyhow::{Context as _, Result, anyhow};
use clap::Args;
use kube::Client;
use tokio::runtime::{Builder, Runtime};

mod discovery;
mod knowledge;
mod object;
mod progress;
mod restart;
mod rights;
pub mod section;
mod survey;
mod targets;
mod unread;
mod walk;

pub use self::rights::ClusterRights;
use crate::k8s::cluster::access::AccessReviews;
use crate::k8s::cluster::pages::{self, ReadError};
use crate::k8s::cluster::{Target as Destination, connect};

/// The name of a cluster as an origin.
const NAME: &str = "cluster";
/// Set in every Pod.
const IN_CLUSTER: &str = "KUBERNETES_SERVICE_HOST";
/// Which kubeconfig to use, as kubectl has it.
const KUBECONFIG: &str = "KUBECONFIG";

/// Which cluster to use, and what for.
#[derive(Args, Clone, Debug, Default)]
pub struct ClusterArguments {
    /// Judge what is in a cluster: of the kubeconfig's current context or, in a Pod, the one around
    /// it. Where manifests or audit logs are given as well, these are judged with what the cluster
    /// knows: Namespaces, baseline, exceptions, rights
    #[arg(long)]
    cluster: bool,
    /// kubeconfig of the cluster [default: $KUBECONFIG, or ~/.kube/config]
    #[arg(long, value_name = "FILE")]
    kubeconfig: Option<PathBuf>,
    /// Context of the kubeconfig [default: the current one]
    #[arg(long, value_name = "NAME")]
    context: Option<String>,
    /// Judge the cluster's objects of all namespaces, as without --namespace
    #[arg(short = 'A', long, conflicts_with = "namespace")]
    all_namespaces: bool,
}

impl ClusterArguments {
    /// Connects, if a cluster is to be used.
    ///
    /// # Errors
    /// When there is none, or nobody answers there.
    pub fn connect(&self) -> Result<Option<Cluster>> {
        let is_named = self.kubeconfig.is_some() || self.context.is_some();
        if !self.cluster && !is_named {
            return Ok(None);
        }
        let is_inside = !is_named
            && std::env::var_os(IN_CLUSTER).is_some()
            && std::env::var_os(KUBECONFIG).is_none();
        let destination = match is_inside {
            true => Destination::InCluster,
            false => Destination::Kubeconfig {
                file: self.kubeconfig.clone(),
                context: self.context.clone(),
            },
        };
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let client = runtime.block_on(connect(&destination)).context(
            "the cluster cannot be used; name one with --kubeconfig FILE or --context NAME",
        )?;
        let cluster = Cluster {
            runtime: Arc::new(runtime),
            client,
        };
        cluster
            .read("/version")
            .map(drop)
            .or_else(|error| match error {
                // It is there, and says less than others.
                ReadError::Forbidden(_) | ReadError::NotFound => Ok(()),
                error => Err(anyhow!("the cluster cannot be reached: {error}")),
            })?;
        Ok(Some(cluster))
    }
}

/// A cluster that answers.
pub struct Cluster {
    runtime: Arc<Runtime>,
    client: Client,
}

/// Which objects to judge.
#[derive(Clone, Copy, Debug)]
pub struct Scope<'s> {
    /// The one namespace; `None` for all, and for what is in none.
    pub namespace: Option<&'s str>,
    /// Now, for the age of objects.
    pub now: Timestamp,
}

impl Cluster {
    fn read(&self, path: &str) -> Result<Vec<u8>, ReadError> {
        self.runtime.block_on(pages::read(&self.client, path))
    }

    /// The authorizer.
    pub fn rights(&self, is_anybody_named: bool) -> ClusterRights {
        ClusterRights {
            runtime: Arc::clone(&self.runtime),
            reviews: AccessReviews::new(self.client.clone()),
            is_anybody_named,
        }
    }
}

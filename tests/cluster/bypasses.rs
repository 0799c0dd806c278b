//! Ways round rules like these, each tried by somebody who may do everything in the cluster but
//! what our own API group guards. `docs/bypasses.md` lists them.

use control_plane::User;
use serde_json::{Value, json};

use crate::api::{Answer, Caller, path, path_of};
use crate::grid::{Grid, Namespace};
use crate::users;

mod boundary;
mod containers;
mod credentials;
mod engine;
mod jobs;
mod phases;
mod rights;
mod state;

/// An agent namespace, and a developer without rights of ours.
pub struct Attempt<'g> {
    grid: &'g Grid,
    /// Where it is tried; with the rights of an administrator.
    pub agents: Namespace<'g>,
    user: &'g str,
    groups: Vec<String>,
}

/// The server that all of these tests ask.
pub async fn grid() -> Grid {
    let grid = Grid::shared().await;
    users::allow(&grid.cluster, "bypasses", [User::Developer.name()]).await;
    grid
}

impl<'g> Attempt<'g> {
    /// In a new namespace that enforces.
    pub async fn new(grid: &'g Grid, name: &str) -> Self {
        Self::labelled(grid, name, json!({"cattlegrid.dev/agents": "enforce"})).await
    }

    /// In a new namespace with these labels.
    pub async fn labelled(grid: &'g Grid, name: &str, labels: Value) -> Self {
        Self {
            grid,
            agents: grid.labelled(name, labels).await,
            user: User::Developer.name(),
            groups: vec!["system:authenticated".to_owned()],
        }
    }

    /// The same by another user.
    pub fn by(&self, user: &'g str, groups: &[&str]) -> Attempt<'g> {
        Attempt {
            grid: self.grid,
            agents: self.agents.clone(),
            user,
            groups: groups.iter().map(|&group| group.to_owned()).collect(),
        }
    }

    /// Any request of the developer, as it is.
    pub async fn sends(&self, method: &str, path: &str, body: Option<&Value>) -> Answer {
        let caller = Caller::User(self.user, &self.groups);
        self.grid.cluster.send(caller, method, path, body).await
    }

    /// Creates an object, as a dry run.
    pub async fn creates(&self, object: &Value) -> Answer {
        let path = format!("{}?dryRun=All", path(object, &self.agents.name));
        self.sends("POST", &path, Some(object)).await
    }

    /// Creates an object, and leaves it there.
    pub async fn stores(&self, object: &Value) -> Value {
        let path = path(object, &self.agents.name);
        self.sends("POST", &path, Some(object)).await.object()
    }

    /// Changes an object by a merge patch, as a dry run; `subresource` may be empty.
    pub async fn changes(&self, object: &Value, subresource: &str, patch: &Value) -> Answer {
        let mut path = path_of(object, &self.agents.name);
        if !subresource.is_empty() {
            path = format!("{path}/{subresource}");
        }
        self.sends("PATCH", &format!("{path}?dryRun=All"), Some(patch))
            .await
    }

    /// Where a subresource in the namespace is.
    pub fn under(&self, resource: &str) -> String {
        format!("/api/v1/namespaces/{}/{resource}", self.agents.name)
    }
}

/// The answer is a refusal by this policy, maybe among others.
#[track_caller]
pub fn refused(answer: &Answer, policy: &str) {
    let message = answer.message();
    let is_refused = message
        .split_once("denied the request: ")
        .is_some_and(|(_, lines)| {
            lines
                .lines()
                .any(|line| line.starts_with(&format!("[{policy}]")))
        });
    assert!(
        is_refused,
        "not refused by {policy} ({}): {}",
        answer.status, answer.body
    );
}

/// The answer is a success.
#[track_caller]
pub fn allowed(answer: &Answer) {
    assert!(answer.is_success(), "{}: {}", answer.status, answer.body);
}

/// A ServiceAccount's annotations, a Namespace's labels: the object with this metadata.
pub fn with_metadata(mut object: Value, metadata: Value) -> Value {
    json_patch::merge(&mut object, &json!({"metadata": metadata}));
    object
}

//! Who would send the objects.

use admission_cel::json::Json;
use admission_policy::request::User;
use clap::Args;
use serde::Deserialize;

use super::objects::{metadata_text, text};
use super::request::NOBODY;
use crate::baseline::Baseline;

/// Said when a right was taken as refused.
pub const REFUSALS: &str = "note: rights that no role of the input grants were taken as refused; \
                            roles and bindings that are not in the input may grant them";
/// The group of everybody who is somebody.
const AUTHENTICATED: &str = "system:authenticated";
/// What the names of ServiceAccounts begin with.
const SERVICE_ACCOUNT: &str = "system:serviceaccount:";
/// The group of all ServiceAccounts, and with `:` and a namespace, of those in it.
const SERVICE_ACCOUNTS: &str = "system:serviceaccounts";
/// Controllers of Pods where the baseline names none.
const JOB_CONTROLLER: &str = "system:serviceaccount:kube-system:job-controller";

/// Who is said to send the objects.
#[derive(Args, Clone, Debug, Default)]
pub struct AsArgs {
    /// Judge as if this user sent the objects; `system:serviceaccount:NAMESPACE:NAME` is a
    /// ServiceAccount. Rights come from the Roles, ClusterRoles and their bindings in the input:
    /// what they grant is granted, and what they do not grant is taken as refused, so give all of
    /// them
    #[arg(id = "as_user", long = "as", value_name = "USER")]
    user: Option<String>,
    /// A group of that user, besides those that the API server adds (may be given several times)
    #[arg(long = "as-group", value_name = "GROUP", requires = "as_user")]
    groups: Vec<String>,
}

/// A user with all groups.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Requester {
    name: String,
    groups: Vec<String>,
}

impl AsArgs {
    /// Who is meant; `None` when nobody was named.
    pub fn requester(&self) -> Option<Requester> {
        let user = self.user.as_deref()?;
        Some(Requester::new(user, &self.groups))
    }
}

impl Requester {
    /// Nobody in particular: rights are not known then.
    pub fn nobody() -> Self {
        Self {
            name: NOBODY.to_owned(),
            groups: Vec::new(),
        }
    }

    /// A user with these groups and those that the API server adds: `system:authenticated`, and of
    /// a ServiceAccount the groups of accounts (`authenticatorfactory` and `serviceaccount` in
    /// `k8s.io/apiserver/pkg/authentication`).
    pub fn new(name: &str, groups: &[String]) -> Self {
        let of_account = service_account(name).map(|(namespace, _)| groups_of_accounts(namespace));
        let added = of_account.into_iter().flatten();
        let mut all: Vec<String> = groups.to_vec();
        for group in added.chain([AUTHENTICATED.to_owned()]) {
            if !all.contains(&group) {
                all.push(group);
            }
        }
        Self {
            name: name.to_owned(),
            groups: all,
        }
    }

    /// A ServiceAccount as `authorizer.serviceAccount(…)` asks about it: with the groups of accounts,
    /// and no other.
    pub fn service_account(namespace: &str, name: &str) -> Self {
        Self {
            name: format!("{SERVICE_ACCOUNT}{namespace}:{name}"),
            groups: groups_of_accounts(namespace).into(),
        }
    }

    /// The controller that made an object, for objects that come from a cluster (they have a uid)
    /// and have a controller that the baseline's `podControllers` name. Without that, the Pods of
    /// Jobs in `kubectl get pods -o yaml` would all be somebody's own.
    pub fn controller_of(object: &Json<'_>, baseline: &Baseline) -> Option<Self> {
        if metadata_text(object, "uid").is_empty() {
            return None;
        }
        let owners = object.get("metadata")?.get("ownerReferences")?.as_array()?;
        let is_controller = |owner: &Json<'_>| owner.get("controller")?.as_bool();
        let owner = owners
            .iter()
            .find(|owner| is_controller(owner) == Some(true))?;
        let (api_version, kind) = (text(owner, "apiVersion"), text(owner, "kind"));
        let named = baseline.pod_controllers();
        let user = match named {
            [] => ((api_version, kind) == ("batch/v1", "Job")).then_some(JOB_CONTROLLER),
            named => named
                .iter()
                .find(|maker| maker.is_of(api_version, kind))
                .map(|maker| maker.username.as_str()),
        };
        Some(Self::new(user?, &[]))
    }

    /// As part of a request.
    pub fn user(&self) -> User<'_> {
        User {
            name: &self.name,
            groups: self.groups.iter().map(String::as_str).collect(),
            ..User::default()
        }
    }
}

fn groups_of_accounts(namespace: &str) -> [String; 2] {
    let of_namespace = format!("{SERVICE_ACCOUNTS}:{namespace}");
    [SERVICE_ACCOUNTS.to_owned(), of_namespace]
}

/// Namespace and name of a ServiceAccount's user name.
fn service_account(user: &str) -> Option<(&str, &str)> {
    let (namespace, name) = user.strip_prefix(SERVICE_ACCOUNT)?.split_once(':')?;
    let is_whole = !namespace.is_empty() && !name.is_empty() && !name.contains(':');
    is_whole.then_some((namespace, name))
}

/// `spec.podControllers` of the AgentBaseline: who makes Pods and Jobs for an object.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PodController {
    /// The user name of the controller.
    pub username: String,
    /// `apiVersion` of the object that controls.
    #[serde(rename = "ownerAPIVersion")]
    pub owner_api_version: String,
    /// Its kind.
    pub owner_kind: String,
}

impl PodController {
    fn is_of(&self, api_version: &str, kind: &str) -> bool {
        (self.owner_api_version.as_str(), self.owner_kind.as_str()) == (api_version, kind)
    }
}

#[cfg(test)]
mod tests {
    use bumpalo::Bump;
    use serde_json::json;

    use super::*;

    fn groups(name: &str, given: &[&str]) -> Vec<String> {
        let given: Vec<String> = given.iter().map(ToString::to_string).collect();
        Requester::new(name, &given).groups
    }

    #[test]
    fn users_have_the_groups_that_the_api_server_adds() {
        assert_eq!(groups("ann", &[]), ["system:authenticated"]);
        assert_eq!(
            groups("ann", &["dev", "system:authenticated"]),
            ["dev", "system:authenticated"]
        );
        assert_eq!(
            groups("system:serviceaccount:ci:runner", &[]),
            [
                "system:serviceaccounts",
                "system:serviceaccounts:ci",
                "system:authenticated"
            ]
        );
        for odd in ["system:serviceaccount:ci", "system:serviceaccount::x"] {
            assert_eq!(groups(odd, &[]), ["system:authenticated"], "{odd}");
        }
    }

    #[test]
    fn only_what_comes_from_a_cluster_was_made_by_its_controller() {
        let baseline = crate::load::baseline(&crate::load::embedded_baseline().unwrap()).unwrap();
        let arena = Bump::new();
        let controller_of = |metadata: serde_json::Value| {
            let pod = json!({"apiVersion": "v1", "kind": "Pod", "metadata": metadata});
            let pod = arena.alloc(Json::from_serde(&pod, &arena));
            Requester::controller_of(pod, &baseline).map(|requester| requester.name)
        };
        let owner = json!([{"apiVersion": "batch/v1", "kind": "Job", "controller": true}]);
        let other = json!([{"apiVersion": "x.dev/v1", "kind": "Job", "controller": true}]);
        let held = json!([{"apiVersion": "batch/v1", "kind": "Job"}]);
        assert_eq!(
            controller_of(json!({"uid": "1", "ownerReferences": owner})).as_deref(),
            Some(JOB_CONTROLLER)
        );
        assert_eq!(controller_of(json!({"ownerReferences": owner})), None);
        assert_eq!(controller_of(json!({"uid": "1"})), None);
        for owners in [other, held] {
            assert_eq!(
                controller_of(json!({"uid": "1", "ownerReferences": owners})),
                None
            );
        }
    }
}

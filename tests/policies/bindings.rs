//! Which bindings a policy has: the contract in `policies/README.md`.

use serde_json::{Value, json};

use crate::folders::{self, Folder};

/// Resources that are in no namespace, as far as policies judge them. A Namespace is its own.
const CLUSTER_SCOPED: [&str; 8] = [
    "agentbaselines",
    "clusterrolebindings",
    "clusterroles",
    "customresourcedefinitions",
    "namespaces",
    "nodes",
    "persistentvolumes",
    "policyexceptions",
];
/// Resources whose objects can carry the agent label for themselves.
const WORKLOADS: [&str; 9] = [
    "cronjobs",
    "daemonsets",
    "deployments",
    "jobs",
    "pods",
    "podtemplates",
    "replicasets",
    "replicationcontrollers",
    "statefulsets",
];

/// What the rules of a policy are about.
struct Reach {
    cluster_scoped: bool,
    namespaced: bool,
    labelled: bool,
}

impl Reach {
    fn of(folder: &Folder) -> Self {
        let mut reach = Self {
            cluster_scoped: false,
            namespaced: false,
            labelled: false,
        };
        let rules = &folder.policy["spec"]["matchConstraints"]["resourceRules"];
        for rule in rules.as_array().unwrap() {
            let is_connect = rule["operations"] == json!(["CONNECT"]);
            for resource in rule["resources"].as_array().unwrap() {
                let resource = resource.as_str().unwrap().split('/').next().unwrap();
                let is_any = resource == "*";
                reach.cluster_scoped |= is_any || CLUSTER_SCOPED.contains(&resource);
                reach.namespaced |= is_any || !CLUSTER_SCOPED.contains(&resource);
                reach.labelled |= !is_connect && (is_any || WORKLOADS.contains(&resource));
            }
        }
        reach
    }

    /// Endings of the bindings' names, in order.
    fn bindings(&self, folder: &Folder) -> Vec<&'static str> {
        let mut names = Vec::new();
        if self.namespaced {
            names.push("enforce");
            if folder.is_validating() {
                names.extend(["warn", "audit"]);
            }
        }
        // Where it is not needed it may be there nevertheless, such as for Secrets.
        if self.labelled || suffixes(folder).contains(&"labelled") {
            names.push("labelled");
        }
        // Some rules hold outside agent namespaces, too.
        if self.cluster_scoped || suffixes(folder).contains(&"cluster") {
            names.push("cluster");
        }
        names
    }
}

fn suffixes(folder: &Folder) -> Vec<&str> {
    let names = folder.bindings.iter();
    names
        .map(|binding| binding["metadata"]["name"].as_str().unwrap())
        .map(|name| {
            name.strip_prefix(&format!("{}-", folder.id))
                .unwrap_or_else(|| panic!("binding {name} of {}", folder.id))
        })
        .collect()
}

#[test]
fn a_policy_is_bound_once_for_each_mode() {
    for folder in folders::all() {
        let expected = Reach::of(&folder).bindings(&folder);
        assert_eq!(suffixes(&folder), expected, "bindings of {}", folder.id);
    }
}

#[test]
fn actions_are_those_of_the_mode_and_a_policy_that_only_warns_denies_nowhere() {
    for folder in folders::all() {
        let strict = match folder.only_warns() {
            true => json!(["Warn", "Audit"]),
            false => json!(["Deny"]),
        };
        for (suffix, binding) in suffixes(&folder).into_iter().zip(&folder.bindings) {
            let actions = match (suffix, folder.is_validating()) {
                (_, false) => Value::Null,
                ("warn", _) => json!(["Warn", "Audit"]),
                ("audit", _) => json!(["Audit"]),
                _ => strict.clone(),
            };
            assert_eq!(
                binding["spec"]["validationActions"], actions,
                "{}-{suffix}",
                folder.id
            );
        }
    }
}

/// A namespaceSelector never leaves out what is in no namespace: without rules of their own, the
/// bindings for modes would judge cluster-scoped objects once each.
#[test]
fn bindings_for_modes_leave_out_what_is_in_no_namespace() {
    for folder in folders::all() {
        let is_cluster_scoped = Reach::of(&folder).cluster_scoped;
        for (suffix, binding) in suffixes(&folder).into_iter().zip(&folder.bindings) {
            let rules = binding["spec"]["matchResources"]["resourceRules"].as_array();
            let rules = rules.map_or(&[][..], Vec::as_slice);
            let name = format!("{}-{suffix}", folder.id);
            if suffix == "cluster" {
                assert!(!rules.is_empty(), "{name} says no resourceRules");
            } else if is_cluster_scoped {
                assert!(!rules.is_empty(), "{name} says no resourceRules");
                assert!(
                    rules.iter().all(|rule| rule["scope"] == "Namespaced"),
                    "{name}: every rule needs `scope: Namespaced`"
                );
            }
        }
    }
}

#[test]
fn cases_of_a_policy_that_only_warns_expect_warnings_and_others_none() {
    use cattlegrid::policy::cases::Expectation;
    for folder in folders::all() {
        for case in &folder.cases {
            let fits = match case.expectation {
                Expectation::Deny(_) => !folder.only_warns(),
                Expectation::Warn(_) => folder.only_warns(),
                Expectation::Allow | Expectation::Patched(_) => true,
            };
            assert!(fits, "{}: `{}`: `deny` or `warn`?", folder.id, case.name);
        }
    }
}

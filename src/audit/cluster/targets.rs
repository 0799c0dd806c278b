//! Which kinds of a cluster to read: those that policies match, and those that make Pods.

use std::collections::BTreeSet;

use admission_policy::request::Operation;
use admission_policy::set::PolicySet;
use serde::Deserialize;

use crate::templates::table::TemplateKind;

/// A kind that a cluster serves.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Target {
    /// Empty for the core group.
    pub group: String,
    /// Such as `v1`.
    pub version: String,
    /// Plural name.
    pub resource: String,
    /// Such as `Job`.
    pub kind: String,
    /// Whether objects are in namespaces.
    pub namespaced: bool,
}

impl Target {
    /// Where its objects are listed: of all namespaces, or of one.
    pub fn path(&self, namespace: Option<&str>) -> String {
        let root = match self.group.as_str() {
            "" => format!("/api/{}", self.version),
            group => format!("/apis/{group}/{}", self.version),
        };
        match namespace {
            Some(namespace) => format!("{root}/namespaces/{namespace}/{}", self.resource),
            None => format!("{root}/{}", self.resource),
        }
    }

    /// As `apiVersion` has it.
    pub fn api_version(&self) -> String {
        match self.group.as_str() {
            "" => self.version.clone(),
            group => format!("{group}/{}", self.version),
        }
    }

    /// As kubectl names it: `jobs.batch`.
    pub fn full_name(&self) -> String {
        match self.group.as_str() {
            "" => self.resource.clone(),
            group => format!("{}.{group}", self.resource),
        }
    }
}

/// What is asked for, before it is known what the cluster serves. `*` is any.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Wanted {
    /// API group.
    pub group: String,
    /// Versions that rules name.
    pub version: String,
    /// Plural name.
    pub resource: String,
}

/// Kubernetes' own resources with Pod templates, by API group.
const WITH_TEMPLATES: [(&str, &str); 9] = [
    ("", "pods"),
    ("", "podtemplates"),
    ("", "replicationcontrollers"),
    ("apps", "daemonsets"),
    ("apps", "deployments"),
    ("apps", "replicasets"),
    ("apps", "statefulsets"),
    ("batch", "cronjobs"),
    ("batch", "jobs"),
];

/// What policies match when it is created, and what the baseline says holds templates.
pub fn wanted(set: &PolicySet, templates: &[TemplateKind]) -> BTreeSet<Wanted> {
    let mut wanted = BTreeSet::new();
    for policy in set.policies().filter(|policy| !policy.mutating) {
        let rules = &policy.definition.constraints.rules;
        let created = |operations: &admission_policy::matching::rule::Operations| {
            operations.contains(Operation::Create)
        };
        for rule in rules.iter().filter(|rule| created(&rule.operations)) {
            for group in &rule.api_groups {
                for version in &rule.api_versions {
                    // Subresources are no objects.
                    let resources = rule.resources.iter();
                    for resource in resources.map(|entry| match entry.as_str() {
                        "*/*" => "*",
                        entry => entry,
                    }) {
                        if !resource.contains('/') {
                            wanted.insert(Wanted {
                                group: group.clone(),
                                version: version.clone(),
                                resource: resource.to_owned(),
                            });
                        }
                    }
                }
            }
        }
    }
    wanted.extend(of_templates(templates));
    wanted
}

/// What has Pod templates: Kubernetes' own kinds, and those of the baseline.
pub fn with_templates(templates: &[TemplateKind]) -> BTreeSet<Wanted> {
    let own = WITH_TEMPLATES.iter().map(|(group, resource)| Wanted {
        group: (*group).to_owned(),
        version: "v1".to_owned(),
        resource: (*resource).to_owned(),
    });
    own.chain(of_templates(templates)).collect()
}

fn of_templates(templates: &[TemplateKind]) -> impl Iterator<Item = Wanted> {
    let kinds = templates.iter().filter(|kind| !kind.templates.is_empty());
    kinds.map(|kind| Wanted {
        group: kind.api_group.clone(),
        version: kind.versions.first().map_or("*", String::as_str).to_owned(),
        resource: kind.resource.clone(),
    })
}

/// An API group that a cluster serves, with its versions, the preferred one first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// Empty for the core group.
    pub name: String,
    /// In the order of preference.
    pub versions: Vec<String>,
}

#[derive(Deserialize)]
struct GroupList {
    groups: Vec<GroupEntry>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct GroupEntry {
    name: String,
    versions: Vec<VersionEntry>,
    preferred_version: Option<VersionEntry>,
}

#[derive(Deserialize)]
struct VersionEntry {
    version: String,
}

/// The groups of `/apis`, and the core group.
///
/// # Errors
/// When it is no list of groups.
pub fn groups(apis: &[u8]) -> Result<Vec<Group>, String> {
    let list: GroupList = serde_json::from_slice(apis).map_err(|error| error.to_string())?;
    let core = Group {
        name: String::new(),
        versions: vec!["v1".to_owned()],
    };
    let others = list.groups.into_iter().map(|group| {
        let preferred = group.preferred_version.map(|entry| entry.version);
        let mut versions: Vec<String> = preferred.iter().cloned().collect();
        let all = group.versions.into_iter().map(|entry| entry.version);
        versions.extend(all.filter(|version| Some(version) != preferred.as_ref()));
        Group {
            name: group.name,
            versions,
        }
    });
    Ok(std::iter::once(core).chain(others).collect())
}

#[derive(Deserialize)]
struct ResourceList {
    resources: Vec<ResourceEntry>,
}

#[derive(Deserialize)]
struct ResourceEntry {
    name: String,
    kind: String,
    namespaced: bool,
    verbs: Vec<String>,
}

/// What a version of a group serves that can be listed.
///
/// # Errors
/// When it is no list of resources.
pub fn resources(group: &str, version: &str, list: &[u8]) -> Result<Vec<Target>, String> {
    let list: ResourceList = serde_json::from_slice(list).map_err(|error| error.to_string())?;
    let listed = list
        .resources
        .into_iter()
        .filter(|entry| !entry.name.contains('/') && entry.verbs.iter().any(|verb| verb == "list"));
    let target = |entry: ResourceEntry| Target {
        group: group.to_owned(),
        version: version.to_owned(),
        resource: entry.name,
        kind: entry.kind,
        namespaced: entry.namespaced,
    };
    Ok(listed.map(target).collect())
}

/// The versions of a group that are worth a look: the one that rules name and the cluster serves, or
/// else the preferred one, since rules also match equivalent versions.
pub fn versions<'g>(group: &'g Group, wanted: &BTreeSet<Wanted>) -> BTreeSet<&'g str> {
    let of_group = wanted
        .iter()
        .filter(|wanted| wanted.group == "*" || wanted.group == group.name);
    of_group
        .filter_map(|wanted| {
            let mut versions = group.versions.iter();
            let named = versions.find(|version| **version == wanted.version);
            named.or(group.versions.first()).map(String::as_str)
        })
        .collect()
}

/// Whether somebody asks for a resource.
pub fn is_wanted(target: &Target, wanted: &BTreeSet<Wanted>) -> bool {
    wanted.iter().any(|wanted| {
        let covers = |asked: &str, served: &str| asked == "*" || asked == served;
        covers(&wanted.group, &target.group) && covers(&wanted.resource, &target.resource)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wish(group: &str, version: &str, resource: &str) -> Wanted {
        Wanted {
            group: group.to_owned(),
            version: version.to_owned(),
            resource: resource.to_owned(),
        }
    }

    #[test]
    fn of_a_group_the_named_version_is_read_or_else_the_preferred_one() {
        let apis = br#"{"groups": [
            {"name": "batch", "versions": [{"version": "v1beta1"}, {"version": "v1"}],
             "preferredVersion": {"version": "v1"}}]}"#;
        let groups = groups(apis).unwrap();
        let batch = &groups[1];
        assert_eq!(batch.versions, ["v1", "v1beta1"]);
        for (version, expected) in [
            ("v1beta1", "v1beta1"),
            ("v1", "v1"),
            ("*", "v1"),
            ("v2", "v1"),
        ] {
            let wanted = BTreeSet::from([wish("batch", version, "jobs")]);
            assert_eq!(
                versions(batch, &wanted),
                BTreeSet::from([expected]),
                "{version}"
            );
        }
        assert!(versions(batch, &BTreeSet::from([wish("apps", "v1", "*")])).is_empty());
    }

    #[test]
    fn the_shipped_policies_want_workloads_and_what_is_around_them() {
        let set = crate::load::compile(&crate::load::embedded_policies()).unwrap();
        let wanted = wanted(&set, &[]);
        let target = |group: &str, resource: &str| Target {
            group: group.to_owned(),
            version: "v1".to_owned(),
            resource: resource.to_owned(),
            kind: String::new(),
            namespaced: true,
        };
        for (group, resource) in [("", "pods"), ("batch", "cronjobs"), ("apps", "deployments")] {
            assert!(is_wanted(&target(group, resource), &wanted), "{resource}");
        }
        assert!(!is_wanted(
            &target("coordination.k8s.io", "leases"),
            &wanted
        ));
    }
}

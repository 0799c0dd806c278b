//! What a cluster serves of what policies match.

use std::collections::BTreeSet;

use super::Cluster;
use super::restart;
use super::targets::{self, Group, Target, Wanted};
use super::unread::undiscovered;
use crate::audit::outcome::Outcome;

impl Cluster {
    /// What the cluster serves of what is wanted, and what could not be found out.
    pub(super) fn targets(&self, wanted: &BTreeSet<Wanted>) -> (Vec<Target>, Vec<Outcome>) {
        let mut problems = Vec::new();
        let groups = self.read("/apis").map_err(|error| error.to_string());
        let groups = groups.and_then(|apis| targets::groups(&apis));
        let groups = groups.unwrap_or_else(|error| {
            problems.push(undiscovered("/apis", &error));
            Vec::new()
        });
        let mut found = BTreeSet::new();
        for group in &groups {
            for version in versions(group, wanted) {
                match self.resources(&group.name, version) {
                    Ok(resources) => found.extend(resources.into_iter().filter(|target| {
                        restart::is_workload(&target.group, &target.kind)
                            || targets::is_wanted(target, wanted)
                    })),
                    Err(error) => {
                        let name = format!("{}/{version}", group.name);
                        problems.push(undiscovered(&name, &error));
                    }
                }
            }
        }
        (found.into_iter().collect(), problems)
    }

    pub(super) fn resources(&self, group: &str, version: &str) -> Result<Vec<Target>, String> {
        let path = match group {
            "" => format!("/api/{version}"),
            group => format!("/apis/{group}/{version}"),
        };
        let list = self.read(&path).map_err(|error| error.to_string())?;
        targets::resources(group, version, &list)
    }
}

/// Those of the policies and, of the groups of workloads, the preferred one.
fn versions<'g>(group: &'g Group, wanted: &BTreeSet<Wanted>) -> BTreeSet<&'g str> {
    let mut versions = targets::versions(group, wanted);
    if versions.is_empty() && ["", "apps", "batch"].contains(&group.name.as_str()) {
        versions.extend(group.versions.first().map(String::as_str));
    }
    versions
}

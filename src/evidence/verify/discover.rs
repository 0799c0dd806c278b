//! Which logs there are among the files of a store.

use std::collections::BTreeMap;

use super::finding::{Finding, Kind};
use crate::evidence::storage::Listed;
use crate::evidence::writer::{check_replica, epoch};

/// What was listed: how much of a store it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// The logs of all replicas.
    Store,
    /// Those of one replica.
    Replica,
    /// One log.
    Log,
}

/// The files of one log.
#[derive(Debug, PartialEq, Eq)]
pub struct LogFiles {
    /// Relative to the store; empty if the store is the log.
    pub directory: String,
    /// Relative to the log.
    pub names: Vec<String>,
}

/// The logs of a listing.
#[derive(Debug)]
pub struct Found {
    /// How much of a store it is.
    pub scope: Scope,
    /// By directory.
    pub logs: Vec<LogFiles>,
    /// Files that lie in no log.
    pub findings: Vec<Finding>,
}

/// Sorts files into logs.
pub fn discover(files: Vec<Listed>) -> Found {
    let scope = scope_of(&files);
    let depth = match scope {
        Scope::Store => 2,
        Scope::Replica => 1,
        Scope::Log => 0,
    };
    let mut logs: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut findings = Vec::new();
    for file in files {
        match split(&file.path, depth) {
            Some((directory, name)) if is_log(directory, depth) => {
                let names = logs.entry(directory.to_owned()).or_default();
                names.push(name.to_owned());
            }
            _ if is_outside(&file, depth) => {}
            _ => findings.push(Finding {
                kind: Kind::Added,
                path: file.path,
                records: None,
                message: "lies in no log, and nothing of a store is called so".to_owned(),
            }),
        }
    }
    let logs = logs.into_iter();
    let logs = logs.map(|(directory, names)| LogFiles { directory, names });
    Found {
        scope,
        logs: logs.collect(),
        findings,
    }
}

/// A log has a head or keys at its top; a replica has them below names of epochs.
fn scope_of(files: &[Listed]) -> Scope {
    let has = |depth| {
        files.iter().any(|file| {
            split(&file.path, depth).is_some_and(|(directory, name)| {
                is_log(directory, depth) && matches!(name, "checkpoint" | "key.pub")
            })
        })
    };
    match () {
        () if has(0) => Scope::Log,
        () if has(1) => Scope::Replica,
        () => Scope::Store,
    }
}

/// The first parts of a path, and the rest.
fn split(path: &str, depth: usize) -> Option<(&str, &str)> {
    if depth == 0 {
        return Some(("", path));
    }
    let (end, _) = path.match_indices('/').nth(depth - 1)?;
    Some((path.get(..end)?, path.get(end + 1..)?))
}

fn is_log(directory: &str, depth: usize) -> bool {
    match (depth, directory.split_once('/')) {
        (0, _) => true,
        (1, None) => epoch::parse(directory).is_some(),
        (2, Some((replica, name))) => check_replica(replica) && epoch::parse(name).is_some(),
        _ => false,
    }
}

/// The lock and unfinished files of a replica's writer.
fn is_outside(file: &Listed, depth: usize) -> bool {
    let name = match depth {
        2 => file.path.split_once('/').map(|(_, name)| name),
        1 => Some(file.path.as_str()),
        _ => None,
    };
    name.is_some_and(|name| (name == "lock" && file.bytes == 0) || name.starts_with("writing/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOG: &str = "20261123T005415123Z";

    fn discovered(paths: &[&str]) -> Found {
        let listed = |path: &&str| Listed {
            path: (*path).to_owned(),
            bytes: 0,
        };
        discover(paths.iter().map(listed).collect())
    }

    #[test]
    fn a_store_a_replica_and_a_log_are_told_apart() {
        let store = discovered(&[
            &format!("one/{LOG}/checkpoint"),
            "one/lock",
            "one/writing/0",
            &format!("two/{LOG}/tile/0/000.p/1"),
        ]);
        assert_eq!((store.scope, store.logs.len()), (Scope::Store, 2));
        assert_eq!(store.findings, []);
        let replica = discovered(&[&format!("{LOG}/key.pub"), "lock"]);
        assert_eq!((replica.scope, replica.logs.len()), (Scope::Replica, 1));
        assert_eq!(replica.findings, []);
        let log = discovered(&["checkpoint", "tile/0/000.p/1"]);
        assert_eq!((log.scope, log.logs.len()), (Scope::Log, 1));
        assert_eq!(log.logs[0].names, ["checkpoint", "tile/0/000.p/1"]);
    }

    #[test]
    fn what_lies_in_no_log_is_found() {
        let head = format!("one/{LOG}/checkpoint");
        for path in [
            "stray",
            "one/stray",
            "one/2026/checkpoint",
            "ONE/lock/x",
            "one/lock/x",
        ] {
            let found = discovered(&[&head, path]);
            let paths: Vec<&str> = found.findings.iter().map(|f| f.path.as_str()).collect();
            assert_eq!(paths, [path]);
        }
    }
}

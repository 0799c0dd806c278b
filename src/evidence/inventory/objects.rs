//! Workloads of manifests, as admission completes them, and of a cluster, as they are stored.

use anyhow::{Result, ensure};
use bumpalo::Bump;

use super::Arguments;
use super::collect::Collection;
use super::model::Source;
use crate::audit::examine::{Examiner, Settings};
use crate::audit::judge_all;
use crate::audit::outcome::Outcome;
use crate::audit::requester::Requester;
use crate::judge::Stage;

/// Collects the workloads of the manifests, or else of the cluster, that the arguments name.
///
/// # Errors
/// When the rules or the cluster cannot be used, or there is nothing.
pub(super) fn read(arguments: &Arguments, collection: &mut Collection) -> Result<Source> {
    let mut gathered = arguments
        .basis
        .gather(&[&arguments.paths, &arguments.file], &[], false)?;
    let unread = std::mem::take(&mut gathered.unread);
    let arena = Bump::new();
    let known = gathered.known(false, &arena)?;
    let cluster = gathered.cluster.as_ref();
    let rights = cluster.map(|cluster| cluster.rights(false));
    let requester = Requester::nobody();
    let examiner = Examiner {
        rules: &gathered.basis.rules,
        known: &known,
        rights: rights.as_ref(),
        settings: Settings {
            namespace: gathered.namespace,
            now: gathered.now,
            shows_mutations: false,
            describes_workloads: true,
            requester: &requester,
            stage: match arguments.no_mutate || gathered.own.is_some() {
                true => Stage::AsWritten,
                false => Stage::Submitted,
            },
        },
    };
    let report = &mut |outcome: Outcome| collection.outcome(outcome);
    unread.into_iter().try_for_each(&mut *report)?;
    let source = match (cluster, gathered.own) {
        (Some(cluster), Some(scope)) => {
            cluster.audit(&examiner, scope, report)?;
            Source::Cluster
        }
        _ => {
            if let Some(note) = judge_all(&gathered.inputs, &examiner, report)?.note() {
                eprintln!("note: {note}");
            }
            Source::Manifests {
                completed: !arguments.no_mutate,
            }
        }
    };
    ensure!(!collection.is_empty(), "there is no object in the input");
    Ok(source)
}

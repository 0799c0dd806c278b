//! Workloads of manifests, as admission completes them, and of a cluster, as they are stored.

use anyhow::{Result, ensure};
use bumpalo::Bump;

use super::Arguments;
use super::collect::Collection;
use super::model::Source;
use crate::audit::cluster::Scope;
use crate::audit::examine::{Examiner, Settings};
use crate::audit::inputs;
use crate::audit::known::{Background, Known, context_kinds};
use crate::audit::outcome::Outcome;
use crate::audit::requester::Requester;
use crate::audit::{self, AssumedMode, DEFAULT_NAMESPACE, judge_all};
use crate::judge::{Rules, Stage};
use crate::{clock, exceptions};
use admission_policy::decide::Mode;

/// Collects the workloads of the manifests, or else of the cluster, that the arguments name.
///
/// # Errors
/// When the rules or the cluster cannot be used, or there is nothing.
pub(super) fn read(arguments: &Arguments, collection: &mut Collection) -> Result<Source> {
    let paths = arguments.paths.iter().chain(&arguments.file);
    let paths: Vec<_> = paths.cloned().collect();
    let namespace = arguments.namespace.as_deref().unwrap_or(DEFAULT_NAMESPACE);
    let inputs = inputs::find_and_render(&paths, &arguments.render, namespace);
    let cluster = arguments.cluster.connect()?;
    let scope = Scope {
        namespace: arguments.namespace.as_deref(),
        now: clock::now(),
    };
    // Beside manifests, a cluster only says what surrounds them.
    let own = inputs.files.is_empty().then_some(scope);
    let set = audit::set(arguments.policies.as_deref())?;
    let mut context = inputs.context(&context_kinds(&set));
    let knowledge = cluster.as_ref();
    let knowledge = knowledge.map(|cluster| cluster.knowledge(&set, &context, own));
    let knowledge = knowledge.unwrap_or_default();
    context.extend(knowledge.sources);
    let params = arguments.params.sources(arguments.policies.as_deref())?;
    let rules = Rules {
        set,
        baseline: audit::baseline(arguments.baseline.as_deref(), &context)?,
        exceptions: exceptions::of_input(&[], &context).exceptions,
        mode: Mode::Enforce,
    };
    let arena = Bump::new();
    let background = Background {
        context: &context,
        params: &params,
        rules: &rules,
        assumed_label: arguments.assume_agents.map(AssumedMode::label),
        namespace,
        is_anybody_named: false,
    };
    let known = Known::learn(&background, &arena).map_err(anyhow::Error::msg)?;
    let rights = cluster.as_ref().map(|cluster| cluster.rights(false));
    let requester = Requester::nobody();
    let is_stored = own.is_some() && cluster.is_some();
    let examiner = Examiner {
        rules: &rules,
        known: &known,
        rights: rights.as_ref(),
        settings: Settings {
            namespace,
            now: scope.now,
            shows_mutations: false,
            describes_workloads: true,
            requester: &requester,
            stage: match arguments.no_mutate || is_stored {
                true => Stage::AsWritten,
                false => Stage::Submitted,
            },
        },
    };
    let report = &mut |outcome: Outcome| collection.outcome(outcome);
    knowledge.problems.into_iter().try_for_each(&mut *report)?;
    let source = match &cluster {
        Some(cluster) if is_stored => {
            cluster.audit(&examiner, scope, report)?;
            Source::Cluster
        }
        _ => {
            if let Some(note) = judge_all(&inputs, &examiner, report)?.note() {
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

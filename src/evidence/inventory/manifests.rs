//! Workloads of manifests, as admission would complete them.

use anyhow::Result;
use bumpalo::Bump;

use super::Arguments;
use super::collect::Collection;
use super::model::Source;
use crate::audit::examine::{Examiner, Settings};
use crate::audit::inputs;
use crate::audit::known::{Background, Known, context_kinds};
use crate::audit::requester::Requester;
use crate::audit::{self, AssumedMode, DEFAULT_NAMESPACE, judge_all};
use crate::judge::{Rules, Stage};
use crate::{clock, exceptions};
use admission_policy::decide::Mode;

/// Collects the workloads of the manifests that the arguments name.
///
/// # Errors
/// When the rules cannot be used.
pub(super) fn read(arguments: &Arguments, collection: &mut Collection) -> Result<Source> {
    let paths = arguments.paths.iter().chain(&arguments.file);
    let paths: Vec<_> = paths.cloned().collect();
    let namespace = arguments.namespace.as_deref().unwrap_or(DEFAULT_NAMESPACE);
    let inputs = inputs::find_and_render(&paths, &arguments.render, namespace);
    let set = audit::set(arguments.policies.as_deref())?;
    let context = inputs.context(&context_kinds(&set));
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
    let requester = Requester::nobody();
    let examiner = Examiner {
        rules: &rules,
        known: &known,
        rights: None,
        settings: Settings {
            namespace,
            now: clock::now(),
            shows_mutations: false,
            describes_workloads: true,
            requester: &requester,
            stage: match arguments.no_mutate {
                true => Stage::AsWritten,
                false => Stage::Submitted,
            },
        },
    };
    let foreign = judge_all(&inputs, &examiner, &mut |outcome| {
        collection.outcome(outcome)
    })?;
    if let Some(note) = foreign.note() {
        eprintln!("note: {note}");
    }
    Ok(Source::Manifests {
        completed: !arguments.no_mutate,
    })
}

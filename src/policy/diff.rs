//! `cattlegrid policy diff`: which verdicts change from one policy set to another.
//!
//! Both sets judge the same manifests as `cattlegrid audit` would, with the same baseline and
//! exceptions; what they say is compared object by object.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};
use bumpalo::Bump;
use clap::Args;

mod changes;
mod collect;
mod text;

use crate::audit::basis::{AssumedMode, Basis, Beside};
use crate::audit::examine::{Examiner, Settings};
use crate::audit::inputs::{self, Inputs};
use crate::audit::known::context_kinds;
use crate::audit::requester::Requester;
use crate::judge::Stage;
use crate::{clock, load};

/// Nothing changes.
const EXIT_SAME: u8 = 0;
/// Something changes.
const EXIT_CHANGES: u8 = 1;
/// Something could not be read or judged, whatever else was found.
const EXIT_FAILED: u8 = 2;

/// What `policy diff` is asked to do.
#[derive(Args, Clone, Debug)]
pub struct Arguments {
    /// Directory with the policies and bindings as they were
    #[arg(value_name = "OLD")]
    old: PathBuf,
    /// Directory with the policies and bindings as they will be
    #[arg(value_name = "NEW")]
    new: PathBuf,
    /// Files and directories with manifests to judge; `-` is standard input. May be given more than
    /// once
    #[arg(short = 'f', long = "filename", value_name = "PATH", required = true)]
    files: Vec<PathBuf>,
    /// AgentBaseline to judge by [default: the one in the input, otherwise the embedded one]
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
    /// Namespace of objects that name none
    #[arg(short, long, value_name = "NAME", default_value = "default")]
    namespace: String,
    /// Take namespaces that the input does not define for agent namespaces in this mode
    #[arg(long, value_name = "MODE")]
    assume_agents: Option<AssumedMode>,
}

/// Judges the manifests by both sets and prints what changes. Exit code 0 when nothing does, 1 when
/// something does, 2 when something could not be read.
///
/// # Errors
/// When the input or one of the sets cannot be used, or the output cannot be written.
pub fn run(arguments: &Arguments, output: &mut dyn Write) -> Result<ExitCode> {
    let inputs = inputs::find(&arguments.files);
    let requester = Requester::nobody();
    let settings = Settings {
        namespace: &arguments.namespace,
        now: clock::now(),
        shows_mutations: true,
        describes_workloads: false,
        requester: &requester,
        stage: Stage::Submitted,
    };
    let judge = |directory: &Path| -> Result<collect::Collected> {
        let basis = basis(directory, arguments.baseline.as_deref(), &inputs);
        let basis = basis.with_context(|| format!("{} cannot be used", directory.display()))?;
        let arena = Bump::new();
        let (namespace, assumed) = (&arguments.namespace, arguments.assume_agents);
        let examiner = Examiner {
            rules: &basis.rules,
            known: &basis.known(namespace, assumed, false, &arena)?,
            rights: None,
            settings,
        };
        Ok(collect::collect(&inputs, &examiner))
    };
    let (old, new) = (judge(&arguments.old)?, judge(&arguments.new)?);
    for problem in &new.unreadable {
        eprintln!("error: {problem}");
    }
    let failed = !new.unreadable.is_empty();
    if new.objects.is_empty() && failed {
        return Ok(ExitCode::from(EXIT_FAILED));
    }
    if new.objects.is_empty() {
        bail!("there is no object in the input");
    }
    let changes = changes::between(&old.objects, &new.objects);
    text::print(&changes, new.objects.len(), output).context(super::UNWRITABLE)?;
    Ok(ExitCode::from(match changes.is_empty() {
        _ if failed => EXIT_FAILED,
        true => EXIT_SAME,
        false => EXIT_CHANGES,
    }))
}

/// What a directory's policies judge the inputs by. Parameters may lie beside the policies.
fn basis(directory: &Path, baseline: Option<&Path>, inputs: &Inputs) -> Result<Basis> {
    let params = load::read_policies(directory)?;
    let set = load::compile(&params)?;
    let context = inputs.context(&context_kinds(&set));
    let beside = Beside {
        baseline,
        exceptions: &[],
        params,
    };
    Basis::new(set, context, beside)
}

//! The offline audit: the verdict of admission for manifests, before a cluster sees them.
//!
//! Reading the input, filling in what the API server fills in, and printing are done here; the
//! verdict comes from [`crate::judge`], the same function that answers the webhook.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use bumpalo::Bump;
use clap::{Args, ValueEnum};

pub mod accepted;
pub mod candidate;
pub mod cluster;
mod diff;
pub mod documents;
pub mod examine;
pub mod inputs;
mod interruption;
pub mod kinds;
pub mod known;
pub mod normalise;
pub mod objects;
pub mod outcome;
pub mod output;
pub mod params;
mod pipeline;
pub mod render;
pub mod replay;
pub mod request;
pub mod requester;
pub mod rights;
pub mod structural;
pub mod summary;
pub mod workload;

use self::accepted::AcceptedArguments;
use self::cluster::{ClusterArguments, ClusterRights, Scope};
use self::examine::{Examiner, Settings};
use self::interruption::Interruption;
use self::known::{Background, Known, context_kinds};
use self::outcome::Outcome;
use self::output::{OutputArguments, Stop};
use self::params::ParamsArgs;
use self::pipeline::Foreign;
pub(crate) use self::pipeline::judge_all;
use self::render::About;
use self::replay::ReplayArguments;
use self::requester::{AsArgs, Requester};
use self::summary::Summary;
use crate::baseline::Baseline;
use crate::judge::{Rules, Stage};
use crate::load::{self, Source};
use crate::{clock, exceptions};
use admission_policy::decide::Mode;
use admission_policy::exception::Exceptions;
use admission_policy::set::PolicySet;

/// Something could not be read or judged, or nobody read what was printed.
const EXIT_FAILED: u8 = 2;

/// Where objects are that name no namespace, as kubectl has it.
pub(crate) const DEFAULT_NAMESPACE: &str = "default";

/// Headings of the help.
const RULES: &str = "Rules";
const CONTEXT: &str = "What admission would know";
const RUNNING: &str = "Clusters and audit logs";
const MUTATIONS: &str = "Mutations";
const OUTPUT: &str = "Output and exit code";

/// What `audit` is asked to do.
#[derive(Args, Clone, Debug)]
pub struct Arguments {
    /// Files and directories with manifests; `-` is standard input
    #[arg(value_name = "PATH", required_unless_present_any = ["cluster", "file", "logs"])]
    paths: Vec<PathBuf>,
    /// The same as PATH
    #[arg(short = 'f', long = "filename", value_name = "PATH")]
    file: Vec<PathBuf>,
    #[command(flatten)]
    render: inputs::RenderArguments,
    /// AgentBaseline to judge by [default: the one in the input, otherwise the embedded one]
    #[arg(long, value_name = "FILE", help_heading = RULES)]
    baseline: Option<PathBuf>,
    /// PolicyExceptions that hold besides those in the input (may be given several times)
    #[arg(long, value_name = "FILE", help_heading = RULES)]
    exceptions: Vec<PathBuf>,
    /// Directory with policies and bindings [default: the embedded set]
    #[arg(long, value_name = "DIR", help_heading = RULES)]
    policies: Option<PathBuf>,
    #[command(flatten, next_help_heading = RULES)]
    params: ParamsArgs,
    /// Namespace of objects that name none [default: default]; with --cluster, the only one to judge
    #[arg(short, long, value_name = "NAME", help_heading = CONTEXT)]
    namespace: Option<String>,
    /// Take namespaces that the input does not define for agent namespaces in this mode
    #[arg(long, value_name = "MODE", help_heading = CONTEXT)]
    assume_agents: Option<AssumedMode>,
    #[command(flatten, next_help_heading = CONTEXT)]
    sender: AsArgs,
    #[command(flatten, next_help_heading = RUNNING)]
    cluster: ClusterArguments,
    #[command(flatten, next_help_heading = RUNNING)]
    replay: ReplayArguments,
    /// Judge what is written: fill in what the API server does, and nothing of what mutations would
    #[arg(long, conflicts_with = "show_mutations", help_heading = MUTATIONS)]
    no_mutate: bool,
    /// Print what admission would fill in, as a diff
    #[arg(long, help_heading = MUTATIONS)]
    show_mutations: bool,
    #[command(flatten, next_help_heading = OUTPUT)]
    output: OutputArguments,
    #[command(flatten, next_help_heading = OUTPUT)]
    accepted: AcceptedArguments,
}

/// The mode of namespaces that the input does not define.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum AssumedMode {
    Audit,
    Warn,
    Enforce,
}

impl AssumedMode {
    /// The value of the namespace's label.
    pub(crate) fn label(self) -> &'static str {
        match self {
            AssumedMode::Audit => "audit",
            AssumedMode::Warn => "warn",
            AssumedMode::Enforce => "enforce",
        }
    }
}

/// Judges the manifests and prints what was found. Exit code 0 when nothing was found that is to
/// fail the program, 1 when something was, 2 when something could not be read.
///
/// # Errors
/// When the input or the rules as a whole cannot be used.
pub fn run(arguments: &Arguments, is_terminal: bool, output: &mut dyn Write) -> Result<ExitCode> {
    let interruption = Interruption::watch().context("signals cannot be listened to")?;
    let paths = arguments.paths.iter().chain(&arguments.file);
    let paths: Vec<_> = paths.cloned().collect();
    let namespace = arguments.namespace.as_deref().unwrap_or(DEFAULT_NAMESPACE);
    // Compiling takes about as long as finding thousands of files.
    let (inputs, set) = rayon::join(
        || inputs::find_and_render(&paths, &arguments.render, namespace),
        || set(arguments.policies.as_deref()),
    );
    let cluster = arguments.cluster.connect()?;
    let now = clock::now();
    let set = set?;
    let mut context = inputs.context(&context_kinds(&set));
    let has_others = arguments.replay.is_given() || !inputs.files.is_empty();
    let scope = Scope {
        namespace: arguments.namespace.as_deref(),
        now,
    };
    let own = (!has_others).then_some(scope);
    let knowledge = cluster.as_ref();
    let knowledge = knowledge.map(|cluster| cluster.knowledge(&set, &context, own));
    let knowledge = knowledge.unwrap_or_default();
    context.extend(knowledge.sources);
    let exceptions = exceptions(arguments, &context)?;
    for problem in &exceptions.problems {
        eprintln!("error: {problem}");
    }
    let mut summary = Summary::new(exceptions.problems.len());
    let rules = rules(arguments, set, &context, exceptions.exceptions)?;
    for warning in exceptions::warnings(&rules.exceptions, &rules.set, now) {
        eprintln!("warning: {warning}");
    }
    let arena = Bump::new();
    let params = arguments.params.sources(arguments.policies.as_deref())?;
    let requester = arguments.sender.requester();
    let background = Background {
        context: &context,
        params: &params,
        rules: &rules,
        assumed_label: arguments.assume_agents.map(AssumedMode::label),
        namespace,
        is_anybody_named: requester.is_some(),
    };
    let known = Known::learn(&background, &arena).map_err(anyhow::Error::msg)?;
    let rights = cluster.as_ref();
    let rights: Option<ClusterRights> = rights.map(|cluster| cluster.rights(requester.is_some()));
    let requester = requester.unwrap_or_else(Requester::nobody);
    let examiner = Examiner {
        rules: &rules,
        known: &known,
        rights: rights.as_ref(),
        settings: Settings {
            namespace,
            now,
            shows_mutations: arguments.show_mutations,
            describes_workloads: false,
            requester: &requester,
            stage: match arguments.no_mutate {
                true => Stage::AsWritten,
                false => Stage::Submitted,
            },
        },
    };
    let about = About {
        set: &rules.set,
        now,
        threshold: arguments.output.threshold(),
    };
    let mut accepted = arguments.accepted.read()?;
    let mut outputs = arguments
        .output
        .open(&about, is_terminal, output, &interruption)?;
    let report = &mut |mut outcome: Outcome| {
        accepted.mark(&mut outcome);
        summary.add(&outcome);
        if let Some(problem) = outcome.unusable_input() {
            // Whatever the format and wherever it goes.
            eprintln!("error: {problem}");
        }
        outputs.add(&outcome)
    };
    let mut problems = knowledge.problems.into_iter();
    let written = problems.try_for_each(&mut *report);
    let written = written.and_then(|()| match &cluster {
        _ if arguments.replay.is_given() => {
            let replayed = arguments.replay.replay(&inputs, &examiner, report);
            replayed.map(|()| Foreign::default())
        }
        Some(cluster) if !has_others => {
            let audited = cluster.audit(&examiner, scope, report);
            audited.map(|()| Foreign::default())
        }
        _ => judge_all(&inputs, &examiner, report),
    });
    match written {
        Err(Stop::Failed(error)) => return Err(error),
        Err(Stop::Unread) => return Ok(ExitCode::from(EXIT_FAILED)),
        Ok(foreign) => {
            if let Some(note) = foreign.note() {
                eprintln!("note: {note}");
            }
        }
    }
    summary.gone = accepted.gone(&summary);
    let is_read = outputs.finish(&summary)?;
    accepted.report(&summary)?;
    if known.rights().has_refused() {
        eprintln!("{}", requester::REFUSALS);
    }
    if summary.is_empty() {
        eprintln!("error: there is no object in the input");
    }
    Ok(ExitCode::from(match is_read {
        true => summary.exit_code(about.threshold),
        false => EXIT_FAILED,
    }))
}

fn exceptions(arguments: &Arguments, inputs: &[Source]) -> Result<exceptions::Reading> {
    let files = arguments.exceptions.iter();
    let files: Vec<Source> = files
        .map(|file| load::read_source(file))
        .collect::<Result<_, _>>()?;
    Ok(exceptions::of_input(&files, inputs))
}

/// The policies of a directory, or else the embedded ones.
///
/// # Errors
/// When they cannot be used.
pub(crate) fn set(directory: Option<&Path>) -> Result<PolicySet> {
    let policies = match directory {
        Some(directory) => load::read_policies(directory)?,
        None => load::embedded_policies(),
    };
    Ok(load::compile(&policies)?)
}

fn rules(
    arguments: &Arguments,
    set: PolicySet,
    inputs: &[Source],
    exceptions: Exceptions,
) -> Result<Rules> {
    let baseline = baseline(arguments.baseline.as_deref(), inputs)?;
    for warning in load::warnings(&set, &baseline) {
        eprintln!("warning: {warning}");
    }
    Ok(Rules {
        set,
        baseline,
        exceptions,
        mode: Mode::Enforce,
    })
}

/// The baseline of a file, or else the one in the input, or else the embedded one.
///
/// # Errors
/// When it cannot be used.
pub(crate) fn baseline(file: Option<&Path>, inputs: &[Source]) -> Result<Baseline> {
    if let Some(file) = file {
        return Ok(load::baseline(&load::read_source(file)?)?);
    }
    match inputs
        .iter()
        .find(|source| objects::holds_baseline(&source.text))
    {
        Some(source) => Ok(load::baseline(source)?),
        None => Ok(load::baseline(&load::embedded_baseline()?)?),
    }
}

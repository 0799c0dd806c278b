//! The offline audit: the verdict of admission for manifests, before a cluster sees them.
//!
//! Reading the input, filling in what the API server fills in, and printing are done here; the
//! verdict comes from [`crate::judge`], the same function that answers the webhook.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use clap::{Args, ValueEnum};

mod diff;
pub(crate) mod inputs;
pub mod kinds;
pub mod normalise;
pub mod objects;
pub mod request;
pub(crate) mod review;
pub(crate) mod text;

use crate::baseline::Baseline;
use crate::judge::Rules;
use crate::load::{self, Source};
use crate::{clock, exceptions};
use admission_policy::decide::Mode;
use admission_policy::exception::Exceptions;

/// Nothing found.
const EXIT_CLEAN: u8 = 0;
/// Findings that would be denied.
const EXIT_FINDINGS: u8 = 1;
/// Said when standard output takes nothing more.
const UNWRITABLE: &str = "the output cannot be written";
/// Something could not be read or judged, whatever else was found.
const EXIT_FAILED: u8 = 2;

/// What `audit` is asked to do.
#[derive(Args, Clone, Debug)]
pub struct Arguments {
    /// Files and directories with manifests; `-` is standard input
    #[arg(value_name = "PATH", required_unless_present = "file")]
    paths: Vec<PathBuf>,
    /// The same as PATH
    #[arg(short = 'f', long = "filename", value_name = "PATH")]
    file: Vec<PathBuf>,
    /// AgentBaseline to judge by [default: the one in the input, otherwise the embedded one]
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
    /// PolicyExceptions that hold besides those in the input (may be given several times)
    #[arg(long, value_name = "FILE")]
    exceptions: Vec<PathBuf>,
    /// Directory with policies and bindings [default: the embedded set]
    #[arg(long, value_name = "DIR")]
    policies: Option<PathBuf>,
    /// Namespace of objects that name none
    #[arg(short, long, value_name = "NAME", default_value = "default")]
    namespace: String,
    /// Take namespaces that the input does not define for agent namespaces in this mode
    #[arg(long, value_name = "MODE")]
    assume_agents: Option<AssumedMode>,
    /// Print what admission would fill in, as a diff
    #[arg(long)]
    show_mutations: bool,
    /// When to colour the output
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    color: Colour,
}

/// The mode of namespaces that the input does not define.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum AssumedMode {
    Audit,
    Warn,
    Enforce,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Colour {
    Auto,
    Always,
    Never,
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

impl Colour {
    fn wanted(self, is_terminal: bool) -> bool {
        match self {
            Colour::Auto => is_terminal && std::env::var_os("NO_COLOR").is_none(),
            Colour::Always => true,
            Colour::Never => false,
        }
    }
}

/// Judges the manifests and prints what was found. Exit code 0 when nothing would be denied, 1 when
/// something would, 2 when something could not be read.
///
/// # Errors
/// When the input or the rules as a whole cannot be used.
pub fn run(arguments: &Arguments, is_terminal: bool, output: &mut dyn Write) -> Result<ExitCode> {
    let paths: Vec<PathBuf> = arguments
        .paths
        .iter()
        .chain(&arguments.file)
        .cloned()
        .collect();
    let inputs = inputs::read(&paths);
    for problem in &inputs.problems {
        eprintln!("error: {problem}");
    }
    let now = clock::now();
    let exceptions = exceptions(arguments, &inputs.sources)?;
    for problem in &exceptions.problems {
        eprintln!("error: {problem}");
    }
    let unreadable = inputs.problems.len() + exceptions.problems.len();
    let rules = rules(arguments, &inputs.sources, exceptions.exceptions)?;
    for warning in exceptions::warnings(&rules.exceptions, &rules.set, now) {
        eprintln!("warning: {warning}");
    }
    let settings = review::Settings {
        namespace: &arguments.namespace,
        assumed_label: arguments.assume_agents.map(AssumedMode::label),
        now,
    };
    let mut renderer = text::Renderer::new(
        arguments.color.wanted(is_terminal),
        arguments.show_mutations,
        unreadable,
        &rules.set,
    );
    let settled = review::review(&inputs.sources, &rules, &settings, &mut |event| {
        renderer.add(&event, output).context(UNWRITABLE)
    })
    .and_then(|()| renderer.finish(output).context(UNWRITABLE));
    match settled {
        // Whoever closed the pipe has read enough.
        Err(error) if is_broken_pipe(&error) => return Ok(ExitCode::from(EXIT_FAILED)),
        settled => settled?,
    }
    if renderer.found_nothing() {
        eprintln!("error: there is no object in the input");
    }
    Ok(ExitCode::from(
        if renderer.failed() || renderer.found_nothing() {
            EXIT_FAILED
        } else if renderer.denied() {
            EXIT_FINDINGS
        } else {
            EXIT_CLEAN
        },
    ))
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error
        .downcast_ref::<std::io::Error>()
        .is_some_and(|error| error.kind() == std::io::ErrorKind::BrokenPipe)
}

fn exceptions(arguments: &Arguments, inputs: &[Source]) -> Result<exceptions::Reading> {
    let files = arguments.exceptions.iter();
    let files: Vec<Source> = files
        .map(|file| load::read_source(file))
        .collect::<Result<_, _>>()?;
    Ok(exceptions::of_input(&files, inputs))
}

fn rules(arguments: &Arguments, inputs: &[Source], exceptions: Exceptions) -> Result<Rules> {
    let policies = match &arguments.policies {
        Some(directory) => load::read_policies(directory)?,
        None => load::embedded_policies(),
    };
    let set = load::compile(&policies)?;
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

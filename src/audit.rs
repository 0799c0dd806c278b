//! The offline audit: the verdict of admission for manifests, before a cluster sees them.
//!
//! Reading the input, filling in what the API server fills in, and printing are done here; the
//! verdict comes from [`crate::judge`], the same function that answers the webhook.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use bumpalo::Bump;
use clap::Args;

pub mod accepted;
pub(crate) mod basis;
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
use self::basis::{Basis, BasisArguments, CONTEXT, RULES};
use self::cluster::ClusterRights;
use self::examine::{Examiner, Settings};
use self::interruption::Interruption;
use self::outcome::Outcome;
use self::output::{OutputArguments, Stop};
use self::pipeline::Foreign;
pub(crate) use self::pipeline::judge_all;
use self::render::About;
use self::replay::ReplayArguments;
use self::requester::{AsArgs, Requester};
use self::summary::Summary;
use crate::judge::Stage;
use crate::{exceptions, load};

/// Something could not be read or judged, or nobody read what was printed.
const EXIT_FAILED: u8 = 2;

/// Headings of the help.
const LOGS: &str = "Audit logs";
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
    basis: BasisArguments,
    /// PolicyExceptions that hold besides those in the input (may be given several times)
    #[arg(long, value_name = "FILE", help_heading = RULES)]
    exceptions: Vec<PathBuf>,
    #[command(flatten, next_help_heading = CONTEXT)]
    sender: AsArgs,
    #[command(flatten, next_help_heading = LOGS)]
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

/// Judges the manifests and prints what was found. Exit code 0 when nothing was found that is to
/// fail the program, 1 when something was, 2 when something could not be read.
///
/// # Errors
/// When the input or the rules as a whole cannot be used.
pub fn run(arguments: &Arguments, is_terminal: bool, output: &mut dyn Write) -> Result<ExitCode> {
    let interruption = Interruption::watch().context("signals cannot be listened to")?;
    let mut gathered = arguments.basis.gather(
        &[&arguments.paths, &arguments.file],
        &arguments.exceptions,
        arguments.replay.is_given(),
    )?;
    let unread = std::mem::take(&mut gathered.unread);
    let Basis {
        rules, problems, ..
    } = &gathered.basis;
    for problem in problems {
        eprintln!("error: {problem}");
    }
    let mut summary = Summary::new(problems.len());
    let mut warnings = load::warnings(&rules.set, &rules.baseline);
    warnings.extend(exceptions::warnings(
        &rules.exceptions,
        &rules.set,
        gathered.now,
    ));
    for warning in warnings {
        eprintln!("warning: {warning}");
    }
    let arena = Bump::new();
    let requester = arguments.sender.requester();
    let known = gathered.known(requester.is_some(), &arena)?;
    let cluster = gathered.cluster.as_ref();
    let rights: Option<ClusterRights> = cluster.map(|cluster| cluster.rights(requester.is_some()));
    let requester = requester.unwrap_or_else(Requester::nobody);
    let examiner = Examiner {
        rules,
        known: &known,
        rights: rights.as_ref(),
        settings: Settings {
            namespace: gathered.namespace,
            now: gathered.now,
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
        now: gathered.now,
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
    let inputs = &gathered.inputs;
    let written = unread.into_iter().try_for_each(&mut *report);
    let written = written.and_then(|()| match (cluster, gathered.own) {
        _ if arguments.replay.is_given() => {
            let replayed = arguments.replay.replay(inputs, &examiner, report);
            replayed.map(|()| Foreign::default())
        }
        (Some(cluster), Some(scope)) => {
            let audited = cluster.audit(&examiner, scope, report);
            audited.map(|()| Foreign::default())
        }
        _ => judge_all(inputs, &examiner, report),
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

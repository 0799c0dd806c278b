//! `cargo xtask bench audit`

mod manifests;
mod run;

use std::path::PathBuf;
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, ensure};

use run::{Run, run};

use super::median::median;

/// Audit 10,000 generated manifests, in turns with only parsing the same files, and print the
/// ratio and the memory
///
/// The manifests are Jobs, CronJobs, Pods and Deployments of several KiB, one a file; every second
/// one has findings. `parse` is a program that finds the same files and reads each with the same
/// YAML parser into the same tree on as many threads, and does nothing with it. `events` is the
/// same without the tree: what the parser itself takes, for comparison.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// How often each side runs; the medians are printed, of times and of ratios
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,

    /// How many manifests there are
    #[arg(long, default_value_t = 10_000, value_name = "N", value_parser = clap::value_parser!(u32).range(2..))]
    manifests: u32,

    /// Keep the manifests here
    #[arg(long, value_name = "DIR")]
    keep: Option<PathBuf>,

    /// Options for the audit, such as `-o json=/dev/null`
    #[arg(last = true, value_name = "OPTION")]
    options: Vec<String>,
}

/// How many times as long as parsing the audit may take.
const RATIO_MAX: f64 = 1.5;
/// How much memory the audit may have at once, in KiB.
const RESIDENT_KIB_MAX: u64 = 200 * 1024;

pub(crate) fn compare(arguments: &Arguments) -> Result<ExitCode> {
    let programs = super::build(&["cattlegrid", "parse-manifests"])?;
    let temporary = tempfile::tempdir()?;
    let directory = arguments.keep.as_deref().unwrap_or(temporary.path());
    let bytes = manifests::write(directory, arguments.manifests)?;
    println!(
        "{} manifests of {} KiB on average; load of the machine {}, on {} CPUs\n",
        arguments.manifests,
        bytes / u64::from(arguments.manifests) / 1024,
        super::load(),
        std::thread::available_parallelism().map_or(1, usize::from),
    );
    let mut audits = Vec::new();
    let mut parses = Vec::new();
    let mut events = Vec::new();
    // The first round fills the cache of files.
    for round in 0..=arguments.rounds {
        let audit = run(Command::new(programs.join("cattlegrid"))
            .arg("audit")
            .args(&arguments.options)
            .arg(directory))?;
        ensure!(
            audit.exit_code == 1,
            "the audit failed: {}",
            audit.last_line
        );
        let floor = |what: &str| {
            let parse = run(Command::new(programs.join("parse-manifests"))
                .arg(what)
                .arg(directory))?;
            ensure!(parse.exit_code == 0, "parsing failed");
            Ok(parse)
        };
        let (tree, event) = (floor("tree")?, floor("events")?);
        if round == 0 {
            println!("audit:  {}\nparse:  {}\n", audit.last_line, tree.last_line);
            continue;
        }
        audits.push(audit);
        parses.push(tree);
        events.push(event);
    }
    report(&audits, &parses, &events)
}

fn report(audits: &[Run], parses: &[Run], events: &[Run]) -> Result<ExitCode> {
    let ratio = |of: fn(&Run) -> f64, floor: &[Run]| {
        median(
            audits
                .iter()
                .zip(floor)
                .map(|(audit, floor)| of(audit) / of(floor)),
        )
    };
    println!(
        "{:8} {:>10} {:>10} {:>10}",
        "", "seconds", "of CPU", "peak MiB"
    );
    for (name, runs) in [("audit", audits), ("parse", parses), ("events", events)] {
        println!(
            "{name:8} {:>10.3} {:>10.3} {:>10.1}",
            median(runs.iter().map(Run::seconds))?,
            median(runs.iter().map(Run::cpu_seconds))?,
            median(runs.iter().map(|run| run.resident_kib as f64))? / 1024.0,
        );
    }
    let by_time = ratio(Run::seconds, parses)?;
    println!(
        "\naudit / parse   {by_time:.2} of time, {:.2} of CPU (aim: {RATIO_MAX} of time)",
        ratio(Run::cpu_seconds, parses)?
    );
    println!(
        "audit / events  {:.2} of time, {:.2} of CPU",
        ratio(Run::seconds, events)?,
        ratio(Run::cpu_seconds, events)?
    );
    let resident = audits.iter().map(|run| run.resident_kib).max();
    let resident = resident.context("nothing was measured")?;
    println!(
        "peak memory     {} MiB (aim: {} MiB)",
        resident / 1024,
        RESIDENT_KIB_MAX / 1024
    );
    let reached = by_time <= RATIO_MAX && resident <= RESIDENT_KIB_MAX;
    Ok(if reached {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

//! `cargo xtask bench`

mod audit;
mod evidence;
mod median;
mod side;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, ensure};
use control_plane::oracle;

use side::{Sample, Side};

/// Measure this build beside what it is compared with
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    benchmark: Benchmark,
}

#[derive(Debug, clap::Subcommand)]
enum Benchmark {
    Cel(Cel),
    Audit(audit::Arguments),
    Evidence(evidence::Arguments),
}

/// Evaluate the shipped validations and single expressions beside cel-go as kube-apiserver
/// compiles them, in turns, and print CPU time, allocations and the ratio
///
/// `policies` is one review of a 9 KiB Job, judged by all validating policies. Our time is that of
/// everything that happens between a parsed review and its findings; cel-go's that of its programs
/// alone, on an object that is a map already: match conditions, validations, message expressions
/// and audit annotations of the policies that judge Jobs. `parse` is the way from bytes to the tree
/// or map. Other programs on the machine disturb CPU time less than time on the clock, but they do:
/// mind the load.
#[derive(Debug, clap::Args)]
struct Cel {
    /// How often each case is measured; the medians are printed, of times and of ratios
    #[arg(long, default_value_t = 7, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,

    /// How long each case is measured per round and side
    #[arg(long, default_value_t = 50, value_name = "N")]
    milliseconds: u32,

    /// Measure only cases whose name contains this
    #[arg(value_name = "CASE")]
    filter: Option<String>,
}

/// The ratio that is aimed at.
const TARGET_RATIO: f64 = 10.0;

pub(crate) fn run(arguments: Arguments) -> Result<ExitCode> {
    match arguments.benchmark {
        Benchmark::Cel(cel) => compare(&cel),
        Benchmark::Audit(arguments) => audit::compare(&arguments),
        Benchmark::Evidence(arguments) => evidence::compare(&arguments),
    }
}

fn compare(arguments: &Cel) -> Result<ExitCode> {
    let repository = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..");
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut ours = Side::start(
        Command::new(cargo)
            .args(["run", "--quiet", "--release", "--package", "cel-benchmark"])
            .arg("--")
            .arg(&repository)
            .current_dir(&repository),
    )?;
    let mut theirs = Side::start(Command::new(oracle::build()?).arg("bench").arg(&repository))?;
    let mut names = ours.names()?;
    if let Some(filter) = &arguments.filter {
        names.retain(|name| name.contains(filter.as_str()));
    }
    let mut samples: BTreeMap<&str, [Vec<Sample>; 2]> = BTreeMap::new();
    let before = load();
    for _ in 0..arguments.rounds {
        for name in &names {
            let of_case = samples.entry(name).or_default();
            for (samples, side) in of_case.iter_mut().zip([&mut ours, &mut theirs]) {
                samples.push(side.measure(name, arguments.milliseconds)?);
            }
        }
    }
    println!(
        "medians of {} rounds; load of the machine {before} before, {} after, on {} CPUs\n",
        arguments.rounds,
        load(),
        std::thread::available_parallelism().map_or(1, usize::from),
    );
    print(&samples)
}

fn print(samples: &BTreeMap<&str, [Vec<Sample>; 2]>) -> Result<ExitCode> {
    println!(
        "{:34} {:>12} {:>12} {:>8} {:>12} {:>12}",
        "", "ns", "cel-go ns", "ratio", "allocations", "cel-go's"
    );
    let mut slower = Vec::new();
    for (name, [ours, theirs]) in samples {
        let ratio = median_ratio(ours, theirs)?;
        let (ours, theirs) = (median(ours)?, median(theirs)?);
        println!(
            "{name:34} {:>12.0} {:>12.0} {ratio:>7.1}x {:>12} {:>12}",
            ours.nanoseconds, theirs.nanoseconds, ours.allocations, theirs.allocations
        );
        if ratio < TARGET_RATIO {
            slower.push(*name);
        }
    }
    if slower.is_empty() {
        println!("\neverything is at least {TARGET_RATIO} times as fast");
        return Ok(ExitCode::SUCCESS);
    }
    println!(
        "\nless than {TARGET_RATIO} times as fast: {}",
        slower.join(", ")
    );
    Ok(ExitCode::FAILURE)
}

/// The ratio in the middle, of those of each round. Both sides of a round are measured one right
/// after the other, so that what else runs on the machine slows both down alike.
fn median_ratio(ours: &[Sample], theirs: &[Sample]) -> Result<f64> {
    let rounds = ours.iter().zip(theirs);
    let mut ratios: Vec<f64> = rounds
        .map(|(ours, theirs)| theirs.nanoseconds / ours.nanoseconds)
        .collect();
    ratios.sort_by(f64::total_cmp);
    ratios
        .get(ratios.len() / 2)
        .copied()
        .context("nothing was measured")
}

/// The sample in the middle, by time.
fn median(samples: &[Sample]) -> Result<Sample> {
    let mut sorted = samples.to_vec();
    sorted.sort_by(|a, b| a.nanoseconds.total_cmp(&b.nanoseconds));
    sorted
        .get(sorted.len() / 2)
        .copied()
        .context("nothing was measured")
}

/// Builds programs, each named as its package is, and says where they are.
fn build(programs: &[&str]) -> Result<PathBuf> {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(["build", "--quiet", "--release"]);
    for program in programs {
        command.args(["--package", program, "--bin", program]);
    }
    let built = command.current_dir(&repository).status();
    ensure!(built.context("run cargo")?.success(), "the build failed");
    let target = std::env::var_os("CARGO_TARGET_DIR");
    let target = target.map_or_else(|| repository.join("target"), PathBuf::from);
    Ok(repository.join(target).join("release"))
}

/// How many threads wanted to run during the last minute, on average.
fn load() -> String {
    let text = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split(' ').next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_sample_in_the_middle() {
        let samples = [9.0, 1.0, 5.0].map(|nanoseconds| Sample {
            nanoseconds,
            allocations: 0,
        });
        assert_eq!(median(&samples).unwrap().nanoseconds, 5.0);
        assert!(median(&[]).is_err());
    }

    #[test]
    fn the_ratio_is_that_of_the_rounds_and_not_of_the_medians() {
        let samples = |times: [f64; 3]| {
            times.map(|nanoseconds| Sample {
                nanoseconds,
                allocations: 0,
            })
        };
        // The second round was disturbed throughout, the third on their side only.
        let (ours, theirs) = (samples([1.0, 5.0, 1.0]), samples([10.0, 50.0, 90.0]));
        assert_eq!(median_ratio(&ours, &theirs).unwrap(), 10.0);
    }
}

//! `cargo xtask differential`

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result};
use differential::regressions::Regression;
use differential::run::{Difference, Report, run};

/// Compare admission-cel with kube-apiserver's own CEL code on generated expressions
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Determines the expressions: the same seed, the same ones
    #[arg(long, default_value_t = 1)]
    seed: u64,

    /// How many pairs of an expression and an object are compared
    #[arg(long, default_value_t = 50_000)]
    pairs: usize,

    /// Append differences to this file, in the form of tests/differential/regressions.jsonl
    #[arg(long, value_name = "FILE")]
    write: Option<PathBuf>,
}

pub(crate) fn run_differential(arguments: Arguments) -> Result<ExitCode> {
    let report = run(arguments.seed, arguments.pairs)?;
    print(&report, arguments.seed);
    if let Some(path) = &arguments.write {
        append(path, &report.differences)?;
    }
    // No failure: some are so rare that not every seed has them.
    for name in report.unused() {
        println!("  known, but it did not occur: {name}");
    }
    Ok(if report.differences.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn print(report: &Report, seed: u64) {
    for difference in &report.differences {
        let Difference {
            part,
            question,
            ours,
            theirs,
        } = difference;
        println!(
            "the {part} differs, {:?}: {}",
            question.kind, question.expression
        );
        println!("  ours   {}", serde_json::json!(ours));
        println!("  theirs {}", serde_json::json!(theirs));
    }
    println!(
        "seed {seed}: {} pairs, {} compile, {} give a value; {} differences, {} of them known",
        report.pairs,
        report.compiled,
        report.values,
        report.differing,
        report.known.values().sum::<usize>(),
    );
    for (name, count) in &report.known {
        println!("  known: {name}: {count}");
    }
}

fn append(path: &PathBuf, differences: &[Difference]) -> Result<()> {
    use std::io::Write as _;
    let mut file = std::fs::OpenOptions::new()
        .create(true)
        .append(true)
        .open(path)
        .with_context(|| format!("open `{}`", path.display()))?;
    for difference in differences {
        let regression = Regression {
            question: difference.question.clone(),
            answer: difference.theirs.clone(),
        };
        writeln!(file, "{}", serde_json::to_string(&regression)?)
            .with_context(|| format!("write `{}`", path.display()))?;
    }
    Ok(())
}

//! `cargo xtask bench evidence`

mod load;
mod server;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Result;

use super::median::median;
use load::{Answered, Load};
use server::Server;

/// Review Jobs by servers that leave no evidence, evidence in batches, and evidence before each
/// answer, in turns, and print the requests answered per second and their ratios
///
/// Three servers of a release build run at the same time with the policies that ship, without a
/// cluster; evidence goes into signed logs in a directory. One after the other answers clients on so
/// many connections that stay open, which complete and judge the Job of `bench/review.json` in
/// turns, each as soon as its last answer is there. The clients run on the same machine; CPU is that
/// of the server alone.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// How often each server is measured; the medians are printed, of rates and of ratios
    #[arg(long, default_value_t = 7, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,

    /// How long each server is measured per round
    #[arg(long, default_value_t = 2, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    seconds: u64,

    /// How many clients ask at the same time: an API server opens a connection for each request that it
    /// waits for
    #[arg(long, default_value_t = 64, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    connections: u32,

    /// Keep the logs below this directory [default: a temporary one]
    #[arg(long, value_name = "DIR")]
    keep: Option<PathBuf>,
}

/// How much of the throughput without evidence remains in batched mode, and how much of that before
/// each answer: at least.
const BATCHED_MIN: f64 = 0.9;
const BEFORE_RESPONSE_MIN: f64 = 0.5;

/// What is measured: name, and the options of the server.
const SIDES: [(&str, Option<&str>); 3] = [
    ("none", None),
    ("batched", Some("batched")),
    ("before-response", Some("before-response")),
];

pub(crate) fn compare(arguments: &Arguments) -> Result<ExitCode> {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let programs = super::build(&["cattlegrid"])?;
    let temporary = tempfile::tempdir()?;
    let directory = arguments.keep.as_deref().unwrap_or(temporary.path());
    let mut servers = Vec::new();
    for (name, mode) in SIDES {
        let program = programs.join("cattlegrid");
        servers.push(Server::start(&program, &directory.join(name), mode)?);
    }
    let load = Load::new(&repository, arguments.connections)?;
    println!(
        "{} connections; {} rounds of {} s; load of the machine {}, on {} CPUs\n",
        arguments.connections,
        arguments.rounds,
        arguments.seconds,
        super::load(),
        std::thread::available_parallelism().map_or(1, usize::from),
    );
    let mut answered: [Vec<Answered>; SIDES.len()] = Default::default();
    // The first round fills caches.
    for round in 0..=arguments.rounds {
        let time = Duration::from_secs(if round == 0 { 1 } else { arguments.seconds });
        for (answered, server) in answered.iter_mut().zip(&servers) {
            let of_round = load.run(server, time)?;
            if round > 0 {
                answered.push(of_round);
            }
        }
    }
    report(&answered)
}

fn report(answered: &[Vec<Answered>; SIDES.len()]) -> Result<ExitCode> {
    println!(
        "{:16} {:>12} {:>14} {:>12} {:>12}",
        "", "requests/s", "µs of CPU each", "median ms", "99 % ms"
    );
    for ((name, _), rounds) in SIDES.iter().zip(answered) {
        println!(
            "{name:16} {:>12.0} {:>14.0} {:>12.2} {:>12.2}",
            median(rounds.iter().map(Answered::per_second))?,
            median(rounds.iter().map(Answered::cpu_microseconds))?,
            median(rounds.iter().map(|round| round.milliseconds(0.5)))?,
            median(rounds.iter().map(|round| round.milliseconds(0.99)))?,
        );
    }
    let [none, batched, before_response] = answered;
    let ratio = |of: &[Answered], to: &[Answered]| {
        let rounds = of.iter().zip(to);
        median(rounds.map(|(of, to)| of.per_second() / to.per_second()))
    };
    let batched_ratio = ratio(batched, none)?;
    let before_ratio = ratio(before_response, batched)?;
    println!("\nbatched / none             {batched_ratio:.2} (aim: {BATCHED_MIN})");
    println!("before-response / batched  {before_ratio:.2} (aim: {BEFORE_RESPONSE_MIN})");
    let reached = batched_ratio >= BATCHED_MIN && before_ratio >= BEFORE_RESPONSE_MIN;
    Ok(if reached {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

//! A loop that feeds random input to a target: a bounded number of cases that are always the same
//! in an ordinary test run, ever new ones for as long as `cargo xtask fuzz` says.
//!
//! Nothing may panic, hang or take memory without bound. A panic is shrunk to a small input and
//! shown. An input that takes too long ends the process and is saved; what ends the process by itself
//! is found in the file that [`fuzz`] writes before each case of a long run.

pub mod corpus;
pub mod mutate;
mod watchdog;

use std::cell::Cell;
use std::fmt::Debug;
use std::path::PathBuf;
use std::sync::Once;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use proptest::strategy::Strategy;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use watchdog::Watchdog;

/// The environment variable that makes a run long: how many seconds each target may take.
pub const SECONDS_VARIABLE: &str = "CATTLEGRID_FUZZ_SECONDS";

/// What a process that runs targets may map, in bytes: far more than it needs, far less than would
/// hurt the machine.
const ADDRESS_SPACE_MAX_BYTES: u64 = 4 << 30;

/// How many cases of a long run share a seed.
const CASES_PER_SEED: u32 = 256;

/// Feeds inputs to `check`, which panics or returns an error for those that show a fault.
///
/// # Panics
/// An input shows a fault; the smallest one found is named.
#[allow(clippy::panic, reason = "this is how a test fails")]
pub fn fuzz<S: Strategy>(
    target: &str,
    cases: u32,
    strategy: S,
    check: impl Fn(&S::Value) -> Result<(), String>,
) where
    S::Value: Debug,
{
    limit_memory();
    let watchdog = Watchdog::start(target, input_file(target, "hang"));
    let watched = |input: &S::Value, text: String| watchdog.during(text, || check(input));
    let failure = match long_run() {
        None => run(0, cases, &strategy, &|input| {
            watched(input, format!("{input:#?}"))
        }),
        Some(duration) => {
            let file = input_file(target, "input");
            let until = Instant::now() + duration;
            let tried = Cell::new(0u64);
            let mut seed = SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .map_or(0, |elapsed| elapsed.as_secs());
            loop {
                let failure = run(seed, CASES_PER_SEED, &strategy, &|input| {
                    tried.set(tried.get() + 1);
                    let text = format!("{input:#?}");
                    // What ends the process leaves its input behind.
                    let _ = std::fs::write(&file, format!("{text}\n"));
                    watched(input, text)
                });
                if failure.is_some() || Instant::now() >= until {
                    eprintln!("{target}: {} inputs", tried.get());
                    break failure;
                }
                seed = seed.wrapping_add(1);
            }
        }
    };
    if let Some(failure) = failure {
        panic!("{target}: {failure}");
    }
}

fn run<S: Strategy>(
    seed: u64,
    cases: u32,
    strategy: &S,
    check: &impl Fn(&S::Value) -> Result<(), String>,
) -> Option<String>
where
    S::Value: Debug,
{
    let config = Config {
        cases,
        failure_persistence: None,
        max_shrink_iters: 4096,
        ..Config::default()
    };
    let mut bytes = [0; 32];
    for (slot, byte) in bytes.iter_mut().zip(seed.to_le_bytes()) {
        *slot = byte;
    }
    let random = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    TestRunner::new_with_rng(config, random)
        .run(strategy, |input| check(&input).map_err(TestCaseError::fail))
        .err()
        .map(|error| format!("seed {seed}: {error}"))
}

fn long_run() -> Option<Duration> {
    let seconds = std::env::var(SECONDS_VARIABLE).ok()?;
    seconds.parse().ok().map(Duration::from_secs)
}

/// Where an input of a target is found that ended the process.
fn input_file(target: &str, what: &str) -> PathBuf {
    std::env::temp_dir().join(format!("cattlegrid-fuzz-{target}.{what}"))
}

/// Beyond this, allocations fail and end the process.
fn limit_memory() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let limit = Rlimit {
            current: Some(ADDRESS_SPACE_MAX_BYTES),
            maximum: getrlimit(Resource::As).maximum,
        };
        // Where it cannot be lowered, it is low already.
        let _ = setrlimit(Resource::As, limit);
    });
}

//! `evidence verify`: recomputes logs from their bytes and says what does not hold.
//! docs/evidence/log-v1.md, "Verifying".

mod bundles;
mod discover;
mod finding;
mod head;
mod links;
mod log;
mod pins;
mod render;
mod tiles;
pub mod witness;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::SystemTime;

use anyhow::Context as _;
use clap::{Args, ValueEnum};
use transparency_log::record_proof::RecordProof;
use transparency_log::{Checkpoint, proof};

use super::attest::{Envelope, Statement};
use super::reading::{ExpectationArguments, Reading};
use super::storage::Storage;
pub(super) use bundles::records_of;
pub use finding::{Finding, Kind, LogReport, Report};
use pins::Pins;

use crate::message::without_controls;

/// Everything holds.
pub(super) const EXIT_HOLDS: u8 = 0;
/// Something does not. That something could not be read is 2, as for every command.
pub(super) const EXIT_FINDINGS: u8 = 1;

/// What `evidence verify` is given.
#[derive(Debug, Args)]
pub struct Arguments {
    /// A store of logs, one replica's logs or one log (a directory, `file://…`, `s3://…`), or the
    /// file of a record's proof that `--proof` wrote, or of an attestation
    #[arg(value_name = "URL")]
    url: String,
    #[command(flatten)]
    expected: ExpectationArguments,
    /// Number of a record of the one log, to write a proof of
    #[arg(long, value_name = "N", requires = "proof")]
    record: Option<u64>,
    /// Where the record's proof goes
    #[arg(long, value_name = "FILE", requires = "record")]
    proof: Option<PathBuf>,
    /// Compare with this audit log of an API server: requests without a record, or without an answer
    /// of the webhook; `-` is standard input (may be given several times; give those of all API servers)
    #[arg(long, value_name = "FILE")]
    audit_log: Vec<PathBuf>,
    /// Form of the output
    #[arg(short, long, value_enum, default_value_t = Output::Text)]
    output: Output,
}

/// Form of an output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Output {
    /// For people.
    Text,
    /// For machines.
    Json,
}

/// What logs are compared with, from elsewhere.
#[derive(Debug, Default)]
pub struct Expectations {
    pins: Pins,
    heads: Vec<Seen>,
    pub(super) retained_from: Option<SystemTime>,
}

/// A head from elsewhere.
#[derive(Clone, Debug)]
struct Seen {
    /// Where it is from.
    from: String,
    /// The signed note.
    note: Vec<u8>,
    head: Checkpoint,
}

impl Expectations {
    /// Logs must be signed by one of these keys, each a verifier key or a file with some.
    ///
    /// # Errors
    /// A text is neither.
    pub fn pin(mut self, keys: &[String]) -> anyhow::Result<Self> {
        self.pins = Pins::read(keys)?;
        Ok(self)
    }

    /// Logs must go on from this head.
    ///
    /// # Errors
    /// The bytes are no checkpoint.
    pub fn head(mut self, from: &str, note: Vec<u8>) -> anyhow::Result<Self> {
        let head = Checkpoint::parse(&note).map(|(head, _)| head);
        let head = head.with_context(|| format!("`{from}` is no checkpoint"))?;
        let from = from.to_owned();
        self.heads.push(Seen { from, note, head });
        Ok(self)
    }

    /// Logs opened before may be gone.
    pub fn retained_from(mut self, time: Option<SystemTime>) -> Self {
        self.retained_from = time;
        self
    }
}

/// Verifies what the arguments name, and writes the result to `output`.
///
/// # Errors
/// Something could not be read.
pub async fn run(arguments: &Arguments, output: &mut dyn Write) -> anyhow::Result<ExitCode> {
    let expected = arguments.expected.read()?;
    if Path::new(&arguments.url).is_file() {
        anyhow::ensure!(
            arguments.audit_log.is_empty() && arguments.proof.is_none(),
            "`{}` is a file; --audit-log, --record and --proof need the logs",
            arguments.url
        );
        return verify_proof(Path::new(&arguments.url), &expected, output);
    }
    let events = witness::read(&arguments.audit_log)?;
    let mut reading = Reading::verified(&arguments.url, &expected).await?;
    if !arguments.audit_log.is_empty() {
        witness::compare(&mut reading, events, expected.retained_from).await?;
    }
    let Reading { storage, report } = reading;
    match arguments.output {
        Output::Text => render::text(&report, output)?,
        Output::Json => render::json(&report, output)?,
    }
    if !report.holds() {
        return Ok(ExitCode::from(EXIT_FINDINGS));
    }
    if let (Some(record), Some(path)) = (arguments.record, &arguments.proof) {
        let proof = prove(&*storage, &report, record).await?;
        std::fs::write(path, proof.to_text())
            .with_context(|| format!("the proof cannot be written to `{}`", path.display()))?;
    }
    Ok(ExitCode::from(EXIT_HOLDS))
}

/// Verifies every log of a store, and what they say of each other.
///
/// # Errors
/// The store could not be read; what could be read is no error, whatever it holds.
pub async fn verify(storage: &dyn Storage, expected: &Expectations) -> anyhow::Result<Report> {
    let found = discover::discover(storage.list("").await?);
    let mut report = Report {
        is_pinned: !expected.pins.is_empty(),
        findings: found.findings,
        logs: Vec::new(),
        witness: None,
    };
    for log in &found.logs {
        report.logs.push(log::check(storage, log, expected).await?);
    }
    links::check(&mut report, expected, found.scope);
    Ok(report)
}

/// The proof that a record is in the one log that was verified.
async fn prove(storage: &dyn Storage, report: &Report, record: u64) -> anyhow::Result<RecordProof> {
    let log = report.the_one_log()?;
    let index = usize::try_from(record).unwrap_or(usize::MAX);
    let path = proof::inclusion(&log.leaves, index)
        .with_context(|| format!("the log has {} records, no record {record}", log.size()))?;
    let entry = bundles::entry(storage, log, record).await?;
    Ok(RecordProof {
        entry,
        index: record,
        path,
        checkpoint: log.note.clone(),
    })
}

/// Verifies a proof without its log.
fn verify_proof(
    path: &Path,
    expected: &Expectations,
    output: &mut dyn Write,
) -> anyhow::Result<ExitCode> {
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("`{}` cannot be read", path.display()))?;
    anyhow::ensure!(
        !expected.pins.is_empty(),
        "neither proofs nor attestations hold the log's key: give it with --key"
    );
    // What begins so is no tlog-proof.
    if text.starts_with('{') {
        return verify_attestation(&text, expected, output);
    }
    let proof = RecordProof::parse(&text);
    let result = proof.and_then(|proof| {
        let head = proof.verify(|origin| expected.pins.of_log(origin))?;
        Ok((proof, head))
    });
    match result {
        Ok((proof, head)) => {
            let (index, size) = (proof.index, head.size);
            writeln!(output, "holds: record {index} of {size} of {}", head.origin)?;
            output.write_all(&proof.entry)?;
            writeln!(output)?;
            Ok(ExitCode::from(EXIT_HOLDS))
        }
        Err(error) => {
            writeln!(output, "does not hold: {error}")?;
            Ok(ExitCode::from(EXIT_FINDINGS))
        }
    }
}

/// Verifies an attestation without the log, and prints its statement.
fn verify_attestation(
    text: &str,
    expected: &Expectations,
    output: &mut dyn Write,
) -> anyhow::Result<ExitCode> {
    let result = Envelope::parse(text).and_then(|envelope| envelope.verify(expected.pins.all()));
    let result = result.map_err(anyhow::Error::from).and_then(|payload| {
        let statement = Statement::verify(&payload, |origin| expected.pins.of_log(origin))?;
        Ok((payload, statement))
    });
    match result {
        Ok((payload, statement)) => {
            writeln!(output, "holds: {}", without_controls(statement.summary()))?;
            output.write_all(&payload)?;
            writeln!(output)?;
            Ok(ExitCode::from(EXIT_HOLDS))
        }
        Err(error) => {
            writeln!(output, "does not hold: {error}")?;
            Ok(ExitCode::from(EXIT_FINDINGS))
        }
    }
}

//! `evidence attest`: one decision as an in-toto Statement that the log's key signs.
//! docs/evidence/attestation-v1.md.

mod dsse;
mod statement;

use std::io::Write;
use std::path::PathBuf;

use anyhow::Context as _;
use clap::{ArgGroup, Args};

pub use self::dsse::{Envelope, EnvelopeError};
pub use self::statement::{Statement, StatementError};
use super::key::SigningKeys;
use super::reading::{Located, Reading};
use super::record::Event;
use super::verify::{Expectations, records_of};
use crate::message::without_controls;

/// How many decisions are listed where one is to be chosen.
const LISTED_MAX: usize = 10;

/// What `evidence attest` is given.
#[derive(Debug, Args)]
#[command(group(ArgGroup::new("decision").required(true).args(["investigation", "record"])))]
pub struct Arguments {
    /// The log, or with --investigation the store of logs (a directory, `file://…`, `s3://…`)
    #[arg(value_name = "URL")]
    url: String,
    /// The signing key of the log, as `serve --evidence-key` reads it (may be given several times)
    #[arg(long, value_name = "FILE", required = true)]
    key: Vec<PathBuf>,
    /// Attest the decision that admitted this investigation's Job
    #[arg(long, value_name = "ID")]
    investigation: Option<String>,
    /// Attest the decision with this number of the one log
    #[arg(long, value_name = "N")]
    record: Option<u64>,
}

/// Writes the attestation to `output`.
///
/// # Errors
/// There is no such decision, or several, its log does not hold, or the key is not the log's.
pub async fn run(arguments: &Arguments, output: &mut dyn Write) -> anyhow::Result<()> {
    let keys = SigningKeys::read(&arguments.key)?;
    let signing = keys.of_log(keys.name())?;
    let verifiers: Vec<String> = signing
        .iter()
        .map(|key| key.verifier().to_string())
        .collect();
    let expected = Expectations::default().pin(&verifiers)?;
    let reading = Reading::verified(&arguments.url, &expected).await?;
    let Chosen { statement, .. } = choose(&reading, arguments).await?;
    let envelope = Envelope::sign(&serde_json::to_vec(&statement)?, &signing)?;
    serde_json::to_writer_pretty(&mut *output, &envelope)?;
    writeln!(output)?;
    Ok(())
}

/// A decision that can be attested.
struct Chosen {
    statement: Statement,
    /// For people who have to choose.
    text: String,
}

/// The one decision that is meant.
async fn choose(reading: &Reading, arguments: &Arguments) -> anyhow::Result<Chosen> {
    if arguments.record.is_some() {
        reading.report.the_one_log()?;
    }
    let mut found = Vec::new();
    let mut searched = 0_u64;
    reading
        .each(|located| {
            searched += 1;
            let is_meant = match (arguments.record, &arguments.investigation) {
                (Some(number), _) => located.number == number,
                (None, Some(id)) => admits_job_of(&located, id),
                (None, None) => false,
            };
            if is_meant {
                found.push(attestable(&located)?);
            }
            Ok(())
        })
        .await?;
    let mut found = found.into_iter();
    match (found.next(), found.as_slice()) {
        (Some(chosen), []) => Ok(chosen),
        (Some(first), others) => Err(ambiguous(&first, others)),
        (None, _) => Err(absent(reading, arguments, searched)),
    }
}

fn ambiguous(first: &Chosen, others: &[Chosen]) -> anyhow::Error {
    let all = [first].into_iter().chain(others).take(LISTED_MAX);
    let lines: String = all.map(|chosen| format!("\n  {}", chosen.text)).collect();
    anyhow::anyhow!(
        "{} decisions admitted a Job of this investigation; give one log and --record:{lines}",
        others.len() + 1
    )
}

fn absent(reading: &Reading, arguments: &Arguments, searched: u64) -> anyhow::Error {
    let what = match (arguments.record, &arguments.investigation) {
        (Some(number), _) => format!("record {number}"),
        (None, id) => {
            let id = id.as_deref().unwrap_or_default();
            format!("decision that admitted a Job of investigation `{id}`")
        }
    };
    let records = records_of(searched);
    let hint = match reading.report.holds() {
        true => "",
        false => {
            "; there are logs that do not hold under this key, and what cannot be verified is not \
             attested: `cattlegrid evidence verify` says what is wrong"
        }
    };
    anyhow::anyhow!("there is no {what} among {records}{hint}")
}

fn admits_job_of(located: &Located<'_>, id: &str) -> bool {
    let Ok(record) = &located.record else {
        return false;
    };
    let Event::Decision(review) = &record.event else {
        return false;
    };
    review.investigation() == Some(id)
        && review.asks_for_a_job()
        && !review.is_denied()
        && review.digests.admitted.is_some()
}

/// The statement about a record, whose log must hold; what became of other logs is another matter.
fn attestable(located: &Located<'_>) -> anyhow::Result<Chosen> {
    let (log, number) = (located.log, located.number);
    let place = format!("record {number} of `{}`", log.name());
    if let Some(finding) = log.findings.first() {
        let (kind, path, message) = (finding.kind, &finding.path, &finding.message);
        anyhow::bail!("{place} is not attested, its log does not hold: {kind}: {path}: {message}");
    }
    let record = located.record.as_ref().map_err(Clone::clone);
    let record = record.with_context(|| format!("{place} cannot be attested"))?;
    let Event::Decision(review) = &record.event else {
        let kind = record.kind();
        anyhow::bail!("{place} is of type `{kind}`; only decisions are attested");
    };
    let statement = Statement::of(located, record.time, review)
        .with_context(|| format!("{place} admits no object that could be attested"))?;
    let by = review.source.as_ref().map_or("", |source| &source.user);
    let text = format!(
        "{place}: {} at {}, by {by}",
        statement.subject_name(),
        record.time
    );
    Ok(Chosen {
        statement,
        text: without_controls(text),
    })
}

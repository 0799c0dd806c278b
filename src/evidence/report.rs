//! `evidence report`: what logs show of a period, for an assessor. One model is gathered from the
//! records; every form is made of it.

mod gather;
mod html;
mod model;
mod oscal;
mod reference;

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Args, ValueEnum};
use serde::Serialize;

use self::gather::{Described, Gatherer};
pub use self::model::Report;
use self::oscal::{Document, OscalVersion};
use super::digest::Digest;
use super::period::PeriodArguments;
use super::reading::{LogArguments, Reading};
use super::verify::witness;
use crate::load;
use crate::policy::shelf;

/// The logs hold.
const EXIT_HOLDS: u8 = 0;
/// Something in them does not.
const EXIT_FINDINGS: u8 = 1;

/// What `evidence report` is given.
#[derive(Debug, Args)]
pub struct Arguments {
    #[command(flatten)]
    logs: LogArguments,
    #[command(flatten)]
    period: PeriodArguments,
    /// Compare with this audit log of an API server: requests without a record, or without an answer
    /// of the webhook; `-` is standard input (may be given several times; give those of all API servers)
    #[arg(long, value_name = "FILE")]
    audit_log: Vec<PathBuf>,
    /// Form of the report
    #[arg(long, value_enum, visible_alias = "output", short = 'o')]
    format: Format,
    /// Which OSCAL document [default: assessment-results]
    #[arg(long, value_enum)]
    document: Option<Document>,
    /// Version of OSCAL that the document names [default: 1.2.1]
    #[arg(long, value_enum)]
    oscal_version: Option<OscalVersion>,
    /// Directory with the policies that were in force, whose titles and controls are told [default:
    /// the embedded set]
    #[arg(long, value_name = "DIR")]
    policies: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// OSCAL, as JSON
    Oscal,
    /// One page for a browser or a printer
    Html,
    /// Everything, for programs (docs/evidence/report-v1.schema.json)
    Json,
}

/// Reports on the logs that the arguments name, to `output`; that they do not hold goes to
/// `messages`, too.
///
/// # Errors
/// Something could not be read or written.
pub async fn run(
    arguments: &Arguments,
    output: &mut dyn Write,
    messages: &mut dyn Write,
) -> anyhow::Result<ExitCode> {
    let is_oscal = arguments.format == Format::Oscal;
    anyhow::ensure!(
        is_oscal || (arguments.document.is_none() && arguments.oscal_version.is_none()),
        "--document and --oscal-version are about --format oscal"
    );
    let period = arguments.period.period()?;
    let described = described(arguments)?;
    let expected = arguments.logs.expected.read()?;
    // A record is written before its event: the events are read before the records.
    let events = witness::read(&arguments.audit_log)?;
    let mut reading = Reading::verified(&arguments.logs.url, &expected).await?;
    if !arguments.audit_log.is_empty() {
        witness::compare(&mut reading, events, expected.retained_from).await?;
    }
    let mut gatherer = Gatherer::new(period, &described);
    reading
        .each(|located| {
            gatherer.add(&located);
            Ok(())
        })
        .await?;
    let mut report = gatherer.finish(&reading.report);
    report.audit_log = reading.report.witness.take();
    write(arguments, &report, output).context("the report cannot be written")?;
    if report.holds {
        return Ok(ExitCode::from(EXIT_HOLDS));
    }
    let count = reading.report.all_findings().count();
    writeln!(
        messages,
        "does not hold: {count} findings, which the report names; `cattlegrid evidence verify` tells \
         them alone"
    )?;
    Ok(ExitCode::from(EXIT_FINDINGS))
}

/// How a value of an enumeration is written.
fn name(value: &impl Serialize) -> String {
    let value = serde_json::to_value(value).ok();
    let text = value.as_ref().and_then(|value| value.as_str());
    text.unwrap_or_default().to_owned()
}

fn described(arguments: &Arguments) -> anyhow::Result<Described> {
    let directory = arguments.policies.as_deref();
    let sources = match directory {
        Some(directory) => load::read_policies(directory)?,
        None => load::embedded_policies(),
    };
    Ok(Described {
        pages: shelf::pages(&shelf::folders(directory)?),
        set: Digest::parse(load::compile(&sources)?.digest()),
    })
}

fn write(arguments: &Arguments, report: &Report, output: &mut dyn Write) -> anyhow::Result<()> {
    match arguments.format {
        Format::Json => {
            serde_json::to_writer_pretty(&mut *output, report)?;
            writeln!(output)?;
        }
        Format::Oscal => {
            let document = arguments.document.unwrap_or_default();
            let version = arguments.oscal_version.unwrap_or_default();
            oscal::write(document, version, report, output)?;
        }
        Format::Html => output.write_all(html::page(report)?.as_bytes())?,
    }
    output.flush()?;
    Ok(())
}

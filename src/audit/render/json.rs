//! Findings for programs: one JSON document, written as the audit goes on. `docs/audit-v1.schema.json`
//! describes it.

use std::io::{self, Read as _, Seek as _, Write};

use serde::Serialize;
use tempfile::SpooledTempFile;

use super::{About, PROGRAM, Renderer, VERSION};
use crate::audit::outcome::{Outcome, State};
use crate::audit::summary::Summary;

mod escape;
mod v1;

use escape::Escaped;

/// What a section that is not written yet may occupy in memory; the rest of it waits in a file.
const SECTION_BYTES_MAX: usize = 1024 * 1024;
/// How much of a section is copied at once.
const COPY_BYTES: usize = 64 * 1024;

/// Prints findings as they come; everything else waits for its turn.
pub struct JsonReport<'a> {
    about: &'a About<'a>,
    is_begun: bool,
    findings: usize,
    not_evaluated: Section,
    unreadable: Section,
    mutations: Section,
}

/// The items of an array that is written later.
struct Section {
    bytes: SpooledTempFile,
    items: usize,
}

impl<'a> JsonReport<'a> {
    /// A renderer.
    pub fn new(about: &'a About<'a>) -> Self {
        Self {
            about,
            is_begun: false,
            findings: 0,
            not_evaluated: Section::new(),
            unreadable: Section::new(),
            mutations: Section::new(),
        }
    }

    fn begin(&mut self, output: &mut dyn Write) -> io::Result<()> {
        if std::mem::replace(&mut self.is_begun, true) {
            return Ok(());
        }
        output.write_all(b"{\n")?;
        member(output, "version", &v1::VERSION)?;
        let program = v1::Program {
            name: PROGRAM,
            version: VERSION,
        };
        member(output, "program", &program)?;
        member(output, "time", &self.about.now.to_string())?;
        let digest = self.about.set.digest();
        member(output, "policySet", &v1::PolicySet { digest })?;
        output.write_all(b"\"findings\": [")
    }
}

impl Renderer for JsonReport<'_> {
    fn add(&mut self, outcome: &Outcome, output: &mut dyn Write) -> io::Result<()> {
        self.begin(output)?;
        match &outcome.state {
            State::Unreadable { message, place } => {
                let unreadable = v1::Unreadable::new(outcome, message, place.as_ref());
                self.unreadable.add(&unreadable)
            }
            State::NotEvaluated { reason } => self
                .not_evaluated
                .add(&v1::NotEvaluated::object(outcome, reason)),
            State::Judged {
                findings,
                mutations,
            } => {
                for found in findings {
                    if let Some(reason) = found.open_question() {
                        let open = v1::NotEvaluated::policy(outcome, found, reason);
                        self.not_evaluated.add(&open)?;
                        continue;
                    }
                    item(output, self.findings, &v1::Finding::new(outcome, found))?;
                    self.findings += 1;
                }
                if mutations.is_empty() {
                    return Ok(());
                }
                self.mutations.add(&v1::Mutation::new(outcome, mutations))
            }
        }
    }

    fn finish(&mut self, summary: &Summary, output: &mut dyn Write) -> io::Result<()> {
        self.begin(output)?;
        output.write_all(b"\n],\n")?;
        for (name, section) in [
            ("notEvaluated", &mut self.not_evaluated),
            ("unreadable", &mut self.unreadable),
            ("mutations", &mut self.mutations),
        ] {
            write!(output, "\"{name}\": [")?;
            section.write_to(output)?;
            output.write_all(b"\n],\n")?;
        }
        member(output, "gone", &summary.gone)?;
        let exit_code = summary.exit_code(self.about.threshold);
        output.write_all(b"\"summary\": ")?;
        write_escaped(output, &v1::Totals::new(summary, exit_code))?;
        output.write_all(b"\n}\n")
    }
}

impl Section {
    fn new() -> Self {
        Self {
            bytes: SpooledTempFile::new(SECTION_BYTES_MAX),
            items: 0,
        }
    }

    fn add(&mut self, value: &impl Serialize) -> io::Result<()> {
        item(&mut self.bytes, self.items, value)?;
        self.items += 1;
        Ok(())
    }

    fn write_to(&mut self, output: &mut dyn Write) -> io::Result<()> {
        self.bytes.rewind()?;
        let mut buffer = vec![0; COPY_BYTES];
        loop {
            match self.bytes.read(&mut buffer)? {
                0 => return Ok(()),
                read => output.write_all(buffer.get(..read).unwrap_or_default())?,
            }
        }
    }
}

/// An item of an array, on a line of its own.
fn item(output: &mut dyn Write, position: usize, value: &impl Serialize) -> io::Result<()> {
    output.write_all(if position == 0 { b"\n  " } else { b",\n  " })?;
    write_escaped(output, value)
}

/// A member that others follow.
fn member(output: &mut dyn Write, name: &str, value: &impl Serialize) -> io::Result<()> {
    write!(output, "\"{name}\": ")?;
    write_escaped(output, value)?;
    output.write_all(b",\n")
}

fn write_escaped(output: &mut dyn Write, value: &impl Serialize) -> io::Result<()> {
    let mut serializer = serde_json::Serializer::with_formatter(output, Escaped);
    value.serialize(&mut serializer).map_err(io::Error::from)
}

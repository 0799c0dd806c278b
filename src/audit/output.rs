//! Where the output goes: `-o FORMAT[=FILE]`, several from one run, and what counts as a failure.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use clap::{Args, ValueEnum};

mod file;

pub use self::file::OutputFile;
use super::interruption::Interruption;
use super::outcome::{Outcome, Severity};
use super::render::{self, About, Format, Renderer};
use super::summary::{Summary, Threshold};
use crate::policy::nearest::did_you_mean;

/// Said when standard output takes nothing more.
const UNWRITABLE: &str = "the output cannot be written";
/// Stands for standard output, as it stands for standard input elsewhere.
const STANDARD_OUTPUT: &str = "-";

/// What to print, where, and what makes the program fail.
#[derive(Args, Clone, Debug)]
pub struct OutputArguments {
    /// Format of the output, and the file to write instead of standard output (may be given several
    /// times) [default: text]
    #[arg(
        short,
        long,
        alias = "format",
        value_name = "FORMAT[=FILE]",
        value_parser = Destination::parse,
        long_help = render::help(),
    )]
    output: Vec<Destination>,
    /// Exit with 1 for findings that are at least this grave
    #[arg(long, value_name = "ACTION", default_value = "deny")]
    fail_on: FailOn,
    /// Exit with 1 for what could not be evaluated, too
    #[arg(long)]
    strict: bool,
    /// When to colour text; files are never coloured
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    color: Colour,
}

/// What a finding must lead to for the program to fail.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum FailOn {
    Deny,
    Warn,
    Audit,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Colour {
    Auto,
    Always,
    Never,
}

/// A format, and where it goes.
#[derive(Clone, Debug)]
struct Destination {
    format: &'static Format,
    /// `None` for standard output.
    file: Option<PathBuf>,
}

/// The outputs of one run.
pub struct Outputs<'a> {
    outputs: Vec<Output<'a>>,
    /// Whether whoever read standard output has gone.
    is_closed: bool,
}

/// Why there is nothing more to write.
#[derive(Debug)]
pub enum Stop {
    /// Nobody reads on.
    Unread,
    /// An output takes nothing more.
    Failed(anyhow::Error),
}

struct Output<'a> {
    renderer: Box<dyn Renderer + 'a>,
    sink: Sink<'a>,
}

enum Sink<'a> {
    Stream(&'a mut dyn Write),
    File(OutputFile),
}

impl OutputArguments {
    /// What makes the program fail.
    pub fn threshold(&self) -> Threshold {
        Threshold {
            fail_on: match self.fail_on {
                FailOn::Deny => Severity::Deny,
                FailOn::Warn => Severity::Warn,
                FailOn::Audit => Severity::Audit,
            },
            strict: self.strict,
        }
    }

    /// Opens the outputs; nothing is written yet. Of files that are interrupted, nothing stays.
    ///
    /// # Errors
    /// When two outputs go to one place, or a file cannot be written.
    pub fn open<'a>(
        &self,
        about: &'a About<'a>,
        is_terminal: bool,
        stream: &'a mut dyn Write,
        interruption: &Interruption,
    ) -> Result<Outputs<'a>> {
        let text = Destination {
            format: render::default_format(),
            file: None,
        };
        let destinations = match self.output.as_slice() {
            [] => std::slice::from_ref(&text),
            given => given,
        };
        check_distinct(destinations)?;
        let mut stream = Some(stream);
        let mut outputs = Vec::new();
        for Destination { format, file } in destinations {
            let sink = match (file, stream.take()) {
                (Some(file), kept) => {
                    stream = kept;
                    let file = OutputFile::create(file)?;
                    if let Some(partial) = file.partial() {
                        interruption.removes(partial);
                    }
                    Sink::File(file)
                }
                (None, Some(stream)) => Sink::Stream(stream),
                (None, None) => bail!("standard output is asked for more than once"),
            };
            let is_coloured = file.is_none() && self.color.wanted(is_terminal);
            outputs.push(Output {
                renderer: (format.renderer)(about, is_coloured),
                sink,
            });
        }
        Ok(Outputs {
            outputs,
            is_closed: false,
        })
    }
}

impl Outputs<'_> {
    /// Writes an outcome everywhere.
    ///
    /// # Errors
    /// What cannot be written, or that nobody reads on.
    pub fn add(&mut self, outcome: &Outcome) -> Result<(), Stop> {
        let written = self.each(|renderer, sink| renderer.add(outcome, sink));
        written.map_err(Stop::Failed)?;
        match self.outputs.is_empty() {
            true => Err(Stop::Unread),
            false => Ok(()),
        }
    }

    /// Ends every output, and puts the files where they belong. Says whether all was read.
    ///
    /// # Errors
    /// What cannot be written.
    pub fn finish(mut self, summary: &Summary) -> Result<bool> {
        self.each(|renderer, sink| {
            renderer.finish(summary, sink)?;
            sink.flush()
        })?;
        for output in self.outputs {
            if let Sink::File(file) = output.sink {
                file.keep()?;
            }
        }
        Ok(!self.is_closed)
    }

    fn each(
        &mut self,
        mut write: impl FnMut(&mut (dyn Renderer + '_), &mut dyn Write) -> io::Result<()>,
    ) -> Result<()> {
        let mut closed = None;
        for (position, Output { renderer, sink }) in self.outputs.iter_mut().enumerate() {
            match sink {
                Sink::File(file) => {
                    let written = write(renderer.as_mut(), file);
                    written.with_context(|| file.cannot_be_written())?;
                }
                Sink::Stream(stream) => match write(renderer.as_mut(), *stream) {
                    // Whoever closed the pipe has read enough; files are written all the same.
                    Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                        closed = Some(position);
                    }
                    written => written.context(UNWRITABLE)?,
                },
            }
        }
        if let Some(position) = closed {
            self.outputs.remove(position);
            self.is_closed = true;
        }
        Ok(())
    }
}

impl Destination {
    fn parse(text: &str) -> Result<Self, String> {
        let (name, file) = match text.split_once('=') {
            Some((name, file)) => (name, Some(file)),
            None => (text, None),
        };
        let Some(format) = render::format(name) else {
            let hint = did_you_mean(name, render::FORMATS.iter().map(|format| format.name));
            return Err(format!("there is no format `{name}`{hint}"));
        };
        if file == Some("") {
            return Err(format!("no file behind `{name}=`"));
        }
        let file = file.filter(|file| *file != STANDARD_OUTPUT);
        Ok(Self {
            format,
            file: file.map(PathBuf::from),
        })
    }
}

impl Colour {
    fn wanted(self, is_terminal: bool) -> bool {
        match self {
            Colour::Auto => is_terminal && std::env::var_os("NO_COLOR").is_none(),
            Colour::Always => true,
            Colour::Never => false,
        }
    }
}

/// Two outputs in one place would be neither.
fn check_distinct(destinations: &[Destination]) -> Result<()> {
    let mut files: Vec<&Path> = Vec::new();
    let mut streamed: Option<&str> = None;
    for Destination { format, file } in destinations {
        match (file, streamed) {
            (None, Some(other)) => bail!(
                "formats {other} and {name} both go to standard output; write one to a file: -o \
                 {name}=FILE",
                name = format.name
            ),
            (None, None) => streamed = Some(format.name),
            (Some(file), _) if files.contains(&file.as_path()) => {
                bail!("{}: more than one output goes here", file.display())
            }
            (Some(file), _) => files.push(file),
        }
    }
    Ok(())
}

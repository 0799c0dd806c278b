//! Why an expression does not compile, printed as cel-go prints it (`common/error.go` and
//! `common/errors.go`).

use std::fmt;

/// How many errors are printed; the rest is counted. `maxErrorsToReport` of cel-go.
const ERRORS_SHOWN_MAX: usize = 100;

/// How many errors are kept, so that a hostile expression cannot make millions of them.
const ERRORS_KEPT_MAX: usize = 1_000;

/// Lines longer than this are not shown below an error. `maxSnippetLength` of cel-go, in bytes.
const SNIPPET_BYTES_MAX: usize = 16_384;

/// One reason why an expression does not compile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompileError {
    /// What is wrong; type and declaration errors in cel-go's words.
    pub message: String,
    /// Where, as a byte range of the source.
    pub start: usize,
    /// Exclusive end.
    pub end: usize,
    /// Line of `start`, counted from 1; 0 when the error concerns the expression as a whole.
    pub line: usize,
    /// Column of `start` in code points, counted from 1; 0 when the error concerns the expression as
    /// a whole or the expression is empty.
    pub column: usize,
}

/// Every reason why an expression does not compile; never empty. The first hundred are in source
/// order.
/// `Display` gives cel-go's form: `ERROR: <input>:1:1: …` with the line and a caret below.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompileErrors {
    /// The expression.
    pub source: String,
    /// What is wrong with it.
    pub errors: Vec<CompileError>,
}

impl CompileErrors {
    /// A single error, at a byte range of the source.
    pub fn single(source: &str, place: Place, message: impl Into<String>) -> Self {
        let mut errors = Collector::default();
        errors.report(place, message);
        errors.finish(source)
    }
}

impl fmt::Display for CompileErrors {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, error) in self.errors.iter().take(ERRORS_SHOWN_MAX).enumerate() {
            if position > 0 {
                formatter.write_str("\n")?;
            }
            error.write(formatter, &self.source)?;
        }
        match self.errors.len().saturating_sub(ERRORS_SHOWN_MAX) {
            0 => Ok(()),
            more => write!(formatter, "\n{more} more errors were truncated"),
        }
    }
}

impl std::error::Error for CompileErrors {}

impl CompileError {
    fn write(&self, formatter: &mut fmt::Formatter<'_>, source: &str) -> fmt::Result {
        let message = &self.message;
        if self.line == 0 {
            return write!(formatter, "ERROR: <input>:-1:0: {message}");
        }
        let (line, column) = (self.line, self.column);
        write!(formatter, "ERROR: <input>:{line}:{column}: {message}")?;
        match source.split('\n').nth(line - 1) {
            Some(text) if !source.is_empty() && text.len() <= SNIPPET_BYTES_MAX => {
                write_snippet(formatter, text, column.saturating_sub(1))
            }
            _ => Ok(()),
        }
    }
}

/// The line and a caret below it. Characters beyond ASCII are underlined with full-width dots, as
/// they are usually wide.
fn write_snippet(formatter: &mut fmt::Formatter<'_>, line: &str, before: usize) -> fmt::Result {
    let line = line.replace('\t', " ");
    write!(formatter, "\n | {line}\n | ")?;
    let mut characters = line.chars();
    for character in characters.by_ref().take(before) {
        formatter.write_str(if character.is_ascii() {
            "."
        } else {
            "\u{ff0e}"
        })?;
    }
    match characters.next() {
        Some(character) if !character.is_ascii() => formatter.write_str("\u{ff3e}"),
        _ => formatter.write_str("^"),
    }
}

/// A byte range of an expression's source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Where an error is reported.
    pub start: u32,
    /// Exclusive end.
    pub end: u32,
}

/// Gathers errors while an expression is parsed or checked.
#[derive(Debug, Default)]
pub(crate) struct Collector {
    errors: Vec<(Option<Place>, String)>,
}

impl Collector {
    /// Notes an error at a place.
    pub(crate) fn report(&mut self, place: Place, message: impl Into<String>) {
        self.push(Some(place), message.into());
    }

    /// Notes an error of the expression as a whole.
    pub(crate) fn report_whole(&mut self, message: impl Into<String>) {
        self.push(None, message.into());
    }

    /// Whether nothing was noted.
    pub(crate) fn is_empty(&self) -> bool {
        self.errors.is_empty()
    }

    /// How many errors were noted, for [`Collector::repeat`].
    pub(crate) fn mark(&self) -> usize {
        self.errors.len()
    }

    /// Notes again what was noted between two marks: cel-go copies a part of the expression there.
    pub(crate) fn repeat(&mut self, from: usize, to: usize) {
        let again = self.errors.get(from..to).unwrap_or_default().to_vec();
        for (place, message) in again {
            self.push(place, message);
        }
    }

    /// The errors, the printed ones in source order.
    pub(crate) fn finish(self, source: &str) -> CompileErrors {
        let mut errors: Vec<CompileError> = self
            .errors
            .into_iter()
            .map(|(place, message)| locate(source, place, message))
            .collect();
        let shown = errors.len().min(ERRORS_SHOWN_MAX);
        if let Some(shown) = errors.get_mut(..shown) {
            shown.sort_by_key(|error| (error.line, error.column));
        }
        CompileErrors {
            source: source.to_owned(),
            errors,
        }
    }

    fn push(&mut self, place: Option<Place>, message: String) {
        if self.errors.len() < ERRORS_KEPT_MAX {
            self.errors.push((place, message));
        }
    }
}

fn locate(source: &str, place: Option<Place>, message: String) -> CompileError {
    let Some(place) = place else {
        return CompileError {
            message,
            start: 0,
            end: source.len(),
            line: 0,
            column: 0,
        };
    };
    let start = place.start as usize;
    let before = source.get(..start).unwrap_or(source);
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    CompileError {
        message,
        start,
        end: (place.end as usize).max(start),
        line: before.matches('\n').count() + 1,
        // cel-go counts from 0 in an empty expression.
        column: before.get(line_start..).unwrap_or("").chars().count()
            + usize::from(!source.is_empty()),
    }
}

//! Output formats. A renderer reads outcomes and the summary, nothing else.

use std::io::{self, Write};

use super::outcome::Outcome;
use super::summary::Summary;

pub mod text;

/// Writes outcomes in one format.
pub trait Renderer {
    /// Takes the next outcome, in the order of the input.
    ///
    /// # Errors
    /// When `output` takes nothing more.
    fn add(&mut self, outcome: &Outcome, output: &mut dyn Write) -> io::Result<()>;

    /// Ends the output.
    ///
    /// # Errors
    /// When `output` takes nothing more.
    fn finish(&mut self, summary: &Summary, output: &mut dyn Write) -> io::Result<()>;
}

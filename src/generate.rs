//! `cattlegrid generate`: what gets installed, derived from policies and baseline.

use std::io::Write as _;
use std::path::PathBuf;

use serde_json::Value;

use crate::load::LoadErrors;

pub mod namespace;
pub mod webhooks;

/// Why nothing can be printed.
#[derive(Debug, thiserror::Error)]
pub enum GenerateError {
    /// Policies or baseline.
    #[error(transparent)]
    Rules(#[from] LoadErrors),
    /// The CA cannot be read.
    #[error("{}: cannot be read: {error}", file.display())]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// An option that the baseline does not allow for.
    #[error("{0}")]
    Options(String),
    /// The output.
    #[error("the output cannot be written: {0}")]
    Output(#[from] std::io::Error),
    /// YAML.
    #[error("the objects cannot be written as YAML: {0}")]
    Yaml(#[from] serde_saphyr::SerializeError),
}

/// Prints on standard output. Whoever closed the pipe has read enough.
///
/// # Errors
/// When it cannot be written.
pub fn print(text: &str) -> Result<(), GenerateError> {
    match std::io::stdout().lock().write_all(text.as_bytes()) {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        written => Ok(written?),
    }
}

/// Objects as YAML documents.
///
/// # Errors
/// Never for objects made of JSON values; the serializer's signature has it.
pub fn yaml(objects: &[Value]) -> Result<String, serde_saphyr::SerializeError> {
    let documents = objects
        .iter()
        .map(serde_saphyr::to_string)
        .collect::<Result<Vec<_>, _>>()?;
    Ok(documents.join("---\n"))
}

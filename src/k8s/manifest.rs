//! YAML and JSON manifests as Kubernetes reads them, with the place of every node.
//!
//! Documents are separated first and parsed one by one, as kubectl does, so that a broken document
//! hides no other. Plain scalars are resolved as `sigs.k8s.io/yaml` resolves them (YAML 1.1
//! booleans and octals, timestamps as strings); a duplicate key is an error.

use std::ops::Range;

use admission_cel::json::Json;
use bumpalo::Bump;

mod lines;
mod scalar;
mod spans;
mod split;
mod tree;

pub use lines::Lines;
pub use spans::Spans;
pub use split::documents;

/// One document of a file.
#[derive(Debug)]
pub struct Manifest<'a> {
    /// Position among the documents of the file, from 0; empty documents are not counted.
    pub index: usize,
    /// The document.
    pub json: &'a Json<'a>,
    /// Where its nodes are in the file.
    pub spans: Spans,
}

/// A document that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ManifestError {
    /// Where in the file, in bytes.
    pub span: Range<usize>,
    /// What is wrong.
    pub message: String,
}

/// Reads every document of a file; documents without content are left out.
pub fn parse<'a>(
    text: &'a str,
    arena: &'a Bump,
) -> impl Iterator<Item = Result<Manifest<'a>, ManifestError>> {
    let mut index = 0;
    documents(text).filter_map(move |range| {
        let document = parse_document(text, range, index, arena)?;
        index += 1;
        Some(document)
    })
}

/// Reads one of the [`documents`] of a file, of which it is number `index`; `None` when it has no
/// content.
pub fn parse_document<'a>(
    text: &'a str,
    range: Range<usize>,
    index: usize,
    arena: &'a Bump,
) -> Option<Result<Manifest<'a>, ManifestError>> {
    let document = text.get(range.clone())?;
    if let Some(error) = misleading(document, range.start) {
        return Some(Err(error));
    }
    match tree::build(document, range.start, arena) {
        Ok(None) => None,
        Ok(Some((json, spans))) => Some(Ok(Manifest { index, json, spans })),
        Err(error) => Some(Err(unrendered(document, range.start).unwrap_or(error))),
    }
}

/// What would be read in another way than by the cluster's tools.
fn misleading(document: &str, start: usize) -> Option<ManifestError> {
    if let Some(span) = split::behind_separator(document, start) {
        let message = "only a comment may stand behind `---`, as kubectl reads it";
        let message = message.to_owned();
        return Some(ManifestError { span, message });
    }
    let found = split::ambiguous(document)?;
    let message = "this character is read in different ways by readers of YAML; write it as an \
                   escape in double quotes"
        .to_owned();
    let span = start + found.start..start + found.end;
    Some(ManifestError { span, message })
}

/// What is wrong with a document that does not parse because it is a template for one.
fn unrendered(document: &str, offset: usize) -> Option<ManifestError> {
    let start = offset + document.find("{{")?;
    document.contains("}}").then(|| ManifestError {
        span: start..start + 2,
        message: "a template that has not been rendered; render it first, for example with \
                  `helm template CHART | cattlegrid audit -`"
            .to_owned(),
    })
}

/// Line and column of a byte offset, both from 1; columns count characters.
pub fn line_and_column(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..offset).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |position| position + 1);
    let column = before
        .get(line_start..)
        .map_or(0, |line| line.chars().count());
    (before.matches('\n').count() + 1, column + 1)
}

#[cfg(test)]
mod fidelity;
#[cfg(test)]
mod tests;

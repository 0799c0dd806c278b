//! What admission fills in, as a unified diff of YAML.

use admission_cel::json::Json;
use anyhow::{Context as _, Result};
use similar::TextDiff;

/// Lines of context around a change: enough to see which container it belongs to.
const CONTEXT_LINES: usize = 3;

/// The difference between two objects; empty when there is none.
///
/// # Errors
/// When an object cannot be written as YAML.
pub fn unified<'a>(before: &'a Json<'a>, after: &'a Json<'a>) -> Result<String> {
    let (before, after) = (yaml(before)?, yaml(after)?);
    let diff = TextDiff::from_lines(&before, &after);
    let mut unified = diff.unified_diff();
    Ok(unified
        .context_radius(CONTEXT_LINES)
        .header("as submitted", "as admitted")
        .to_string())
}

fn yaml<'a>(object: &'a Json<'a>) -> Result<String> {
    serde_saphyr::to_string(object).context("the object cannot be written as YAML")
}

//! The number in the middle.

use anyhow::{Context, Result};

/// The number in the middle.
///
/// # Errors
/// There is none.
pub(super) fn median(numbers: impl Iterator<Item = f64>) -> Result<f64> {
    let mut sorted: Vec<f64> = numbers.collect();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.get(sorted.len() / 2);
    middle.copied().context("nothing was measured")
}

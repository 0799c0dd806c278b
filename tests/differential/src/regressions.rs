//! Questions that were once answered differently, with the oracle's answers.

use serde::{Deserialize, Serialize};

use crate::question::{Answer, Question};

const LINES: &str = include_str!("../regressions.jsonl");

/// A question and its right answer; one line of `regressions.jsonl`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Regression {
    /// What is asked.
    pub question: Question,
    /// What kube-apiserver's code answers.
    pub answer: Answer,
}

/// All of them.
///
/// # Errors
/// A line is not a regression.
pub fn regressions() -> Result<Vec<Regression>, serde_json::Error> {
    LINES
        .lines()
        .filter(|line| !line.is_empty())
        .map(serde_json::from_str)
        .collect()
}

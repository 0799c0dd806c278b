//! The actual cost of an evaluation, as `interpreter/runtimecost.go` of cel-go counts it.

use crate::error::EvaluationError;

/// Adds up costs and stops at the limit.
#[derive(Clone, Copy, Debug)]
pub struct CostMeter {
    spent: u64,
    max: u64,
}

impl CostMeter {
    /// A meter that stops when more than `max` is spent.
    pub fn new(max: u64) -> Self {
        Self { spent: 0, max }
    }

    /// What was spent.
    pub fn spent(&self) -> u64 {
        self.spent
    }

    /// Spends.
    ///
    /// # Errors
    /// [`EvaluationError::CostLimitExceeded`] when the limit is passed.
    #[inline]
    pub fn charge<'a>(&mut self, cost: u64) -> Result<(), EvaluationError<'a>> {
        self.spent = self.spent.saturating_add(cost);
        if self.spent > self.max {
            return Err(EvaluationError::CostLimitExceeded);
        }
        Ok(())
    }
}

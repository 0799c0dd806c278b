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

    /// Spends 1 so many times. What passes the limit counts, what comes after it does not.
    ///
    /// # Errors
    /// As [`CostMeter::charge`].
    #[inline]
    pub fn charge_steps<'a>(&mut self, steps: u32) -> Result<(), EvaluationError<'a>> {
        self.charge(steps.into())
            .inspect_err(|_| self.spent = self.max.saturating_add(1))
    }

    /// Takes 1 back. The count has no sign: taken from nothing, it is the largest that there is.
    ///
    /// # Errors
    /// As [`CostMeter::charge`].
    pub fn take_back_one<'a>(&mut self) -> Result<(), EvaluationError<'a>> {
        self.spent = self.spent.wrapping_sub(1);
        self.charge(0)
    }

    /// Spends what passes the limit, however much that is.
    pub fn exceed(&mut self) {
        self.spent = self.spent.max(self.max.saturating_add(1));
    }

    /// Spends, unless that passes the limit: then nothing is spent.
    #[inline]
    pub fn try_charge(&mut self, cost: u64) -> bool {
        let spent = self.spent.saturating_add(cost);
        let fits = spent <= self.max;
        if fits {
            self.spent = spent;
        }
        fits
    }
}

//! The actual cost of an evaluation, as `interpreter/runtimecost.go` of cel-go counts it with the
//! estimator of `k8s.io/apiserver/pkg/cel/library/cost.go`.

use crate::error::EvaluationError;
use crate::value::Value;

/// What reading a character costs (`StringTraversalCostFactor` in cel-go's `common/cost.go`).
pub const STRING_TRAVERSAL_FACTOR: f64 = 0.1;
/// What building a list costs.
pub const LIST_CREATION: u64 = 10;
/// What building a map costs.
pub const MAP_CREATION: u64 = 30;
/// What building a typed object costs.
pub const STRUCT_CREATION: u64 = 40;

/// The size that costs are computed from: characters, bytes, elements, entries or the bytes of an
/// address, and 1 for everything else.
pub fn actual_size(value: Value<'_>) -> u64 {
    match value.plain() {
        Value::String(text) => text.chars().count() as u64,
        Value::Bytes(bytes) => bytes.len() as u64,
        Value::Optional(Some(inner)) => actual_size(*inner),
        Value::Ip(std::net::IpAddr::V4(_)) => 4,
        Value::Ip(std::net::IpAddr::V6(_)) => 16,
        other => match (other.as_list(), other.as_map()) {
            (Some(list), _) => list.len() as u64,
            (_, Some(map)) => map.len() as u64,
            _ => 1,
        },
    }
}

/// The cost of traversing `size` characters or bytes.
pub fn traversal(size: u64) -> u64 {
    (size as f64 * STRING_TRAVERSAL_FACTOR).ceil() as u64
}

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

//! What policies said in one answer.

use std::collections::BTreeMap;
use std::ops::BitOrAssign;

use crate::evidence::record::{FindingVerdict, Outcome, Treatment};

/// What was said, each kind once, however often.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Effect {
    pub failed: bool,
    pub errors: bool,
    pub not_evaluated: bool,
    pub refused: bool,
    pub warned: bool,
    pub recorded: bool,
    pub excepted: bool,
}

impl Effect {
    /// Whether all that was judged held.
    pub fn holds(self) -> bool {
        !(self.failed || self.errors || self.not_evaluated)
    }
}

impl BitOrAssign for Effect {
    fn bitor_assign(&mut self, other: Self) {
        self.failed |= other.failed;
        self.errors |= other.errors;
        self.not_evaluated |= other.not_evaluated;
        self.refused |= other.refused;
        self.warned |= other.warned;
        self.recorded |= other.recorded;
        self.excepted |= other.excepted;
    }
}

/// What each policy that judged said.
#[derive(Debug, Default)]
pub struct Effects<'r> {
    pub by_policy: BTreeMap<&'r str, Effect>,
}

impl<'r> Effects<'r> {
    /// Those of an outcome.
    pub fn of(outcome: &'r Outcome<'_>) -> Self {
        let mut effects = Self::default();
        for (policy, counts) in &outcome.verdicts {
            let effect = effects.by_policy.entry(policy).or_default();
            effect.failed |= counts.fail > 0;
            effect.errors |= counts.error > 0;
            effect.not_evaluated |= counts.not_evaluated > 0;
        }
        for finding in &outcome.findings {
            let effect = effects.by_policy.entry(&finding.policy).or_default();
            match finding.verdict {
                FindingVerdict::Fail => effect.failed = true,
                FindingVerdict::Error => effect.errors = true,
                FindingVerdict::NotEvaluated => effect.not_evaluated = true,
            }
            match finding.treatment {
                Treatment::Deny => effect.refused = true,
                Treatment::Warn => effect.warned = true,
                Treatment::Audit => effect.recorded = true,
                Treatment::Excepted => effect.excepted = true,
            }
        }
        effects
    }

    /// Those of all policies together.
    pub fn all(&self) -> Effect {
        let mut all = Effect::default();
        self.by_policy.values().for_each(|effect| all |= *effect);
        all
    }
}

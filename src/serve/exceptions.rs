//! Telling about PolicyExceptions: what is not used, and what expires while the server runs.

use std::collections::BTreeSet;

use admission_cel::value::Timestamp;

use super::metrics::{ExceptionState, Metrics};
use crate::exceptions::{expired, warnings};
use crate::judge::Rules;

/// What has been told.
#[derive(Debug, Default)]
pub struct Told {
    /// Exceptions that cannot be used.
    malformed: usize,
    /// Names of those that have expired.
    expired: BTreeSet<String>,
}

impl Told {
    /// Tells everything about the exceptions of newly loaded rules.
    pub fn loaded(rules: &Rules, problems: &[String], now: Timestamp, metrics: &Metrics) -> Self {
        for problem in problems {
            tracing::error!(%problem, "a PolicyException is malformed and has no effect");
        }
        for warning in warnings(&rules.exceptions, &rules.set, now) {
            tracing::warn!(%warning, "a PolicyException has no effect");
        }
        let told = Self {
            malformed: problems.len(),
            expired: names_of_expired(rules, now),
        };
        told.count(rules, metrics);
        told
    }

    /// Tells what has expired since.
    pub fn later(&mut self, rules: &Rules, now: Timestamp, metrics: &Metrics) {
        let names = names_of_expired(rules, now);
        if names == self.expired {
            return;
        }
        for exception in rules.exceptions.iter() {
            if names.contains(&exception.name) && !self.expired.contains(&exception.name) {
                tracing::warn!(warning = %expired(exception), "a PolicyException has expired");
            }
        }
        self.expired = names;
        self.count(rules, metrics);
    }

    fn count(&self, rules: &Rules, metrics: &Metrics) {
        let active = rules.exceptions.iter().count() - self.expired.len();
        metrics.set_exceptions(ExceptionState::Active, active);
        metrics.set_exceptions(ExceptionState::Expired, self.expired.len());
        metrics.set_exceptions(ExceptionState::Malformed, self.malformed);
    }
}

fn names_of_expired(rules: &Rules, now: Timestamp) -> BTreeSet<String> {
    let exceptions = rules.exceptions.iter();
    let expired = exceptions.filter(|exception| exception.is_expired(now));
    expired.map(|exception| exception.name.clone()).collect()
}

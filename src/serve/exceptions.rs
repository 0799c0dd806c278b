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

    /// Tells what has expired since, and returns the names.
    pub fn later(&mut self, rules: &Rules, now: Timestamp, metrics: &Metrics) -> Vec<String> {
        let names = names_of_expired(rules, now);
        let mut new = Vec::new();
        if names == self.expired {
            return new;
        }
        for exception in rules.exceptions.iter() {
            if names.contains(&exception.name) && !self.expired.contains(&exception.name) {
                tracing::warn!(warning = %expired(exception), "a PolicyException has expired");
                new.push(exception.name.clone());
            }
        }
        self.expired = names;
        self.count(rules, metrics);
        new
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

#[cfg(test)]
mod tests {
    use admission_policy::decide::Mode;

    use super::*;
    use crate::exceptions::of_files;
    use crate::load::{self, Source};

    const EXPIRY: i64 = 1_806_537_600;

    fn rules() -> Rules {
        let text = "apiVersion: cattlegrid.dev/v1alpha1\nkind: PolicyException\n\
                    metadata: {name: a}\nspec: {policies: [host-paths], namespaces: [agents], owner: o, \
                    reason: r, expires: '2027-04-01T00:00:00Z'}\n";
        let source = Source {
            name: "e.yaml".to_owned(),
            text: text.to_owned(),
        };
        Rules {
            set: load::compile(&load::embedded_policies()).unwrap(),
            baseline: load::baseline(&load::embedded_baseline().unwrap()).unwrap(),
            exceptions: of_files(&[source]).exceptions,
            mode: Mode::Enforce,
        }
    }

    fn counted(metrics: &Metrics) -> Vec<String> {
        let text = metrics.encode().unwrap();
        let lines = text
            .lines()
            .filter(|line| line.starts_with("cattlegrid_policy_exceptions{"));
        let mut lines: Vec<String> = lines.map(str::to_owned).collect();
        lines.sort();
        lines
    }

    fn states(active: usize, expired: usize, malformed: usize) -> [String; 3] {
        let line = |state: &str, count: usize| {
            format!(r#"cattlegrid_policy_exceptions{{state="{state}"}} {count}"#)
        };
        [
            line("active", active),
            line("expired", expired),
            line("malformed", malformed),
        ]
    }

    #[test]
    fn what_expires_while_the_server_runs_is_counted() {
        let (rules, metrics) = (rules(), Metrics::default());
        let at = |seconds: i64| Timestamp::utc(seconds, 0);
        let problems = ["b: no".to_owned()];
        let mut told = Told::loaded(&rules, &problems, at(EXPIRY - 1), &metrics);
        assert_eq!(counted(&metrics), states(1, 0, 1));
        let before = told.later(&rules, at(EXPIRY - 1), &metrics);
        assert_eq!(before, [""; 0]);
        assert_eq!(counted(&metrics), states(1, 0, 1));
        assert_eq!(told.later(&rules, at(EXPIRY), &metrics), ["a"]);
        let again = told.later(&rules, at(EXPIRY), &metrics);
        assert_eq!(again, [""; 0], "once is enough");
        assert_eq!(counted(&metrics), states(0, 1, 1));
        assert_eq!(told.expired, BTreeSet::from(["a".to_owned()]));
    }
}

//! Answers, over time and by who and what.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use admission_cel::value::Timestamp;

use super::At;
use super::effects::Effects;
use crate::evidence::record::{Decision, Outcome, Review, Text, Time};
use crate::evidence::report::model::{Answers, Group, GroupsLeftOut, Moment, OverTime, Step};

/// Groups that a list shows.
const GROUPS_MAX: usize = 100;
const HOUR_SECONDS: i64 = 3600;
const DAY_SECONDS: i64 = 24 * HOUR_SECONDS;
/// Periods up to this long are shown by the hour.
const HOURLY_SECONDS_MAX: i64 = 3 * DAY_SECONDS;

/// Cluster and name.
type Name = (String, String);

/// Numbers of answers.
#[derive(Debug, Default)]
pub struct AnswersByGroup {
    pub all: Answers,
    /// By the seconds that their hour begins at.
    by_hour: BTreeMap<i64, Answers>,
    by_phase: BTreeMap<Name, Answers>,
    by_namespace: BTreeMap<Name, Answers>,
    by_user: BTreeMap<Name, Answers>,
}

impl AnswersByGroup {
    /// Counts an answer.
    pub fn add(
        &mut self,
        at: &At<'_>,
        review: &Review<'_>,
        outcome: &Outcome<'_>,
        effects: &Effects<'_>,
    ) {
        let one = of(outcome, effects);
        let seconds = at.reference.time.timestamp().seconds;
        let subject = review.subject.as_ref();
        let text = |text: Option<&Text<'_>>| text.map(ToString::to_string).unwrap_or_default();
        let phase = text(subject.and_then(|subject| subject.phase.as_ref()));
        let namespace = text(subject.and_then(|subject| subject.namespace.as_ref()));
        let user = text(review.source.as_ref().map(|source| &source.user));
        let cluster = || at.cluster.to_owned();
        for answers in [
            &mut self.all,
            self.by_hour
                .entry(begin(seconds, HOUR_SECONDS))
                .or_default(),
            self.by_phase.entry((String::new(), phase)).or_default(),
            self.by_namespace.entry((cluster(), namespace)).or_default(),
            self.by_user.entry((cluster(), user)).or_default(),
        ] {
            add(answers, &one);
        }
    }

    /// The steps of a span of time.
    pub fn over_time(&self, begin_at: Option<Time>, end: Option<Time>) -> OverTime {
        let seconds = |time: Option<Time>| time.map_or(0, |time| time.timestamp().seconds);
        let (step, step_seconds) = match seconds(end) - seconds(begin_at) {
            span if span <= HOURLY_SECONDS_MAX => (Step::Hour, HOUR_SECONDS),
            _ => (Step::Day, DAY_SECONDS),
        };
        let mut steps: BTreeMap<i64, Answers> = BTreeMap::new();
        for (hour, answers) in &self.by_hour {
            add(
                steps.entry(begin(*hour, step_seconds)).or_default(),
                answers,
            );
        }
        let moment = |(seconds, answers)| Moment {
            time: Time::new(Timestamp::utc(seconds, 0)),
            answers,
        };
        OverTime {
            step,
            steps: steps.into_iter().map(moment).collect(),
        }
    }

    /// Phases, namespaces and users, and how many of them are left out.
    pub fn groups(
        &self,
        cluster: &dyn Fn(&str) -> Option<String>,
    ) -> (Vec<Group>, Vec<Group>, Vec<Group>, GroupsLeftOut) {
        // A phase means the same in every cluster.
        let (phases, phases_left) = list(&self.by_phase, &|_| None);
        let (namespaces, namespaces_left) = list(&self.by_namespace, cluster);
        let (users, users_left) = list(&self.by_user, cluster);
        let left_out = GroupsLeftOut {
            phases: phases_left,
            namespaces: namespaces_left,
            users: users_left,
        };
        (phases, namespaces, users, left_out)
    }
}

fn list(
    groups: &BTreeMap<Name, Answers>,
    cluster: &dyn Fn(&str) -> Option<String>,
) -> (Vec<Group>, usize) {
    let mut sorted: Vec<(&Name, &Answers)> = groups.iter().collect();
    // Stable: what counts alike stays in the order of names.
    sorted.sort_by_key(|(_, answers)| Reverse(**answers));
    let shown = sorted
        .iter()
        .take(GROUPS_MAX)
        .map(|((of, name), answers)| Group {
            cluster: cluster(of),
            name: name.clone(),
            answers: **answers,
        });
    let shown: Vec<Group> = shown.collect();
    let left_out = sorted.len() - shown.len();
    (shown, left_out)
}

/// When the step begins that a time is in.
fn begin(seconds: i64, step_seconds: i64) -> i64 {
    seconds - seconds.rem_euclid(step_seconds)
}

fn of(outcome: &Outcome<'_>, effects: &Effects<'_>) -> Answers {
    let effect = effects.all();
    let is_allowed = outcome.decision == Decision::Allow;
    let if_allowed = |effect: bool| u64::from(is_allowed && effect);
    Answers {
        total: 1,
        allowed: u64::from(is_allowed),
        refused: u64::from(!is_allowed),
        warned: if_allowed(effect.warned),
        recorded: if_allowed(effect.recorded),
        excepted: if_allowed(effect.excepted),
        failed: u64::from(outcome.failure.is_some()),
    }
}

fn add(sum: &mut Answers, more: &Answers) {
    sum.total += more.total;
    sum.allowed += more.allowed;
    sum.refused += more.refused;
    sum.warned += more.warned;
    sum.recorded += more.recorded;
    sum.excepted += more.excepted;
    sum.failed += more.failed;
}

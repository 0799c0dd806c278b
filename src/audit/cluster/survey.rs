//! Reading and judging the objects of a cluster, kind after kind.

use std::collections::BTreeSet;

use admission_cel::json::Json;
use rayon::prelude::*;

use super::progress::Progress;
use super::targets::{self, Target, Wanted};
use super::unread::unlisted;
use super::walk::{Stopped, walk};
use super::{Cluster, Scope, restart};
use crate::audit::examine::Examiner;
use crate::audit::outcome::{Origin, Outcome, State};
use crate::k8s::cluster::pages::ReadError;

type Report<'r, E> = dyn FnMut(Outcome) -> Result<(), E> + 'r;

impl Cluster {
    /// Judges the cluster's objects: first the workloads, those that would not come back before the
    /// others; then everything else that policies match.
    ///
    /// # Errors
    /// That of `report`.
    pub fn audit<E>(
        &self,
        examiner: &Examiner<'_>,
        scope: Scope<'_>,
        report: &mut Report<'_, E>,
    ) -> Result<(), E> {
        let progress = Progress::start();
        let templates = examiner.rules.baseline.pod_templates();
        let wanted = match examiner.settings.describes_workloads {
            true => targets::with_templates(templates),
            false => targets::wanted(&examiner.rules.set, templates),
        };
        let (all, problems) = self.targets(&wanted);
        problems.into_iter().try_for_each(&mut *report)?;
        let in_scope = |target: &Target| target.namespaced || scope.namespace.is_none();
        let all = all.into_iter().filter(in_scope);
        let is_workload = |target: &Target| restart::is_workload(&target.group, &target.kind);
        let (workloads, others): (Vec<_>, Vec<_>) = all.partition(is_workload);
        let walk = Walk {
            cluster: self,
            examiner,
            scope,
            progress: &progress,
            wanted: &wanted,
        };
        let mut first = Vec::new();
        let mut later = Vec::new();
        for target in &workloads {
            walk.kind(target, &mut |outcome| {
                let is_restartable = match &outcome.origin {
                    Origin::Cluster(origin) => origin.not_restartable.is_empty(),
                    _ => true,
                };
                match (is_restartable, says_anything(&outcome)) {
                    (false, _) => first.push(outcome),
                    (true, true) => later.push(outcome),
                    (true, false) => progress.suspend(|| report(outcome))?,
                }
                Ok(())
            })?;
        }
        for outcome in first.into_iter().chain(later) {
            progress.suspend(|| report(outcome))?;
        }
        for target in &others {
            walk.kind(target, &mut |outcome| progress.suspend(|| report(outcome)))?;
        }
        Ok(())
    }
}

/// Reading and judging kind after kind.
pub(super) struct Walk<'w, 'k> {
    cluster: &'w Cluster,
    pub(super) examiner: &'w Examiner<'k>,
    pub(super) scope: Scope<'w>,
    progress: &'w Progress,
    wanted: &'w BTreeSet<Wanted>,
}

impl Walk<'_, '_> {
    fn kind<E>(&self, target: &Target, report: &mut Report<'_, E>) -> Result<(), E> {
        self.progress.kind(&target.full_name());
        let is_wanted = targets::is_wanted(target, self.wanted);
        let mut take = |page: &[&Json<'_>]| {
            let judged: Vec<Outcome> = page
                .par_iter()
                .map(|object| self.object(target, object))
                .collect();
            self.progress.read(page.len());
            let told = judged.into_iter().filter(|outcome| match &outcome.origin {
                Origin::Cluster(origin) => is_wanted || !origin.not_restartable.is_empty(),
                _ => true,
            });
            told.into_iter().try_for_each(&mut *report)
        };
        let read = |path: &str| self.cluster.read(path);
        match walk(target, self.scope.namespace, &read, &mut take) {
            // A kind that is gone has no objects.
            Ok(()) | Err(Stopped::Unread(ReadError::NotFound)) => Ok(()),
            Err(Stopped::Unread(error)) => report(unlisted(target, &error)),
            Err(Stopped::Unwanted(error)) => Err(error),
        }
    }
}

fn says_anything(outcome: &Outcome) -> bool {
    match &outcome.state {
        State::Judged {
            findings,
            mutations,
        } => !findings.is_empty() || !mutations.is_empty(),
        _ => true,
    }
}

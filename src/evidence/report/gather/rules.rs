//! What policies said, by policy and by control.

use std::collections::BTreeMap;

use super::effects::{Effect, Effects};
use crate::evidence::report::model::{Control, InLog, Indicator, Policy, Seen};
use crate::evidence::report::reference::{Reference, References};
use crate::policy::controls::{self, ControlId, Figure, FromLog, INDICATORS, Supported};
use crate::policy::page::Page;

/// What was seen of each policy and control.
#[derive(Debug)]
pub struct RulesSeen<'d> {
    pages: &'d [Page],
    /// By policy, whether it is described or not.
    policies: BTreeMap<String, Seen>,
    /// In the order of the report.
    controls: Vec<(Supported, Seen)>,
    /// Positions among the controls, by policy.
    supports: BTreeMap<&'d str, Vec<usize>>,
}

/// What of the logs bears on controls.
#[derive(Debug, Default)]
pub struct Figures {
    pub records: References,
    pub configuration: References,
    pub break_glass: References,
    pub workloads: References,
    pub gaps: References,
    pub heads: u64,
}

impl<'d> RulesSeen<'d> {
    /// Nothing seen yet of these policies.
    pub fn new(pages: &'d [Page]) -> Self {
        let mut supports: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        let controls = controls::supported(pages);
        for page in pages {
            let positions = controls.iter().enumerate();
            let positions = positions.filter(|(_, control)| control.policies.contains(&page.id));
            supports.insert(&page.id, positions.map(|(position, _)| position).collect());
        }
        let unseen = |page: &Page| (page.id.clone(), Seen::default());
        Self {
            pages,
            policies: pages.iter().map(unseen).collect(),
            controls: controls
                .into_iter()
                .map(|control| (control, Seen::default()))
                .collect(),
            supports,
        }
    }

    /// Adds what the policies of an answer said.
    pub fn add(&mut self, effects: &Effects<'_>, reference: &Reference) {
        // Several policies of a control are one in an answer.
        let mut of_controls: BTreeMap<usize, Effect> = BTreeMap::new();
        for (policy, effect) in &effects.by_policy {
            self.policy(policy).add(*effect, reference);
            for position in self.supports.get(policy).into_iter().flatten() {
                *of_controls.entry(*position).or_default() |= *effect;
            }
        }
        for (position, effect) in of_controls {
            if let Some((_, seen)) = self.controls.get_mut(position) {
                seen.add(effect, reference);
            }
        }
    }

    /// Adds that a policy completed an object.
    pub fn completed(&mut self, policy: &str, reference: &Reference) {
        self.policy(policy).complete(reference);
        for position in self.supports.get(policy).into_iter().flatten() {
            if let Some((_, seen)) = self.controls.get_mut(*position) {
                seen.complete(reference);
            }
        }
    }

    fn policy(&mut self, policy: &str) -> &mut Seen {
        // Names are looked up once for each record: only new ones are copied.
        if !self.policies.contains_key(policy) {
            self.policies.insert(policy.to_owned(), Seen::default());
        }
        self.policies.entry(policy.to_owned()).or_default()
    }

    /// The parts of the report.
    pub fn finish(self, figures: &Figures) -> (Vec<Control>, Vec<Indicator>, Vec<Policy>) {
        let (pages, controls) = (self.pages, self.controls.into_iter());
        let controls: Vec<Control> = controls
            .map(|(supported, seen)| Control {
                oscal_id: ControlId::parse(&supported.id).map(|id| id.oscal()),
                seen: (!supported.policies.is_empty()).then_some(seen),
                in_log: supported.log.map(|log| in_log(log, figures)),
                supported,
            })
            .collect();
        let indicators = indicators(&controls);
        let policies = self.policies.into_iter();
        let policies = policies.map(|(id, seen)| {
            let page = pages.iter().find(|page| page.id == id);
            Policy {
                title: page.map(|page| page.title.clone()).unwrap_or_default(),
                kind: page.map_or("", |page| page.kind.name()),
                controls: page.map(|page| page.controls.clone()).unwrap_or_default(),
                id,
                seen,
            }
        });
        let policies = policies.collect();
        (controls, indicators, policies)
    }
}

fn in_log(log: FromLog, figures: &Figures) -> InLog {
    let (what, records) = match log.figure {
        Figure::Records => ("records", &figures.records),
        Figure::Configuration => ("changes of the rules", &figures.configuration),
        Figure::BreakGlass => ("uses of break-glass rights", &figures.break_glass),
        Figure::Workloads => ("admitted workloads", &figures.workloads),
        Figure::Gaps => ("gaps", &figures.gaps),
        Figure::Heads => {
            let mut heads = References::default();
            heads.total = figures.heads;
            return InLog {
                what: "signed heads that were recomputed",
                records: heads,
            };
        }
    };
    InLog {
        what,
        records: records.clone(),
    }
}

fn indicators(controls: &[Control]) -> Vec<Indicator> {
    let indicators = INDICATORS.iter().map(|indicator| {
        let is_behind = |control: &&Control| indicator.controls.contains(&&*control.supported.id);
        let behind = || {
            controls
                .iter()
                .filter(is_behind)
                .map(|control| &control.supported)
        };
        let mut policies: Vec<String> = behind()
            .flat_map(|control| control.policies.clone())
            .collect();
        policies.sort();
        policies.dedup();
        Indicator {
            id: indicator.id,
            name: indicator.name,
            controls: behind().map(|control| control.id.clone()).collect(),
            policies,
            log: behind().any(|control| control.log.is_some()),
        }
    });
    indicators
        .filter(|indicator| !indicator.controls.is_empty())
        .collect()
}

impl Seen {
    fn add(&mut self, effect: Effect, reference: &Reference) {
        self.judged += 1;
        for (number, is_so) in [
            (&mut self.passed, effect.holds()),
            (&mut self.failed, effect.failed),
            (&mut self.errors, effect.errors),
            (&mut self.not_evaluated, effect.not_evaluated),
            (&mut self.refused, effect.refused),
            (&mut self.warned, effect.warned),
            (&mut self.recorded, effect.recorded),
            (&mut self.excepted, effect.excepted),
        ] {
            *number += u64::from(is_so);
        }
        match effect.holds() {
            true => self.held.refer(reference),
            false => self.found.refer(reference),
        }
    }

    fn complete(&mut self, reference: &Reference) {
        self.completed += 1;
        self.held.refer(reference);
    }
}

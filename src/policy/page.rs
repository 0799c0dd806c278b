//! What there is to tell about a policy, gathered from its annotations, rules, expressions and
//! cases: the content of `policy list`, `policy explain` and the reference pages.

use admission_policy::set::Policy;
use admission_policy::set::compiled::{Definition, MutatingPolicy, Mutation, ValidatingPolicy};
use serde::Serialize;

use super::controls::ControlId;
use super::folder::Folder;

mod examples;
mod matching;
mod parameters;
mod reads;
mod schema;

pub use examples::Example;
pub use matching::{Bound, Judged};
pub use parameters::Parameter;
pub use schema::BaselineReference;

/// Annotation: the rule as one sentence without a full stop.
const TITLE: &str = "cattlegrid.dev/title";
/// Annotation: why the rule exists.
const RATIONALE: &str = "cattlegrid.dev/rationale";
/// Annotation: what to do when it refuses something.
const REMEDIATION: &str = admission_policy::set::REMEDIATION;
/// Annotation: controls, separated by `, `.
const CONTROLS: &str = "cattlegrid.dev/controls";
/// Behind a control that is in no baseline of NIST SP 800-53B.
const SUPPLEMENTAL: &str = " (supplemental)";

/// What a policy does with an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// It judges.
    Validation,
    /// It completes.
    Mutation,
}

impl Kind {
    fn of(policy: &Policy<'_>) -> Self {
        match policy.mutating {
            true => Self::Mutation,
            false => Self::Validation,
        }
    }

    /// As printed.
    pub fn name(self) -> &'static str {
        match self {
            Self::Validation => "validation",
            Self::Mutation => "mutation",
        }
    }
}

/// A control that a policy supports.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ControlReference {
    /// Such as `AC-6(9)`.
    pub id: String,
    /// Whether it is in no baseline of NIST SP 800-53B.
    pub supplemental: bool,
}

/// Everything about one policy. What its author did not say is empty.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Page {
    /// Its name.
    pub id: String,
    /// What it does.
    pub kind: Kind,
    /// The rule as one sentence without a full stop.
    pub title: String,
    /// Why it exists.
    pub rationale: String,
    /// What to do when it refuses something.
    pub remediation: String,
    /// Controls that it supports.
    pub controls: Vec<ControlReference>,
    /// What it judges.
    pub judges: Vec<Judged>,
    /// Names of the conditions under which it does.
    pub conditions: Vec<String>,
    /// Where, and what follows.
    pub bindings: Vec<Bound>,
    /// What it reads from its parameter, usually the AgentBaseline.
    pub parameters: Vec<Parameter>,
    /// A case that is refused; of a mutation, one that is completed.
    pub failing: Option<Example>,
    /// A case that passes; of a mutation, one that stays as it is.
    pub passing: Option<Example>,
}

impl Page {
    /// Whether it refuses nothing, wherever it is bound.
    pub fn only_warns(&self) -> bool {
        let denies = |bound: &Bound| bound.actions.contains(&"Deny");
        self.kind == Kind::Validation
            && !self.bindings.is_empty()
            && !self.bindings.iter().any(denies)
    }

    /// The pages of a folder's policies. Where several share a folder, nothing tells whose findings
    /// its cases expect, so their pages show no examples.
    pub fn of_folder(folder: &Folder, reference: &BaselineReference) -> Vec<Self> {
        let is_alone = folder.policies().count() == 1;
        let tests = folder.tests.as_ref().filter(|_| is_alone);
        let cases = tests.map_or(&[][..], |tests| &tests.cases);
        folder
            .set
            .policies()
            .map(|policy| {
                let kind = Kind::of(&policy);
                Self {
                    failing: examples::failing(kind, cases),
                    passing: examples::passing(kind, cases),
                    parameters: parameters::of(
                        policy.definition,
                        &sources(folder, policy),
                        reference,
                    ),
                    ..Self::of_policy(policy)
                }
            })
            .collect()
    }

    /// What the policy itself tells, without examples and parameters.
    pub(crate) fn of_policy(policy: Policy<'_>) -> Self {
        let annotation = |key: &str| {
            let text = policy.definition.annotations.get(key);
            text.map(|text| text.trim().to_owned()).unwrap_or_default()
        };
        Self {
            id: policy.definition.name.to_string(),
            kind: Kind::of(&policy),
            title: annotation(TITLE),
            rationale: annotation(RATIONALE),
            remediation: annotation(REMEDIATION),
            controls: controls(&annotation(CONTROLS)),
            judges: matching::judged(&policy.definition.constraints),
            conditions: conditions(policy.definition),
            bindings: bindings(policy),
            parameters: Vec::new(),
            failing: None,
            passing: None,
        }
    }
}

fn bindings(policy: Policy<'_>) -> Vec<Bound> {
    let mut bindings: Vec<Bound> = policy.bindings.iter().map(matching::bound).collect();
    if policy.mutating {
        // What fails to be completed is always refused; nobody wrote that.
        bindings.iter_mut().for_each(|bound| bound.actions.clear());
    }
    bindings
}

fn conditions(definition: &Definition) -> Vec<String> {
    let names = definition.conditions.iter().map(|c| c.name.clone());
    names.collect()
}

fn controls(text: &str) -> Vec<ControlReference> {
    text.split(", ")
        .filter(|id| !id.is_empty())
        .map(|id| {
            let stripped = id.strip_suffix(SUPPLEMENTAL);
            let id = stripped.unwrap_or(id);
            ControlReference {
                // Other forms of ids are understood, and told in one.
                id: ControlId::parse(id).map_or_else(|| id.to_owned(), |id| id.to_string()),
                supplemental: stripped.is_some(),
            }
        })
        .collect()
}

/// The expressions of a policy besides its variables.
fn sources<'s>(folder: &'s Folder, policy: Policy<'s>) -> Vec<&'s str> {
    let name = &policy.definition.name;
    let conditions = policy.definition.conditions.iter();
    let mut sources: Vec<&str> = conditions.map(|c| c.program.source()).collect();
    let validating = folder.set.validating().iter();
    for policy in validating.filter(|found| found.definition.name == *name) {
        sources.extend(validating_sources(policy));
    }
    let mutating = folder.set.mutating().iter();
    for policy in mutating.filter(|found| found.definition.name == *name) {
        sources.extend(mutating_sources(policy));
    }
    sources
}

fn validating_sources(policy: &ValidatingPolicy) -> impl Iterator<Item = &str> {
    let validations = policy.validations.iter().flat_map(|validation| {
        [
            Some(&validation.program),
            validation.message_program.as_ref(),
        ]
    });
    let annotations = policy.audit_annotations.iter();
    validations
        .chain(annotations.map(|annotation| Some(&annotation.program)))
        .flatten()
        .map(|program| program.source())
}

fn mutating_sources(policy: &MutatingPolicy) -> impl Iterator<Item = &str> {
    policy.mutations.iter().map(|mutation| match mutation {
        Mutation::JsonPatch(program) | Mutation::ApplyConfiguration(program) => program.source(),
    })
}

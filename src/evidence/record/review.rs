//! Attempts, decisions and ends: what an AdmissionReview asked, and what was answered.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Text;
use crate::evidence::digest::Digest;
use crate::evidence::workload::Workload;

/// One AdmissionReview.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Review<'a> {
    /// What was asked.
    pub request: RequestPart<'a>,
    /// Who asked; absent when the review could not be decoded.
    pub source: Option<Source<'a>>,
    /// What it is about; absent when the review could not be decoded.
    pub subject: Option<Subject<'a>>,
    /// What was answered; absent in an `end`, which is never judged.
    pub outcome: Option<Outcome<'a>>,
    /// By which rules; absent with the outcome.
    pub rules: Option<RuleSet>,
    /// Of the objects.
    pub digests: Digests,
    /// What an admitted workload may write and which credentials it has.
    pub workload: Option<Workload<'a>>,
}

/// What was asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestPart<'a> {
    /// What an attempt and its decision have in common.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<Digest>,
    /// `CREATE`, `UPDATE`, `DELETE`, `CONNECT`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation: Option<Text<'a>>,
    /// As kubectl writes it: `jobs.batch`, `pods/exec`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource: Option<Text<'a>>,
    /// The call's uid.
    pub uid: Text<'a>,
}

/// Values of a user's extras by key. Keys are ASCII, where the order of bytes is the canonical one;
/// the API server refuses others in headers, and [`ascii_key`] escapes what remains.
pub type Extra<'a> = BTreeMap<Text<'a>, Vec<Text<'a>>>;

/// Who asked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source<'a> {
    /// What nobody has authenticated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claimed: Option<Claimed<'a>>,
    /// What the authenticator adds.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub extra: Extra<'a>,
    /// In the order of the request.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<Text<'a>>,
    /// The authenticator's uid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uid: Option<Text<'a>>,
    /// The user's name.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub user: Text<'a>,
}

/// What the object says about who asked for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Claimed<'a> {
    /// Who asked for the investigation, as the orchestrator says.
    pub requested_by: Text<'a>,
}

/// What a request is about.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Subject<'a> {
    /// ServiceAccount of the Pods.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<Text<'a>>,
    /// The Namespace's label `cattlegrid.dev/agents`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent_namespace: Option<Text<'a>>,
    /// Group and version of the object.
    pub api_version: Text<'a>,
    /// Prefix of the generated name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub generate_name: Option<Text<'a>>,
    /// The investigation ID.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub investigation: Option<Text<'a>>,
    /// Kind of the object.
    pub kind: Text<'a>,
    /// Name of the object.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<Text<'a>>,
    /// Namespace of the object.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<Text<'a>>,
    /// The controller among the owners.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<Owner<'a>>,
    /// The trust phase.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phase: Option<Text<'a>>,
    /// The resource profile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<Text<'a>>,
    /// The object's uid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uid: Option<Text<'a>>,
}

/// A controlling owner, as the object says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owner<'a> {
    /// Its kind.
    pub kind: Text<'a>,
    /// Its name.
    pub name: Text<'a>,
    /// Its uid.
    pub uid: Text<'a>,
}

/// What was answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Outcome<'a> {
    /// A policy that marks the breaking of glass spoke.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub break_glass: bool,
    /// The answer.
    pub decision: Decision,
    /// Exceptions that let something off.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exceptions: Vec<ExceptionUse<'a>>,
    /// Why it could not be judged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<FailureClass>,
    /// Every verdict that is no pass.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<RecordedFinding<'a>>,
    /// The mode that applied; absent when nothing was judged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mode: Option<ModeName>,
    /// Policies that changed the object.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mutations: Vec<Text<'a>>,
    /// Audit annotations that policies set, without values.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<Text<'a>>,
    /// How many validations of each policy ended how.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub verdicts: Verdicts<'a>,
}

/// Verdicts by policy.
pub type Verdicts<'a> = BTreeMap<Text<'a>, Counts>;

/// An answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Decision {
    /// It may go on.
    Allow,
    /// It may not.
    Deny,
}

/// A mode, as users know it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ModeName {
    /// Recorded.
    Audit,
    /// Warned of.
    Warn,
    /// Denied.
    Enforce,
}

/// Why something could not be judged. The text of the failure is in the log: it may quote others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FailureClass {
    /// The review is malformed.
    Undecodable,
    /// Its Namespace is unknown or cannot be read.
    Namespace,
    /// A look-up failed.
    LookUp,
    /// Something went wrong while judging.
    Evaluation,
    /// The program is at fault.
    Panic,
}

/// How many validations ended how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Counts {
    /// Could not be evaluated.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub error: u32,
    /// Did not hold.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub fail: u32,
    /// Something they need was unknown.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub not_evaluated: u32,
    /// Held.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub pass: u32,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
fn is_zero(count: &u32) -> bool {
    *count == 0
}

/// A verdict that is no pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum FindingVerdict {
    /// Did not hold.
    Fail,
    /// Could not be evaluated.
    Error,
    /// Something it needs was unknown.
    NotEvaluated,
}

/// How a finding was treated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Treatment {
    /// It denied.
    Deny,
    /// The user was warned.
    Warn,
    /// It was recorded.
    Audit,
    /// An exception let it off.
    Excepted,
}

/// Marks a path into the old object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum InOldObject {
    /// It is in `oldObject`.
    #[serde(rename = "oldObject")]
    OldObject,
}

/// One verdict that is no pass.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordedFinding<'a> {
    /// The binding; absent when the policy itself is at fault.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub binding: Option<Text<'a>>,
    /// The exception that let it off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exception: Option<Text<'a>>,
    /// Which object `path` is in; absent for the new one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<InOldObject>,
    /// Where in the object.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<Text<'a>>,
    /// The policy.
    pub policy: Text<'a>,
    /// `metav1.StatusReason`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Text<'a>>,
    /// How it was treated.
    pub treatment: Treatment,
    /// Position among the policy's validations.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub validation: Option<usize>,
    /// What was said.
    pub verdict: FindingVerdict,
}

/// An exception that let something off.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExceptionUse<'a> {
    /// Until when it does.
    pub expires: Text<'a>,
    /// Its name.
    pub name: Text<'a>,
    /// Who answers for it.
    pub owner: Text<'a>,
}

/// The rules that a review was judged by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RuleSet {
    /// Of the AgentBaseline.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub baseline: Option<Digest>,
    /// Of all PolicyExceptions; absent if there are none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exceptions: Option<Digest>,
    /// The strictest mode.
    pub mode: ModeName,
    /// Of policies and bindings.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy_set: Option<Digest>,
}

/// Digests of the objects of a request.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Digests {
    /// As admitted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub admitted: Option<Digest>,
    /// Of the patch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub patch: Option<Digest>,
    /// As sent to us.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub received: Option<Digest>,
}

impl Digests {
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl Review<'_> {
    /// The investigation ID.
    pub fn investigation(&self) -> Option<&str> {
        self.subject.as_ref()?.investigation.as_deref()
    }

    /// Whether the answer was no.
    pub fn is_denied(&self) -> bool {
        let outcome = self.outcome.as_ref();
        outcome.is_some_and(|outcome| outcome.decision == Decision::Deny)
    }

    /// `CREATE`, …; empty where it could not be decoded.
    pub fn operation(&self) -> &str {
        self.request.operation.as_deref().unwrap_or_default()
    }

    /// `jobs.batch`, …; empty where it could not be decoded.
    pub fn resource(&self) -> &str {
        self.request.resource.as_deref().unwrap_or_default()
    }

    /// Whether it is about a new object.
    pub fn is_creation(&self) -> bool {
        self.operation() == "CREATE" && !self.resource().contains('/')
    }

    /// Whether it asks for a Job, or what takes its place. Pods that have an owner are made for what
    /// was asked for before.
    pub fn asks_for_a_job(&self) -> bool {
        let subject = self.subject.as_ref();
        let is_made =
            subject.is_some_and(|subject| subject.kind == "Pod" && subject.owner.is_some());
        self.is_creation() && !is_made
    }

    /// Leaves out the member that is the `step`-th to go: its name, and how many items it had.
    pub(super) fn omit(&mut self, step: usize) -> Option<(&'static str, usize)> {
        let source = self.source.as_mut();
        let outcome = self.outcome.as_mut();
        let omitted = match step {
            0 => {
                let workload = self.workload.take();
                (
                    "workload",
                    workload.map_or(0, |workload| workload.templates.len()),
                )
            }
            1 => {
                let findings = outcome.map(|outcome| std::mem::take(&mut outcome.findings));
                ("outcome.findings", findings.map_or(0, |items| items.len()))
            }
            2 => {
                let extra = source.map(|source| std::mem::take(&mut source.extra));
                ("source.extra", extra.map_or(0, |items| items.len()))
            }
            3 => {
                let groups = source.map(|source| std::mem::take(&mut source.groups));
                ("source.groups", groups.map_or(0, |items| items.len()))
            }
            4 => {
                let verdicts = outcome.map(|outcome| std::mem::take(&mut outcome.verdicts));
                ("outcome.verdicts", verdicts.map_or(0, |items| items.len()))
            }
            _ => return None,
        };
        Some(omitted)
    }
}

//! Verdicts and findings: the result of evaluating policies, free of borrowed data.

use std::sync::Arc;

use admission_cel::json::Path;

use crate::exception::Exception;

/// What one validation said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It held.
    Pass,
    /// It did not hold.
    Fail,
    /// It could not be evaluated; denies unless the failure policy is `Ignore`. The evaluator's
    /// text.
    Error(String),
    /// Something it needs is unknown here; never a pass. Why, and how to supply it.
    NotEvaluated(String),
}

/// One violated or failed validation at one place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The policy's name.
    pub policy: Arc<str>,
    /// The binding's name; empty when the policy itself is at fault.
    pub binding: Arc<str>,
    /// Position among the policy's validations; `None` when the policy as a whole could not be
    /// evaluated (match conditions, parameters, budget).
    pub validation: Option<usize>,
    /// `Fail`, `Error` or `NotEvaluated`; never `Pass`.
    pub verdict: Verdict,
    /// Which object `path` is in.
    pub root: Root,
    /// Where the offender is; `None` when no node of an object decided. The last segment is not in
    /// the object when it is its absence that decided.
    pub path: Option<Path>,
    /// Reason as in `metav1.StatusReason` (`Invalid`, `Forbidden`, …).
    pub reason: String,
    /// Exactly the native message.
    pub message: String,
    /// The policy's remediation annotation, if any.
    pub remediation: Option<Arc<str>>,
    /// The exception that lets the object off; see [`except`](crate::exception::except).
    pub exception: Option<Arc<Exception>>,
}

/// An object of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Root {
    /// `object`
    Object,
    /// `oldObject`
    OldObject,
}

/// `validationActions` of a binding.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Actions {
    /// `Deny`
    pub deny: bool,
    /// `Warn`
    pub warn: bool,
    /// `Audit`
    pub audit: bool,
}

/// What one policy said through one binding and one parameter object.
#[derive(Clone, Debug)]
pub struct PolicyEvaluation {
    /// The policy's name.
    pub policy: Arc<str>,
    /// The binding's name.
    pub binding: Arc<str>,
    /// The binding's actions; or `Deny` where the API server refuses whatever they say: bindings
    /// whose parameters are missing, and audit annotations that fail.
    pub actions: Actions,
    /// Whether errors are ignored (`failurePolicy: Ignore`).
    pub ignores_errors: bool,
    /// Name of the parameter object, if one was used.
    pub param: Option<String>,
    /// Verdicts in the order of the validations; empty when match conditions exclude the request.
    pub verdicts: Vec<Verdict>,
    /// Findings in the order of validations and places; one per offender.
    pub findings: Vec<Finding>,
    /// `auditAnnotations`, keys without prefix.
    pub audit_annotations: Vec<(String, String)>,
}

/// What all matching policies said.
#[derive(Clone, Debug, Default)]
pub struct Evaluation {
    /// One per policy, binding and parameter object that matched, ordered by policy name.
    pub policies: Vec<PolicyEvaluation>,
}

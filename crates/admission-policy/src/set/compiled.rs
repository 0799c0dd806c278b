//! Policies and bindings after compilation.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use admission_cel::program::Program;

use crate::finding::Actions;
use crate::matching::MatchResources;
use crate::matching::selector::Selector;

/// What validating and mutating policies have in common.
#[derive(Debug)]
pub struct Definition {
    /// `metadata.name`.
    pub name: Arc<str>,
    /// `metadata.annotations`.
    pub annotations: BTreeMap<String, String>,
    /// The annotation [`REMEDIATION`](crate::set::REMEDIATION).
    pub remediation: Option<Arc<str>>,
    /// The annotation [`CONFIDENTIAL`](crate::set::CONFIDENTIAL) is `true`.
    pub is_confidential: bool,
    /// `matchConstraints`; equal ones of a set are one.
    pub constraints: Arc<MatchResources>,
    /// `matchConditions`.
    pub conditions: Vec<MatchCondition>,
    /// `variables`, in order; the index is the one that the environment gave.
    pub variables: Vec<Variable>,
    /// `paramKind`.
    pub param_kind: Option<ParamKind>,
    /// `failurePolicy: Ignore`.
    pub ignores_errors: bool,
}

/// One of the `matchConditions`.
#[derive(Debug)]
pub struct MatchCondition {
    /// Its name.
    pub name: String,
    /// A `bool` expression.
    pub program: Program,
    /// The same for equal conditions of a set's policies of one kind; less than
    /// [`SharedCounts::conditions`](crate::set::SharedCounts::conditions).
    pub number: usize,
}

/// One of the `variables`.
#[derive(Debug)]
pub struct Variable {
    /// Its name.
    pub name: String,
    /// An expression of any type.
    pub program: Program,
    /// The same for equal variables of a set's policies of one kind; less than
    /// [`SharedCounts::variables`](crate::set::SharedCounts::variables).
    pub number: usize,
}

/// `paramKind`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParamKind {
    /// Such as `cattlegrid.dev/v1alpha1`.
    pub api_version: String,
    /// Such as `AgentBaseline`.
    pub kind: String,
}

/// As Go prints a `schema.GroupVersionKind`, which is how the API server names a parameter kind.
impl fmt::Display for ParamKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (group, version) = self
            .api_version
            .split_once('/')
            .unwrap_or(("", &self.api_version));
        write!(formatter, "{group}/{version}, Kind={}", self.kind)
    }
}

/// A binding of a policy.
#[derive(Debug)]
pub struct Binding {
    /// `metadata.name`.
    pub name: Arc<str>,
    /// `matchResources`; absent: whatever the policy matches. Equal ones of a set are one.
    pub resources: Option<Arc<MatchResources>>,
    /// `paramRef`; absent also when the policy has no `paramKind`.
    pub param_ref: Option<ParamRef>,
    /// `validationActions`; of mutating policies always `Deny`.
    pub actions: Actions,
}

/// `paramRef`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParamRef {
    /// Which objects.
    pub target: ParamTarget,
    /// Their namespace; absent: the request's, for namespaced kinds.
    pub namespace: Option<String>,
    /// `parameterNotFoundAction: Deny`.
    pub must_exist: bool,
}

/// Which parameter objects a binding means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ParamTarget {
    /// The one of this name.
    Name(String),
    /// Each that is selected.
    Selector(Selector),
}

/// A ValidatingAdmissionPolicy with its bindings.
#[derive(Debug)]
pub struct ValidatingPolicy {
    /// What both kinds of policies have.
    pub definition: Definition,
    /// `validations`.
    pub validations: Vec<Validation>,
    /// `auditAnnotations`.
    pub audit_annotations: Vec<AuditAnnotation>,
    /// Its bindings, ordered by name.
    pub bindings: Vec<Binding>,
}

/// One of the `validations`.
#[derive(Debug)]
pub struct Validation {
    /// A `bool` expression.
    pub program: Program,
    /// `message`, trimmed; empty when there is none.
    pub message: String,
    /// `messageExpression`, a `string` expression.
    pub message_program: Option<Program>,
    /// `reason`, `Invalid` by default.
    pub reason: String,
}

/// One of the `auditAnnotations`.
#[derive(Debug)]
pub struct AuditAnnotation {
    /// The key without the policy's name.
    pub key: String,
    /// A `string` or `null` expression.
    pub program: Program,
}

/// A MutatingAdmissionPolicy with its bindings.
#[derive(Debug)]
pub struct MutatingPolicy {
    /// What both kinds of policies have.
    pub definition: Definition,
    /// `mutations`, in order.
    pub mutations: Vec<Mutation>,
    /// `reinvocationPolicy: IfNeeded`.
    pub reinvoke_if_needed: bool,
    /// Its bindings, ordered by name.
    pub bindings: Vec<Binding>,
}

/// One of the `mutations`.
#[derive(Debug)]
pub enum Mutation {
    /// A `list(JSONPatch)` expression.
    JsonPatch(Program),
    /// An `Object` expression.
    ApplyConfiguration(Program),
}

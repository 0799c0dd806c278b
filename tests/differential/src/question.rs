//! What is asked, and what is answered; members as `tests/oracle/README.md` describes them.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Where in a policy an expression stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Kind {
    /// No policy: `object` and `params` only, any result.
    #[default]
    Bare,
    /// A validation.
    Validation,
    /// A `messageExpression`.
    MessageExpression,
    /// The `valueExpression` of an audit annotation.
    AuditAnnotation,
    /// A match condition.
    MatchCondition,
    /// One of the `variables`.
    Variable,
    /// A `jsonPatch` mutation.
    JsonPatch,
    /// An `applyConfiguration` mutation.
    ApplyConfiguration,
}

/// A question.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Question {
    /// Where the expression stands.
    pub kind: Kind,
    /// The expression.
    pub expression: String,
    /// `object`
    #[serde(default)]
    pub object: Value,
    /// `oldObject`
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub old_object: Value,
    /// `params`; declared in policies if and only if it is there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub params: Option<Value>,
    /// `request`, complete: what the API server would fill in is there.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub request: Value,
    /// `namespaceObject`
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub namespace_object: Value,
    /// `variables`
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub variables: Vec<Variable>,
    /// What the authorizer allows.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub allow: Vec<Access>,
}

/// One of the `variables`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Variable {
    /// Its name.
    pub name: String,
    /// Its expression.
    pub expression: String,
}

/// Something that the authorizer allows. `*` matches any value, an empty member the empty value,
/// an empty user everybody.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Access {
    /// Who.
    pub user: String,
    /// Verb.
    pub verb: String,
    /// API group.
    pub group: String,
    /// Resource.
    pub resource: String,
    /// Subresource.
    pub subresource: String,
    /// Namespace.
    pub namespace: String,
    /// Name.
    pub name: String,
    /// Path, of what is no resource.
    pub path: String,
    /// Comes back with the decision.
    pub reason: String,
    /// Makes the check fail.
    pub error: String,
}

/// An answer, as far as it is compared.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Answer {
    /// The question is at fault.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub input_error: Option<String>,
    /// The expression does not compile.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub compile_error: Option<String>,
    /// The evaluation failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// The value with its types.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value_text: Option<String>,
    /// The type of the value.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub value_type: Option<String>,
    /// The type that the checker found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub checked_type: Option<String>,
    /// The cost of the expression itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cost: Option<u64>,
    /// The cost of the variables that it read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub variables_cost: Option<u64>,
}

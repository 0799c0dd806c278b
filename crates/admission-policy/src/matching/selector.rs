//! Label selectors.

use admission_cel::json::Json;

/// A `metav1.LabelSelector`; all requirements must hold. Without requirements it selects everything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selector {
    /// `matchLabels` (as `In` with one value) and `matchExpressions`.
    pub requirements: Vec<Requirement>,
}

/// One requirement on one label.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Requirement {
    /// The label's key.
    pub key: String,
    /// What is required of it.
    pub operator: Operator,
}

/// What is required of a label, as `labels.Requirement` of `k8s.io/apimachinery` has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Operator {
    /// It is there, with one of these values.
    In(Vec<String>),
    /// It is absent, or has none of these values.
    NotIn(Vec<String>),
    /// It is there.
    Exists,
    /// It is absent.
    DoesNotExist,
}

impl Selector {
    /// Whether it selects everything.
    pub fn is_empty(&self) -> bool {
        self.requirements.is_empty()
    }

    /// Whether it selects an object with these labels (an object of strings; absent: none).
    pub fn matches(&self, labels: Option<&Json<'_>>) -> bool {
        self.requirements.iter().all(|requirement| {
            let value = labels
                .and_then(|labels| labels.get(&requirement.key))
                .and_then(|value| value.as_str());
            match (&requirement.operator, value) {
                (Operator::In(values), Some(value)) => values.iter().any(|v| v == value),
                (Operator::NotIn(values), Some(value)) => values.iter().all(|v| v != value),
                (Operator::Exists, value) => value.is_some(),
                (Operator::DoesNotExist, value) => value.is_none(),
                (Operator::In(_), None) => false,
                (Operator::NotIn(_), None) => true,
            }
        })
    }
}

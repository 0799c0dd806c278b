//! Label selectors.

use admission_cel::json::Json;

use super::Matched;

/// The label that the API server sets on every Namespace: its name.
const NAME_LABEL: &str = "kubernetes.io/metadata.name";

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

    /// Whether it selects a namespace of which only the name is known. `lacks_refused`: it has none
    /// of the labels that are refused.
    pub fn matches_by_name(&self, name: &str, lacks_refused: bool) -> Matched {
        let by_name = |requirement: &Requirement| {
            let has = |values: &[String]| values.iter().any(|value| value == name);
            match &requirement.operator {
                Operator::In(values) if requirement.key == NAME_LABEL => has(values).into(),
                Operator::NotIn(values) if requirement.key == NAME_LABEL => (!has(values)).into(),
                Operator::Exists if requirement.key == NAME_LABEL => Matched::Yes,
                Operator::DoesNotExist if requirement.key == NAME_LABEL => Matched::No,
                Operator::NotIn(_) | Operator::DoesNotExist if lacks_refused => Matched::Yes,
                _ => Matched::Unknown,
            }
        };
        let all = self.requirements.iter().map(by_name);
        all.min().unwrap_or(Matched::Yes)
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

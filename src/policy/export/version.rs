//! What an older API server cannot take.

use std::fmt;
use std::str::FromStr;

use admission_cel::environment::KUBERNETES_MINOR;
use admission_cel::json::Json;
use admission_policy::set::{Document, LoadError, PolicySet};
use bumpalo::Bump;
use serde_json::Value;

use super::objects::Bound;
use super::remarks::Remarks;

/// The first with ValidatingAdmissionPolicy v1.
const OLDEST_MINOR: u8 = 30;
/// The first with MutatingAdmissionPolicy v1.
const MUTATING_MINOR: u8 = 36;

/// A version of Kubernetes, 1.`minor`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Version {
    minor: u8,
}

impl FromStr for Version {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let minor = text.strip_prefix("1.").and_then(|minor| minor.parse().ok());
        match minor {
            Some(minor) if (OLDEST_MINOR..=KUBERNETES_MINOR).contains(&minor) => Ok(Self { minor }),
            _ => Err(format!(
                "policies are exported for Kubernetes 1.{OLDEST_MINOR} to 1.{KUBERNETES_MINOR}"
            )),
        }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "1.{}", self.minor)
    }
}

impl Version {
    /// Leaves out what the version cannot take, and says so: of a policy whose rules it takes, only
    /// computed messages, in whose place the fixed ones stand.
    pub fn restrict(self, bound: &mut Vec<Bound>, remarks: &mut Remarks) {
        bound.retain_mut(|bound| {
            let has_fixed_messages = self.fixes_messages(&mut bound.policy);
            let refusal = self.refusal(bound);
            if has_fixed_messages && refusal.is_none() {
                remarks.add(format!(
                    "{} has fixed messages in place of computed ones.",
                    bound.name()
                ));
            }
            match refusal {
                Some(reason) => {
                    remarks.add(format!("{} is left out: {reason}.", bound.name()));
                    false
                }
                None => true,
            }
        });
    }

    /// Takes out the computed messages that an API server of this version does not take. Returns
    /// whether there were some.
    fn fixes_messages(self, policy: &mut Value) -> bool {
        let errors = self.errors(policy);
        let validations = policy
            .pointer_mut("/spec/validations")
            .and_then(Value::as_array_mut);
        let mut has_some = false;
        for (index, validation) in validations.into_iter().flatten().enumerate() {
            let path = format!("spec.validations[{index}].messageExpression");
            let is_refused = errors.iter().any(|error| error.path.to_string() == path);
            if let Some(members) = validation.as_object_mut().filter(|_| is_refused) {
                has_some |= members.remove("messageExpression").is_some();
            }
        }
        has_some
    }

    /// Why an API server of this version does not take a policy.
    fn refusal(self, bound: &Bound) -> Option<String> {
        if bound.mutates() && self.minor < MUTATING_MINOR {
            return Some(format!(
                "MutatingAdmissionPolicy v1 is there since Kubernetes 1.{MUTATING_MINOR}; without it, \
                 manifests must say what it would fill in"
            ));
        }
        let errors = self.errors(&bound.policy);
        let first = errors.first()?;
        let reason = first.reason.lines().next().unwrap_or_default();
        Some(format!(
            "it needs a newer Kubernetes than 1.{}: {}: {reason}",
            self.minor, first.path
        ))
    }

    /// What an API server of this version says against a policy that this program takes.
    fn errors(self, policy: &Value) -> Vec<LoadError> {
        if self.minor >= KUBERNETES_MINOR {
            return Vec::new();
        }
        let arena = Bump::new();
        let document = Document {
            source: "policy",
            index: 0,
            json: arena.alloc(Json::from_serde(policy, &arena)),
        };
        // New expressions may use what the version before has, so that it can be returned to
        // (`k8s.io/apiserver/pkg/cel/environment`).
        PolicySet::compile_for(self.minor - 1, &[document])
            .err()
            .unwrap_or_default()
    }
}

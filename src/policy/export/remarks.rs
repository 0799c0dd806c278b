//! What an exported policy set does not do, said where it is installed.

use std::collections::BTreeSet;

use admission_policy::set::PolicySet;

use super::version::Version;
use crate::baseline::Baseline;
use crate::generate::GenerateError;
use crate::load::{self, Source};

/// How wide comments are.
const COLUMNS: usize = 100;

/// Remarks in the order in which they arose.
#[derive(Debug)]
pub struct Remarks(Vec<String>);

impl Remarks {
    /// What holds for every export of a set.
    ///
    /// # Errors
    /// When an exception cannot be read.
    pub fn new(
        baseline: &Baseline,
        set: &PolicySet,
        exceptions: &[Source],
    ) -> Result<Self, GenerateError> {
        let mut remarks = Self(vec![
            "Actions of the baseline are written into validationActions; after changing them there, \
             export again. Everything else is read from the AgentBaseline at each request."
                .to_owned(),
            "Investigation IDs are not assigned: CEL has no randomness. Without the webhook, whoever \
             starts an agent sets label cattlegrid.dev/investigation."
                .to_owned(),
            "In namespaces in audit and warn mode, objects are judged as they are written; the \
             webhook judges what enforcement would have completed."
                .to_owned(),
            "Templates of custom resources are judged when their Pods are made, not before."
                .to_owned(),
        ]);
        let labels = baseline.agent_labels().iter().skip(1);
        let labels: Vec<&str> = labels.map(|label| label.key.as_str()).collect();
        if !labels.is_empty() {
            remarks.add(format!(
                "Agents that are marked by {} alone are not held to the policies outside agent \
                 namespaces: a binding cannot read the baseline.",
                labels.join(", ")
            ));
        }
        remarks.add_exceptions(set, exceptions)?;
        Ok(remarks)
    }

    /// Adds one.
    pub fn add(&mut self, remark: String) {
        self.0.push(remark);
    }

    fn add_exceptions(
        &mut self,
        set: &PolicySet,
        exceptions: &[Source],
    ) -> Result<(), GenerateError> {
        let known: BTreeSet<&str> = set
            .policies()
            .map(|policy| &*policy.definition.name)
            .collect();
        for source in exceptions {
            for exception in load::values(source)? {
                let list = |pointer: &str| -> Vec<String> {
                    let values = exception
                        .pointer(pointer)
                        .and_then(|value| value.as_array());
                    let texts = values
                        .into_iter()
                        .flatten()
                        .filter_map(|value| value.as_str());
                    texts.map(str::to_owned).collect()
                };
                let name = exception
                    .pointer("/metadata/name")
                    .and_then(|name| name.as_str())
                    .unwrap_or_default();
                let policies: Vec<String> = list("/spec/policies")
                    .into_iter()
                    .filter(|policy| known.contains(policy.as_str()))
                    .collect();
                if !policies.is_empty() {
                    self.add(format!(
                        "PolicyException {name} has no effect here, since CEL has no clock: what it \
                         lets off is refused by {}. Leave the policy out for namespaces {} or wait \
                         until the exception is gone.",
                        policies.join(", "),
                        list("/spec/namespaces").join(", ")
                    ));
                }
            }
        }
        Ok(())
    }

    /// The comment in front of the objects.
    pub fn text(&self, version: Version, digest: &str) -> String {
        let mut text = format!(
            "# Policies for kube-apiserver {version}, without webhook.\n# Made by cattlegrid {} from \
             policy set sha256:{digest}.\n#\n# Apply twice at first: the AgentBaseline is a kind that \
             the first document defines.\n#\n",
            env!("CARGO_PKG_VERSION"),
        );
        for remark in &self.0 {
            text.push_str(&wrapped(remark));
        }
        text.push_str("---\n");
        text
    }
}

fn wrapped(remark: &str) -> String {
    let mut lines = String::new();
    let mut line = "# -".to_owned();
    for word in remark.split_whitespace() {
        if line.chars().count() + 1 + word.chars().count() > COLUMNS {
            lines.push_str(&line);
            lines.push('\n');
            "#  ".clone_into(&mut line);
        }
        line.push(' ');
        line.push_str(word);
    }
    lines + &line + "\n"
}

//! The AgentBaseline, as far as the program itself reads it. Policies read the whole object as
//! their parameter.

use std::collections::HashMap;

use admission_cel::json::{Json, ParseOptions};
use admission_policy::context::Params;
use admission_policy::decide::PolicyAction;
use bumpalo::Bump;
use serde::Deserialize;

use crate::audit::requester::PodController;
use crate::labels::{WORKLOAD, WORKLOAD_AGENT, label};
use crate::templates::table::TemplateKind;

/// `apiVersion` of the AgentBaseline that this build reads.
pub const API_VERSION: &str = "cattlegrid.dev/v1alpha1";
/// `kind` of the AgentBaseline.
pub const KIND: &str = "AgentBaseline";
/// The one name that an AgentBaseline may have.
pub const NAME: &str = "default";

/// A validated AgentBaseline: its JSON text and the parts that are not left to policies.
#[derive(Clone, Debug)]
pub struct Baseline {
    text: String,
    actions: HashMap<String, PolicyAction>,
    agent_labels: Vec<AgentLabel>,
    pod_controllers: Vec<PodController>,
    pod_templates: Vec<TemplateKind>,
}

/// A label that marks agents outside agent namespaces.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct AgentLabel {
    /// The label's key.
    pub key: String,
    /// The values that mark; empty: any value does.
    #[serde(default)]
    pub values: Vec<String>,
}

impl AgentLabel {
    /// The label of our own.
    fn own() -> Self {
        Self {
            key: WORKLOAD.to_owned(),
            values: vec![WORKLOAD_AGENT.to_owned()],
        }
    }

    fn marks<'a>(&self, object: &'a Json<'a>) -> bool {
        label(object, &self.key)
            .is_some_and(|value| self.values.is_empty() || self.values.iter().any(|v| v == value))
    }
}

/// Why a document is no usable AgentBaseline.
#[derive(Debug, thiserror::Error)]
pub enum BaselineError {
    /// Not JSON of the expected shape.
    #[error("the baseline is malformed: {0}")]
    Malformed(#[from] serde_json::Error),
    /// Another object.
    #[error(
        "expected an AgentBaseline (apiVersion {API_VERSION}, kind {KIND}, name {NAME}), found `{0}`"
    )]
    OtherObject(String),
    /// An action that does not exist.
    #[error(
        "spec.policies[{policy}].action: `{action}` is no action; use deny, warn, audit or \"off\" \
         (in quotes, since YAML reads off as false)"
    )]
    UnknownAction {
        /// The policy's id.
        policy: String,
        /// The value found.
        action: String,
    },
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Document {
    api_version: String,
    kind: String,
    metadata: Metadata,
    #[serde(default)]
    spec: Spec,
}

#[derive(Deserialize)]
struct Metadata {
    name: String,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Spec {
    #[serde(default)]
    policies: HashMap<String, PolicySettings>,
    #[serde(default)]
    agent_labels: Vec<AgentLabel>,
    #[serde(default)]
    pod_controllers: Vec<PodController>,
    #[serde(default)]
    pod_templates: Vec<TemplateKind>,
}

#[derive(Deserialize)]
struct PolicySettings {
    action: Option<serde_json::Value>,
}

impl Baseline {
    /// Reads an AgentBaseline from its JSON text.
    ///
    /// # Errors
    /// What is wrong and where.
    pub fn from_json(text: String) -> Result<Self, BaselineError> {
        // By way of a value: positions in a text that nobody wrote would tell nothing.
        let document: serde_json::Value = serde_json::from_str(&text)?;
        let document: Document = serde_json::from_value(document)?;
        if (
            document.api_version.as_str(),
            document.kind.as_str(),
            document.metadata.name.as_str(),
        ) != (API_VERSION, KIND, NAME)
        {
            return Err(BaselineError::OtherObject(format!(
                "{} {} {}",
                document.api_version, document.kind, document.metadata.name
            )));
        }
        let mut actions = HashMap::new();
        for (policy, settings) in document.spec.policies {
            let Some(action) = settings.action else {
                continue;
            };
            match action.as_str().and_then(parse_action) {
                Some(parsed) => actions.insert(policy, parsed),
                None => {
                    let action = action.as_str().map_or(action.to_string(), str::to_owned);
                    return Err(BaselineError::UnknownAction { policy, action });
                }
            };
        }
        let mut agent_labels = vec![AgentLabel::own()];
        agent_labels.extend(document.spec.agent_labels);
        Ok(Self {
            text,
            actions,
            agent_labels,
            pod_controllers: document.spec.pod_controllers,
            pod_templates: document.spec.pod_templates,
        })
    }

    /// The labels that mark agents outside agent namespaces: ours first, then those that the
    /// baseline names.
    pub fn agent_labels(&self) -> &[AgentLabel] {
        &self.agent_labels
    }

    /// Whether an object is labelled as an agent.
    pub fn marks<'a>(&self, object: &'a Json<'a>) -> bool {
        self.agent_labels.iter().any(|label| label.marks(object))
    }

    /// Who makes Pods and Jobs for objects that were judged.
    pub fn pod_controllers(&self) -> &[PodController] {
        &self.pod_controllers
    }

    /// Kinds with Pod templates in them.
    pub fn pod_templates(&self) -> &[TemplateKind] {
        &self.pod_templates
    }

    /// Per-policy actions; absent means `Deny`.
    pub fn actions(&self) -> &HashMap<String, PolicyAction> {
        &self.actions
    }

    /// The object as a value.
    ///
    /// # Errors
    /// Never for a text that [`Baseline::from_json`] accepted.
    pub fn value(&self) -> Result<serde_json::Value, String> {
        serde_json::from_str(&self.text)
            .map_err(|error| format!("the baseline cannot be read: {error}"))
    }

    /// The object as JSON text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The object as the parameter of policies, in `arena`.
    ///
    /// # Errors
    /// Never for a text that [`Baseline::from_json`] accepted and that nests no deeper than reviews
    /// may.
    pub fn as_params<'a>(&'a self, arena: &'a Bump) -> Result<BaselineParams<'a>, String> {
        let options = ParseOptions {
            skip_managed_fields: true,
        };
        Json::parse_with(self.text.as_bytes(), arena, options)
            .map(|object| BaselineParams { object })
            .map_err(|error| format!("the baseline cannot be read: {error}"))
    }
}

fn parse_action(text: &str) -> Option<PolicyAction> {
    match text {
        "deny" => Some(PolicyAction::Deny),
        "warn" => Some(PolicyAction::Warn),
        "audit" => Some(PolicyAction::Audit),
        "off" => Some(PolicyAction::Off),
        _ => None,
    }
}

/// The AgentBaseline as the only parameter object there is.
#[derive(Clone, Copy, Debug)]
pub struct BaselineParams<'a> {
    object: &'a Json<'a>,
}

impl<'a> Params<'a> for BaselineParams<'a> {
    fn list(
        &self,
        api_version: &str,
        kind: &str,
        _namespace: Option<&str>,
    ) -> Result<Vec<&'a Json<'a>>, String> {
        if (api_version, kind) == (API_VERSION, KIND) {
            Ok(vec![self.object])
        } else {
            Err(format!(
                "parameters of kind {kind} ({api_version}) are not available here"
            ))
        }
    }

    fn namespaced(&self, api_version: &str, kind: &str) -> Option<bool> {
        ((api_version, kind) == (API_VERSION, KIND)).then_some(false)
    }
}

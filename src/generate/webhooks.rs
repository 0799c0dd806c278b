//! `cattlegrid generate webhooks`: the webhook configurations that a policy set and a baseline need.
//!
//! The API server asks only about what some policy matches. Entries do not overlap, so that it asks
//! once; what an outage of ours blocks is what is enforced, and nothing else.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use admission_policy::set::{Policy, PolicySet};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use self::rules::{Place, RuleSet};
use super::GenerateError;
use crate::baseline::{AgentLabel, Baseline};
use crate::labels::{AGENTS, MAX_PHASE};
use crate::load::{self, LoadErrors};
use crate::templates::table::TemplateKind;

pub mod difference;
mod rules;

/// How long the API server waits for an answer, in seconds.
const TIMEOUT_SECONDS: u8 = 5;
/// Namespaces of the cluster itself, as the bindings of the shipped policies leave them out.
const SYSTEM_NAMESPACES: [&str; 3] = ["kube-system", "kube-public", "kube-node-lease"];
/// Modes that deny nothing.
const LENIENT_MODES: [&str; 2] = ["audit", "warn"];
/// The domain of the configurations' entries.
pub(crate) const DOMAIN: &str = "cattlegrid.dev";
/// Both configurations' name.
pub const NAME: &str = "cattlegrid";

/// Options of `cattlegrid generate webhooks`.
#[derive(Clone, Debug, clap::Args)]
pub struct Options {
    /// Directory of policies and bindings [default: the shipped set]
    #[arg(long, value_name = "DIR")]
    pub policies: Option<PathBuf>,

    /// File with the AgentBaseline [default: the shipped one]
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,

    #[command(flatten)]
    address: Address,

    /// PEM file with the CA that the API server checks our certificate against
    #[arg(long, value_name = "FILE")]
    ca_bundle: Option<PathBuf>,

    /// Let cert-manager fill in the CA from this Certificate
    #[arg(long, value_name = "NAMESPACE/NAME", conflicts_with = "ca_bundle")]
    inject_ca_from: Option<String>,
}

/// Where the API server finds the webhook.
#[derive(Clone, Debug, clap::Args)]
pub struct Address {
    /// Service in front of the webhook
    #[arg(long, value_name = "NAME", default_value = "cattlegrid")]
    pub service: String,

    /// Namespace that the webhook runs in, which is never matched
    #[arg(short, long, value_name = "NAME", default_value = "cattlegrid-system")]
    pub namespace: String,

    /// Base URL of a webhook outside the cluster, such as https://127.0.0.1:8443
    #[arg(long, value_name = "URL", conflicts_with = "service")]
    pub url: Option<String>,
}

/// Prints the configurations on standard output.
///
/// # Errors
/// [`GenerateError`].
pub fn run(options: &Options) -> Result<(), GenerateError> {
    let (set, baseline) = load(options.policies.as_deref(), options.baseline.as_deref())?;
    let trust = match (&options.ca_bundle, &options.inject_ca_from) {
        (Some(file), _) => match std::fs::read(file) {
            Ok(bundle) => Trust::Bundle(bundle),
            Err(error) => {
                return Err(GenerateError::Unreadable {
                    file: file.clone(),
                    error,
                });
            }
        },
        (None, Some(certificate)) => Trust::CertManager(certificate.clone()),
        (None, None) => Trust::System,
    };
    let objects = configurations(&set, &baseline, &options.address, &trust);
    super::print(&super::yaml(&objects)?)
}

/// The set and baseline that configurations are made for.
///
/// # Errors
/// What is wrong with them.
pub fn load(
    policies: Option<&Path>,
    baseline: Option<&Path>,
) -> Result<(PolicySet, Baseline), LoadErrors> {
    let policies = match policies {
        Some(directory) => load::read_policies(directory)?,
        None => load::embedded_policies(),
    };
    let baseline = match baseline {
        Some(file) => load::read_source(file)?,
        None => load::embedded_baseline()?,
    };
    Ok((load::compile(&policies)?, load::baseline(&baseline)?))
}

/// How the API server comes to trust our certificate.
#[derive(Clone, Debug)]
pub enum Trust {
    /// By this CA, in PEM form.
    Bundle(Vec<u8>),
    /// By what cert-manager fills in from a Certificate, `namespace/name`.
    CertManager(String),
    /// By its own roots.
    System,
}

/// The ValidatingWebhookConfiguration and the MutatingWebhookConfiguration.
pub fn configurations(
    set: &PolicySet,
    baseline: &Baseline,
    address: &Address,
    trust: &Trust,
) -> Vec<Value> {
    let labels = baseline.agent_labels();
    let roles = role_names(baseline);
    let make = |flavour: Flavour| {
        Configuration {
            flavour,
            address,
            trust,
            labels,
            templates: baseline.pod_templates(),
            roles: &roles,
        }
        .object(set)
    };
    vec![make(Flavour::Validating), make(Flavour::Mutating)]
}

/// The names of all roles that the baseline lets somebody bind.
fn role_names(baseline: &Baseline) -> BTreeSet<String> {
    let baseline = baseline.value().unwrap_or_default();
    let spec = baseline.get("spec").unwrap_or(&Value::Null);
    let phases = spec.get("phases").and_then(Value::as_object);
    let of_phases = phases
        .into_iter()
        .flatten()
        .map(|(_, phase)| &phase["roles"]);
    let lists = of_phases.chain([&spec["bindableRoles"], &spec["rolesOfGroups"]]);
    lists
        .filter_map(Value::as_array)
        .flatten()
        .filter_map(|role| role["name"].as_str())
        .map(str::to_owned)
        .collect()
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Flavour {
    Validating,
    Mutating,
}

impl Flavour {
    fn kind(self) -> &'static str {
        match self {
            Flavour::Validating => "ValidatingWebhookConfiguration",
            Flavour::Mutating => "MutatingWebhookConfiguration",
        }
    }

    fn path(self) -> &'static str {
        match self {
            Flavour::Validating => "validate",
            Flavour::Mutating => "mutate",
        }
    }

    fn concerns(self, policy: &Policy<'_>) -> bool {
        policy.mutating == (self == Flavour::Mutating)
    }
}

impl AgentLabel {
    fn requirement(&self) -> Value {
        if self.values.is_empty() {
            json!({"key": self.key, "operator": "Exists"})
        } else {
            json!({"key": self.key, "operator": "In", "values": self.values})
        }
    }

    fn negated(&self) -> Value {
        if self.values.is_empty() {
            json!({"key": self.key, "operator": "DoesNotExist"})
        } else {
            json!({"key": self.key, "operator": "NotIn", "values": self.values})
        }
    }
}

struct Configuration<'c> {
    flavour: Flavour,
    address: &'c Address,
    trust: &'c Trust,
    labels: &'c [AgentLabel],
    templates: &'c [TemplateKind],
    roles: &'c BTreeSet<String>,
}

impl Configuration<'_> {
    fn object(&self, set: &PolicySet) -> Value {
        let mut metadata =
            json!({"name": NAME, "labels": {"app.kubernetes.io/name": "cattlegrid"}});
        if let Trust::CertManager(certificate) = self.trust {
            let annotations = json!({"cert-manager.io/inject-ca-from": certificate});
            insert(&mut metadata, "annotations", annotations);
        }
        json!({
            "apiVersion": "admissionregistration.k8s.io/v1",
            "kind": self.flavour.kind(),
            "metadata": metadata,
            "webhooks": self.webhooks(set),
        })
    }

    fn webhooks(&self, set: &PolicySet) -> Vec<Value> {
        let mut all = RuleSet::default();
        for policy in set
            .policies()
            .filter(|policy| self.flavour.concerns(policy))
        {
            all.add_policy(&policy);
        }
        match self.flavour {
            Flavour::Mutating => all.add_investigations(),
            Flavour::Validating => self
                .templates
                .iter()
                .for_each(|kind| all.add_templates(kind)),
        }
        let namespaced = all.of(Place::Namespaced);
        let mut webhooks = vec![self.enforce(&namespaced)];
        if self.flavour == Flavour::Validating {
            webhooks.push(self.observe(&namespaced));
        }
        webhooks.extend(self.labelled(&namespaced.without_connect().without_rbac()));
        if self.flavour == Flavour::Validating {
            webhooks.push(self.elsewhere(&namespaced.rbac()));
            webhooks.push(self.namespaces(&all.of(Place::Namespaces)));
            webhooks.push(self.cluster(&all.of(Place::Cluster)));
            webhooks.extend(self.ends());
        }
        webhooks.into_iter().flatten().collect()
    }

    /// Agent namespaces that enforce: fails closed. A mode that does not exist enforces, as it does
    /// in the bindings: a typing error must not open the boundary.
    fn enforce(&self, rules: &RuleSet) -> Option<Value> {
        let selected = [
            json!({"key": AGENTS, "operator": "Exists"}),
            json!({"key": AGENTS, "operator": "NotIn", "values": LENIENT_MODES}),
        ];
        self.entry(
            "enforce",
            rules,
            "Fail",
            self.namespace_selector(selected),
            None,
        )
    }

    /// Agent namespaces that only watch: an outage of ours goes unnoticed.
    fn observe(&self, rules: &RuleSet) -> Option<Value> {
        let selected = [json!({"key": AGENTS, "operator": "In", "values": LENIENT_MODES})];
        self.entry(
            "observe",
            rules,
            "Ignore",
            self.namespace_selector(selected),
            None,
        )
    }

    /// Agents in other namespaces, by label; one entry per label, each leaving out the ones before.
    fn labelled(&self, rules: &RuleSet) -> Vec<Option<Value>> {
        self.entries_by_label("labelled", rules, "Fail")
    }

    fn entries_by_label(
        &self,
        kind: &str,
        rules: &RuleSet,
        failure_policy: &str,
    ) -> Vec<Option<Value>> {
        let entry = |(position, label): (usize, &AgentLabel)| {
            let name = match position {
                0 => kind.to_owned(),
                position => format!("{kind}-{}", position + 1),
            };
            let before = self.labels.iter().take(position).map(AgentLabel::negated);
            let expressions: Vec<Value> = before.chain([label.requirement()]).collect();
            let objects = json!({"matchExpressions": expressions});
            let elsewhere = [json!({"key": AGENTS, "operator": "DoesNotExist"})];
            self.entry(
                &name,
                rules,
                failure_policy,
                self.namespace_selector(elsewhere),
                Some(objects),
            )
        };
        self.labels.iter().enumerate().map(entry).collect()
    }

    /// Namespaces whose labels of ours change: any other change goes on while we are away.
    fn namespaces(&self, rules: &RuleSet) -> Option<Value> {
        let selector = self.namespace_selector([]);
        let mut entry = self.entry("namespaces", rules, "Fail", selector, None)?;
        let condition = json!({
            "name": "moves-the-boundary",
            "expression": format!(
                "['{AGENTS}', '{MAX_PHASE}'].exists(key, object.?metadata.?labels[?key] != \
                 (oldObject == null ? {{}} : oldObject.?metadata.?labels.orValue({{}}))[?key])"
            ),
        });
        insert(&mut entry, "matchConditions", json!([condition]));
        Some(entry)
    }

    /// Roles and bindings of ordinary namespaces: an agent may be given rights anywhere.
    fn elsewhere(&self, rules: &RuleSet) -> Option<Value> {
        let elsewhere =
            self.namespace_selector([json!({"key": AGENTS, "operator": "DoesNotExist"})]);
        self.narrowed_entry("rbac", rules, elsewhere)
    }

    /// Cluster-scoped objects, which no namespaceSelector leaves out.
    fn cluster(&self, rules: &RuleSet) -> Option<Value> {
        self.narrowed_entry("cluster", rules, json!({}))
    }

    /// Outside agent namespaces, only what concerns agents is asked about.
    fn narrowed_entry(&self, name: &str, rules: &RuleSet, namespaces: Value) -> Option<Value> {
        let mut entry = self.entry(name, rules, "Fail", namespaces, None)?;
        let conditions = rules.conditions(Some(self.roles));
        if !conditions.is_empty() {
            insert(&mut entry, "matchConditions", conditions.into());
        }
        Some(entry)
    }

    /// The end of agents' Jobs and Pods, which is recorded and never denied: nothing that goes wrong
    /// with us keeps one.
    fn ends(&self) -> Vec<Option<Value>> {
        let mut rules = RuleSet::default();
        rules.add_ends();
        let everywhere = [json!({"key": AGENTS, "operator": "Exists"})];
        let inside = self.namespace_selector(everywhere);
        let mut entries = vec![self.entry("end", &rules, "Ignore", inside, None)];
        entries.extend(self.entries_by_label("end-labelled", &rules, "Ignore"));
        for entry in entries.iter_mut().flatten() {
            insert(entry, "clientConfig", self.client("end"));
        }
        entries
    }

    fn entry(
        &self,
        name: &str,
        rules: &RuleSet,
        failure_policy: &str,
        namespaces: Value,
        objects: Option<Value>,
    ) -> Option<Value> {
        if rules.is_empty() {
            return None;
        }
        let mut entry = json!({
            "name": format!("{name}.{}.{DOMAIN}", self.flavour.path()),
            "admissionReviewVersions": ["v1"],
            "clientConfig": self.client(self.flavour.path()),
            "failurePolicy": failure_policy,
            "matchPolicy": "Equivalent",
            "namespaceSelector": namespaces,
            "objectSelector": objects.unwrap_or_else(|| json!({})),
            "rules": rules.to_json(),
            "sideEffects": "NoneOnDryRun",
            "timeoutSeconds": TIMEOUT_SECONDS,
        });
        let conditions = rules.conditions(None);
        if !conditions.is_empty() {
            insert(&mut entry, "matchConditions", conditions.into());
        }
        if self.flavour == Flavour::Mutating {
            insert(&mut entry, "reinvocationPolicy", "IfNeeded".into());
        }
        Some(entry)
    }

    fn namespace_selector(&self, selected: impl IntoIterator<Item = Value>) -> Value {
        let own = self.address.namespace.as_str();
        let excluded: Vec<&str> = SYSTEM_NAMESPACES.into_iter().chain([own]).collect();
        let excluded =
            json!({"key": "kubernetes.io/metadata.name", "operator": "NotIn", "values": excluded});
        let expressions: Vec<Value> = selected.into_iter().chain([excluded]).collect();
        json!({"matchExpressions": expressions})
    }

    fn client(&self, path: &str) -> Value {
        let mut client = match &self.address.url {
            Some(url) => json!({"url": format!("{}/{path}", url.trim_end_matches('/'))}),
            None => json!({"service": {
                "name": self.address.service,
                "namespace": self.address.namespace,
                "path": format!("/{path}"),
                "port": 443,
            }}),
        };
        if let Trust::Bundle(bundle) = self.trust {
            insert(&mut client, "caBundle", STANDARD.encode(bundle).into());
        }
        client
    }
}

fn insert(object: &mut Value, key: &str, value: Value) {
    if let Some(members) = object.as_object_mut() {
        members.insert(key.to_owned(), value);
    }
}

#[cfg(test)]
mod tests;

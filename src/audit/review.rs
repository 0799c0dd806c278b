//! Judging every object of the input.

use std::collections::HashMap;
use std::ops::Range;

use admission_cel::authorizer::{Answer, Authorizer, Question};
use admission_cel::json::{Json, Path};
use admission_cel::value::Timestamp;
use admission_policy::context::Namespace;
use admission_policy::finding::{Finding, Root};
use anyhow::Result;
use bumpalo::Bump;

use super::diff;
use super::kinds::{Kinds, Resource};
use super::normalise::normalise;
use super::objects::{Found, metadata_fault, metadata_text, objects, text};
use super::request::{creation, group_and_version};
use crate::baseline::Baseline;
use crate::judge::{Rules, Stage, Surroundings, is_agent_namespace, judge};
use crate::k8s::manifest::{self, Manifest, ManifestError};
use crate::k8s::namespace::named;
use crate::labels::AGENTS;
use crate::load::Source;
use crate::templates::table::TemplateKind;

/// The API group of the files that kustomize reads.
const KUSTOMIZE_GROUP: &str = "kustomize.config.k8s.io";
/// Stands for the investigation ID that admission would assign.
const ASSIGNED_LATER: &str = "assigned-at-admission";

/// What the user said about the surroundings.
#[derive(Clone, Copy, Debug)]
pub struct Settings<'a> {
    /// Namespace of objects that name none.
    pub namespace: &'a str,
    /// Mode label of namespaces that the input does not define.
    pub assumed_label: Option<&'a str>,
    /// When the audit takes place: exceptions expire.
    pub now: Timestamp,
}

/// How grave a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The request would be denied.
    Deny,
    /// The user would be warned.
    Warn,
    /// It would only be recorded.
    Audit,
    /// An exception lets it off.
    Excepted,
}

/// Which object is meant.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// Its kind.
    pub kind: &'a str,
    /// Its namespace, empty for cluster-scoped objects.
    pub namespace: &'a str,
    /// Its name, or generateName followed by `*`.
    pub name: &'a str,
}

/// What comes up while judging, in the order of the input.
pub enum Event<'a> {
    /// A document that cannot be read.
    Unreadable {
        /// The file.
        source: &'a Source,
        /// What is wrong and where.
        error: ManifestError,
    },
    /// A judged object.
    Judged {
        /// The file.
        source: &'a Source,
        /// The object.
        subject: Subject<'a>,
        /// What was found, with its place in the file.
        findings: Vec<(Severity, Finding, Option<Range<usize>>)>,
        /// What admission would fill in, as a diff; empty when nothing.
        mutations: String,
    },
    /// An object that could not be judged, and why.
    NotEvaluated {
        /// The file.
        source: &'a Source,
        /// The object.
        subject: Subject<'a>,
        /// Why, and how to supply what is missing.
        reason: String,
    },
}

/// Judges every object and reports what comes up.
///
/// # Errors
/// When reporting fails, or the baseline cannot be read.
pub fn review(
    sources: &[Source],
    rules: &Rules,
    settings: &Settings<'_>,
    report: &mut dyn FnMut(Event<'_>) -> Result<()>,
) -> Result<()> {
    let arena = Bump::new();
    let mut documents = Vec::new();
    for source in sources {
        for document in manifest::parse(&source.text, &arena) {
            documents.push((source, document));
        }
    }
    let surroundings = Known::learn(&documents, settings);
    for (source, document) in documents {
        match document {
            Err(error) => report(Event::Unreadable { source, error })?,
            Ok(document) => {
                for found in objects(document.json) {
                    report(surroundings.judge(source, &document, &found, rules)?)?;
                }
            }
        }
    }
    Ok(())
}

/// What the input says about the cluster it is meant for.
struct Known<'a, 's> {
    settings: &'s Settings<'s>,
    kinds: Kinds<'a>,
    namespaces: HashMap<&'a str, &'a Json<'a>>,
}

impl<'a, 's> Known<'a, 's> {
    fn learn(
        documents: &[(&'a Source, Result<Manifest<'a>, ManifestError>)],
        settings: &'s Settings<'s>,
    ) -> Self {
        let mut known = Self {
            settings,
            kinds: Kinds::default(),
            namespaces: HashMap::new(),
        };
        let readable = documents
            .iter()
            .filter_map(|(_, document)| document.as_ref().ok());
        for found in readable.flat_map(|document| objects(document.json)) {
            known.kinds.learn(found.json);
            if text(found.json, "kind") == "Namespace" && text(found.json, "apiVersion") == "v1" {
                known
                    .namespaces
                    .insert(metadata_text(found.json, "name"), found.json);
            }
        }
        known
    }

    fn judge<'e>(
        &'e self,
        source: &'e Source,
        document: &Manifest<'e>,
        found: &Found<'e>,
        rules: &'e Rules,
    ) -> Result<Event<'e>>
    where
        'a: 'e,
    {
        let object = found.json;
        let kind = text(object, "kind");
        let (group, version) = group_and_version(text(object, "apiVersion"));
        let mut subject = Subject {
            kind,
            namespace: "",
            name: metadata_text(object, "name"),
        };
        if kind.is_empty() {
            let reason = "no `apiVersion` and `kind`: not a Kubernetes object".to_owned();
            return Ok(Event::NotEvaluated {
                source,
                subject,
                reason,
            });
        }
        if group == KUSTOMIZE_GROUP {
            let reason = "a kustomization is no object; build it: kubectl kustomize DIRECTORY | \
                          cattlegrid audit -";
            return Ok(Event::NotEvaluated {
                source,
                subject,
                reason: reason.to_owned(),
            });
        }
        if let Some((path, message)) = metadata_fault(object) {
            let path = Path(found.path.0.iter().chain(&path.0).cloned().collect());
            let span = document.spans.locate(document.json, &path).unwrap_or(0..0);
            return Ok(Event::Unreadable {
                source,
                error: ManifestError { span, message },
            });
        }
        let in_table = in_table(&rules.baseline, group, version, kind);
        let in_table = in_table.map(|entry| Resource {
            name: &entry.resource,
            namespaced: true,
        });
        let Some(resource) = self.kinds.resource(group, kind).or(in_table) else {
            let reason = format!(
                "kind `{kind}` is not known; put its CustomResourceDefinition in the input, or name \
                 it in spec.podTemplates of the AgentBaseline"
            );
            return Ok(Event::NotEvaluated {
                source,
                subject,
                reason,
            });
        };
        if resource.namespaced {
            subject.namespace = match metadata_text(object, "namespace") {
                "" => self.settings.namespace,
                name => name,
            };
        }
        let arena = Bump::new();
        let namespace = match resource.namespaced {
            true => self.namespace(rules.baseline.marks(object), subject.namespace, &arena),
            false => Namespace::None,
        };
        if matches!(namespace, Namespace::Unknown) {
            let reason = format!(
                "namespace `{}` is not in the input; add its manifest, or say --assume-agents MODE",
                subject.namespace
            );
            return Ok(Event::NotEvaluated {
                source,
                subject,
                reason,
            });
        }
        let submitted = normalise(object, &arena);
        let request = creation(submitted, resource, subject.namespace, &arena);
        let surroundings = Surroundings {
            namespace,
            authorizer: &UnknownRights,
            new_id: &|| ASSIGNED_LATER.to_owned(),
            now: self.settings.now,
        };
        let judgement = judge(rules, &request, Stage::Submitted, &surroundings, &arena)
            .map_err(anyhow::Error::msg)?;
        let is_agent = is_agent_namespace(namespace) || rules.baseline.marks(object);
        if judgement.evaluation.policies.is_empty()
            && is_agent
            && in_table.is_none()
            && !Kinds::is_built_in(group, kind)
        {
            let reason = format!(
                "whether kind `{kind}` holds Pod templates is not known, so only its Pods are \
                 judged, when they are made; name it in spec.podTemplates of the AgentBaseline"
            );
            return Ok(Event::NotEvaluated {
                source,
                subject,
                reason,
            });
        }
        let mutations = match judgement.object {
            Some(completed) if !std::ptr::eq(completed, submitted) => {
                diff::unified(submitted, completed)?
            }
            _ => String::new(),
        };
        let decision = judgement.decision();
        let excepted = decision.excepted.iter().map(|excepted| excepted.finding);
        let excepted = excepted.collect();
        let findings = [
            (Severity::Deny, &decision.denials),
            (Severity::Warn, &decision.warnings),
            (Severity::Audit, &decision.recorded),
            (Severity::Excepted, &excepted),
        ];
        let locate = |finding: &Finding| {
            let path = finding
                .path
                .as_ref()
                .filter(|_| finding.root == Root::Object)?;
            let path = Path(found.path.0.iter().chain(&path.0).cloned().collect());
            document.spans.locate(document.json, &path)
        };
        let mut findings: Vec<_> = findings
            .into_iter()
            .flat_map(|(severity, findings)| {
                findings.iter().map(move |finding| (severity, finding))
            })
            .map(|(severity, finding)| (severity, (*finding).clone(), locate(finding)))
            .collect();
        findings.sort_by_key(|(severity, _, span)| {
            (
                *severity,
                span.as_ref().map_or(usize::MAX, |span| span.start),
            )
        });
        Ok(Event::Judged {
            source,
            subject,
            findings,
            mutations,
        })
    }

    /// The namespace of an object: from the input, or assumed. A labelled object is judged by its
    /// label where nobody knows the namespace.
    fn namespace<'e>(&'e self, is_labelled: bool, name: &'e str, arena: &'e Bump) -> Namespace<'e>
    where
        'a: 'e,
    {
        if let Some(namespace) = self.namespaces.get(name) {
            return Namespace::Known(namespace);
        }
        let mode = match self.settings.assumed_label {
            Some(mode) => Some((AGENTS, &*arena.alloc_str(mode))),
            None if is_labelled => None,
            None => return Namespace::Unknown,
        };
        Namespace::Known(named(name, mode, arena))
    }
}

/// What the baseline says about the templates of a kind.
fn in_table<'b>(
    baseline: &'b Baseline,
    group: &str,
    version: &str,
    kind: &str,
) -> Option<&'b TemplateKind> {
    let mut table = baseline.pod_templates().iter();
    table.find(|entry| entry.is(group, version, kind))
}

/// Manifests do not say who will submit them.
struct UnknownRights;

impl Authorizer for UnknownRights {
    fn answer(&self, _question: &Question<'_>) -> Answer {
        Answer::Unavailable(
            "it depends on the rights of whoever submits the object; the cluster asks its authorizer"
                .to_owned(),
        )
    }
}

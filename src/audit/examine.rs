//! Judging one object.

use std::sync::Arc;

use admission_cel::json::{Json, Path};
use admission_cel::value::Timestamp;
use admission_policy::context::Namespace;
use admission_policy::finding::{Finding, Root};
use bumpalo::Bump;

use super::diff;
use super::kinds::{Kinds, Resource};
use super::known::{Known, UnknownRights};
use super::normalise::normalise;
use super::objects::{Found as Object, metadata_fault, metadata_text, objects, text};
use super::outcome::{Found, Origin, Outcome, Place, Severity, State, Subject};
use super::request::{creation, group_and_version};
use crate::baseline::Baseline;
use crate::judge::{Judgement, Rules, Stage, Surroundings, is_agent_namespace, judge};
use crate::k8s::manifest::{self, Manifest, ManifestError};
use crate::labels::{PHASE, label};
use crate::load::Source;
use crate::templates::table::TemplateKind;

/// The API group of the files that kustomize reads.
const KUSTOMIZE_GROUP: &str = "kustomize.config.k8s.io";
/// Stands for the investigation ID that admission would assign.
const ASSIGNED_LATER: &str = "assigned-at-admission";

/// How objects are judged.
#[derive(Clone, Copy, Debug)]
pub struct Settings<'a> {
    /// Namespace of objects that name none.
    pub namespace: &'a str,
    /// When the audit takes place: exceptions expire.
    pub now: Timestamp,
    /// Whether to tell what admission fills in.
    pub shows_mutations: bool,
}

/// Judges objects; shared by all threads.
#[derive(Clone, Copy)]
pub struct Examiner<'k> {
    /// Policies, baseline, exceptions.
    pub rules: &'k Rules,
    /// What surrounds the objects.
    pub known: &'k Known<'k>,
    /// What the user asked for.
    pub settings: Settings<'k>,
}

/// An object that cannot be judged, and why.
enum Refusal {
    Unreadable(ManifestError),
    NotEvaluated(String),
}

/// A document of a file, for turning paths into places.
struct Document<'e> {
    source: &'e Source,
    manifest: &'e Manifest<'e>,
    /// Where in the document the object is.
    base: &'e Path,
}

impl<'k> Examiner<'k> {
    /// Judges every object of a file, in order.
    pub fn source(&self, source: &Source) -> Vec<Outcome> {
        let origin = Origin::File(Arc::from(source.name.as_str()));
        let mut outcomes = Vec::new();
        let arena = Bump::new();
        for manifest in manifest::parse(&source.text, &arena) {
            match manifest {
                Err(error) => outcomes.push(Outcome {
                    origin: origin.clone(),
                    subject: Subject::default(),
                    state: unreadable(source, error),
                }),
                Ok(manifest) => {
                    for object in objects(manifest.json) {
                        outcomes.push(self.object(source, &origin, &manifest, &object));
                    }
                }
            }
        }
        outcomes
    }

    fn object(
        &self,
        source: &Source,
        origin: &Origin,
        manifest: &Manifest<'_>,
        object: &Object<'_>,
    ) -> Outcome {
        let document = Document {
            source,
            manifest,
            base: &object.path,
        };
        let mut subject = Subject {
            api_version: text(object.json, "apiVersion").to_owned(),
            kind: text(object.json, "kind").to_owned(),
            namespace: String::new(),
            name: name_of(object.json),
            phase: label(object.json, PHASE).unwrap_or_default().to_owned(),
        };
        let state = match self.state(object.json, &document, &mut subject) {
            Ok(state) => state,
            Err(Refusal::Unreadable(error)) => unreadable(source, error),
            Err(Refusal::NotEvaluated(reason)) => State::NotEvaluated { reason },
        };
        Outcome {
            origin: origin.clone(),
            subject,
            state,
        }
    }

    fn state<'e>(
        &self,
        object: &'e Json<'e>,
        document: &Document<'_>,
        subject: &mut Subject,
    ) -> Result<State, Refusal>
    where
        'k: 'e,
    {
        let rules = self.rules;
        let (group, version) = group_and_version(text(object, "apiVersion"));
        let kind = text(object, "kind");
        if kind.is_empty() {
            let reason = "no `apiVersion` and `kind`: not a Kubernetes object";
            return Err(Refusal::NotEvaluated(reason.to_owned()));
        }
        if group == KUSTOMIZE_GROUP {
            let reason = "a kustomization is no object; build it: kubectl kustomize DIRECTORY | \
                          cattlegrid audit -";
            return Err(Refusal::NotEvaluated(reason.to_owned()));
        }
        if let Some((path, message)) = metadata_fault(object) {
            return Err(Refusal::Unreadable(document.error(&path, message)));
        }
        let in_table = in_table(&rules.baseline, group, version, kind);
        let resource = self.resource(group, kind, in_table)?;
        let mut namespace_name = "";
        if resource.namespaced {
            namespace_name = match metadata_text(object, "namespace") {
                "" => self.settings.namespace,
                name => name,
            };
            namespace_name.clone_into(&mut subject.namespace);
        }
        let arena = Bump::new();
        let namespace = match resource.namespaced {
            true => {
                let is_labelled = rules.baseline.marks(object);
                self.known.namespace(is_labelled, namespace_name, &arena)
            }
            false => Namespace::None,
        };
        if matches!(namespace, Namespace::Unknown) {
            return Err(Refusal::NotEvaluated(format!(
                "namespace `{namespace_name}` is not in the input; add its manifest, or say \
                 --assume-agents MODE"
            )));
        }
        let submitted = normalise(object, &arena);
        let request = creation(submitted, resource, namespace_name, &arena);
        let surroundings = Surroundings {
            namespace,
            params: self.known.params(),
            authorizer: &UnknownRights,
            new_id: &|| ASSIGNED_LATER.to_owned(),
            now: self.settings.now,
        };
        let judgement = judge(rules, &request, Stage::Submitted, &surroundings, &arena)
            .map_err(Refusal::NotEvaluated)?;
        let is_agent = is_agent_namespace(namespace) || rules.baseline.marks(object);
        if judgement.evaluation.policies.is_empty()
            && is_agent
            && in_table.is_none()
            && !Kinds::is_built_in(group, kind)
        {
            return Err(Refusal::NotEvaluated(format!(
                "whether kind `{kind}` holds Pod templates is not known, so only its Pods are \
                 judged, when they are made; name it in spec.podTemplates of the AgentBaseline"
            )));
        }
        let mutations = match judgement.object {
            Some(completed)
                if self.settings.shows_mutations && !std::ptr::eq(completed, submitted) =>
            {
                diff::unified(submitted, completed)
                    .map_err(|error| Refusal::NotEvaluated(error.to_string()))?
            }
            _ => String::new(),
        };
        Ok(State::Judged {
            findings: self.findings(&judgement, document),
            mutations,
        })
    }

    fn resource<'e>(
        &self,
        group: &str,
        kind: &str,
        in_table: Option<&'e TemplateKind>,
    ) -> Result<Resource<'e>, Refusal>
    where
        'k: 'e,
    {
        let in_table = in_table.map(|entry| Resource {
            name: &entry.resource,
            namespaced: true,
        });
        let known = self.known.kinds().resource(group, kind).or(in_table);
        known.ok_or_else(|| {
            Refusal::NotEvaluated(format!(
                "kind `{kind}` is not known; put its CustomResourceDefinition in the input, or name \
                 it in spec.podTemplates of the AgentBaseline"
            ))
        })
    }

    /// The findings by gravity, each gravity in the order of the file.
    fn findings(&self, judgement: &Judgement<'_>, document: &Document<'_>) -> Vec<Found> {
        let decision = judgement.decision();
        let excepted = decision.excepted.iter().map(|excepted| excepted.finding);
        let excepted: Vec<&Finding> = excepted.collect();
        let by_severity = [
            (Severity::Deny, &decision.denials),
            (Severity::Warn, &decision.warnings),
            (Severity::Audit, &decision.recorded),
            (Severity::Excepted, &excepted),
        ];
        let of_severity = |(severity, findings): (Severity, &Vec<&Finding>)| {
            let found = findings.iter().map(|finding| Found {
                severity,
                finding: (*finding).clone(),
                place: self.place(finding, document),
            });
            found.collect::<Vec<_>>()
        };
        let mut findings: Vec<Found> = by_severity.into_iter().flat_map(of_severity).collect();
        findings.sort_by_key(|found| {
            let place = found.place.as_ref();
            let place = place.map_or((usize::MAX, 0), |place| (place.line, place.column));
            (found.severity, place)
        });
        findings
    }

    fn place(&self, finding: &Finding, document: &Document<'_>) -> Option<Place> {
        let path = finding
            .path
            .as_ref()
            .filter(|_| finding.root == Root::Object)?;
        let place = document.place(path)?;
        let mut policies = self.rules.set.policies().map(|policy| policy.definition);
        let is_confidential = policies
            .any(|definition| definition.is_confidential && definition.name == finding.policy);
        Some(match is_confidential {
            true => place.without_excerpt(),
            false => place,
        })
    }
}

impl Document<'_> {
    fn span(&self, path: &Path) -> Option<std::ops::Range<usize>> {
        let path = Path(self.base.0.iter().chain(&path.0).cloned().collect());
        self.manifest.spans.locate(self.manifest.json, &path)
    }

    fn place(&self, path: &Path) -> Option<Place> {
        self.span(path)
            .map(|span| Place::of(&self.source.text, &span))
    }

    fn error(&self, path: &Path, message: String) -> ManifestError {
        let span = self.span(path).unwrap_or(0..0);
        ManifestError { span, message }
    }
}

fn unreadable(source: &Source, error: ManifestError) -> State {
    State::Unreadable {
        place: Some(Place::of(&source.text, &error.span)),
        message: error.message,
    }
}

fn name_of(object: &Json<'_>) -> String {
    match metadata_text(object, "name") {
        "" => match metadata_text(object, "generateName") {
            "" => String::new(),
            prefix => format!("{prefix}*"),
        },
        name => name.to_owned(),
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

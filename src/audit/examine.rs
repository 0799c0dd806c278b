//! Judging one object.

use admission_cel::authorizer::Authorizer;
use admission_cel::json::{Json, Object};
use admission_cel::value::Timestamp;
use admission_policy::context::Namespace;
use admission_policy::decide::Mode;
use admission_policy::finding::{Evaluation, Finding, PolicyEvaluation, Root, Verdict};
use admission_policy::pass::unknown_namespace;
use admission_policy::request::Operation;
use bumpalo::Bump;

use super::accepted::identity::Identity;
use super::candidate::{Address, Candidate};
use super::cluster::ClusterRights;
use super::diff;
use super::kinds::{Kinds, Resource};
use super::known::Known;
use super::normalise::{Plugins, admitted, normalise};
use super::objects::{metadata_fault, metadata_text, text};
use super::outcome::{Found, Outcome, Place, Severity, State, Subject};
use super::request::{Sent, group_and_version, request};
use super::requester::Requester;
use super::workload::{Agent, Workload};
use crate::baseline::Baseline;
use crate::judge::{Judgement, Rules, Stage, Surroundings, is_agent_namespace, judge};
use crate::k8s::manifest::{Lines, ManifestError};
use crate::labels::{PHASE, label};
use crate::templates::table::TemplateKind;

/// The API group of the files that kustomize reads.
const KUSTOMIZE_GROUP: &str = "kustomize.config.k8s.io";
/// Stands for the investigation ID that admission would assign.
const ASSIGNED_LATER: &str = "assigned-at-admission";
/// Instead of a diff.
const NOT_SHOWN: &str =
    "what admission fills in is not shown: lines around it may hold a credential";

/// How objects are judged.
#[derive(Clone, Copy, Debug)]
pub struct Settings<'a> {
    /// Namespace of objects that name none.
    pub namespace: &'a str,
    /// When the audit takes place: exceptions expire.
    pub now: Timestamp,
    /// Whether to tell what admission fills in.
    pub shows_mutations: bool,
    /// Whether to tell what workloads run. It is then what admission makes of them, which fills
    /// nothing in where a namespace does not enforce.
    pub describes_workloads: bool,
    /// Who sends the objects.
    pub requester: &'a Requester,
    /// What is judged: what admission would make of the objects, or what is written.
    pub stage: Stage,
}

/// Judges objects; shared by all threads.
#[derive(Clone, Copy)]
pub struct Examiner<'k> {
    /// Policies, baseline, exceptions.
    pub rules: &'k Rules,
    /// What surrounds the objects.
    pub known: &'k Known<'k>,
    /// The authorizer of a cluster, instead of the rights that are known.
    pub rights: Option<&'k ClusterRights>,
    /// What the user asked for.
    pub settings: Settings<'k>,
}

/// An object that cannot be judged, and why.
enum Refusal {
    Unreadable(State),
    NotEvaluated(String),
}

impl<'k> Examiner<'k> {
    /// Judges one object.
    pub fn candidate(&self, candidate: &Candidate<'_>) -> Outcome {
        let object = candidate.object;
        let mut subject = Subject {
            api_version: text(object, "apiVersion").to_owned(),
            kind: text(object, "kind").to_owned(),
            namespace: String::new(),
            name: match (name_of(object), candidate.address) {
                (name, Some(address)) if name.is_empty() => address.name.to_owned(),
                (name, _) => name,
            },
            phase: label(object, PHASE).unwrap_or_default().to_owned(),
        };
        let mut workload = None;
        let state = match self.state(candidate, &mut subject, &mut workload) {
            Ok(state) => state,
            Err(Refusal::Unreadable(state)) => state,
            Err(Refusal::NotEvaluated(reason)) => State::NotEvaluated { reason },
        };
        Outcome {
            origin: candidate.origin.clone(),
            subject,
            state,
            workload,
        }
    }

    fn state(
        &self,
        candidate: &Candidate<'_>,
        subject: &mut Subject,
        workload: &mut Option<Box<Workload>>,
    ) -> Result<State, Refusal> {
        let object = candidate.object;
        usable(candidate)?;
        let rules = self.rules;
        let (group, version) = group_and_version(text(object, "apiVersion"));
        let kind = text(object, "kind");
        let in_table = in_table(&rules.baseline, group, version, kind);
        let address = match candidate.address {
            Some(address) => address,
            None => self.address(object, in_table)?,
        };
        address.namespace.clone_into(&mut subject.namespace);
        let arena = Bump::new();
        let is_namespace = (group, kind) == ("", "Namespace");
        if is_namespace {
            subject.namespace.clear();
        }
        let namespace = match (address.namespace, candidate.details.namespace) {
            ("", _) => Namespace::None,
            // It is in none, whatever the request says.
            _ if is_namespace => Namespace::None,
            (name, Some(then)) if !self.known.has_namespace(name) => Namespace::Known(then),
            (name, _) => {
                let is_labelled = rules.baseline.marks(object);
                self.known.namespace(is_labelled, name, &arena)
            }
        };
        let controller = Requester::controller_of(object, &rules.baseline);
        let requester = controller.as_ref().unwrap_or(self.settings.requester);
        let is_created = candidate.operation == Operation::Create;
        let object = match metadata_text(object, "uid") {
            uid if is_created && !uid.is_empty() => without_status(object, &arena),
            _ => object,
        };
        let details = candidate.details;
        // What is changed has been filled in before.
        let is_filled_in = details.is_completed || details.old_object_unknown.is_some();
        let plugins = match is_created {
            true => self.known.plugins(address.namespace),
            false => Plugins::default(),
        };
        let submitted = match is_filled_in {
            true => object,
            false => admitted(object, &plugins, &arena),
        };
        let is_left = self.settings.describes_workloads && rules.mode_of(namespace) < Mode::Enforce;
        let stage = match details.is_completed {
            true => Stage::Completed,
            false if is_left => Stage::AsWritten,
            false => self.settings.stage,
        };
        let sent = Sent {
            operation: candidate.operation,
            user: candidate.user.clone().unwrap_or_else(|| requester.user()),
            address,
            object: submitted,
            old_object: candidate.old_object.map(|old| normalise(old, &arena)),
            details,
        };
        let is_user_known = candidate.user.is_some() || controller.is_some();
        let rights = self.known.rights().of(&sent.user, is_user_known);
        let of_cluster = self
            .rights
            .map(|rights| rights.of(&sent.user, is_user_known));
        let authorizer: &dyn Authorizer = match &of_cluster {
            Some(rights) => rights,
            None => &rights,
        };
        let request = request(&sent, &arena);
        let surroundings = Surroundings {
            namespace,
            params: self.known.params(),
            authorizer,
            new_id: &|| ASSIGNED_LATER.to_owned(),
            now: self.settings.now,
        };
        let judgement =
            judge(rules, &request, stage, &surroundings, &arena).map_err(Refusal::NotEvaluated)?;
        let is_open = matches!(namespace, Namespace::Unknown);
        let is_agent = is_agent_namespace(namespace) || rules.baseline.marks(object);
        if self.settings.describes_workloads {
            let agent = Agent::of(is_agent, is_open);
            *workload = Workload::of(&judgement, agent).map_err(Refusal::NotEvaluated)?;
        }
        let is_custom = in_table.is_none() && !Kinds::is_built_in(group, kind);
        let evaluation = &judgement.evaluation;
        let is_silent = says_nothing(evaluation, address.namespace);
        if is_open && (is_silent || is_custom && evaluation.policies.is_empty()) {
            return Err(Refusal::NotEvaluated(format!(
                "namespace `{}` is not in the input; add its manifest, or say \
                 --assume-agents MODE",
                address.namespace
            )));
        }
        if judgement.evaluation.policies.is_empty()
            && is_agent
            && is_custom
            && address.subresource.is_empty()
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
        let findings = self.findings(&judgement, candidate, subject);
        let is_secret = |found: &Found| found.is_confidential && found.open_question().is_none();
        Ok(State::Judged {
            mutations: match findings.iter().any(is_secret) && !mutations.is_empty() {
                true => NOT_SHOWN.to_owned(),
                false => mutations,
            },
            findings,
        })
    }

    /// Where objects of the kind are, in the namespace of the object or else the default one.
    fn address<'e>(
        &self,
        object: &'e Json<'e>,
        in_table: Option<&'e TemplateKind>,
    ) -> Result<Address<'e>, Refusal>
    where
        'k: 'e,
    {
        let (group, _) = group_and_version(text(object, "apiVersion"));
        let resource = self.resource(group, text(object, "kind"), in_table)?;
        let namespace = match metadata_text(object, "namespace") {
            _ if !resource.namespaced => "",
            "" => self.settings.namespace,
            name => name,
        };
        Ok(Address::of(object, resource, namespace))
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
    fn findings(
        &self,
        judgement: &Judgement<'_>,
        candidate: &Candidate<'_>,
        subject: &Subject,
    ) -> Vec<Found> {
        let decision = judgement.decision();
        let found = |severity, action, finding: &Finding| {
            let is_confidential = self.is_confidential(finding);
            let path = finding
                .path
                .as_ref()
                .filter(|_| finding.root == Root::Object);
            let located = candidate.document.as_ref().zip(path);
            let place = located.and_then(|(document, path)| document.place(path));
            Found {
                severity,
                action,
                is_accepted: false,
                is_confidential,
                identity: Identity::of(subject, finding, candidate.object, is_confidential),
                finding: finding.clone(),
                place: match is_confidential {
                    true => place.map(Place::without_excerpt),
                    false => place,
                },
                hidden_lines: located
                    .filter(|_| is_confidential)
                    .and_then(|(document, path)| document.lines_around(path)),
            }
        };
        let by_severity = [
            (Severity::Deny, &decision.denials),
            (Severity::Warn, &decision.warnings),
            (Severity::Audit, &decision.recorded),
        ];
        let by_severity = by_severity.into_iter().flat_map(|(severity, findings)| {
            let findings = findings.iter();
            findings.map(move |finding| found(severity, severity, finding))
        });
        let excepted = decision.excepted.iter().map(|excepted| {
            let action = Severity::of(excepted.otherwise);
            found(Severity::Excepted, action, excepted.finding)
        });
        let mut findings: Vec<Found> = by_severity.chain(excepted).collect();
        findings.sort_by_key(|found| {
            let place = found.place.as_ref();
            let place = place.map_or((usize::MAX, 0), |place| (place.line, place.column));
            (found.severity, place)
        });
        findings
    }

    fn is_confidential(&self, finding: &Finding) -> bool {
        let mut policies = self.rules.set.policies().map(|policy| policy.definition);
        policies.any(|definition| definition.is_confidential && definition.name == finding.policy)
    }
}

/// Whether all that is said is that a namespace is not known.
fn says_nothing(evaluation: &Evaluation, namespace: &str) -> bool {
    let why = unknown_namespace(namespace);
    let is_open =
        |finding: &Finding| matches!(&finding.verdict, Verdict::NotEvaluated(text) if *text == why);
    let is_silent = |policy: &PolicyEvaluation| {
        policy.verdicts.is_empty()
            && !policy.findings.is_empty()
            && policy.findings.iter().all(is_open)
    };
    !evaluation.policies.is_empty() && evaluation.policies.iter().all(is_silent)
}

/// What a cluster wrote about an object is no part of what creates it.
fn without_status<'a>(object: &'a Json<'a>, arena: &'a Bump) -> &'a Json<'a> {
    let members = object
        .as_object()
        .map_or(&[][..], |object| object.entries());
    let kept = members.iter().filter(|member| member.key != "status");
    let kept = kept.map(|member| (member.key, member.value));
    arena.alloc(Json::Object(Object::new(arena, kept)))
}

/// Whether this is an object at all, with metadata that the API server can read.
fn usable(candidate: &Candidate<'_>) -> Result<(), Refusal> {
    let object = candidate.object;
    // Of a request, the URL says the version.
    let has_version = !text(object, "apiVersion").is_empty() || candidate.address.is_some();
    let missing = match (has_version, !text(object, "kind").is_empty()) {
        (true, true) => None,
        (true, false) => Some("no `kind`"),
        (false, true) => Some("no `apiVersion`"),
        (false, false) => Some("no `apiVersion` and `kind`"),
    };
    if let Some(missing) = missing {
        let reason = format!("{missing}: not a Kubernetes object");
        return Err(Refusal::NotEvaluated(reason));
    }
    if group_and_version(text(object, "apiVersion")).0 == KUSTOMIZE_GROUP {
        let reason = "a kustomization is no object; build it: kubectl kustomize DIRECTORY | \
                      cattlegrid audit -";
        return Err(Refusal::NotEvaluated(reason.to_owned()));
    }
    let Some((path, message)) = metadata_fault(object) else {
        return Ok(());
    };
    Err(Refusal::Unreadable(match &candidate.document {
        Some(document) => unreadable(document.lines, document.error(&path, message)),
        None => State::Unreadable {
            message,
            place: None,
        },
    }))
}

/// A document, or an object in it, that cannot be read.
pub(super) fn unreadable(lines: &Lines<'_>, error: ManifestError) -> State {
    State::Unreadable {
        place: Some(Place::of(lines, &error.span)),
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

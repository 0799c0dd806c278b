//! From what is known about an answered review to the parts of its record.

use std::borrow::Cow;
use std::collections::BTreeMap;

use admission_cel::json::Json;
use admission_policy::decide::{Decision, Mode};
use admission_policy::finding::{Evaluation, Finding, Root, Verdict};
use admission_policy::request::{Operation, Request};

use super::bounds::{
    Bounds, EXTRA_BYTES_MAX, EXTRA_VALUES_MAX, EXTRAS_MAX, FINDINGS_MAX, GROUPS_MAX, NAMES_MAX,
    VERDICTS_MAX,
};
use super::digest::Digest;
use super::record::{
    Claimed, Counts, ExceptionUse, Extra, FindingVerdict, InOldObject, ModeName, Owner,
    RecordedFinding, RequestPart, Source, Subject, Text, Treatment, Verdicts,
};
use super::workload::Templated;
use crate::labels::{INVESTIGATION, PHASE, PROFILE};

mod end;
mod secrets;

pub use self::end::{end_of, is_end};
use self::secrets::withheld;

/// Who asked for an investigation, as its orchestrator says.
pub const REQUESTED_BY: &str = "cattlegrid.dev/requested-by";

impl From<Mode> for ModeName {
    fn from(mode: Mode) -> Self {
        match mode {
            Mode::Audit => ModeName::Audit,
            Mode::Warn => ModeName::Warn,
            Mode::Enforce => ModeName::Enforce,
        }
    }
}

/// `CREATE`, …
pub fn operation_name(operation: Operation) -> &'static str {
    match operation {
        Operation::Create => "CREATE",
        Operation::Update => "UPDATE",
        Operation::Delete => "DELETE",
        Operation::Connect => "CONNECT",
    }
}

/// As kubectl writes it: `jobs.batch`, `pods/exec`.
pub fn resource_name(request: &Request<'_>) -> String {
    let mut text = request.resource.resource.to_owned();
    for (separator, part) in [('.', request.resource.group), ('/', request.subresource)] {
        if !part.is_empty() {
            text.push(separator);
            text.push_str(part);
        }
    }
    text
}

/// What was asked. `object` is the one that the subject is read from.
pub fn request_part<'a>(
    request: &Request<'a>,
    object: Option<&Templated<'a>>,
    bounds: &mut Bounds,
) -> RequestPart<'a> {
    let resource = resource_name(request);
    let link = [
        operation_name(request.operation),
        &resource,
        request.namespace,
        metadata_text(object, "generateName").unwrap_or_else(|| name_of(request, object)),
        investigation(object).unwrap_or_default(),
        request.user.name,
    ];
    RequestPart {
        link: serde_json::to_vec(&link)
            .ok()
            .map(|bytes| Digest::of(&bytes)),
        operation: Some(operation_name(request.operation).into()),
        resource: Some(
            bounds
                .text("request.resource", &resource)
                .into_owned()
                .into(),
        ),
        uid: bounds.text("request.uid", request.uid),
    }
}

/// Who asked, and what the object says about it.
pub fn source<'a>(
    request: &Request<'a>,
    object: Option<&Templated<'a>>,
    bounds: &mut Bounds,
) -> Source<'a> {
    let user = &request.user;
    let groups = user
        .groups
        .iter()
        .map(|group| bounds.text("source.groups", group))
        .collect();
    let claimed = object
        .and_then(|object| object.outermost_annotation(REQUESTED_BY))
        .filter(|text| !text.is_empty());
    Source {
        claimed: claimed.map(|text| Claimed {
            requested_by: withheld(bounds.text("source.claimed.requestedBy", text)),
        }),
        extra: extra(user.extra, bounds),
        groups: bounds.list("source.groups", groups, GROUPS_MAX),
        uid: bounds.some("source.uid", user.uid),
        user: bounds.text("source.user", user.name),
    }
}

fn extra<'a>(extra: Option<&'a Json<'a>>, bounds: &mut Bounds) -> Extra<'a> {
    let entries = extra
        .and_then(Json::as_object)
        .map_or(&[][..], |members| members.entries());
    if entries.len() > EXTRAS_MAX {
        bounds.note("source.extra", EXTRAS_MAX, entries.len());
    }
    let mut found = BTreeMap::new();
    for entry in entries.iter().take(EXTRAS_MAX) {
        let values = entry.value.as_array().unwrap_or_default().iter();
        let values: Vec<Text<'a>> = values
            .filter_map(Json::as_str)
            .map(|value| withheld(bounds.text_of("source.extra", value, EXTRA_BYTES_MAX)))
            .collect();
        let values = bounds.list("source.extra", values, EXTRA_VALUES_MAX);
        if !values.is_empty() {
            found.insert(ascii(bounds.text("source.extra", entry.key)), values);
        }
    }
    found
}

/// Keys are sorted by bytes, which is the canonical order of ASCII only.
fn ascii(key: Text<'_>) -> Text<'_> {
    if key.is_ascii() {
        key
    } else {
        key.escape_default().to_string().into()
    }
}

/// What a request is about; `object` as it is, or as it will be stored.
pub fn subject<'a>(
    request: &Request<'a>,
    object: Option<&Templated<'a>>,
    namespace: Option<&'a str>,
    bounds: &mut Bounds,
) -> Subject<'a> {
    let kind = request.kind;
    let api_version = match kind.group {
        "" => Cow::Borrowed(kind.version),
        group => Cow::Owned(format!("{group}/{}", kind.version)),
    };
    let label = |key: &str| object.and_then(|object| object.outermost_label(key));
    let mut text = |member: &str, text: Option<&'a str>| {
        text.filter(|text| !text.is_empty())
            .map(|text| bounds.text(member, text))
    };
    Subject {
        account: text("subject.account", object.and_then(Templated::account)),
        agent_namespace: text("subject.agentNamespace", namespace),
        api_version,
        generate_name: text(
            "subject.generateName",
            metadata_text(object, "generateName"),
        ),
        investigation: text("subject.investigation", investigation(object)),
        kind: kind.kind.into(),
        name: text("subject.name", Some(name_of(request, object))),
        namespace: text("subject.namespace", Some(request.namespace)),
        owner: object.and_then(|object| owner(object.object)),
        phase: text("subject.phase", label(PHASE)),
        profile: text("subject.profile", label(PROFILE)),
        uid: text("subject.uid", metadata_text(object, "uid")),
    }
}

fn investigation<'a>(object: Option<&Templated<'a>>) -> Option<&'a str> {
    object?.outermost_label(INVESTIGATION)
}

fn metadata_text<'a>(object: Option<&Templated<'a>>, key: &str) -> Option<&'a str> {
    let text = object?.object.get("metadata")?.get(key)?.as_str()?;
    (!text.is_empty()).then_some(text)
}

/// The name that the object has, or that the request is about.
fn name_of<'a>(request: &Request<'a>, object: Option<&Templated<'a>>) -> &'a str {
    match request.name {
        "" => metadata_text(object, "name").unwrap_or_default(),
        name => name,
    }
}

fn owner<'a>(object: &'a Json<'a>) -> Option<Owner<'a>> {
    let owners = object.at(&["metadata", "ownerReferences"])?.as_array()?;
    let controls =
        |owner: &&'a Json<'a>| owner.get("controller").and_then(Json::as_bool) == Some(true);
    let owner = owners.iter().find(controls)?;
    let text = |key: &str| Some(Cow::Borrowed(owner.get(key)?.as_str()?));
    Some(Owner {
        kind: text("kind")?,
        name: text("name")?,
        uid: text("uid")?,
    })
}

/// How many validations of each policy ended how.
pub fn verdicts<'e>(evaluation: &'e Evaluation, bounds: &mut Bounds) -> Verdicts<'e> {
    let mut counted: Verdicts<'e> = BTreeMap::new();
    for policy in &evaluation.policies {
        // A policy that could not be evaluated as a whole has no verdicts but a finding.
        let whole = policy
            .findings
            .iter()
            .filter(|finding| finding.validation.is_none());
        let all = policy
            .verdicts
            .iter()
            .chain(whole.map(|finding| &finding.verdict));
        let mut all = all.peekable();
        if all.peek().is_some() {
            let counts = counted.entry(Cow::Borrowed(&*policy.policy)).or_default();
            all.for_each(|verdict| count(counts, verdict));
        }
    }
    if counted.len() > VERDICTS_MAX {
        bounds.note("outcome.verdicts", VERDICTS_MAX, counted.len());
        counted = counted.into_iter().take(VERDICTS_MAX).collect();
    }
    counted
}

/// Verdicts of mutations: each failure is one.
pub fn verdicts_of_failures<'e>(failures: impl Iterator<Item = &'e Finding>) -> Verdicts<'e> {
    let mut counted: Verdicts<'e> = BTreeMap::new();
    for failure in failures.take(VERDICTS_MAX) {
        let counts = counted.entry(Cow::Borrowed(&*failure.policy)).or_default();
        count(counts, &failure.verdict);
    }
    counted
}

fn count(counts: &mut Counts, verdict: &Verdict) {
    let number = match verdict {
        Verdict::Pass => &mut counts.pass,
        Verdict::Fail => &mut counts.fail,
        Verdict::Error(_) => &mut counts.error,
        Verdict::NotEvaluated(_) => &mut counts.not_evaluated,
    };
    *number = number.saturating_add(1);
}

/// Every verdict that is no pass, the gravest treatment first.
pub fn findings<'e>(decision: &Decision<'e>, bounds: &mut Bounds) -> Vec<RecordedFinding<'e>> {
    let treated = [
        (&decision.denials, Treatment::Deny),
        (&decision.warnings, Treatment::Warn),
        (&decision.recorded, Treatment::Audit),
    ];
    let plain = treated.into_iter().flat_map(|(findings, treatment)| {
        findings
            .iter()
            .map(move |finding| (*finding, treatment, None))
    });
    let excepted = decision.excepted.iter().map(|excepted| {
        let name = excepted.exception.name.as_str();
        (excepted.finding, Treatment::Excepted, Some(name))
    });
    let all: Vec<_> = plain.chain(excepted).collect();
    let all = bounds.list("outcome.findings", all, FINDINGS_MAX);
    all.into_iter()
        .map(|(finding, treatment, exception)| recorded(finding, treatment, exception, bounds))
        .collect()
}

/// One finding without its texts, which may quote the object.
pub fn recorded<'e>(
    finding: &'e Finding,
    treatment: Treatment,
    exception: Option<&'e str>,
    bounds: &mut Bounds,
) -> RecordedFinding<'e> {
    let path = finding.path.as_ref().map(ToString::to_string);
    RecordedFinding {
        binding: bounds.some("outcome.findings", &finding.binding),
        exception: exception.map(Into::into),
        of: (finding.root == Root::OldObject).then_some(InOldObject::OldObject),
        path: path.map(|path| bounds.text("outcome.findings", &path).into_owned().into()),
        policy: bounds.text("outcome.findings", &finding.policy),
        reason: bounds.some("outcome.findings", &finding.reason),
        treatment,
        validation: finding.validation,
        verdict: match finding.verdict {
            Verdict::Pass | Verdict::Fail => FindingVerdict::Fail,
            Verdict::Error(_) => FindingVerdict::Error,
            Verdict::NotEvaluated(_) => FindingVerdict::NotEvaluated,
        },
    }
}

/// The exceptions that let something off, by name.
pub fn exceptions<'e>(decision: &Decision<'e>, bounds: &mut Bounds) -> Vec<ExceptionUse<'e>> {
    let by_name: BTreeMap<&'e str, _> = decision
        .excepted
        .iter()
        .map(|excepted| (excepted.exception.name.as_str(), excepted.exception))
        .collect();
    let uses = by_name.into_iter().map(|(name, exception)| ExceptionUse {
        expires: exception.expires.to_string().into(),
        name: name.into(),
        owner: bounds.text("outcome.exceptions", &exception.owner),
    });
    let uses: Vec<_> = uses.collect();
    bounds.list("outcome.exceptions", uses, NAMES_MAX)
}

/// Audit annotations that policies set, without their values.
pub fn notes<'e>(evaluation: &'e Evaluation, bounds: &mut Bounds) -> Vec<Text<'e>> {
    let of_policy = evaluation.policies.iter().flat_map(|policy| {
        let keys = policy.audit_annotations.iter().map(|(key, _)| key);
        keys.map(|key| Cow::Owned(format!("{}/{key}", policy.policy)))
    });
    let notes = of_policy.collect();
    bounds.list("outcome.notes", notes, NAMES_MAX)
}

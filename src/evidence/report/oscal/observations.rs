//! What was seen, as observations.

use serde::Serialize;

use super::evidence::{self, Evidence};
use super::identity::Identities;
use super::parts::{Link, Property, owed, properties, support};
use crate::evidence::record::Time;
use crate::evidence::report::model::{
    Act, Control, Exception, Failure, Gap, Log, OpenInvestigation, Report,
};
use crate::evidence::report::name;
use crate::evidence::verify::Finding;

/// Records were read.
const EXAMINE: &str = "EXAMINE";
/// Hashes and signatures were computed and compared.
const TEST: &str = "TEST";

/// An observation.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Observation {
    pub uuid: String,
    title: String,
    description: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    props: Vec<Property>,
    methods: [&'static str; 1],
    origins: [Origin; 1],
    subjects: [Subject; 1],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    links: Vec<Link>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    relevant_evidence: Vec<Evidence>,
    collected: Time,
    #[serde(skip_serializing_if = "Option::is_none")]
    remarks: Option<String>,
}

#[derive(Debug, Serialize)]
struct Origin {
    actors: [Actor; 1],
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
struct Actor {
    #[serde(rename = "type")]
    kind: &'static str,
    actor_uuid: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
struct Subject {
    subject_uuid: String,
    #[serde(rename = "type")]
    kind: &'static str,
}

/// What an observation of a log is called in the report.
pub fn log_part(directory: &str) -> String {
    format!("observation/log/{directory}")
}

/// What the observation of gaps is called in the report.
pub const GAPS_PART: &str = "observation/gaps";

/// What the observation of findings about no single log is called in the report.
pub const FINDINGS_PART: &str = "observation/findings";

/// All observations of a report.
pub fn of(report: &Report, identities: &Identities) -> Vec<Observation> {
    let make = Maker { identities };
    let logs = report.logs.iter().map(|log| make.log(log));
    let controls = report.controls.iter().map(|control| make.control(control));
    let exceptions = report
        .exceptions
        .iter()
        .map(|exception| make.exception(exception));
    let failures = report.failures.iter().map(|failure| make.failure(failure));
    let others = [
        make.findings(report),
        make.break_glass(report),
        make.gaps(report),
        make.never_closed(report),
        make.configuration(report),
    ];
    logs.chain(controls)
        .chain(exceptions)
        .chain(failures)
        .chain(others.into_iter().flatten())
        .collect()
}

struct Maker<'i> {
    identities: &'i Identities,
}

impl Maker<'_> {
    fn observation(&self, part: &str, title: &str, description: String) -> Observation {
        let program = self.identities.of_program();
        Observation {
            uuid: self.identities.of_part(part),
            title: title.to_owned(),
            description,
            props: Vec::new(),
            methods: [EXAMINE],
            origins: [Origin {
                actors: [Actor {
                    kind: "tool",
                    actor_uuid: program.clone(),
                }],
            }],
            subjects: [Subject {
                subject_uuid: program,
                kind: "component",
            }],
            links: Vec::new(),
            relevant_evidence: Vec::new(),
            collected: self.identities.time,
            remarks: None,
        }
    }

    fn log(&self, log: &Log) -> Observation {
        let description = match (log.holds, log.recomputed) {
            (true, _) => "The log was recomputed from its bytes; everything holds.",
            (false, true) => {
                "The log was recomputed from its bytes. Not everything fits its signed head; what does \
                 not is not used."
            }
            (false, false) => {
                "The log could not be recomputed from its bytes. None of its records is used."
            }
        };
        let mut props = properties([
            ("directory", log.directory.clone()),
            ("origin", log.origin.clone().unwrap_or_default()),
            ("size", log.size.to_string()),
            ("root", log.root.clone().unwrap_or_default()),
            ("records-used", log.used.to_string()),
            ("holds", log.holds.to_string()),
        ]);
        props.extend(found(&log.findings));
        let notices = log.notices.iter();
        props.extend(notices.filter_map(|notice| Property::new("notice", notice)));
        let links = log.origin.iter().map(|origin| Link {
            href: evidence::href(origin, self.identities),
            rel: "reference",
        });
        Observation {
            props,
            links: links.collect(),
            methods: [TEST],
            ..self.observation(
                &log_part(&log.directory),
                "Verification of a log",
                description.to_owned(),
            )
        }
    }

    fn findings(&self, report: &Report) -> Option<Observation> {
        (!report.findings.is_empty()).then(|| Observation {
            props: found(&report.findings),
            methods: [TEST],
            ..self.observation(
                FINDINGS_PART,
                "Findings about no single log",
                "What logs say of each other, and what the API server's audit log says of them where it \
                 was compared."
                    .to_owned(),
            )
        })
    }

    fn control(&self, control: &Control) -> Observation {
        let supported = &control.supported;
        let mut props: Vec<Property> = Vec::new();
        props.extend(
            control
                .oscal_id
                .as_ref()
                .and_then(|id| Property::new("control-id", id)),
        );
        props.extend(Property::new("supplemental", supported.supplemental));
        let policies = supported.policies.iter();
        props.extend(policies.filter_map(|policy| Property::new("policy", policy)));
        let mut relevant_evidence = Vec::new();
        if let Some(seen) = &control.seen {
            props.extend(properties([
                ("judged", seen.judged.to_string()),
                ("passed", seen.passed.to_string()),
                ("failed", seen.failed.to_string()),
                ("refused", seen.refused.to_string()),
                ("warned", seen.warned.to_string()),
                ("recorded", seen.recorded.to_string()),
                ("excepted", seen.excepted.to_string()),
                ("errors", seen.errors.to_string()),
                ("not-evaluated", seen.not_evaluated.to_string()),
                ("completed", seen.completed.to_string()),
            ]));
            relevant_evidence.extend(evidence::of(&seen.found, self.identities, |()| {
                role("found")
            }));
            relevant_evidence.extend(evidence::of(&seen.held, self.identities, |()| role("held")));
        }
        if let Some(in_log) = &control.in_log {
            props.extend(Property::new("in-log-what", in_log.what));
            props.extend(Property::new("in-log", in_log.records.total));
            relevant_evidence.extend(evidence::of(&in_log.records, self.identities, |()| {
                role("in-log")
            }));
        }
        let title = format!("{} {}", supported.id, supported.title);
        let part = format!("observation/control/{}", supported.id);
        Observation {
            props,
            relevant_evidence,
            remarks: owed(control),
            ..self.observation(&part, title.trim(), described(control))
        }
    }

    fn exception(&self, exception: &Exception) -> Observation {
        let mut props = properties([
            ("cluster", exception.cluster.clone().unwrap_or_default()),
            ("name", exception.name.clone()),
            ("owner", exception.owner.clone()),
            ("reason", exception.reason.clone()),
            ("expires", exception.expires.clone()),
            ("state", name(&exception.state)),
            ("uses", exception.uses.total.to_string()),
        ]);
        let listed = [
            ("policy", &exception.policies),
            ("namespace", &exception.namespaces),
        ];
        for (label, names) in listed {
            props.extend(names.iter().filter_map(|name| Property::new(label, name)));
        }
        let cluster = exception.cluster.as_deref().unwrap_or_default();
        let part = format!("observation/exception/{cluster}/{}", exception.name);
        let description = "An exception from policies: who answers for it, why and until when is in \
                           its properties.";
        Observation {
            props,
            relevant_evidence: evidence::of(&exception.uses, self.identities, |()| role("use")),
            ..self.observation(&part, "An exception", description.to_owned())
        }
    }

    fn failure(&self, failure: &Failure) -> Observation {
        let class = name(&failure.class);
        let description = format!(
            "Requests that could not be judged: {} were refused, {} let through as configured.",
            failure.refused, failure.allowed
        );
        Observation {
            props: properties([
                ("class", class.clone()),
                ("refused", failure.refused.to_string()),
                ("allowed", failure.allowed.to_string()),
            ]),
            relevant_evidence: evidence::of(&failure.records, self.identities, |()| Vec::new()),
            ..self.observation(
                &format!("observation/failure/{class}"),
                "Requests that were not judged",
                description,
            )
        }
    }

    fn break_glass(&self, report: &Report) -> Option<Observation> {
        let uses = &report.break_glass;
        let act = |act: &Act| {
            properties([
                ("user", act.user.clone()),
                ("operation", act.operation.clone()),
                ("resource", act.resource.clone()),
                ("object", act.object.clone()),
                ("investigation", act.investigation.clone()),
                ("decision", name(&act.decision)),
            ])
        };
        (uses.total > 0).then(|| Observation {
            relevant_evidence: evidence::of(uses, self.identities, act),
            ..self.observation(
                "observation/break-glass",
                "Uses of break-glass rights",
                format!("Break-glass rights were used {} times.", uses.total),
            )
        })
    }

    fn gaps(&self, report: &Report) -> Option<Observation> {
        let gaps = &report.gaps;
        let gap = |gap: &Gap| {
            properties([
                ("cause", gap.cause.clone()),
                (
                    "count",
                    gap.count
                        .map_or_else(|| "unknown".to_owned(), |count| count.to_string()),
                ),
                ("from", gap.from.to_string()),
                ("to", gap.to.to_string()),
                ("replica", gap.replica.clone()),
            ])
        };
        (gaps.all.total > 0).then(|| Observation {
            relevant_evidence: evidence::of(&gaps.all, self.identities, gap),
            ..self.observation(
                GAPS_PART,
                "Records that were lost",
                format!(
                    "Gap records tell of {} records that were lost, and of {} losses of which nobody \
                     can know the number.",
                    gaps.lost, gaps.uncounted
                ),
            )
        })
    }

    fn never_closed(&self, report: &Report) -> Option<Observation> {
        let open = &report.investigations.never_closed;
        let investigation = |open: &OpenInvestigation| {
            properties([
                ("cluster", open.cluster.clone().unwrap_or_default()),
                ("namespace", open.namespace.clone()),
                ("investigation", open.investigation.clone()),
                ("phase", open.phase.clone()),
                ("user", open.user.clone()),
            ])
        };
        (open.total > 0).then(|| Observation {
            relevant_evidence: evidence::of(open, self.identities, investigation),
            ..self.observation(
                "observation/never-closed",
                "Investigations that never closed",
                format!(
                    "{} of {} investigations were admitted, should have ended by their deadline, and \
                     have no recorded end.",
                    open.total, report.investigations.admitted
                ),
            )
        })
    }

    fn configuration(&self, report: &Report) -> Option<Observation> {
        let changes = &report.configuration;
        let change = |change: &crate::evidence::report::model::Configuration| {
            let digest = |digest: Option<_>| {
                digest.map_or_else(String::new, |digest: crate::evidence::digest::Digest| {
                    digest.to_string()
                })
            };
            properties([
                ("of", name(&change.of)),
                ("change", name(&change.change)),
                ("before", digest(change.before)),
                ("after", digest(change.after)),
                ("replica", change.replica.clone()),
            ])
        };
        (changes.total > 0).then(|| Observation {
            relevant_evidence: evidence::of(changes, self.identities, change),
            ..self.observation(
                "observation/configuration",
                "Changes of the rules",
                format!(
                    "{} records tell of rules that were loaded, replaced or refused, and of webhook \
                     configurations that drifted.",
                    changes.total
                ),
            )
        })
    }
}

/// What a verification found, one line each.
fn found(findings: &[Finding]) -> Vec<Property> {
    let lines = findings
        .iter()
        .map(|finding| format!("{}: {}: {}", finding.kind, finding.path, finding.message));
    lines
        .filter_map(|line| Property::new("finding", line))
        .collect()
}

/// How far a control is supported, and what was seen.
fn described(control: &Control) -> String {
    let mut text = support(control);
    if let Some(seen) = &control.seen {
        text = format!(
            "{text} Its policies judged {} answers: in {} everything held, {} were refused, {} let \
             through by an exception.",
            seen.judged, seen.passed, seen.refused, seen.excepted
        );
    }
    if let Some(in_log) = &control.in_log {
        text = format!(
            "{text} The log has {} {}.",
            in_log.records.total, in_log.what
        );
    }
    text.trim().to_owned()
}

/// What a record is evidence of.
fn role(role: &str) -> Vec<Property> {
    properties([("role", role.to_owned())])
}

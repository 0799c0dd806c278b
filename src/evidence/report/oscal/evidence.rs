//! Logs as resources, and records as evidence in them.

use serde::Serialize;

use super::identity::Identities;
use super::parts::{Property, properties};
use crate::evidence::report::model::{Log, Report};
use crate::evidence::report::reference::{Earliest, Reference};

/// What a document refers to.
#[derive(Debug, Serialize)]
pub struct BackMatter {
    resources: Vec<Resource>,
}

#[derive(Debug, Serialize)]
struct Resource {
    uuid: String,
    title: &'static str,
    description: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    props: Vec<Property>,
    rlinks: Vec<ResourceLink>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
struct ResourceLink {
    href: String,
    media_type: &'static str,
    hashes: Vec<Hash>,
}

#[derive(Debug, Serialize)]
struct Hash {
    algorithm: &'static str,
    value: String,
}

/// A record.
#[derive(Debug, Serialize)]
pub struct Evidence {
    href: String,
    description: &'static str,
    props: Vec<Property>,
}

/// The logs with a head, each by that; `None` where there is none.
pub fn logs(report: &Report, identities: &Identities) -> Option<BackMatter> {
    let logs = report.logs.iter();
    let resources: Vec<Resource> = logs.filter_map(|log| resource(log, identities)).collect();
    (!resources.is_empty()).then_some(BackMatter { resources })
}

fn resource(log: &Log, identities: &Identities) -> Option<Resource> {
    let (origin, head) = (log.origin.as_ref()?, log.head?);
    let digest = head.to_string();
    Some(Resource {
        uuid: identity(origin, identities),
        title: "An evidence log",
        description: "A transparency log (C2SP tlog-tiles); the link is to its signed head \
                      (C2SP tlog-checkpoint), relative to the store.",
        props: properties([
            ("origin", origin.clone()),
            ("size", log.size.to_string()),
            ("root", log.root.clone().unwrap_or_default()),
        ]),
        rlinks: vec![ResourceLink {
            href: match log.directory.as_str() {
                "" => "checkpoint".to_owned(),
                directory => format!("{directory}/checkpoint"),
            },
            media_type: "text/plain",
            hashes: vec![Hash {
                algorithm: "SHA-256",
                value: digest.trim_start_matches("sha256:").to_owned(),
            }],
        }],
    })
}

/// A reference to a log by its origin.
pub fn href(origin: &str, identities: &Identities) -> String {
    format!("#{}", identity(origin, identities))
}

fn identity(origin: &str, identities: &Identities) -> String {
    identities.of_part(&format!("log/{origin}"))
}

/// Records as evidence; `more` is what else there is to tell of one.
pub fn of<T, const N: usize>(
    records: &Earliest<T, N>,
    identities: &Identities,
    more: impl Fn(&T) -> Vec<Property>,
) -> Vec<Evidence> {
    let shown = records.shown.iter();
    shown
        .map(|(reference, what)| {
            let mut evidence = record(reference, identities);
            evidence.props.extend(more(what));
            evidence
        })
        .collect()
}

fn record(reference: &Reference, identities: &Identities) -> Evidence {
    Evidence {
        href: href(&reference.log, identities),
        description: "A record of this log, by number and leaf hash.",
        props: properties([
            ("record-number", reference.number.to_string()),
            ("leaf-hash", reference.leaf.to_string()),
            ("time", reference.time.to_string()),
        ]),
    }
}

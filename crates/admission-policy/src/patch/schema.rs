//! How the lists and maps of the kinds that are judged merge.
//!
//! The tables below are what `k8s.io/kube-openapi/pkg/schemaconv` makes of
//! `api/openapi-spec/v3/{api__v1,apis__batch__v1,apis__apps__v1}_openapi.json` of Kubernetes 1.36.3;
//! those files in turn follow the markers `+listType`, `+listMapKey`, `+mapType` and `+structType`
//! of `k8s.io/api`. One thing is stricter: `IntOrString` takes scalars only, where the OpenAPI document
//! names no type and decoding refuses the rest.

mod container;
mod keys;
mod meta;
mod pod;
mod reference;
mod status;
mod volume;
mod workload;

pub(super) use keys::{Key, KeyDefault};

/// The merge behaviour of one kind.
#[derive(Debug)]
pub struct Schema {
    root: &'static Structure,
}

impl Schema {
    pub(super) fn root(&self) -> &'static Structure {
        self.root
    }
}

/// The schema of a kind; `None` for kinds without one. Natively every kind has one, from the API
/// server's OpenAPI document; here an ApplyConfiguration for other kinds is refused.
pub fn schema_of(group: &str, version: &str, kind: &str) -> Option<&'static Schema> {
    KINDS
        .iter()
        .find(|(known, _)| *known == (group, version, kind))
        .map(|(_, schema)| schema)
}

static KINDS: &[((&str, &str, &str), Schema)] = &[
    (("", "v1", "Pod"), of(&pod::POD)),
    (("", "v1", "PodTemplate"), of(&workload::POD_TEMPLATE)),
    (
        ("", "v1", "ReplicationController"),
        of(&workload::REPLICATION_CONTROLLER),
    ),
    (("batch", "v1", "Job"), of(&workload::JOB)),
    (("batch", "v1", "CronJob"), of(&workload::CRON_JOB)),
    (("apps", "v1", "Deployment"), of(&workload::DEPLOYMENT)),
    (("apps", "v1", "StatefulSet"), of(&workload::STATEFUL_SET)),
    (("apps", "v1", "DaemonSet"), of(&workload::DAEMON_SET)),
    (("apps", "v1", "ReplicaSet"), of(&workload::REPLICA_SET)),
];

const fn of(root: &'static Structure) -> Schema {
    Schema { root }
}

/// What a value may be and how two of them merge.
#[derive(Clone, Copy, Debug)]
pub(super) enum Shape {
    /// A string.
    Text,
    /// A number.
    Number,
    /// A boolean.
    Flag,
    /// Any scalar: times, quantities, ports.
    Scalar,
    /// Anything: objects merge by key, arrays are atomic.
    Free,
    /// An object with declared fields.
    Object(&'static Structure),
    /// An object with free keys, merged by key.
    Map(&'static Shape),
    /// An object with free keys, replaced as a whole.
    AtomicMap(&'static Shape),
    /// An array, replaced as a whole.
    List(&'static Shape),
    /// An array of distinct scalars.
    Set(&'static Shape),
    /// An array of objects, told apart by keys.
    Keyed(&'static Structure, &'static [Key]),
}

/// An object with declared fields.
#[derive(Debug)]
pub(super) struct Structure {
    /// Ordered by name.
    fields: &'static [(&'static str, Shape)],
    /// Replaced as a whole.
    pub(super) is_atomic: bool,
}

impl Structure {
    /// The shape of a field, if it is declared.
    pub(super) fn field(&self, name: &str) -> Option<&'static Shape> {
        let position = self
            .fields
            .binary_search_by(|(known, _)| (*known).cmp(name))
            .ok()?;
        self.fields.get(position).map(|(_, shape)| shape)
    }
}

const fn granular(fields: &'static [(&'static str, Shape)]) -> Structure {
    Structure {
        fields,
        is_atomic: false,
    }
}

const fn atomic(fields: &'static [(&'static str, Shape)]) -> Structure {
    Structure {
        fields,
        is_atomic: true,
    }
}

#[cfg(test)]
mod tests;

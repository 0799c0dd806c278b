//! Defaults of volumes.

use super::draft::Draft;
use super::pod::FIELD_SOURCE;
use super::quantities::{EMPTY_DIR, RESOURCES};
use super::shape::{Default, Member, Shape};

/// `rw-r--r--`
const FILE_MODE: i64 = 0o644;

/// A volume of a Pod.
pub const VOLUME: Shape = Shape {
    members: &[
        ("secret", Member::One(&FILES)),
        ("configMap", Member::One(&FILES)),
        ("downwardAPI", Member::One(&DOWNWARD_FILES)),
        ("projected", Member::One(&PROJECTED)),
        ("hostPath", Member::One(&HOST_PATH)),
        ("ephemeral", Member::One(&EPHEMERAL)),
        ("emptyDir", Member::One(&EMPTY_DIR)),
        ("iscsi", Member::One(&ISCSI)),
        ("rbd", Member::One(&RBD)),
        ("azureDisk", Member::One(&AZURE_DISK)),
        ("scaleIO", Member::One(&SCALE_IO)),
    ],
    computed: &[empty_dir],
    ..Shape::EMPTY
};
const FILES: Shape = Shape {
    defaults: &[("defaultMode", Default::Int(FILE_MODE))],
    ..Shape::EMPTY
};
const DOWNWARD_FILES: Shape = Shape {
    defaults: &[("defaultMode", Default::Int(FILE_MODE))],
    members: &[("items", Member::Each(&FIELD_SOURCE))],
    ..Shape::EMPTY
};
const PROJECTED: Shape = Shape {
    defaults: &[("defaultMode", Default::Int(FILE_MODE))],
    members: &[("sources", Member::Each(&PROJECTED_SOURCE))],
    ..Shape::EMPTY
};
const PROJECTED_SOURCE: Shape = Shape {
    members: &[
        ("serviceAccountToken", Member::One(&PROJECTED_TOKEN)),
        ("downwardAPI", Member::One(&PROJECTED_FIELDS)),
    ],
    ..Shape::EMPTY
};
const PROJECTED_TOKEN: Shape = Shape {
    defaults: &[("expirationSeconds", Default::Int(3600))],
    ..Shape::EMPTY
};
const PROJECTED_FIELDS: Shape = Shape {
    members: &[("items", Member::Each(&FIELD_SOURCE))],
    ..Shape::EMPTY
};
const HOST_PATH: Shape = Shape {
    defaults: &[("type", Default::Text(""))],
    ..Shape::EMPTY
};
const EPHEMERAL: Shape = Shape {
    members: &[("volumeClaimTemplate", Member::One(&CLAIM_TEMPLATE))],
    ..Shape::EMPTY
};
const CLAIM_TEMPLATE: Shape = Shape {
    defaults: &[("metadata", Default::EmptyObject)],
    members: &[("spec", Member::One(&CLAIM_SPEC))],
    ..Shape::EMPTY
};
const CLAIM_SPEC: Shape = Shape {
    defaults: &[("volumeMode", Default::Text("Filesystem"))],
    members: &[("resources", Member::One(&RESOURCES))],
    ..Shape::EMPTY
};
const ISCSI: Shape = Shape {
    defaults: &[("iscsiInterface", Default::Text("default"))],
    ..Shape::EMPTY
};
const RBD: Shape = Shape {
    defaults: &[
        ("pool", Default::Text("rbd")),
        ("user", Default::Text("admin")),
        ("keyring", Default::Text("/etc/ceph/keyring")),
    ],
    ..Shape::EMPTY
};
const AZURE_DISK: Shape = Shape {
    defaults: &[
        ("cachingMode", Default::Text("ReadWrite")),
        ("kind", Default::Text("Shared")),
        ("fsType", Default::Text("ext4")),
        ("readOnly", Default::Bool(false)),
    ],
    ..Shape::EMPTY
};
const SCALE_IO: Shape = Shape {
    defaults: &[
        ("storageMode", Default::Text("ThinProvisioned")),
        ("fsType", Default::Text("xfs")),
    ],
    ..Shape::EMPTY
};

/// A volume without source is an emptyDir.
fn empty_dir(draft: &mut Draft<'_>) {
    if draft.is_only("name") {
        let empty = draft.object([]);
        draft.set("emptyDir", empty);
    }
}

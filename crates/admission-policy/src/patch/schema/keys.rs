//! By which fields items of a list are told apart.

/// A field that identifies an item.
#[derive(Debug)]
pub(in crate::patch) struct Key {
    /// The field's name.
    pub(in crate::patch) name: &'static str,
    /// What an item without the field has there.
    pub(in crate::patch) default: KeyDefault,
}

/// The default of a key.
#[derive(Clone, Copy, Debug)]
pub(in crate::patch) enum KeyDefault {
    /// A string.
    Text(&'static str),
    /// An integer.
    Number(i64),
}

const fn key(name: &'static str) -> Key {
    Key {
        name,
        default: KeyDefault::Text(""),
    }
}

pub(super) static NAME: &[Key] = &[key("name")];
pub(super) static TYPE: &[Key] = &[key("type")];
pub(super) static MOUNT_PATH: &[Key] = &[key("mountPath")];
pub(super) static DEVICE_PATH: &[Key] = &[key("devicePath")];
pub(super) static IP: &[Key] = &[key("ip")];
pub(super) static UID: &[Key] = &[key("uid")];
pub(super) static RESOURCE_ID: &[Key] = &[key("resourceID")];
pub(super) static TOPOLOGY: &[Key] = &[key("topologyKey"), key("whenUnsatisfiable")];
pub(super) static PORT_AND_PROTOCOL: &[Key] = &[
    Key {
        name: "containerPort",
        default: KeyDefault::Number(0),
    },
    Key {
        name: "protocol",
        default: KeyDefault::Text("TCP"),
    },
];

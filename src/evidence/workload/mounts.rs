//! Who can write to or read a volume, and under which path.

use admission_cel::json::Json;
use serde::{Deserialize, Serialize};

use super::template::{PodTemplate, items, text};
use crate::evidence::record::Text;

/// One container's way to a surface or credential.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Mount<'a> {
    /// What it may do there; absent for credentials, which are read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub access: Option<Access>,
    /// The container.
    pub container: Text<'a>,
    /// Where it finds it; absent for variables.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<Text<'a>>,
    /// Which part of the volume it has; absent for all of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sub_path: Option<Text<'a>>,
}

/// What a container may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Access {
    /// Read.
    Read,
    /// Read and write.
    Write,
}

/// The name of a container; `""` where it has none, as `kubectl run` would be refused.
pub(super) fn container_name<'a>(container: &'a Json<'a>) -> &'a str {
    text(container, "name").unwrap_or_default()
}

/// The names of the volumes that a container mounts.
pub(super) fn mounted<'a>(container: &'a Json<'a>) -> impl Iterator<Item = &'a str> {
    items(container.get("volumeMounts")).iter().map(volume_of)
}

/// All mounts of one volume.
pub(super) fn mounts_of_volume<'a>(template: &PodTemplate<'a>, volume: &str) -> Vec<Mount<'a>> {
    let mut found = Vec::new();
    for container in template.containers() {
        let mounts = items(container.get("volumeMounts")).iter();
        let of_volume = mounts.filter(|mount| volume_of(mount) == volume);
        found.extend(of_volume.map(|mount| mount_of(container, mount)));
    }
    found
}

fn volume_of<'a>(mount: &'a Json<'a>) -> &'a str {
    text(mount, "name").unwrap_or_default()
}

fn mount_of<'a>(container: &'a Json<'a>, mount: &'a Json<'a>) -> Mount<'a> {
    let is_read_only = mount.get("readOnly").and_then(Json::as_bool) == Some(true);
    let access = if is_read_only {
        Access::Read
    } else {
        Access::Write
    };
    let sub_path = text(mount, "subPath").or_else(|| text(mount, "subPathExpr"));
    Mount {
        access: Some(access),
        container: container_name(container).into(),
        path: text(mount, "mountPath").map(Into::into),
        sub_path: sub_path.map(Into::into),
    }
}

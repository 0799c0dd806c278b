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

/// A container's mounts, each with the volume that it is of.
pub(super) fn mounts_of<'a>(container: &'a Json<'a>) -> impl Iterator<Item = (&'a str, Mount<'a>)> {
    items(container.get("volumeMounts")).iter().map(|mount| {
        let is_read_only = mount.get("readOnly").and_then(Json::as_bool) == Some(true);
        let access = if is_read_only {
            Access::Read
        } else {
            Access::Write
        };
        let sub_path = text(mount, "subPath").or_else(|| text(mount, "subPathExpr"));
        (
            text(mount, "name").unwrap_or_default(),
            Mount {
                access: Some(access),
                container: container_name(container).into(),
                path: text(mount, "mountPath").map(Into::into),
                sub_path: sub_path.map(Into::into),
            },
        )
    })
}

/// All mounts of one volume.
pub(super) fn mounts_of_volume<'a>(template: &PodTemplate<'a>, volume: &str) -> Vec<Mount<'a>> {
    template
        .containers()
        .flat_map(mounts_of)
        .filter(|(name, _)| *name == volume)
        .map(|(_, mount)| mount)
        .collect()
}

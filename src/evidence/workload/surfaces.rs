//! What a Pod can write to.

use admission_cel::json::Json;
use serde::{Deserialize, Serialize};

use super::mounts::{Access, Mount, container_name, mounted, mounts_of_volume};
use super::template::{PodTemplate, items, text};
use super::volumes::{Place, claim_place, place_of, type_of};
use crate::evidence::bounds::Bounds;
use crate::evidence::record::Text;

/// Something that can be written to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Surface<'a> {
    /// What bounds it; absent where nothing in the object does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cap: Option<Cap<'a>>,
    /// What it is.
    pub kind: SurfaceKind,
    /// What it ends with.
    pub lifetime: Lifetime,
    /// What keeps the data.
    pub medium: Medium,
    /// Who can write, and who else can read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mounts: Vec<Mount<'a>>,
    /// Driver, claim, host path, server or class.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Text<'a>>,
    /// The volume's type.
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    pub volume_type: Option<Text<'a>>,
    /// The volume's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub volume: Option<Text<'a>>,
}

/// What can be written to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum SurfaceKind {
    /// A container's file system besides its volumes.
    RootFilesystem,
    /// A mounted volume.
    Volume,
    /// A block device.
    Device,
}

/// What keeps the data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Medium {
    /// Memory of the node.
    Memory,
    /// A disk of the node.
    NodeDisk,
    /// Huge pages of the node.
    HugePages,
    /// Another machine.
    Network,
    /// The object does not say.
    Unknown,
}

/// What data ends with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Lifetime {
    /// The container, restarts included.
    Container,
    /// The Pod.
    Pod,
    /// The node.
    Node,
    /// The claim.
    Claim,
    /// Something outside the cluster.
    External,
    /// The object does not say.
    Unknown,
}

/// What bounds a surface.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cap<'a> {
    /// Which limit.
    pub by: CapBy,
    /// As Kubernetes writes quantities; absent where the limit is elsewhere, or of several containers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quantity: Option<Text<'a>>,
}

/// Which limit bounds a surface.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum CapBy {
    /// The volume's own.
    #[serde(rename = "sizeLimit")]
    SizeLimit,
    /// Memory of container or Pod.
    #[serde(rename = "memory")]
    Memory,
    /// Ephemeral storage of container or Pod.
    #[serde(rename = "ephemeral-storage")]
    EphemeralStorage,
    /// The claim.
    #[serde(rename = "claim")]
    Claim,
}

impl Cap<'_> {
    pub(super) fn by(by: CapBy) -> Self {
        Self { by, quantity: None }
    }
}

impl Surface<'_> {
    pub(super) fn shorten(&mut self, bounds: &mut Bounds) {
        let texts = [&mut self.source, &mut self.volume_type, &mut self.volume];
        let mounts = self
            .mounts
            .iter_mut()
            .flat_map(|mount| [&mut mount.path, &mut mount.sub_path]);
        for text in texts.into_iter().chain(mounts).flatten() {
            bounds.shorten("workload.templates.surfaces", text);
        }
        for mount in &mut self.mounts {
            bounds.shorten("workload.templates.surfaces", &mut mount.container);
        }
        if let Some(quantity) = self.cap.as_mut().and_then(|cap| cap.quantity.as_mut()) {
            bounds.shorten("workload.templates.surfaces", quantity);
        }
    }
}

/// All that the object itself opens for writing.
pub(super) fn surfaces<'a>(template: &PodTemplate<'a>) -> Vec<Surface<'a>> {
    let volumes = items(template.spec.get("volumes"));
    let named = volumes
        .iter()
        .filter_map(|volume| volume_surface(template, volume));
    let claims = template
        .claim_templates
        .iter()
        .filter_map(|claim| claim_surface(template, claim));
    template
        .containers()
        .filter_map(|container| root_filesystem(template, container))
        .chain(named)
        .chain(claims)
        .chain(unknown_volumes(template, volumes))
        .chain(devices(template))
        .collect()
}

fn root_filesystem<'a>(template: &PodTemplate<'a>, container: &'a Json<'a>) -> Option<Surface<'a>> {
    let is_read_only = container
        .at(&["securityContext", "readOnlyRootFilesystem"])
        .and_then(Json::as_bool)
        == Some(true);
    let mount = Mount {
        access: Some(Access::Write),
        container: container_name(container).into(),
        path: Some("/".into()),
        sub_path: None,
    };
    (!is_read_only).then(|| Surface {
        cap: limit(container, "ephemeral-storage")
            .or_else(|| limit(template.spec, "ephemeral-storage"))
            .map(|quantity| Cap {
                by: CapBy::EphemeralStorage,
                quantity: Some(quantity.into()),
            }),
        kind: SurfaceKind::RootFilesystem,
        lifetime: Lifetime::Container,
        medium: Medium::NodeDisk,
        mounts: vec![mount],
        source: None,
        volume_type: None,
        volume: None,
    })
}

fn volume_surface<'a>(template: &PodTemplate<'a>, volume: &'a Json<'a>) -> Option<Surface<'a>> {
    let (kind, settings) = type_of(volume);
    let mut place = place_of(kind, settings);
    if place.cap.is_none() && kind == "emptyDir" {
        place.cap = limit_of_all(template, place.medium);
    }
    surface_of(
        template,
        text(volume, "name").unwrap_or_default(),
        kind,
        place,
    )
}

fn claim_surface<'a>(template: &PodTemplate<'a>, claim: &'a Json<'a>) -> Option<Surface<'a>> {
    let name = claim
        .get("metadata")
        .and_then(|metadata| text(metadata, "name"))?;
    let place = claim_place(claim.get("spec"), Lifetime::Claim);
    surface_of(template, name, "volumeClaimTemplate", place)
}

fn surface_of<'a>(
    template: &PodTemplate<'a>,
    name: &'a str,
    kind: &'a str,
    place: Place<'a>,
) -> Option<Surface<'a>> {
    let mounts = mounts_of_volume(template, name);
    let is_writable = mounts
        .iter()
        .any(|mount| mount.access == Some(Access::Write));
    (is_writable && !place.is_read_only).then(|| Surface {
        cap: place.cap,
        kind: SurfaceKind::Volume,
        lifetime: place.lifetime,
        medium: place.medium,
        mounts,
        source: place.source.map(Into::into),
        volume_type: Some(kind.into()),
        volume: Some(name.into()),
    })
}

/// Volumes that are mounted and not declared: somebody else will say what they are.
fn unknown_volumes<'a>(template: &PodTemplate<'a>, volumes: &'a [Json<'a>]) -> Vec<Surface<'a>> {
    let is_declared = |name: &str| {
        let is_claim = |claim: &Json<'a>| {
            claim
                .get("metadata")
                .and_then(|metadata| metadata.get("name"))
                .and_then(Json::as_str)
                == Some(name)
        };
        volumes
            .iter()
            .any(|volume| volume.get("name").and_then(Json::as_str) == Some(name))
            || template.claim_templates.iter().any(is_claim)
    };
    let mut names: Vec<&'a str> = template
        .containers()
        .flat_map(mounted)
        .filter(|name| !is_declared(name))
        .collect();
    names.sort_unstable();
    names.dedup();
    names
        .into_iter()
        .filter_map(|name| surface_of(template, name, "unknown", place_of("unknown", None)))
        .collect()
}

fn devices<'a>(template: &PodTemplate<'a>) -> impl Iterator<Item = Surface<'a>> {
    template.containers().flat_map(|container| {
        items(container.get("volumeDevices"))
            .iter()
            .map(|device| Surface {
                cap: Some(Cap::by(CapBy::Claim)),
                kind: SurfaceKind::Device,
                lifetime: Lifetime::Claim,
                medium: Medium::Unknown,
                mounts: vec![Mount {
                    access: Some(Access::Write),
                    container: container_name(container).into(),
                    path: text(device, "devicePath").map(Into::into),
                    sub_path: None,
                }],
                source: None,
                volume_type: None,
                volume: text(device, "name").map(Into::into),
            })
    })
}

fn limit<'a>(holder: &'a Json<'a>, resource: &str) -> Option<&'a str> {
    holder
        .at(&["resources", "limits"])
        .and_then(|limits| text(limits, resource))
}

/// What bounds an emptyDir without a size: the Pod's limit, or the only container's. With several
/// containers it is the sum of those that mount it, which no member holds.
fn limit_of_all<'a>(template: &PodTemplate<'a>, medium: Medium) -> Option<Cap<'a>> {
    let (by, resource) = match medium {
        Medium::Memory => (CapBy::Memory, "memory"),
        Medium::NodeDisk => (CapBy::EphemeralStorage, "ephemeral-storage"),
        Medium::HugePages | Medium::Network | Medium::Unknown => return None,
    };
    if let Some(quantity) = limit(template.spec, resource) {
        return Some(Cap {
            by,
            quantity: Some(quantity.into()),
        });
    }
    let limits: Vec<Option<&str>> = template.containers().map(|c| limit(c, resource)).collect();
    match limits.as_slice() {
        [Some(quantity)] => Some(Cap {
            by,
            quantity: Some((*quantity).into()),
        }),
        [] => None,
        several if several.iter().all(Option::is_some) => Some(Cap::by(by)),
        _ => None,
    }
}

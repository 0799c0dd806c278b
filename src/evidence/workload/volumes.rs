//! What kinds of volumes mean for what is written to them.

use admission_cel::json::Json;

use super::surfaces::{Cap, CapBy, Lifetime, Medium};
use super::template::text;

/// A volume as a place to write.
pub(super) struct Place<'a> {
    pub(super) medium: Medium,
    pub(super) lifetime: Lifetime,
    pub(super) cap: Option<Cap<'a>>,
    pub(super) source: Option<&'a str>,
    /// No container can write to it, however it is mounted.
    pub(super) is_read_only: bool,
}

/// Volumes that the kubelet mounts read-only.
const NEVER_WRITABLE: [&str; 5] = ["configMap", "downwardAPI", "image", "projected", "secret"];

/// Types whose data another machine keeps.
const NETWORK: [&str; 13] = [
    "azureDisk",
    "azureFile",
    "awsElasticBlockStore",
    "cephfs",
    "cinder",
    "fc",
    "gcePersistentDisk",
    "glusterfs",
    "iscsi",
    "nfs",
    "quobyte",
    "rbd",
    "vsphereVolume",
];

/// The type of a volume and its settings.
pub(super) fn type_of<'a>(volume: &'a Json<'a>) -> (&'a str, Option<&'a Json<'a>>) {
    let Some(members) = volume.as_object() else {
        return ("unknown", None);
    };
    let is_type = |key: &str| key != "name";
    match members.entries().iter().find(|entry| is_type(entry.key)) {
        Some(entry) => (entry.key, Some(&entry.value)),
        // Without a type the API server makes it an emptyDir.
        None => ("emptyDir", None),
    }
}

/// What writing to a volume means.
pub(super) fn place_of<'a>(kind: &str, settings: Option<&'a Json<'a>>) -> Place<'a> {
    let setting = |key: &str| settings.and_then(|settings| text(settings, key));
    let is_read_only = settings
        .and_then(|settings| settings.get("readOnly"))
        .and_then(Json::as_bool)
        == Some(true);
    let place = |medium, lifetime, source| Place {
        medium,
        lifetime,
        cap: None,
        source,
        is_read_only: is_read_only || NEVER_WRITABLE.contains(&kind),
    };
    match kind {
        "emptyDir" => Place {
            cap: size_limit(settings),
            ..place(medium_of(setting("medium")), Lifetime::Pod, None)
        },
        "gitRepo" => place(Medium::NodeDisk, Lifetime::Pod, None),
        "hostPath" => place(Medium::NodeDisk, Lifetime::Node, setting("path")),
        "persistentVolumeClaim" => Place {
            cap: Some(Cap::by(CapBy::Claim)),
            ..place(Medium::Unknown, Lifetime::Claim, setting("claimName"))
        },
        "ephemeral" => {
            let claim = settings.and_then(|settings| settings.at(&["volumeClaimTemplate", "spec"]));
            claim_place(claim, Lifetime::Pod)
        }
        "csi" | "flexVolume" => place(Medium::Unknown, Lifetime::Pod, setting("driver")),
        kind if NETWORK.contains(&kind) => {
            place(Medium::Network, Lifetime::External, setting("server"))
        }
        _ => place(Medium::Unknown, Lifetime::Unknown, None),
    }
}

/// What writing to a volume means that is made of a claim's spec.
pub(super) fn claim_place<'a>(claim: Option<&'a Json<'a>>, lifetime: Lifetime) -> Place<'a> {
    let quantity = claim
        .and_then(|claim| claim.at(&["resources", "requests", "storage"]))
        .and_then(Json::as_str);
    Place {
        medium: Medium::Unknown,
        lifetime,
        cap: Some(Cap {
            by: CapBy::Claim,
            quantity: quantity.map(Into::into),
        }),
        source: claim.and_then(|claim| text(claim, "storageClassName")),
        is_read_only: false,
    }
}

fn medium_of(medium: Option<&str>) -> Medium {
    match medium {
        None => Medium::NodeDisk,
        Some("Memory") => Medium::Memory,
        Some(pages) if pages.starts_with("HugePages") => Medium::HugePages,
        Some(_) => Medium::Unknown,
    }
}

/// The cap of an emptyDir; 0 is none to the kubelet.
fn size_limit<'a>(settings: Option<&'a Json<'a>>) -> Option<Cap<'a>> {
    let limit = settings?.get("sizeLimit")?;
    let quantity = match limit {
        Json::String(text) => std::borrow::Cow::Borrowed(*text),
        Json::Int(bytes) => bytes.to_string().into(),
        _ => return None,
    };
    let is_positive = quantity.bytes().any(|byte| matches!(byte, b'1'..=b'9'));
    is_positive.then_some(Cap {
        by: CapBy::SizeLimit,
        quantity: Some(quantity),
    })
}

//! What an assessor asks, in plain words. They stand in every form of the output, so that no form says
//! something else.

use crate::evidence::workload::{
    Access, Cap, CapBy, Credential, CredentialKind, External, Lifetime, Medium, Surface,
    SurfaceKind,
};

/// Lifetime of a token that the API server extends: `k8s.io/kubernetes/pkg/serviceaccount/claims.go`,
/// `WarnOnlyBoundTokenExpirationPeriod`.
const EXTENDED_SECONDS: i64 = 3607;
/// Where such a token must be good for.
const KUBERNETES: &str = "kubernetes";
/// Whoever may run a program in a container reads what the container reads.
const EXEC: &str = "whoever may exec into the Pod";
const NODE: &str = "root of the node";

/// What keeps the data.
pub(super) fn medium(medium: Medium) -> &'static str {
    match medium {
        Medium::Memory => "memory of the node",
        Medium::NodeDisk => "disk of the node",
        Medium::HugePages => "huge pages of the node",
        Medium::Network => "another machine",
        Medium::Unknown => "not stated",
    }
}

/// What a surface is.
pub(super) fn surface(kind: SurfaceKind) -> &'static str {
    match kind {
        SurfaceKind::RootFilesystem => "root file system",
        SurfaceKind::Volume => "volume",
        SurfaceKind::Device => "block device",
    }
}

/// What bounds a surface.
pub(super) fn bound(cap: Option<&Cap<'_>>) -> String {
    let Some(cap) = cap else {
        return "nothing".to_owned();
    };
    let by = match (cap.by, &cap.quantity) {
        (CapBy::SizeLimit, _) => "sizeLimit",
        (CapBy::Memory, Some(_)) => "memory limit",
        (CapBy::EphemeralStorage, Some(_)) => "ephemeral-storage limit",
        (CapBy::Memory, None) => "the containers' memory limits together",
        (CapBy::EphemeralStorage, None) => "the containers' ephemeral-storage limits together",
        (CapBy::Claim, Some(_)) => "size of the claim",
        (CapBy::Claim, None) => "the claim's size, which stands elsewhere",
    };
    match &cap.quantity {
        Some(quantity) => format!("{quantity} ({by})"),
        None => by.to_owned(),
    }
}

/// What ends the data of a surface.
pub(super) fn end_of_surface(lifetime: Lifetime) -> &'static str {
    match lifetime {
        Lifetime::Container => "with the container, at each restart",
        Lifetime::Pod => "with the Pod",
        Lifetime::Node => "never by itself: it stays on the node",
        Lifetime::Claim => "when the claim is deleted, as its reclaim policy says",
        Lifetime::External => "outside the cluster decides",
        Lifetime::Unknown => "not stated",
    }
}

/// Who can write to a surface, and who else can read it.
pub(super) fn writers_and_readers(surface: &Surface<'_>) -> (Vec<String>, Vec<String>) {
    let containers = |access: Access| {
        let mounts = surface.mounts.iter();
        let found = mounts.filter(move |mount| mount.access == Some(access));
        found.map(|mount| container(&mount.container))
    };
    let mut writers: Vec<String> = containers(Access::Write).collect();
    let mut readers: Vec<String> = containers(Access::Read).collect();
    let others = match surface.lifetime {
        Lifetime::Container | Lifetime::Pod => None,
        Lifetime::Node => Some("every Pod that mounts this path of the node"),
        Lifetime::Claim => Some("every Pod that mounts the claim"),
        Lifetime::External => Some("whomever the server lets"),
        Lifetime::Unknown => Some("not stated"),
    };
    writers.extend(others.map(str::to_owned));
    readers.extend(others.map(str::to_owned));
    let is_of_node = matches!(
        surface.medium,
        Medium::Memory | Medium::NodeDisk | Medium::HugePages
    );
    readers.extend(is_of_node.then(|| NODE.to_owned()));
    readers.push(EXEC.to_owned());
    (distinct(writers), distinct(readers))
}

/// What a credential is.
pub(super) fn credential(kind: CredentialKind) -> &'static str {
    match kind {
        CredentialKind::ServiceAccountToken => "ServiceAccount token",
        CredentialKind::AutomountedToken => "automounted ServiceAccount token",
        CredentialKind::Secret => "Secret",
        CredentialKind::ImagePullSecret => "Secret for pulling images",
        CredentialKind::PodCertificate => "Pod certificate",
        CredentialKind::Vault => "login to Vault",
        CredentialKind::Csi => "what a CSI driver delivers",
        CredentialKind::CloudIdentity => "identity of the cloud",
    }
}

/// How a credential gets into the Pod. Types of volumes stand for themselves.
pub(super) fn way(via: &str) -> &str {
    match via {
        "projected" => "projected volume",
        "env" => "environment variable",
        "envFrom" => "all keys as environment variables",
        "csi" => "CSI volume",
        "imagePullSecrets" => "read by the node",
        "annotation" => "by annotation",
        "label" => "by label",
        "automount" => "mounted by the API server",
        other => other,
    }
}

/// What ends a credential.
pub(super) fn end_of_credential(credential: &Credential<'_>) -> String {
    let is_extended = credential.lifetime_seconds == Some(EXTENDED_SECONDS)
        && credential.domain.as_deref() == Some(KUBERNETES);
    let is_renewed = matches!(
        credential.kind,
        CredentialKind::ServiceAccountToken
            | CredentialKind::AutomountedToken
            | CredentialKind::PodCertificate
    );
    let after = credential.lifetime_seconds.map(|seconds| {
        let extended = match is_extended {
            true => ", which the API server may extend to a year",
            false => "",
        };
        let renewed = match is_renewed {
            true => ", renewed while the Pod runs",
            false => "",
        };
        format!("after {seconds} s{extended}{renewed}")
    });
    match (after, credential.ends_with_pod) {
        (Some(after), true) => format!("{after}; void once the Pod is gone"),
        (Some(after), false) => format!("{after}; outlives the Pod"),
        (None, true) => "with the Pod".to_owned(),
        (None, false) => "not stated: until somebody revokes or replaces it".to_owned(),
    }
}

/// Who can read a credential.
pub(super) fn readers_of_credential(credential: &Credential<'_>) -> Vec<String> {
    let containers = credential
        .mounts
        .iter()
        .map(|mount| container(&mount.container));
    let mut readers: Vec<String> = containers.collect();
    let more: &[&str] = match credential.kind {
        CredentialKind::ServiceAccountToken
        | CredentialKind::PodCertificate
        | CredentialKind::Csi
        | CredentialKind::Vault
        | CredentialKind::CloudIdentity => &[NODE, EXEC],
        CredentialKind::AutomountedToken if readers.is_empty() => &["every container", NODE, EXEC],
        CredentialKind::AutomountedToken => &[NODE, EXEC],
        CredentialKind::Secret if readers.is_empty() => {
            &[NODE, "whoever may read Secrets of the namespace"]
        }
        CredentialKind::Secret => &[NODE, EXEC, "whoever may read Secrets of the namespace"],
        CredentialKind::ImagePullSecret => &[NODE, "whoever may read Secrets of the namespace"],
    };
    readers.extend(more.iter().map(|&reader| reader.to_owned()));
    distinct(readers)
}

/// An external state of record.
pub(super) fn external<'e>(external: &'e External<'_>) -> &'e str {
    match external.uri.as_deref() {
        Some("none") => "none, as the workload says",
        Some(uri) => uri,
        None => "something that is no URI and is therefore not shown",
    }
}

fn container(name: &str) -> String {
    match name {
        "" => "a container without a name".to_owned(),
        name => format!("container {name}"),
    }
}

/// Each once, in the order of their first appearance.
fn distinct(texts: Vec<String>) -> Vec<String> {
    let mut distinct: Vec<String> = Vec::with_capacity(texts.len());
    for text in texts {
        if !distinct.contains(&text) {
            distinct.push(text);
        }
    }
    distinct
}

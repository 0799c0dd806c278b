//! What authenticates a Pod somewhere.

use std::borrow::Cow;

use admission_cel::json::Json;
use serde::{Deserialize, Serialize};

use super::mounts::{Mount, container_name, mounts_of_volume};
use super::template::{PodTemplate, items, text};
use super::volumes::type_of;
use crate::evidence::bounds::{Bounds, MOUNTS_MAX};
use crate::evidence::record::Text;

/// Where the API server takes a token that names no audience.
const KUBERNETES: &str = "kubernetes";
/// `expirationSeconds` of a projected token that names none
/// (`k8s.io/kubernetes/pkg/apis/core/v1/defaults.go`).
const TOKEN_SECONDS_DEFAULT: i64 = 3600;
/// What the ServiceAccount plugin asks for
/// (`k8s.io/kubernetes/plugin/pkg/admission/serviceaccount/admission.go`).
const AUTOMOUNTED_SECONDS: i64 = 3607;
/// `maxExpirationSeconds` of a Pod certificate that names none
/// (`k8s.io/kubernetes/pkg/apis/core/types.go`).
const CERTIFICATE_SECONDS_DEFAULT: i64 = 86_400;
/// How volumes are called that the ServiceAccount plugin adds.
const AUTOMOUNTED_VOLUMES: &str = "kube-api-access-";
/// How annotations for Vault's injector begin.
const VAULT: &str = "vault.hashicorp.com/";
const VAULT_SECRET: &str = "vault.hashicorp.com/agent-inject-secret-";

/// Something that authenticates a Pod.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Credential<'a> {
    /// Where it is good for; absent where the object does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub domain: Option<Text<'a>>,
    /// It is void once the Pod is gone.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub ends_with_pod: bool,
    /// Keys of the Secret, when named.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub keys: Vec<Text<'a>>,
    /// What it is.
    pub kind: CredentialKind,
    /// As requested; absent where the object does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lifetime_seconds: Option<i64>,
    /// Who finds it where.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mounts: Vec<Mount<'a>>,
    /// Of the Secret, volume, driver or role.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<Text<'a>>,
    /// Vault: names of the secrets that are asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub secrets: Vec<Text<'a>>,
    /// How it gets into the Pod.
    pub via: Text<'a>,
}

/// What a credential is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CredentialKind {
    /// A projected token.
    ServiceAccountToken,
    /// The token that every Pod gets unless somebody says no.
    AutomountedToken,
    /// A Secret's data.
    Secret,
    /// A Secret that the node pulls images with.
    ImagePullSecret,
    /// A certificate that the kubelet asks for.
    PodCertificate,
    /// A login to Vault.
    Vault,
    /// What a CSI driver delivers.
    Csi,
    /// An identity of the cloud.
    CloudIdentity,
}

impl<'a> Credential<'a> {
    fn new(kind: CredentialKind, name: Option<&'a str>, via: &'a str) -> Self {
        Self {
            domain: None,
            ends_with_pod: false,
            keys: Vec::new(),
            kind,
            lifetime_seconds: None,
            mounts: Vec::new(),
            name: name.map(Into::into),
            secrets: Vec::new(),
            via: via.into(),
        }
    }

    pub(super) fn shorten(&mut self, bounds: &mut Bounds) {
        let member = "workload.templates.credentials";
        self.keys = bounds.list(
            "workload.templates.credentials.keys",
            std::mem::take(&mut self.keys),
            MOUNTS_MAX,
        );
        self.secrets = bounds.list(
            "workload.templates.credentials.secrets",
            std::mem::take(&mut self.secrets),
            MOUNTS_MAX,
        );
        let texts = [&mut self.domain, &mut self.name];
        let paths = self
            .mounts
            .iter_mut()
            .flat_map(|mount| [&mut mount.path, &mut mount.sub_path]);
        for text in texts.into_iter().chain(paths).flatten() {
            bounds.shorten(member, text);
        }
        for text in self
            .keys
            .iter_mut()
            .chain(&mut self.secrets)
            .chain([&mut self.via])
        {
            bounds.shorten(member, text);
        }
        for mount in &mut self.mounts {
            bounds.shorten(member, &mut mount.container);
        }
    }
}

/// All credentials that the object names.
pub(super) fn credentials<'a>(template: &PodTemplate<'a>) -> Vec<Credential<'a>> {
    let mut found = Found::default();
    for volume in items(template.spec.get("volumes")) {
        of_volume(template, volume, &mut found);
    }
    of_automount(template, &mut found);
    for container in template.containers() {
        of_variables(container, &mut found);
    }
    for secret in items(template.spec.get("imagePullSecrets")) {
        let name = text(secret, "name");
        found.add(Credential::new(
            CredentialKind::ImagePullSecret,
            name,
            "imagePullSecrets",
        ));
    }
    of_annotations(template, &mut found);
    found.all
}

#[derive(Default)]
struct Found<'a> {
    all: Vec<Credential<'a>>,
}

impl<'a> Found<'a> {
    /// What is named twice in one way is one credential.
    fn add(&mut self, credential: Credential<'a>) {
        let same = self.all.iter_mut().find(|known| {
            known.kind == CredentialKind::Secret
                && (known.kind, &known.name, &known.via)
                    == (credential.kind, &credential.name, &credential.via)
        });
        let Some(same) = same else {
            self.all.push(credential);
            return;
        };
        for key in credential.keys {
            if !same.keys.contains(&key) {
                same.keys.push(key);
            }
        }
        for mount in credential.mounts {
            if !same.mounts.contains(&mount) {
                same.mounts.push(mount);
            }
        }
    }
}

fn of_volume<'a>(template: &PodTemplate<'a>, volume: &'a Json<'a>, found: &mut Found<'a>) {
    let name = text(volume, "name").unwrap_or_default();
    let (kind, settings) = type_of(volume);
    let Some(settings) = settings else { return };
    let readers = || {
        let mut mounts = mounts_of_volume(template, name);
        mounts.iter_mut().for_each(|mount| mount.access = None);
        mounts
    };
    let secret = |secret: Option<&'a str>, keys: &'a [Json<'a>], via: &'a str| Credential {
        keys: keys
            .iter()
            .filter_map(|key| text(key, "key"))
            .map(Into::into)
            .collect(),
        mounts: readers(),
        ..Credential::new(CredentialKind::Secret, secret, via)
    };
    match kind {
        "secret" => {
            let keys = items(settings.get("items"));
            found.add(secret(text(settings, "secretName"), keys, "volume"));
        }
        "projected" => {
            for source in items(settings.get("sources")) {
                if let Some(projected) = source.get("secret") {
                    let keys = items(projected.get("items"));
                    found.add(secret(text(projected, "name"), keys, "projected"));
                }
                let credential = of_projected(name, source);
                found.all.extend(credential.map(|credential| Credential {
                    mounts: readers(),
                    ..credential
                }));
            }
        }
        "csi" => {
            let class = settings
                .get("volumeAttributes")
                .and_then(|attributes| text(attributes, "secretProviderClass"));
            found.all.push(Credential {
                domain: class.map(Into::into),
                mounts: readers(),
                ..Credential::new(CredentialKind::Csi, text(settings, "driver"), "csi")
            });
            if let Some(reference) = settings.get("nodePublishSecretRef") {
                found.add(Credential::new(
                    CredentialKind::Secret,
                    text(reference, "name"),
                    "csi",
                ));
            }
        }
        other => {
            // Drivers of storage log in with a Secret: the node does, not the agent.
            let named = settings
                .get("secretRef")
                .and_then(|reference| text(reference, "name"))
                .or_else(|| text(settings, "secretName"));
            if named.is_some() {
                found.add(Credential::new(CredentialKind::Secret, named, other));
            }
        }
    }
}

fn of_projected<'a>(volume: &'a str, source: &'a Json<'a>) -> Option<Credential<'a>> {
    let seconds = |settings: &'a Json<'a>, key: &str, default: i64| {
        Some(settings.get(key).and_then(Json::as_int).unwrap_or(default))
    };
    if let Some(token) = source.get("serviceAccountToken") {
        let kind = if volume.starts_with(AUTOMOUNTED_VOLUMES) {
            CredentialKind::AutomountedToken
        } else {
            CredentialKind::ServiceAccountToken
        };
        return Some(Credential {
            domain: Some(text(token, "audience").unwrap_or(KUBERNETES).into()),
            ends_with_pod: true,
            lifetime_seconds: seconds(token, "expirationSeconds", TOKEN_SECONDS_DEFAULT),
            ..Credential::new(kind, Some(volume), "projected")
        });
    }
    let certificate = source.get("podCertificate")?;
    Some(Credential {
        domain: text(certificate, "signerName").map(Into::into),
        lifetime_seconds: seconds(
            certificate,
            "maxExpirationSeconds",
            CERTIFICATE_SECONDS_DEFAULT,
        ),
        ..Credential::new(CredentialKind::PodCertificate, Some(volume), "projected")
    })
}

/// A template says nothing of the token that its Pods will be given unless it, or its account, says
/// no; in a Pod the volume is there already.
fn of_automount<'a>(template: &PodTemplate<'a>, found: &mut Found<'a>) {
    let setting = template.spec.get("automountServiceAccountToken");
    let is_off = setting.and_then(Json::as_bool) == Some(false);
    let is_there =
        |credential: &Credential<'_>| credential.kind == CredentialKind::AutomountedToken;
    let is_pod = template.path == "spec";
    if !is_off && !is_pod && !found.all.iter().any(is_there) {
        found.all.push(Credential {
            domain: Some(KUBERNETES.into()),
            ends_with_pod: true,
            lifetime_seconds: Some(AUTOMOUNTED_SECONDS),
            ..Credential::new(CredentialKind::AutomountedToken, None, "automount")
        });
    }
}

fn of_variables<'a>(container: &'a Json<'a>, found: &mut Found<'a>) {
    let mount = || {
        vec![Mount {
            access: None,
            container: container_name(container).into(),
            path: None,
            sub_path: None,
        }]
    };
    for variable in items(container.get("env")) {
        if let Some(reference) = variable.at(&["valueFrom", "secretKeyRef"]) {
            found.add(Credential {
                keys: text(reference, "key").map(Into::into).into_iter().collect(),
                mounts: mount(),
                ..Credential::new(CredentialKind::Secret, text(reference, "name"), "env")
            });
        }
    }
    for source in items(container.get("envFrom")) {
        if let Some(reference) = source.get("secretRef") {
            found.add(Credential {
                mounts: mount(),
                ..Credential::new(CredentialKind::Secret, text(reference, "name"), "envFrom")
            });
        }
    }
}

fn of_annotations<'a>(template: &PodTemplate<'a>, found: &mut Found<'a>) {
    let Some(metadata) = template.metadata() else {
        return;
    };
    let annotation = |key: &str| {
        let annotations = metadata.get("annotations")?;
        text(annotations, &format!("{VAULT}{key}"))
    };
    let annotations = metadata.get("annotations").and_then(Json::as_object);
    let keys = annotations.map_or(&[][..], |annotations| annotations.entries());
    let secrets: Vec<Text<'a>> = keys
        .iter()
        .filter_map(|entry| entry.key.strip_prefix(VAULT_SECRET))
        .map(Cow::Borrowed)
        .collect();
    if annotation("agent-inject") == Some("true") || !secrets.is_empty() {
        let role = annotation("role");
        found.all.push(Credential {
            domain: role.map(Into::into),
            ends_with_pod: annotation("agent-revoke-on-shutdown") == Some("true"),
            secrets,
            ..Credential::new(CredentialKind::Vault, role, "annotation")
        });
    }
    let uses_azure = metadata
        .get("labels")
        .and_then(|labels| text(labels, "azure.workload.identity/use"))
        == Some("true");
    if uses_azure {
        let name = Some("azure.workload.identity");
        found.all.push(Credential::new(
            CredentialKind::CloudIdentity,
            name,
            "label",
        ));
    }
}

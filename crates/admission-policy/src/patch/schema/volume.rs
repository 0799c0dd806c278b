//! Volumes and claims: types of `k8s.io/api/core/v1`.

use super::Shape::{Flag, Keyed, List, Map, Number, Object, Scalar, Text};
use super::keys::TYPE;
use super::meta::{LABEL_SELECTOR, OBJECT_META};
use super::reference::{
    LOCAL_OBJECT_REFERENCE, OBJECT_FIELD_SELECTOR, RESOURCE_FIELD_SELECTOR,
    TYPED_LOCAL_OBJECT_REFERENCE, TYPED_OBJECT_REFERENCE,
};
use super::{Structure, granular};

pub(super) static AWS_ELASTIC_BLOCK_STORE_VOLUME_SOURCE: Structure = granular(&[
    ("fsType", Text),
    ("partition", Number),
    ("readOnly", Flag),
    ("volumeID", Text),
]);

pub(super) static AZURE_DISK_VOLUME_SOURCE: Structure = granular(&[
    ("cachingMode", Text),
    ("diskName", Text),
    ("diskURI", Text),
    ("fsType", Text),
    ("kind", Text),
    ("readOnly", Flag),
]);

pub(super) static AZURE_FILE_VOLUME_SOURCE: Structure = granular(&[
    ("readOnly", Flag),
    ("secretName", Text),
    ("shareName", Text),
]);

pub(super) static CEPH_FS_VOLUME_SOURCE: Structure = granular(&[
    ("monitors", List(&Text)),
    ("path", Text),
    ("readOnly", Flag),
    ("secretFile", Text),
    ("secretRef", Object(&LOCAL_OBJECT_REFERENCE)),
    ("user", Text),
]);

pub(super) static CINDER_VOLUME_SOURCE: Structure = granular(&[
    ("fsType", Text),
    ("readOnly", Flag),
    ("secretRef", Object(&LOCAL_OBJECT_REFERENCE)),
    ("volumeID", Text),
]);

pub(super) static CLUSTER_TRUST_BUNDLE_PROJECTION: Structure = granular(&[
    ("labelSelector", Object(&LABEL_SELECTOR)),
    ("name", Text),
    ("optional", Flag),
    ("path", Text),
    ("signerName", Text),
]);

pub(super) static CONFIG_MAP_PROJECTION: Structure = granular(&[
    ("items", List(&Object(&KEY_TO_PATH))),
    ("name", Text),
    ("optional", Flag),
]);

pub(super) static CONFIG_MAP_VOLUME_SOURCE: Structure = granular(&[
    ("defaultMode", Number),
    ("items", List(&Object(&KEY_TO_PATH))),
    ("name", Text),
    ("optional", Flag),
]);

pub(super) static CSI_VOLUME_SOURCE: Structure = granular(&[
    ("driver", Text),
    ("fsType", Text),
    ("nodePublishSecretRef", Object(&LOCAL_OBJECT_REFERENCE)),
    ("readOnly", Flag),
    ("volumeAttributes", Map(&Text)),
]);

pub(super) static DOWNWARD_API_PROJECTION: Structure =
    granular(&[("items", List(&Object(&DOWNWARD_API_VOLUME_FILE)))]);

pub(super) static DOWNWARD_API_VOLUME_FILE: Structure = granular(&[
    ("fieldRef", Object(&OBJECT_FIELD_SELECTOR)),
    ("mode", Number),
    ("path", Text),
    ("resourceFieldRef", Object(&RESOURCE_FIELD_SELECTOR)),
]);

pub(super) static DOWNWARD_API_VOLUME_SOURCE: Structure = granular(&[
    ("defaultMode", Number),
    ("items", List(&Object(&DOWNWARD_API_VOLUME_FILE))),
]);

pub(super) static EMPTY_DIR_VOLUME_SOURCE: Structure =
    granular(&[("medium", Text), ("sizeLimit", Scalar)]);

pub(super) static EPHEMERAL_VOLUME_SOURCE: Structure = granular(&[(
    "volumeClaimTemplate",
    Object(&PERSISTENT_VOLUME_CLAIM_TEMPLATE),
)]);

pub(super) static FC_VOLUME_SOURCE: Structure = granular(&[
    ("fsType", Text),
    ("lun", Number),
    ("readOnly", Flag),
    ("targetWWNs", List(&Text)),
    ("wwids", List(&Text)),
]);

pub(super) static FLEX_VOLUME_SOURCE: Structure = granular(&[
    ("driver", Text),
    ("fsType", Text),
    ("options", Map(&Text)),
    ("readOnly", Flag),
    ("secretRef", Object(&LOCAL_OBJECT_REFERENCE)),
]);

pub(super) static FLOCKER_VOLUME_SOURCE: Structure =
    granular(&[("datasetName", Text), ("datasetUUID", Text)]);

pub(super) static GCE_PERSISTENT_DISK_VOLUME_SOURCE: Structure = granular(&[
    ("fsType", Text),
    ("partition", Number),
    ("pdName", Text),
    ("readOnly", Flag),
]);

pub(super) static GIT_REPO_VOLUME_SOURCE: Structure = granular(&[
    ("directory", Text),
    ("repository", Text),
    ("revision", Text),
]);

pub(super) static GLUSTERFS_VOLUME_SOURCE: Structure =
    granular(&[("endpoints", Text), ("path", Text), ("readOnly", Flag)]);

pub(super) static HOST_PATH_VOLUME_SOURCE: Structure = granular(&[("path", Text), ("type", Text)]);

pub(super) static IMAGE_VOLUME_SOURCE: Structure =
    granular(&[("pullPolicy", Text), ("reference", Text)]);

pub(super) static ISCSI_VOLUME_SOURCE: Structure = granular(&[
    ("chapAuthDiscovery", Flag),
    ("chapAuthSession", Flag),
    ("fsType", Text),
    ("initiatorName", Text),
    ("iqn", Text),
    ("iscsiInterface", Text),
    ("lun", Number),
    ("portals", List(&Text)),
    ("readOnly", Flag),
    ("secretRef", Object(&LOCAL_OBJECT_REFERENCE)),
    ("targetPortal", Text),
]);

pub(super) static KEY_TO_PATH: Structure =
    granular(&[("key", Text), ("mode", Number), ("path", Text)]);

pub(super) static MODIFY_VOLUME_STATUS: Structure =
    granular(&[("status", Text), ("targetVolumeAttributesClassName", Text)]);

pub(super) static NFS_VOLUME_SOURCE: Structure =
    granular(&[("path", Text), ("readOnly", Flag), ("server", Text)]);

pub(super) static PERSISTENT_VOLUME_CLAIM: Structure = granular(&[
    ("apiVersion", Text),
    ("kind", Text),
    ("metadata", Object(&OBJECT_META)),
    ("spec", Object(&PERSISTENT_VOLUME_CLAIM_SPEC)),
    ("status", Object(&PERSISTENT_VOLUME_CLAIM_STATUS)),
]);

pub(super) static PERSISTENT_VOLUME_CLAIM_CONDITION: Structure = granular(&[
    ("lastProbeTime", Scalar),
    ("lastTransitionTime", Scalar),
    ("message", Text),
    ("reason", Text),
    ("status", Text),
    ("type", Text),
]);

pub(super) static PERSISTENT_VOLUME_CLAIM_SPEC: Structure = granular(&[
    ("accessModes", List(&Text)),
    ("dataSource", Object(&TYPED_LOCAL_OBJECT_REFERENCE)),
    ("dataSourceRef", Object(&TYPED_OBJECT_REFERENCE)),
    ("resources", Object(&VOLUME_RESOURCE_REQUIREMENTS)),
    ("selector", Object(&LABEL_SELECTOR)),
    ("storageClassName", Text),
    ("volumeAttributesClassName", Text),
    ("volumeMode", Text),
    ("volumeName", Text),
]);

pub(super) static PERSISTENT_VOLUME_CLAIM_STATUS: Structure = granular(&[
    ("accessModes", List(&Text)),
    ("allocatedResourceStatuses", Map(&Text)),
    ("allocatedResources", Map(&Scalar)),
    ("capacity", Map(&Scalar)),
    (
        "conditions",
        Keyed(&PERSISTENT_VOLUME_CLAIM_CONDITION, TYPE),
    ),
    ("currentVolumeAttributesClassName", Text),
    ("modifyVolumeStatus", Object(&MODIFY_VOLUME_STATUS)),
    ("phase", Text),
]);

pub(super) static PERSISTENT_VOLUME_CLAIM_TEMPLATE: Structure = granular(&[
    ("metadata", Object(&OBJECT_META)),
    ("spec", Object(&PERSISTENT_VOLUME_CLAIM_SPEC)),
]);

pub(super) static PERSISTENT_VOLUME_CLAIM_VOLUME_SOURCE: Structure =
    granular(&[("claimName", Text), ("readOnly", Flag)]);

pub(super) static PHOTON_PERSISTENT_DISK_VOLUME_SOURCE: Structure =
    granular(&[("fsType", Text), ("pdID", Text)]);

pub(super) static POD_CERTIFICATE_PROJECTION: Structure = granular(&[
    ("certificateChainPath", Text),
    ("credentialBundlePath", Text),
    ("keyPath", Text),
    ("keyType", Text),
    ("maxExpirationSeconds", Number),
    ("signerName", Text),
    ("userAnnotations", Map(&Text)),
]);

pub(super) static PORTWORX_VOLUME_SOURCE: Structure =
    granular(&[("fsType", Text), ("readOnly", Flag), ("volumeID", Text)]);

pub(super) static PROJECTED_VOLUME_SOURCE: Structure = granular(&[
    ("defaultMode", Number),
    ("sources", List(&Object(&VOLUME_PROJECTION))),
]);

pub(super) static QUOBYTE_VOLUME_SOURCE: Structure = granular(&[
    ("group", Text),
    ("readOnly", Flag),
    ("registry", Text),
    ("tenant", Text),
    ("user", Text),
    ("volume", Text),
]);

pub(super) static RBD_VOLUME_SOURCE: Structure = granular(&[
    ("fsType", Text),
    ("image", Text),
    ("keyring", Text),
    ("monitors", List(&Text)),
    ("pool", Text),
    ("readOnly", Flag),
    ("secretRef", Object(&LOCAL_OBJECT_REFERENCE)),
    ("user", Text),
]);

pub(super) static SCALE_IO_VOLUME_SOURCE: Structure = granular(&[
    ("fsType", Text),
    ("gateway", Text),
    ("protectionDomain", Text),
    ("readOnly", Flag),
    ("secretRef", Object(&LOCAL_OBJECT_REFERENCE)),
    ("sslEnabled", Flag),
    ("storageMode", Text),
    ("storagePool", Text),
    ("system", Text),
    ("volumeName", Text),
]);

pub(super) static SECRET_PROJECTION: Structure = granular(&[
    ("items", List(&Object(&KEY_TO_PATH))),
    ("name", Text),
    ("optional", Flag),
]);

pub(super) static SECRET_VOLUME_SOURCE: Structure = granular(&[
    ("defaultMode", Number),
    ("items", List(&Object(&KEY_TO_PATH))),
    ("optional", Flag),
    ("secretName", Text),
]);

pub(super) static SERVICE_ACCOUNT_TOKEN_PROJECTION: Structure = granular(&[
    ("audience", Text),
    ("expirationSeconds", Number),
    ("path", Text),
]);

pub(super) static STORAGE_OS_VOLUME_SOURCE: Structure = granular(&[
    ("fsType", Text),
    ("readOnly", Flag),
    ("secretRef", Object(&LOCAL_OBJECT_REFERENCE)),
    ("volumeName", Text),
    ("volumeNamespace", Text),
]);

pub(super) static VOLUME: Structure = granular(&[
    (
        "awsElasticBlockStore",
        Object(&AWS_ELASTIC_BLOCK_STORE_VOLUME_SOURCE),
    ),
    ("azureDisk", Object(&AZURE_DISK_VOLUME_SOURCE)),
    ("azureFile", Object(&AZURE_FILE_VOLUME_SOURCE)),
    ("cephfs", Object(&CEPH_FS_VOLUME_SOURCE)),
    ("cinder", Object(&CINDER_VOLUME_SOURCE)),
    ("configMap", Object(&CONFIG_MAP_VOLUME_SOURCE)),
    ("csi", Object(&CSI_VOLUME_SOURCE)),
    ("downwardAPI", Object(&DOWNWARD_API_VOLUME_SOURCE)),
    ("emptyDir", Object(&EMPTY_DIR_VOLUME_SOURCE)),
    ("ephemeral", Object(&EPHEMERAL_VOLUME_SOURCE)),
    ("fc", Object(&FC_VOLUME_SOURCE)),
    ("flexVolume", Object(&FLEX_VOLUME_SOURCE)),
    ("flocker", Object(&FLOCKER_VOLUME_SOURCE)),
    (
        "gcePersistentDisk",
        Object(&GCE_PERSISTENT_DISK_VOLUME_SOURCE),
    ),
    ("gitRepo", Object(&GIT_REPO_VOLUME_SOURCE)),
    ("glusterfs", Object(&GLUSTERFS_VOLUME_SOURCE)),
    ("hostPath", Object(&HOST_PATH_VOLUME_SOURCE)),
    ("image", Object(&IMAGE_VOLUME_SOURCE)),
    ("iscsi", Object(&ISCSI_VOLUME_SOURCE)),
    ("name", Text),
    ("nfs", Object(&NFS_VOLUME_SOURCE)),
    (
        "persistentVolumeClaim",
        Object(&PERSISTENT_VOLUME_CLAIM_VOLUME_SOURCE),
    ),
    (
        "photonPersistentDisk",
        Object(&PHOTON_PERSISTENT_DISK_VOLUME_SOURCE),
    ),
    ("portworxVolume", Object(&PORTWORX_VOLUME_SOURCE)),
    ("projected", Object(&PROJECTED_VOLUME_SOURCE)),
    ("quobyte", Object(&QUOBYTE_VOLUME_SOURCE)),
    ("rbd", Object(&RBD_VOLUME_SOURCE)),
    ("scaleIO", Object(&SCALE_IO_VOLUME_SOURCE)),
    ("secret", Object(&SECRET_VOLUME_SOURCE)),
    ("storageos", Object(&STORAGE_OS_VOLUME_SOURCE)),
    ("vsphereVolume", Object(&VSPHERE_VIRTUAL_DISK_VOLUME_SOURCE)),
]);

pub(super) static VOLUME_PROJECTION: Structure = granular(&[
    (
        "clusterTrustBundle",
        Object(&CLUSTER_TRUST_BUNDLE_PROJECTION),
    ),
    ("configMap", Object(&CONFIG_MAP_PROJECTION)),
    ("downwardAPI", Object(&DOWNWARD_API_PROJECTION)),
    ("podCertificate", Object(&POD_CERTIFICATE_PROJECTION)),
    ("secret", Object(&SECRET_PROJECTION)),
    (
        "serviceAccountToken",
        Object(&SERVICE_ACCOUNT_TOKEN_PROJECTION),
    ),
]);

pub(super) static VOLUME_RESOURCE_REQUIREMENTS: Structure =
    granular(&[("limits", Map(&Scalar)), ("requests", Map(&Scalar))]);

pub(super) static VSPHERE_VIRTUAL_DISK_VOLUME_SOURCE: Structure = granular(&[
    ("fsType", Text),
    ("storagePolicyID", Text),
    ("storagePolicyName", Text),
    ("volumePath", Text),
]);

//! The status of Pods: types of `k8s.io/api/core/v1`.

use super::Shape::{Flag, Keyed, List, Map, Number, Object, Scalar, Set, Text};
use super::keys::{IP, MOUNT_PATH, NAME, RESOURCE_ID, TYPE};
use super::reference::RESOURCE_REQUIREMENTS;
use super::{Structure, granular};

pub(super) static CONTAINER_EXTENDED_RESOURCE_REQUEST: Structure = granular(&[
    ("containerName", Text),
    ("requestName", Text),
    ("resourceName", Text),
]);

pub(super) static CONTAINER_STATE: Structure = granular(&[
    ("running", Object(&CONTAINER_STATE_RUNNING)),
    ("terminated", Object(&CONTAINER_STATE_TERMINATED)),
    ("waiting", Object(&CONTAINER_STATE_WAITING)),
]);

pub(super) static CONTAINER_STATE_RUNNING: Structure = granular(&[("startedAt", Scalar)]);

pub(super) static CONTAINER_STATE_TERMINATED: Structure = granular(&[
    ("containerID", Text),
    ("exitCode", Number),
    ("finishedAt", Scalar),
    ("message", Text),
    ("reason", Text),
    ("signal", Number),
    ("startedAt", Scalar),
]);

pub(super) static CONTAINER_STATE_WAITING: Structure =
    granular(&[("message", Text), ("reason", Text)]);

pub(super) static CONTAINER_STATUS: Structure = granular(&[
    ("allocatedResources", Map(&Scalar)),
    ("allocatedResourcesStatus", Keyed(&RESOURCE_STATUS, NAME)),
    ("containerID", Text),
    ("image", Text),
    ("imageID", Text),
    ("lastState", Object(&CONTAINER_STATE)),
    ("name", Text),
    ("ready", Flag),
    ("resources", Object(&RESOURCE_REQUIREMENTS)),
    ("restartCount", Number),
    ("started", Flag),
    ("state", Object(&CONTAINER_STATE)),
    ("stopSignal", Text),
    ("user", Object(&CONTAINER_USER)),
    ("volumeMounts", Keyed(&VOLUME_MOUNT_STATUS, MOUNT_PATH)),
]);

pub(super) static CONTAINER_USER: Structure = granular(&[("linux", Object(&LINUX_CONTAINER_USER))]);

pub(super) static HOST_IP: Structure = granular(&[("ip", Text)]);

pub(super) static IMAGE_VOLUME_STATUS: Structure = granular(&[("imageRef", Text)]);

pub(super) static LINUX_CONTAINER_USER: Structure = granular(&[
    ("gid", Number),
    ("supplementalGroups", List(&Number)),
    ("uid", Number),
]);

pub(super) static NODE_ALLOCATABLE_RESOURCE_CLAIM_STATUS: Structure = granular(&[
    ("containers", Set(&Text)),
    ("resourceClaimName", Text),
    ("resources", Map(&Scalar)),
]);

pub(super) static POD_CONDITION: Structure = granular(&[
    ("lastProbeTime", Scalar),
    ("lastTransitionTime", Scalar),
    ("message", Text),
    ("observedGeneration", Number),
    ("reason", Text),
    ("status", Text),
    ("type", Text),
]);

pub(super) static POD_EXTENDED_RESOURCE_CLAIM_STATUS: Structure = granular(&[
    (
        "requestMappings",
        List(&Object(&CONTAINER_EXTENDED_RESOURCE_REQUEST)),
    ),
    ("resourceClaimName", Text),
]);

pub(super) static POD_IP: Structure = granular(&[("ip", Text)]);

pub(super) static POD_RESOURCE_CLAIM_STATUS: Structure =
    granular(&[("name", Text), ("resourceClaimName", Text)]);

pub(super) static POD_STATUS: Structure = granular(&[
    ("allocatedResources", Map(&Scalar)),
    ("conditions", Keyed(&POD_CONDITION, TYPE)),
    ("containerStatuses", List(&Object(&CONTAINER_STATUS))),
    (
        "ephemeralContainerStatuses",
        List(&Object(&CONTAINER_STATUS)),
    ),
    (
        "extendedResourceClaimStatus",
        Object(&POD_EXTENDED_RESOURCE_CLAIM_STATUS),
    ),
    ("hostIP", Text),
    ("hostIPs", List(&Object(&HOST_IP))),
    ("initContainerStatuses", List(&Object(&CONTAINER_STATUS))),
    ("message", Text),
    (
        "nodeAllocatableResourceClaimStatuses",
        List(&Object(&NODE_ALLOCATABLE_RESOURCE_CLAIM_STATUS)),
    ),
    ("nominatedNodeName", Text),
    ("observedGeneration", Number),
    ("phase", Text),
    ("podIP", Text),
    ("podIPs", Keyed(&POD_IP, IP)),
    ("qosClass", Text),
    ("reason", Text),
    ("resize", Text),
    (
        "resourceClaimStatuses",
        Keyed(&POD_RESOURCE_CLAIM_STATUS, NAME),
    ),
    ("resources", Object(&RESOURCE_REQUIREMENTS)),
    ("startTime", Scalar),
]);

pub(super) static RESOURCE_HEALTH: Structure =
    granular(&[("health", Text), ("message", Text), ("resourceID", Text)]);

pub(super) static RESOURCE_STATUS: Structure = granular(&[
    ("name", Text),
    ("resources", Keyed(&RESOURCE_HEALTH, RESOURCE_ID)),
]);

pub(super) static VOLUME_MOUNT_STATUS: Structure = granular(&[
    ("mountPath", Text),
    ("name", Text),
    ("readOnly", Flag),
    ("recursiveReadOnly", Text),
    ("volumeStatus", Object(&VOLUME_STATUS)),
]);

pub(super) static VOLUME_STATUS: Structure = granular(&[("image", Object(&IMAGE_VOLUME_STATUS))]);

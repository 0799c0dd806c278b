//! Containers: types of `k8s.io/api/core/v1`.

use super::Shape::{Flag, Keyed, List, Number, Object, Scalar, Set, Text};
use super::keys::{DEVICE_PATH, MOUNT_PATH, NAME, PORT_AND_PROTOCOL};
use super::reference::{
    CONFIG_MAP_KEY_SELECTOR, FILE_KEY_SELECTOR, OBJECT_FIELD_SELECTOR, RESOURCE_FIELD_SELECTOR,
    RESOURCE_REQUIREMENTS, SECRET_KEY_SELECTOR,
};
use super::{Structure, granular};

pub(super) static APP_ARMOR_PROFILE: Structure =
    granular(&[("localhostProfile", Text), ("type", Text)]);

pub(super) static CAPABILITIES: Structure =
    granular(&[("add", List(&Text)), ("drop", List(&Text))]);

pub(super) static CONFIG_MAP_ENV_SOURCE: Structure =
    granular(&[("name", Text), ("optional", Flag)]);

pub(super) static CONTAINER: Structure = granular(&[
    ("args", List(&Text)),
    ("command", List(&Text)),
    ("env", Keyed(&ENV_VAR, NAME)),
    ("envFrom", List(&Object(&ENV_FROM_SOURCE))),
    ("image", Text),
    ("imagePullPolicy", Text),
    ("lifecycle", Object(&LIFECYCLE)),
    ("livenessProbe", Object(&PROBE)),
    ("name", Text),
    ("ports", Keyed(&CONTAINER_PORT, PORT_AND_PROTOCOL)),
    ("readinessProbe", Object(&PROBE)),
    ("resizePolicy", List(&Object(&CONTAINER_RESIZE_POLICY))),
    ("resources", Object(&RESOURCE_REQUIREMENTS)),
    ("restartPolicy", Text),
    ("restartPolicyRules", List(&Object(&CONTAINER_RESTART_RULE))),
    ("securityContext", Object(&SECURITY_CONTEXT)),
    ("startupProbe", Object(&PROBE)),
    ("stdin", Flag),
    ("stdinOnce", Flag),
    ("terminationMessagePath", Text),
    ("terminationMessagePolicy", Text),
    ("tty", Flag),
    ("volumeDevices", Keyed(&VOLUME_DEVICE, DEVICE_PATH)),
    ("volumeMounts", Keyed(&VOLUME_MOUNT, MOUNT_PATH)),
    ("workingDir", Text),
]);

pub(super) static CONTAINER_PORT: Structure = granular(&[
    ("containerPort", Number),
    ("hostIP", Text),
    ("hostPort", Number),
    ("name", Text),
    ("protocol", Text),
]);

pub(super) static CONTAINER_RESIZE_POLICY: Structure =
    granular(&[("resourceName", Text), ("restartPolicy", Text)]);

pub(super) static CONTAINER_RESTART_RULE: Structure = granular(&[
    ("action", Text),
    ("exitCodes", Object(&CONTAINER_RESTART_RULE_ON_EXIT_CODES)),
]);

pub(super) static CONTAINER_RESTART_RULE_ON_EXIT_CODES: Structure =
    granular(&[("operator", Text), ("values", Set(&Number))]);

pub(super) static ENV_FROM_SOURCE: Structure = granular(&[
    ("configMapRef", Object(&CONFIG_MAP_ENV_SOURCE)),
    ("prefix", Text),
    ("secretRef", Object(&SECRET_ENV_SOURCE)),
]);

pub(super) static ENV_VAR: Structure = granular(&[
    ("name", Text),
    ("value", Text),
    ("valueFrom", Object(&ENV_VAR_SOURCE)),
]);

pub(super) static ENV_VAR_SOURCE: Structure = granular(&[
    ("configMapKeyRef", Object(&CONFIG_MAP_KEY_SELECTOR)),
    ("fieldRef", Object(&OBJECT_FIELD_SELECTOR)),
    ("fileKeyRef", Object(&FILE_KEY_SELECTOR)),
    ("resourceFieldRef", Object(&RESOURCE_FIELD_SELECTOR)),
    ("secretKeyRef", Object(&SECRET_KEY_SELECTOR)),
]);

pub(super) static EPHEMERAL_CONTAINER: Structure = granular(&[
    ("args", List(&Text)),
    ("command", List(&Text)),
    ("env", Keyed(&ENV_VAR, NAME)),
    ("envFrom", List(&Object(&ENV_FROM_SOURCE))),
    ("image", Text),
    ("imagePullPolicy", Text),
    ("lifecycle", Object(&LIFECYCLE)),
    ("livenessProbe", Object(&PROBE)),
    ("name", Text),
    ("ports", Keyed(&CONTAINER_PORT, PORT_AND_PROTOCOL)),
    ("readinessProbe", Object(&PROBE)),
    ("resizePolicy", List(&Object(&CONTAINER_RESIZE_POLICY))),
    ("resources", Object(&RESOURCE_REQUIREMENTS)),
    ("restartPolicy", Text),
    ("restartPolicyRules", List(&Object(&CONTAINER_RESTART_RULE))),
    ("securityContext", Object(&SECURITY_CONTEXT)),
    ("startupProbe", Object(&PROBE)),
    ("stdin", Flag),
    ("stdinOnce", Flag),
    ("targetContainerName", Text),
    ("terminationMessagePath", Text),
    ("terminationMessagePolicy", Text),
    ("tty", Flag),
    ("volumeDevices", Keyed(&VOLUME_DEVICE, DEVICE_PATH)),
    ("volumeMounts", Keyed(&VOLUME_MOUNT, MOUNT_PATH)),
    ("workingDir", Text),
]);

pub(super) static EXEC_ACTION: Structure = granular(&[("command", List(&Text))]);

pub(super) static GRPC_ACTION: Structure = granular(&[("port", Number), ("service", Text)]);

pub(super) static HTTP_GET_ACTION: Structure = granular(&[
    ("host", Text),
    ("httpHeaders", List(&Object(&HTTP_HEADER))),
    ("path", Text),
    ("port", Scalar),
    ("scheme", Text),
]);

pub(super) static HTTP_HEADER: Structure = granular(&[("name", Text), ("value", Text)]);

pub(super) static LIFECYCLE: Structure = granular(&[
    ("postStart", Object(&LIFECYCLE_HANDLER)),
    ("preStop", Object(&LIFECYCLE_HANDLER)),
    ("stopSignal", Text),
]);

pub(super) static LIFECYCLE_HANDLER: Structure = granular(&[
    ("exec", Object(&EXEC_ACTION)),
    ("httpGet", Object(&HTTP_GET_ACTION)),
    ("sleep", Object(&SLEEP_ACTION)),
    ("tcpSocket", Object(&TCP_SOCKET_ACTION)),
]);

pub(super) static PROBE: Structure = granular(&[
    ("exec", Object(&EXEC_ACTION)),
    ("failureThreshold", Number),
    ("grpc", Object(&GRPC_ACTION)),
    ("httpGet", Object(&HTTP_GET_ACTION)),
    ("initialDelaySeconds", Number),
    ("periodSeconds", Number),
    ("successThreshold", Number),
    ("tcpSocket", Object(&TCP_SOCKET_ACTION)),
    ("terminationGracePeriodSeconds", Number),
    ("timeoutSeconds", Number),
]);

pub(super) static SECCOMP_PROFILE: Structure =
    granular(&[("localhostProfile", Text), ("type", Text)]);

pub(super) static SECRET_ENV_SOURCE: Structure = granular(&[("name", Text), ("optional", Flag)]);

pub(super) static SECURITY_CONTEXT: Structure = granular(&[
    ("allowPrivilegeEscalation", Flag),
    ("appArmorProfile", Object(&APP_ARMOR_PROFILE)),
    ("capabilities", Object(&CAPABILITIES)),
    ("privileged", Flag),
    ("procMount", Text),
    ("readOnlyRootFilesystem", Flag),
    ("runAsGroup", Number),
    ("runAsNonRoot", Flag),
    ("runAsUser", Number),
    ("seLinuxOptions", Object(&SE_LINUX_OPTIONS)),
    ("seccompProfile", Object(&SECCOMP_PROFILE)),
    ("windowsOptions", Object(&WINDOWS_SECURITY_CONTEXT_OPTIONS)),
]);

pub(super) static SE_LINUX_OPTIONS: Structure = granular(&[
    ("level", Text),
    ("role", Text),
    ("type", Text),
    ("user", Text),
]);

pub(super) static SLEEP_ACTION: Structure = granular(&[("seconds", Number)]);

pub(super) static TCP_SOCKET_ACTION: Structure = granular(&[("host", Text), ("port", Scalar)]);

pub(super) static VOLUME_DEVICE: Structure = granular(&[("devicePath", Text), ("name", Text)]);

pub(super) static VOLUME_MOUNT: Structure = granular(&[
    ("mountPath", Text),
    ("mountPropagation", Text),
    ("name", Text),
    ("readOnly", Flag),
    ("recursiveReadOnly", Text),
    ("subPath", Text),
    ("subPathExpr", Text),
]);

pub(super) static WINDOWS_SECURITY_CONTEXT_OPTIONS: Structure = granular(&[
    ("gmsaCredentialSpec", Text),
    ("gmsaCredentialSpecName", Text),
    ("hostProcess", Flag),
    ("runAsUserName", Text),
]);

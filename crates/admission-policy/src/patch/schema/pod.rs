//! Pods and their templates: types of `k8s.io/api/core/v1`.

use super::Shape::{AtomicMap, Flag, Keyed, List, Map, Number, Object, Scalar, Text};
use super::container::{
    APP_ARMOR_PROFILE, CONTAINER, EPHEMERAL_CONTAINER, SE_LINUX_OPTIONS, SECCOMP_PROFILE,
    WINDOWS_SECURITY_CONTEXT_OPTIONS,
};
use super::keys::{IP, NAME, TOPOLOGY};
use super::meta::{LABEL_SELECTOR, OBJECT_META};
use super::reference::{LOCAL_OBJECT_REFERENCE, RESOURCE_REQUIREMENTS};
use super::status::POD_STATUS;
use super::volume::VOLUME;
use super::{Structure, atomic, granular};

pub(super) static AFFINITY: Structure = granular(&[
    ("nodeAffinity", Object(&NODE_AFFINITY)),
    ("podAffinity", Object(&POD_AFFINITY)),
    ("podAntiAffinity", Object(&POD_ANTI_AFFINITY)),
]);

pub(super) static HOST_ALIAS: Structure = granular(&[("hostnames", List(&Text)), ("ip", Text)]);

pub(super) static NODE_AFFINITY: Structure = granular(&[
    (
        "preferredDuringSchedulingIgnoredDuringExecution",
        List(&Object(&PREFERRED_SCHEDULING_TERM)),
    ),
    (
        "requiredDuringSchedulingIgnoredDuringExecution",
        Object(&NODE_SELECTOR),
    ),
]);

pub(super) static NODE_SELECTOR: Structure =
    atomic(&[("nodeSelectorTerms", List(&Object(&NODE_SELECTOR_TERM)))]);

pub(super) static NODE_SELECTOR_REQUIREMENT: Structure =
    granular(&[("key", Text), ("operator", Text), ("values", List(&Text))]);

pub(super) static NODE_SELECTOR_TERM: Structure = atomic(&[
    (
        "matchExpressions",
        List(&Object(&NODE_SELECTOR_REQUIREMENT)),
    ),
    ("matchFields", List(&Object(&NODE_SELECTOR_REQUIREMENT))),
]);

pub(super) static POD: Structure = granular(&[
    ("apiVersion", Text),
    ("kind", Text),
    ("metadata", Object(&OBJECT_META)),
    ("spec", Object(&POD_SPEC)),
    ("status", Object(&POD_STATUS)),
]);

pub(super) static POD_AFFINITY: Structure = granular(&[
    (
        "preferredDuringSchedulingIgnoredDuringExecution",
        List(&Object(&WEIGHTED_POD_AFFINITY_TERM)),
    ),
    (
        "requiredDuringSchedulingIgnoredDuringExecution",
        List(&Object(&POD_AFFINITY_TERM)),
    ),
]);

pub(super) static POD_AFFINITY_TERM: Structure = granular(&[
    ("labelSelector", Object(&LABEL_SELECTOR)),
    ("matchLabelKeys", List(&Text)),
    ("mismatchLabelKeys", List(&Text)),
    ("namespaceSelector", Object(&LABEL_SELECTOR)),
    ("namespaces", List(&Text)),
    ("topologyKey", Text),
]);

pub(super) static POD_ANTI_AFFINITY: Structure = granular(&[
    (
        "preferredDuringSchedulingIgnoredDuringExecution",
        List(&Object(&WEIGHTED_POD_AFFINITY_TERM)),
    ),
    (
        "requiredDuringSchedulingIgnoredDuringExecution",
        List(&Object(&POD_AFFINITY_TERM)),
    ),
]);

pub(super) static POD_DNS_CONFIG: Structure = granular(&[
    ("nameservers", List(&Text)),
    ("options", List(&Object(&POD_DNS_CONFIG_OPTION))),
    ("searches", List(&Text)),
]);

pub(super) static POD_DNS_CONFIG_OPTION: Structure = granular(&[("name", Text), ("value", Text)]);

pub(super) static POD_OS: Structure = granular(&[("name", Text)]);

pub(super) static POD_READINESS_GATE: Structure = granular(&[("conditionType", Text)]);

pub(super) static POD_RESOURCE_CLAIM: Structure = granular(&[
    ("name", Text),
    ("resourceClaimName", Text),
    ("resourceClaimTemplateName", Text),
]);

pub(super) static POD_SCHEDULING_GATE: Structure = granular(&[("name", Text)]);

pub(super) static POD_SCHEDULING_GROUP: Structure = granular(&[("podGroupName", Text)]);

pub(super) static POD_SECURITY_CONTEXT: Structure = granular(&[
    ("appArmorProfile", Object(&APP_ARMOR_PROFILE)),
    ("fsGroup", Number),
    ("fsGroupChangePolicy", Text),
    ("runAsGroup", Number),
    ("runAsNonRoot", Flag),
    ("runAsUser", Number),
    ("seLinuxChangePolicy", Text),
    ("seLinuxOptions", Object(&SE_LINUX_OPTIONS)),
    ("seccompProfile", Object(&SECCOMP_PROFILE)),
    ("supplementalGroups", List(&Number)),
    ("supplementalGroupsPolicy", Text),
    ("sysctls", List(&Object(&SYSCTL))),
    ("windowsOptions", Object(&WINDOWS_SECURITY_CONTEXT_OPTIONS)),
]);

pub(super) static POD_SPEC: Structure = granular(&[
    ("activeDeadlineSeconds", Number),
    ("affinity", Object(&AFFINITY)),
    ("automountServiceAccountToken", Flag),
    ("containers", Keyed(&CONTAINER, NAME)),
    ("dnsConfig", Object(&POD_DNS_CONFIG)),
    ("dnsPolicy", Text),
    ("enableServiceLinks", Flag),
    ("ephemeralContainers", Keyed(&EPHEMERAL_CONTAINER, NAME)),
    ("hostAliases", Keyed(&HOST_ALIAS, IP)),
    ("hostIPC", Flag),
    ("hostNetwork", Flag),
    ("hostPID", Flag),
    ("hostUsers", Flag),
    ("hostname", Text),
    ("hostnameOverride", Text),
    ("imagePullSecrets", Keyed(&LOCAL_OBJECT_REFERENCE, NAME)),
    ("initContainers", Keyed(&CONTAINER, NAME)),
    ("nodeName", Text),
    ("nodeSelector", AtomicMap(&Text)),
    ("os", Object(&POD_OS)),
    ("overhead", Map(&Scalar)),
    ("preemptionPolicy", Text),
    ("priority", Number),
    ("priorityClassName", Text),
    ("readinessGates", List(&Object(&POD_READINESS_GATE))),
    ("resourceClaims", Keyed(&POD_RESOURCE_CLAIM, NAME)),
    ("resources", Object(&RESOURCE_REQUIREMENTS)),
    ("restartPolicy", Text),
    ("runtimeClassName", Text),
    ("schedulerName", Text),
    ("schedulingGates", Keyed(&POD_SCHEDULING_GATE, NAME)),
    ("schedulingGroup", Object(&POD_SCHEDULING_GROUP)),
    ("securityContext", Object(&POD_SECURITY_CONTEXT)),
    ("serviceAccount", Text),
    ("serviceAccountName", Text),
    ("setHostnameAsFQDN", Flag),
    ("shareProcessNamespace", Flag),
    ("subdomain", Text),
    ("terminationGracePeriodSeconds", Number),
    ("tolerations", List(&Object(&TOLERATION))),
    (
        "topologySpreadConstraints",
        Keyed(&TOPOLOGY_SPREAD_CONSTRAINT, TOPOLOGY),
    ),
    ("volumes", Keyed(&VOLUME, NAME)),
]);

pub(super) static POD_TEMPLATE_SPEC: Structure = granular(&[
    ("metadata", Object(&OBJECT_META)),
    ("spec", Object(&POD_SPEC)),
]);

pub(super) static PREFERRED_SCHEDULING_TERM: Structure = granular(&[
    ("preference", Object(&NODE_SELECTOR_TERM)),
    ("weight", Number),
]);

pub(super) static SYSCTL: Structure = granular(&[("name", Text), ("value", Text)]);

pub(super) static TOLERATION: Structure = granular(&[
    ("effect", Text),
    ("key", Text),
    ("operator", Text),
    ("tolerationSeconds", Number),
    ("value", Text),
]);

pub(super) static TOPOLOGY_SPREAD_CONSTRAINT: Structure = granular(&[
    ("labelSelector", Object(&LABEL_SELECTOR)),
    ("matchLabelKeys", List(&Text)),
    ("maxSkew", Number),
    ("minDomains", Number),
    ("nodeAffinityPolicy", Text),
    ("nodeTaintsPolicy", Text),
    ("topologyKey", Text),
    ("whenUnsatisfiable", Text),
]);

pub(super) static WEIGHTED_POD_AFFINITY_TERM: Structure = granular(&[
    ("podAffinityTerm", Object(&POD_AFFINITY_TERM)),
    ("weight", Number),
]);

//! What makes Pods: types of `k8s.io/api/batch/v1`, `k8s.io/api/apps/v1` and, of the core group,
//! ReplicationController and PodTemplate.

use super::Shape::{AtomicMap, Flag, Keyed, List, Number, Object, Scalar, Set, Text};
use super::keys::TYPE;
use super::meta::{LABEL_SELECTOR, OBJECT_META};
use super::pod::POD_TEMPLATE_SPEC;
use super::reference::OBJECT_REFERENCE;
use super::volume::PERSISTENT_VOLUME_CLAIM;
use super::{Structure, granular};

pub(super) static CRON_JOB: Structure = granular(&[
    ("apiVersion", Text),
    ("kind", Text),
    ("metadata", Object(&OBJECT_META)),
    ("spec", Object(&CRON_JOB_SPEC)),
    ("status", Object(&CRON_JOB_STATUS)),
]);

pub(super) static CRON_JOB_SPEC: Structure = granular(&[
    ("concurrencyPolicy", Text),
    ("failedJobsHistoryLimit", Number),
    ("jobTemplate", Object(&JOB_TEMPLATE_SPEC)),
    ("schedule", Text),
    ("startingDeadlineSeconds", Number),
    ("successfulJobsHistoryLimit", Number),
    ("suspend", Flag),
    ("timeZone", Text),
]);

pub(super) static CRON_JOB_STATUS: Structure = granular(&[
    ("active", List(&Object(&OBJECT_REFERENCE))),
    ("lastScheduleTime", Scalar),
    ("lastSuccessfulTime", Scalar),
]);

pub(super) static DAEMON_SET: Structure = granular(&[
    ("apiVersion", Text),
    ("kind", Text),
    ("metadata", Object(&OBJECT_META)),
    ("spec", Object(&DAEMON_SET_SPEC)),
    ("status", Object(&DAEMON_SET_STATUS)),
]);

pub(super) static DAEMON_SET_CONDITION: Structure = granular(&[
    ("lastTransitionTime", Scalar),
    ("message", Text),
    ("reason", Text),
    ("status", Text),
    ("type", Text),
]);

pub(super) static DAEMON_SET_SPEC: Structure = granular(&[
    ("minReadySeconds", Number),
    ("revisionHistoryLimit", Number),
    ("selector", Object(&LABEL_SELECTOR)),
    ("template", Object(&POD_TEMPLATE_SPEC)),
    ("updateStrategy", Object(&DAEMON_SET_UPDATE_STRATEGY)),
]);

pub(super) static DAEMON_SET_STATUS: Structure = granular(&[
    ("collisionCount", Number),
    ("conditions", Keyed(&DAEMON_SET_CONDITION, TYPE)),
    ("currentNumberScheduled", Number),
    ("desiredNumberScheduled", Number),
    ("numberAvailable", Number),
    ("numberMisscheduled", Number),
    ("numberReady", Number),
    ("numberUnavailable", Number),
    ("observedGeneration", Number),
    ("updatedNumberScheduled", Number),
]);

pub(super) static DAEMON_SET_UPDATE_STRATEGY: Structure = granular(&[
    ("rollingUpdate", Object(&ROLLING_UPDATE_DAEMON_SET)),
    ("type", Text),
]);

pub(super) static DEPLOYMENT: Structure = granular(&[
    ("apiVersion", Text),
    ("kind", Text),
    ("metadata", Object(&OBJECT_META)),
    ("spec", Object(&DEPLOYMENT_SPEC)),
    ("status", Object(&DEPLOYMENT_STATUS)),
]);

pub(super) static DEPLOYMENT_CONDITION: Structure = granular(&[
    ("lastTransitionTime", Scalar),
    ("lastUpdateTime", Scalar),
    ("message", Text),
    ("reason", Text),
    ("status", Text),
    ("type", Text),
]);

pub(super) static DEPLOYMENT_SPEC: Structure = granular(&[
    ("minReadySeconds", Number),
    ("paused", Flag),
    ("progressDeadlineSeconds", Number),
    ("replicas", Number),
    ("revisionHistoryLimit", Number),
    ("selector", Object(&LABEL_SELECTOR)),
    ("strategy", Object(&DEPLOYMENT_STRATEGY)),
    ("template", Object(&POD_TEMPLATE_SPEC)),
]);

pub(super) static DEPLOYMENT_STATUS: Structure = granular(&[
    ("availableReplicas", Number),
    ("collisionCount", Number),
    ("conditions", Keyed(&DEPLOYMENT_CONDITION, TYPE)),
    ("observedGeneration", Number),
    ("readyReplicas", Number),
    ("replicas", Number),
    ("terminatingReplicas", Number),
    ("unavailableReplicas", Number),
    ("updatedReplicas", Number),
]);

pub(super) static DEPLOYMENT_STRATEGY: Structure = granular(&[
    ("rollingUpdate", Object(&ROLLING_UPDATE_DEPLOYMENT)),
    ("type", Text),
]);

pub(super) static JOB: Structure = granular(&[
    ("apiVersion", Text),
    ("kind", Text),
    ("metadata", Object(&OBJECT_META)),
    ("spec", Object(&JOB_SPEC)),
    ("status", Object(&JOB_STATUS)),
]);

pub(super) static JOB_CONDITION: Structure = granular(&[
    ("lastProbeTime", Scalar),
    ("lastTransitionTime", Scalar),
    ("message", Text),
    ("reason", Text),
    ("status", Text),
    ("type", Text),
]);

pub(super) static JOB_SPEC: Structure = granular(&[
    ("activeDeadlineSeconds", Number),
    ("backoffLimit", Number),
    ("backoffLimitPerIndex", Number),
    ("completionMode", Text),
    ("completions", Number),
    ("managedBy", Text),
    ("manualSelector", Flag),
    ("maxFailedIndexes", Number),
    ("parallelism", Number),
    ("podFailurePolicy", Object(&POD_FAILURE_POLICY)),
    ("podReplacementPolicy", Text),
    ("selector", Object(&LABEL_SELECTOR)),
    ("successPolicy", Object(&SUCCESS_POLICY)),
    ("suspend", Flag),
    ("template", Object(&POD_TEMPLATE_SPEC)),
    ("ttlSecondsAfterFinished", Number),
]);

pub(super) static JOB_STATUS: Structure = granular(&[
    ("active", Number),
    ("completedIndexes", Text),
    ("completionTime", Scalar),
    ("conditions", List(&Object(&JOB_CONDITION))),
    ("failed", Number),
    ("failedIndexes", Text),
    ("ready", Number),
    ("startTime", Scalar),
    ("succeeded", Number),
    ("terminating", Number),
    (
        "uncountedTerminatedPods",
        Object(&UNCOUNTED_TERMINATED_PODS),
    ),
]);

pub(super) static JOB_TEMPLATE_SPEC: Structure = granular(&[
    ("metadata", Object(&OBJECT_META)),
    ("spec", Object(&JOB_SPEC)),
]);

pub(super) static POD_FAILURE_POLICY: Structure =
    granular(&[("rules", List(&Object(&POD_FAILURE_POLICY_RULE)))]);

pub(super) static POD_FAILURE_POLICY_ON_EXIT_CODES_REQUIREMENT: Structure = granular(&[
    ("containerName", Text),
    ("operator", Text),
    ("values", Set(&Number)),
]);

pub(super) static POD_FAILURE_POLICY_ON_POD_CONDITIONS_PATTERN: Structure =
    granular(&[("status", Text), ("type", Text)]);

pub(super) static POD_FAILURE_POLICY_RULE: Structure = granular(&[
    ("action", Text),
    (
        "onExitCodes",
        Object(&POD_FAILURE_POLICY_ON_EXIT_CODES_REQUIREMENT),
    ),
    (
        "onPodConditions",
        List(&Object(&POD_FAILURE_POLICY_ON_POD_CONDITIONS_PATTERN)),
    ),
]);

pub(super) static POD_TEMPLATE: Structure = granular(&[
    ("apiVersion", Text),
    ("kind", Text),
    ("metadata", Object(&OBJECT_META)),
    ("template", Object(&POD_TEMPLATE_SPEC)),
]);

pub(super) static REPLICATION_CONTROLLER: Structure = granular(&[
    ("apiVersion", Text),
    ("kind", Text),
    ("metadata", Object(&OBJECT_META)),
    ("spec", Object(&REPLICATION_CONTROLLER_SPEC)),
    ("status", Object(&REPLICATION_CONTROLLER_STATUS)),
]);

pub(super) static REPLICATION_CONTROLLER_CONDITION: Structure = granular(&[
    ("lastTransitionTime", Scalar),
    ("message", Text),
    ("reason", Text),
    ("status", Text),
    ("type", Text),
]);

pub(super) static REPLICATION_CONTROLLER_SPEC: Structure = granular(&[
    ("minReadySeconds", Number),
    ("replicas", Number),
    ("selector", AtomicMap(&Text)),
    ("template", Object(&POD_TEMPLATE_SPEC)),
]);

pub(super) static REPLICATION_CONTROLLER_STATUS: Structure = granular(&[
    ("availableReplicas", Number),
    ("conditions", Keyed(&REPLICATION_CONTROLLER_CONDITION, TYPE)),
    ("fullyLabeledReplicas", Number),
    ("observedGeneration", Number),
    ("readyReplicas", Number),
    ("replicas", Number),
]);

pub(super) static REPLICA_SET: Structure = granular(&[
    ("apiVersion", Text),
    ("kind", Text),
    ("metadata", Object(&OBJECT_META)),
    ("spec", Object(&REPLICA_SET_SPEC)),
    ("status", Object(&REPLICA_SET_STATUS)),
]);

pub(super) static REPLICA_SET_CONDITION: Structure = granular(&[
    ("lastTransitionTime", Scalar),
    ("message", Text),
    ("reason", Text),
    ("status", Text),
    ("type", Text),
]);

pub(super) static REPLICA_SET_SPEC: Structure = granular(&[
    ("minReadySeconds", Number),
    ("replicas", Number),
    ("selector", Object(&LABEL_SELECTOR)),
    ("template", Object(&POD_TEMPLATE_SPEC)),
]);

pub(super) static REPLICA_SET_STATUS: Structure = granular(&[
    ("availableReplicas", Number),
    ("conditions", Keyed(&REPLICA_SET_CONDITION, TYPE)),
    ("fullyLabeledReplicas", Number),
    ("observedGeneration", Number),
    ("readyReplicas", Number),
    ("replicas", Number),
    ("terminatingReplicas", Number),
]);

pub(super) static ROLLING_UPDATE_DAEMON_SET: Structure =
    granular(&[("maxSurge", Scalar), ("maxUnavailable", Scalar)]);

pub(super) static ROLLING_UPDATE_DEPLOYMENT: Structure =
    granular(&[("maxSurge", Scalar), ("maxUnavailable", Scalar)]);

pub(super) static ROLLING_UPDATE_STATEFUL_SET_STRATEGY: Structure =
    granular(&[("maxUnavailable", Scalar), ("partition", Number)]);

pub(super) static STATEFUL_SET: Structure = granular(&[
    ("apiVersion", Text),
    ("kind", Text),
    ("metadata", Object(&OBJECT_META)),
    ("spec", Object(&STATEFUL_SET_SPEC)),
    ("status", Object(&STATEFUL_SET_STATUS)),
]);

pub(super) static STATEFUL_SET_CONDITION: Structure = granular(&[
    ("lastTransitionTime", Scalar),
    ("message", Text),
    ("reason", Text),
    ("status", Text),
    ("type", Text),
]);

pub(super) static STATEFUL_SET_ORDINALS: Structure = granular(&[("start", Number)]);

pub(super) static STATEFUL_SET_PERSISTENT_VOLUME_CLAIM_RETENTION_POLICY: Structure =
    granular(&[("whenDeleted", Text), ("whenScaled", Text)]);

pub(super) static STATEFUL_SET_SPEC: Structure = granular(&[
    ("minReadySeconds", Number),
    ("ordinals", Object(&STATEFUL_SET_ORDINALS)),
    (
        "persistentVolumeClaimRetentionPolicy",
        Object(&STATEFUL_SET_PERSISTENT_VOLUME_CLAIM_RETENTION_POLICY),
    ),
    ("podManagementPolicy", Text),
    ("replicas", Number),
    ("revisionHistoryLimit", Number),
    ("selector", Object(&LABEL_SELECTOR)),
    ("serviceName", Text),
    ("template", Object(&POD_TEMPLATE_SPEC)),
    ("updateStrategy", Object(&STATEFUL_SET_UPDATE_STRATEGY)),
    (
        "volumeClaimTemplates",
        List(&Object(&PERSISTENT_VOLUME_CLAIM)),
    ),
]);

pub(super) static STATEFUL_SET_STATUS: Structure = granular(&[
    ("availableReplicas", Number),
    ("collisionCount", Number),
    ("conditions", Keyed(&STATEFUL_SET_CONDITION, TYPE)),
    ("currentReplicas", Number),
    ("currentRevision", Text),
    ("observedGeneration", Number),
    ("readyReplicas", Number),
    ("replicas", Number),
    ("updateRevision", Text),
    ("updatedReplicas", Number),
]);

pub(super) static STATEFUL_SET_UPDATE_STRATEGY: Structure = granular(&[
    (
        "rollingUpdate",
        Object(&ROLLING_UPDATE_STATEFUL_SET_STRATEGY),
    ),
    ("type", Text),
]);

pub(super) static SUCCESS_POLICY: Structure =
    granular(&[("rules", List(&Object(&SUCCESS_POLICY_RULE)))]);

pub(super) static SUCCESS_POLICY_RULE: Structure =
    granular(&[("succeededCount", Number), ("succeededIndexes", Text)]);

pub(super) static UNCOUNTED_TERMINATED_PODS: Structure =
    granular(&[("failed", Set(&Text)), ("succeeded", Set(&Text))]);

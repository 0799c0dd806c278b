//! Defaults of Job and CronJob.

use admission_cel::json::Json;

use super::draft::Draft;
use super::pod::TEMPLATE;
use super::shape::{Default, Member, Shape};

/// `batch/v1` Job.
pub const JOB: Shape = Shape {
    members: &[("spec", Member::One(&JOB_SPEC))],
    computed: &[labels],
    ..Shape::EMPTY
};

/// `batch/v1` CronJob. The defaults of a Job's own spec are not applied to a job template.
pub const CRON_JOB: Shape = Shape {
    members: &[("spec", Member::One(&CRON_JOB_SPEC))],
    ..Shape::EMPTY
};

const JOB_SPEC: Shape = Shape {
    defaults: &[
        ("completionMode", Default::Text("NonIndexed")),
        ("suspend", Default::Bool(false)),
        ("manualSelector", Default::Bool(false)),
    ],
    members: &[
        ("template", Member::One(&TEMPLATE)),
        ("podFailurePolicy", Member::One(&POD_FAILURE_POLICY)),
    ],
    computed: &[counts, backoff_limit, pod_replacement_policy],
};

const POD_FAILURE_POLICY: Shape = Shape {
    members: &[("rules", Member::Each(&POD_FAILURE_RULE))],
    ..Shape::EMPTY
};
const POD_FAILURE_RULE: Shape = Shape {
    members: &[("onPodConditions", Member::Each(&POD_CONDITION))],
    ..Shape::EMPTY
};
const POD_CONDITION: Shape = Shape {
    defaults: &[("status", Default::Text("True"))],
    ..Shape::EMPTY
};

const CRON_JOB_SPEC: Shape = Shape {
    defaults: &[
        ("concurrencyPolicy", Default::Text("Allow")),
        ("suspend", Default::Bool(false)),
        ("successfulJobsHistoryLimit", Default::Int(3)),
        ("failedJobsHistoryLimit", Default::Int(1)),
    ],
    members: &[("jobTemplate", Member::One(&JOB_TEMPLATE))],
    ..Shape::EMPTY
};
const JOB_TEMPLATE: Shape = Shape {
    defaults: &[("metadata", Default::EmptyObject)],
    members: &[("spec", Member::One(&JOB_TEMPLATE_SPEC))],
    ..Shape::EMPTY
};
const JOB_TEMPLATE_SPEC: Shape = Shape {
    members: &[
        ("template", Member::One(&TEMPLATE)),
        ("podFailurePolicy", Member::One(&POD_FAILURE_POLICY)),
    ],
    ..Shape::EMPTY
};

/// A Job without labels takes those of its template.
fn labels(draft: &mut Draft<'_>) {
    let has_labels = draft
        .get("metadata")
        .and_then(|metadata| metadata.get("labels")?.as_object())
        .is_some_and(|labels| !labels.is_empty());
    let from_template = draft
        .get("spec")
        .and_then(|spec| {
            spec.get("template")?
                .get("metadata")?
                .get("labels")
                .copied()
        })
        .filter(|labels| labels.as_object().is_some_and(|labels| !labels.is_empty()));
    if let (false, Some(labels)) = (has_labels, from_template) {
        let metadata = draft
            .get("metadata")
            .and_then(|metadata| metadata.as_object());
        let entries = metadata.map_or(&[][..], |metadata| metadata.entries());
        let entries = entries.iter().map(|entry| (entry.key, entry.value));
        let metadata = draft.object(entries.chain([("labels", labels)]));
        draft.set("metadata", metadata);
    }
}

/// One completion, unless parallelism is set: then the Job is a work queue.
fn counts(draft: &mut Draft<'_>) {
    if draft.get("parallelism").is_none() {
        draft.set_default("completions", Json::Int(1));
    }
    draft.set_default("parallelism", Json::Int(1));
}

/// Six retries, or no limit where each index has its own.
fn backoff_limit(draft: &mut Draft<'_>) {
    let per_index = draft.get("backoffLimitPerIndex").is_some();
    draft.set_default(
        "backoffLimit",
        Json::Int(if per_index { i64::from(i32::MAX) } else { 6 }),
    );
}

fn pod_replacement_policy(draft: &mut Draft<'_>) {
    let policy = if draft.get("podFailurePolicy").is_some() {
        "Failed"
    } else {
        "TerminatingOrFailed"
    };
    draft.set_default("podReplacementPolicy", Json::String(policy));
}

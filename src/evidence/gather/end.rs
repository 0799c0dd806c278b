//! How a deleted Job or Pod ended, read off its last state. Messages are left out: a container may
//! write anything into its own.

use admission_cel::json::Json;
use admission_policy::request::{Operation, Request};

use crate::evidence::bounds::{Bounds, CONTAINERS_MAX};
use crate::evidence::record::{ContainerEnd, ContainerState, End, EndState, Text};

/// Bytes of a reason or a time: longer ones are none.
const WORD_BYTES_MAX: usize = 64;

/// Whether a request deletes a Job or Pod.
pub fn is_end(request: &Request<'_>) -> bool {
    let resource = (request.resource.group, request.resource.resource);
    request.operation == Operation::Delete
        && request.subresource.is_empty()
        && matches!(resource, ("", "pods") | ("batch", "jobs"))
}

/// How the object of a request that [`is_end`] ended.
pub fn end_of<'a>(request: &Request<'a>, bounds: &mut Bounds) -> End<'a> {
    let status = request.old_object.and_then(|object| object.get("status"));
    let Some(status) = status else {
        return unfinished();
    };
    if request.resource.resource == "jobs" {
        job(status)
    } else {
        pod(status, bounds)
    }
}

fn unfinished<'a>() -> End<'a> {
    End {
        containers: Vec::new(),
        deadline_exceeded: false,
        ended: None,
        failed: None,
        out_of_memory: false,
        reason: None,
        started: None,
        state: EndState::Unfinished,
        succeeded: None,
    }
}

fn job<'a>(status: &'a Json<'a>) -> End<'a> {
    let conditions = status
        .get("conditions")
        .and_then(Json::as_array)
        .unwrap_or_default();
    let holding = |kind: &str| {
        conditions.iter().find(|condition| {
            let is =
                |key: &str, value: &str| condition.get(key).and_then(Json::as_str) == Some(value);
            is("type", kind) && is("status", "True")
        })
    };
    let (state, condition) = match (holding("Complete"), holding("Failed")) {
        (Some(condition), _) => (EndState::Succeeded, Some(condition)),
        (None, Some(condition)) => (EndState::Failed, Some(condition)),
        // What has been decided and not carried out yet.
        (None, None) => (EndState::Unfinished, holding("FailureTarget")),
    };
    let reason = condition.and_then(|condition| reason(condition));
    let transition = condition.and_then(|condition| time(condition, "lastTransitionTime"));
    let is_over = state != EndState::Unfinished;
    End {
        deadline_exceeded: reason.as_deref() == Some("DeadlineExceeded"),
        ended: time(status, "completionTime").or(transition.filter(|_| is_over)),
        failed: number(status, "failed"),
        reason,
        started: time(status, "startTime"),
        state,
        succeeded: number(status, "succeeded"),
        ..unfinished()
    }
}

fn pod<'a>(status: &'a Json<'a>, bounds: &mut Bounds) -> End<'a> {
    let lists = [
        "initContainerStatuses",
        "containerStatuses",
        "ephemeralContainerStatuses",
    ];
    let containers: Vec<ContainerEnd<'a>> = lists
        .into_iter()
        .filter_map(|list| status.get(list)?.as_array())
        .flatten()
        .map(|container| container_end(container, bounds))
        .collect();
    let reason = reason(status);
    let state = match status.get("phase").and_then(Json::as_str) {
        Some("Succeeded") => EndState::Succeeded,
        Some("Failed") => EndState::Failed,
        _ => EndState::Unfinished,
    };
    let is_killed = |container: &ContainerEnd<'_>| container.reason.as_deref() == Some("OOMKilled");
    let latest = containers
        .iter()
        .filter_map(|container| container.ended.clone())
        .max();
    End {
        deadline_exceeded: reason.as_deref() == Some("DeadlineExceeded"),
        ended: latest.filter(|_| state != EndState::Unfinished),
        out_of_memory: containers.iter().any(is_killed),
        reason,
        started: time(status, "startTime"),
        state,
        containers: bounds.list("end.containers", containers, CONTAINERS_MAX),
        ..unfinished()
    }
}

fn container_end<'a>(container: &'a Json<'a>, bounds: &mut Bounds) -> ContainerEnd<'a> {
    let at = |keys: &[&str]| container.at(keys);
    let (state, ended) = match (at(&["state", "terminated"]), at(&["state", "running"])) {
        (Some(terminated), _) => (ContainerState::Terminated, Some(terminated)),
        (None, Some(running)) => (ContainerState::Running, Some(running)),
        (None, None) => (ContainerState::Waiting, at(&["lastState", "terminated"])),
    };
    let name = container
        .get("name")
        .and_then(Json::as_str)
        .unwrap_or_default();
    let integer = |key: &str| ended?.get(key)?.as_int();
    ContainerEnd {
        container: bounds.text("end.containers", name),
        ended: ended.and_then(|ended| time(ended, "finishedAt")),
        exit_code: integer("exitCode"),
        reason: ended.and_then(reason),
        restarts: number(container, "restartCount").filter(|count| *count > 0),
        signal: integer("signal"),
        started: ended.and_then(|ended| time(ended, "startedAt")),
        state,
    }
}

fn number<'a>(holder: &'a Json<'a>, key: &str) -> Option<u64> {
    u64::try_from(holder.get(key)?.as_int()?).ok()
}

/// A reason is one word; anything else is a message in the wrong place.
fn reason<'a>(holder: &'a Json<'a>) -> Option<Text<'a>> {
    word(holder, "reason", |byte| byte.is_ascii_alphanumeric())
}

fn time<'a>(holder: &'a Json<'a>, key: &str) -> Option<Text<'a>> {
    let is_of_times = |byte: u8| byte.is_ascii_digit() || b"-:.TZ+".contains(&byte);
    word(holder, key, is_of_times)
}

fn word<'a>(holder: &'a Json<'a>, key: &str, may_have: impl Fn(u8) -> bool) -> Option<Text<'a>> {
    let text = holder.get(key)?.as_str()?;
    let is_word = !text.is_empty() && text.len() <= WORD_BYTES_MAX && text.bytes().all(may_have);
    is_word.then_some(Text::Borrowed(text))
}

#[cfg(test)]
mod tests;
